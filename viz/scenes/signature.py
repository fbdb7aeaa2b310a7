"""The wishes for a picture as arguments of a Python function: its signature, its help, its refusals."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import fields
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ...surfaces.errors import DescentError, unknown
from .wishes import ANIMATION, STILL, WISHES, Wishes

if TYPE_CHECKING:
    from collections.abc import Callable


P = ParamSpec("P")
T = TypeVar("T")
_OTHER = {ANIMATION: "an animation; use descent.animate", STILL: "a still; use descent.still"}


def takes_wishes(picture: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Give a function that passes on ``**wishes`` the signature and the help of those that a picture has.

    Args:
        picture: ANIMATION or STILL. A wish of the other is refused by name.
    """
    own = {name: wish for name, wish in WISHES.items() if wish.of in ("", picture)}

    def give(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def checked(*subjects: P.args, **wishes: P.kwargs) -> T:
            for name in wishes:
                if name in WISHES and name not in own:
                    raise DescentError(f"{name} is a wish for {_OTHER[WISHES[name].of]}")
                if name not in own and name not in named:
                    raise unknown("wish", name, own)
            return function(*subjects, **wishes)

        signature = inspect.signature(function)
        kept = [each for each in signature.parameters.values() if each.name != "wishes"]
        named = {each.name for each in kept}
        types = {each.name: each.type for each in fields(Wishes)}
        options = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=wish.default, annotation=types[name]
            )
            for name, wish in own.items()
        ]
        checked.__signature__ = signature.replace(parameters=[*kept, *options])  # type: ignore[attr-defined]
        about = "\n".join(
            textwrap.fill(f"{name}: {wish.about}", 106, initial_indent=" " * 8, subsequent_indent=" " * 12)
            for name, wish in own.items()
        )
        checked.__doc__ = (function.__doc__ or "").replace("        **wishes: WISHES", about)
        return checked

    return give
