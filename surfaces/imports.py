"""Objects that users name as ``package.module:name``, imported with one-sentence errors."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import DescentError, closest, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ALLOWED: ContextVar[bool] = ContextVar("imports_allowed", default=True)


@contextmanager
def importing(allowed: bool) -> Iterator[None]:
    """Within the block, refuse to import what was named from outside unless it is allowed.

    A lock behind the list of names that a file's recipe is checked by: whatever that list should miss is
    still not imported.
    """
    token = _ALLOWED.set(allowed)
    try:
        yield
    finally:
        _ALLOWED.reset(token)


def _check_allowed(module: str, what: str) -> None:
    if not _ALLOWED.get():
        raise DescentError(
            f"{what}: {module!r} is not imported, because a file named it; say --allow-imports"
        )


def is_dotted(text: str) -> bool:
    """Return whether a text is a name or names joined by dots, as behind the colon of an import path.

    >>> is_dotted("Hill.side"), is_dotted("a=3")
    (True, False)
    """
    return all(part.isidentifier() for part in text.split("."))


def own(room: str, path: str) -> Any:
    """Return what a path within a room of this package names; only now is its module loaded.

    Args:
        room: ``"surfaces"``, ``"trajectories"`` or ``"viz"``.
        path: ``module:name``, the module counted from the room.

    >>> own("surfaces", "analytic.bowls:sphere")().name
    'sphere'
    """
    module, _, name = path.partition(":")
    return getattr(import_module(f"...{room}.{module}", __name__), name)


def imported(module: str, attribute: str, kind: str, ways: str) -> Any:
    """Return what a module calls ``attribute``, which may lead through classes (``"Hill.side"``).

    Args:
        module: The module to import, as Python names it.
        attribute: A name in the module, or names joined by dots.
        kind: What the path stands for, for example ``"surface"``.
        ways: What else would have been allowed; ends the sentence for a module that is not there.

    Raises:
        DescentError: The module cannot be imported, or has no such name.

    >>> imported("math", "hypot", "surface", "")(3, 4)
    5.0
    """
    where = f"{module}:{attribute}"
    _check_allowed(module, kind)
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        if error.name and (module == error.name or module.startswith(f"{error.name}.")):
            raise DescentError(
                f"{kind} {where!r}: there is no module {error.name!r}; allowed: {ways}"
            ) from error
        raise DescentError(f"{kind} {where!r}: importing {module!r} failed: {flat(error)}") from error
    except Exception as error:
        reason = f"{type(error).__name__}: {flat(error)}"
        raise DescentError(f"{kind} {where!r}: importing {module!r} failed with {reason}") from error
    value: Any = found
    for part in attribute.split("."):
        if not hasattr(value, part):
            raise unknown(f"name in module {module!r}:", attribute, _public(found))
        value = getattr(value, part)
    return value


def flat(error: BaseException) -> str:
    r"""Return what an error says, in one line.

    >>> flat(ValueError("one\n  two"))
    'one two'
    """
    return " ".join(str(error).split())


def _public(module: Any) -> list[str]:
    return [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]


def member(module: str, name: str, what: str) -> Any:
    """Return what a module calls ``name``.

    Raises:
        DescentError: The module cannot be imported, or has no such name.

    >>> member("math", "hypot", "distance")(3, 4)
    5.0
    """
    _check_allowed(module, what)
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
