"""How results show themselves in a notebook: as the picture that is made of them.

Notebooks ask the object itself. What draws it is named by text and loaded when a notebook asks, so that
results know of no drawing.
"""

from __future__ import annotations

from typing import Any

from ...surfaces.imports import own


def mimebundle(subject: Any, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """Return what a notebook shows, by the kind of content."""
    if not own("viz", "notebook:draws")():
        return {}
    found: dict[str, str] = own("viz", "animation:animate")(subject)._repr_mimebundle_(include, exclude)
    return found


def as_html(subject: Any) -> str | None:
    """Return what a page shows; None where nothing can be shown."""
    return mimebundle(subject, include=("text/html",)).get("text/html")


def as_mime(subject: Any) -> tuple[str, str]:
    """Return the kind of content and what marimo shows."""
    return "text/html", as_html(subject) or ""
