"""Finding a theme by its name, by a style sheet, or from the fields that a recipe keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from ...surfaces.text import shown_value
from .themes import THEMES, Theme

if TYPE_CHECKING:
    from pathlib import Path


def get_theme(theme: str | Path | Mapping[str, Any] | Theme) -> Theme:
    """Return the theme of a name, of a matplotlib style sheet or of fields; a Theme is returned as it is.

    Args:
        theme: A name in THEMES, the file or the name of a style sheet, or what `dataclasses.asdict` makes
            of a Theme.

    Raises:
        DescentError: No theme and no style sheet has that name, or it says what cannot be drawn.
    """
    if isinstance(theme, Theme):
        return theme
    if isinstance(theme, Mapping):
        return from_dict(theme)
    if not isinstance(theme, str | PurePath):
        raise DescentError(
            f"a theme is a name, the file of a style sheet, its fields or a Theme, not {shown_value(theme)}"
        )
    if str(theme).casefold() in THEMES:
        return THEMES[str(theme).casefold()]
    from .style_sheets import read_style  # loads matplotlib, which only style sheets need

    return read_style(theme)


def from_dict(values: Mapping[str, Any]) -> Theme:
    """Make a theme again from its fields, as JSON keeps them.

    Raises:
        DescentError: A field that is missing or that no theme has, or a value that is none.

    >>> from dataclasses import asdict
    >>> from_dict(asdict(THEMES["slides"])) == THEMES["slides"]
    True
    """
    known = {each.name: each.default is MISSING for each in fields(Theme)}
    if others := [name for name in values if name not in known]:
        raise DescentError(f"a theme has no {others[0]!r}; it has {', '.join(known)}")
    if missing := [name for name, needed in known.items() if needed and name not in values]:
        raise DescentError(f"the theme lacks {', '.join(missing)}")
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    try:
        return Theme(**given)
    except TypeError:
        raise DescentError("a theme's scale is a number and its heights are a list of colours") from None
