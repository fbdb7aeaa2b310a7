"""The one error that users see, and the sentences for names that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .text import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


_LONGEST = 2500  # characters of a sentence
_NAME = 200  # characters of what may be a name


class DescentError(ValueError):
    """What was asked for cannot be done; the text says what was given and what is allowed.

    What was given may come from a file of anybody's: characters that a terminal could act on are escaped, and
    the middle of a text of thousands of characters is left out.
    """

    def __init__(self, message: str = "") -> None:
        text = escaped(str(message), keep="\n")
        super().__init__(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 600]} ... {text[-500:]}")


class NotPossibleError(DescentError):
    """What was asked for is well said but cannot be done here: a file, folder or device is not as needed."""


def closest(given: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed name nearest to the given one, or None when none is near."""
    from difflib import get_close_matches

    by_folded_name = {name.casefold(): name for name in allowed}
    if len(given) > _NAME:  # nobody's mistake in writing; to compare it would take long
        return None
    found = get_close_matches(given.casefold(), by_folded_name, n=1, cutoff=0.55)
    return by_folded_name[found[0]] if found else None


def check_suffix(path: Path, allowed: Iterable[str]) -> None:
    """Raise DescentError unless a path's suffix is one of these, in any case."""
    suffix, allowed = path.suffix.casefold(), list(allowed)
    if not suffix:
        raise DescentError(f"the file {str(path)!r} has no suffix. Allowed: {', '.join(allowed)}.")
    if suffix not in allowed:
        raise unknown("suffix", suffix, allowed)


def unknown(kind: str, given: str, allowed: Iterable[str], see: str = "") -> DescentError:
    """Build the error for an unknown name: what was given, the nearest match, what is allowed.

    Args:
        kind: What the name names, for example ``"surface"``.
        given: The name as the user wrote it.
        allowed: Every name that would have been accepted.
        see: The command that lists the names; it stands in for them when they are many.

    >>> print(unknown("theme", "drak", ["light", "dark"]))
    unknown theme 'drak'; did you mean 'dark'? Allowed: light, dark.
    """
    allowed = list(allowed)
    near = closest(given, allowed)
    hint = f"; did you mean {near!r}?" if near else "."
    listing = f" See `{see}` for all {len(allowed)}." if see else f" Allowed: {', '.join(allowed)}."
    return DescentError(f"unknown {kind} {given!r}{hint}{listing}")
