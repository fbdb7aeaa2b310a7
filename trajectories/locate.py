"""Objects named in text as ``package.module:name``, imported with one-sentence errors."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..surfaces.messages import DescentError, closest

if TYPE_CHECKING:
    from collections.abc import Callable


def member(module: str, name: str, what: str) -> Any:
    """Return what a module calls ``name``.

    Raises:
        DescentError: The module cannot be imported, or has no such name.

    >>> member("math", "hypot", "distance")(3, 4)
    5.0
    """
    try:
        found = import_module(module)
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DescentError(f"cannot import {module!r} for {what}: {reason}") from error
    try:
        return getattr(found, name)
    except AttributeError:
        near = closest(name, (public for public in dir(found) if not public.startswith("_")))
        hint = f"; did you mean {near!r}?" if near else ""
        raise DescentError(f"module {module!r} has no {name!r} for {what}{hint}") from None


def function(text: str, what: str) -> Callable[..., Any]:
    """Return the function that ``package.module:function`` names.

    Raises:
        DescentError: The text has another form, or does not lead to something that can be called.
    """
    module, colon, name = text.partition(":")
    if not (colon and module and name):
        raise DescentError(f"{what} must name a function as package.module:function, not {text!r}")
    found = member(module, name, what)
    if not callable(found):
        raise DescentError(f"{what} must name a function, and {text!r} is none")
    return found  # type: ignore[no-any-return]
