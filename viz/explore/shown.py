"""How an exploration shows itself in a notebook: the page in a frame, or the map and a sentence."""

from __future__ import annotations

import html as markup
from typing import TYPE_CHECKING

from ...surfaces.errors import NotPossibleError
from ..words.prose import landscape, listed, named
from .saving import fitted

if TYPE_CHECKING:
    from collections.abc import Container

    from ...trajectories.results.exploration import Exploration

MOST = 1_000_000  # bytes that a cell of a notebook gets
_SIZE = (1000, 900)  # pixels of the frame
_HTML, _PLAIN = "text/html", "text/plain"


def bundle(
    exploration: Exploration,
    include: Container[str] | None = None,
    exclude: Container[str] | None = None,
) -> dict[str, str]:
    """Return what a notebook shows by the kind of content: the page in a frame that may run scripts alone.

    The page has as many of the starts as a cell has room for; the words below it say so.
    """
    from ..notebook import draws

    kinds = [
        kind
        for kind in (_HTML, _PLAIN)
        if (include is None or kind in include) and (exclude is None or kind not in exclude)
    ]
    if not draws():
        return {}
    said = words(exploration)
    return {kind: said if kind == _PLAIN else _frame(exploration, said) for kind in kinds}


def words(exploration: Exploration) -> str:
    """Say in a sentence what an exploration is."""
    names = listed([named(spec, exploration.specs) for spec in exploration.specs])
    return (
        f"An explorable page: {names} on {landscape(exploration.target)} from {len(exploration.x)} "
        f"x {len(exploration.y)} starts at {len(exploration.rates)} learning rates, {exploration.steps} "
        "steps each."
    )


def _frame(exploration: Exploration, said: str) -> str:
    width, height = _SIZE
    try:
        page, note = fitted(exploration, round(MOST * 0.97))
    except NotPossibleError as error:
        return f"<p>{markup.escape(said)} {markup.escape(str(error))}</p>"
    inside = page.replace("&", "&amp;").replace("'", "&#39;")
    below = f"<p>{markup.escape(note)}; .save('page.html') writes the whole page.</p>" if note else ""
    return (
        f'<iframe sandbox="allow-scripts" title="{markup.escape(said)}" width="100%" height="{height}" '
        f"style=\"border: 0; max-width: {width}px\" srcdoc='{inside}'></iframe>{below}"
    )
