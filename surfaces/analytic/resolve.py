"""From what a user writes or passes to a surface: names, formulas, import paths, functions."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..catalogue import CATALOGUE, DATA, IN_N_DIMENSIONS, NETWORKS, PROBLEMS
from ..errors import DescentError, closest, unknown
from ..imports import imported, is_dotted, own
from ..options import parse_named
from ..surface import FLAT, Box, Surface, check_box
from ..text import shown_value
from .shared import check_dim

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

DEFAULT_VIEW: Box = ((-5.0, 5.0), (-5.0, 5.0))
WAYS = "a name from `descent list surfaces`, expr:FORMULA in x and y or in x, or package.module:function"


def get(target: str | Surface | Callable[..., Any], view: Box | tuple[float, float] | None = None) -> Surface:
    """Return the surface that a name, a formula, an import path or a function stands for.

    Args:
        target: A catalogue name (``"beale"``, case and ``-`` or ``_`` do not matter), with options where
            the surface has some (``"quadratic:condition=100,angle=30"``); a formula
            (``"expr:x**2 + 3*y**2"``); an import path (``"package.module:function"``) to a function or a
            Surface; a Surface; or a function of two tensors x and y, of one tensor of shape (..., 2) that
            gives a loss for each pair, or of one tensor x that gives one for each number. A formula without
            y, and such a function, have one parameter.
        view: ((x0, x1), (y0, y1)) to show instead of the surface's own view, or (x0, x1) of a surface of one
            parameter. Formulas and functions also take their start from it.

    Raises:
        DescentError: The target or the view is not one of these.

    >>> get("beale").minima[0].point
    (3.0, 0.5)
    >>> get("expr:x**2 + y**2").view
    ((-5.0, 5.0), (-5.0, 5.0))
    """
    if isinstance(target, str):
        return _from_text(target.strip(), view)
    return _from_object(target, view)


def _from_text(text: str, view: Any) -> Surface:
    name, colon, rest = text.partition(":")
    folded = name.strip().casefold().replace("-", "_")
    if folded in CATALOGUE:
        return _showing(_from_catalogue(folded, text), view)
    if folded in NETWORKS:
        raise DescentError(
            f"{folded!r} is a network, and here a surface is needed; "
            "networks are for compare, record and show"
        )
    if folded in PROBLEMS:
        raise DescentError(
            f"{folded!r} is a problem of many parameters, and here a surface is needed; "
            "problems are for compare, record, sweep and show"
        )
    if folded in DATA:
        raise DescentError(
            f"{folded!r} is a data set; a network learns it, as in: descent compare mlp --data {folded}"
        )
    if folded == "expr":
        from .expression import parse_expression, variables_of

        formula, name = parse_expression(rest), f"expr:{rest.strip()}"
        if variables_of(rest) == ("x",):
            return _plain(name, lambda x: formula(x, x), view, parameters=1)
        return _plain(name, formula, view)
    if colon and is_dotted(rest.strip()):
        return _from_object(imported(name.strip(), rest.strip(), "surface", WAYS), view, text)
    if not name.strip():
        raise DescentError(f"no surface is named in {text!r}; allowed: {WAYS}")
    if closest(name.strip(), CATALOGUE) is None and (near := closest(name.strip(), NETWORKS)):
        raise DescentError(
            f"unknown surface {name.strip()!r}; did you mean the network {near!r}? "
            "See `descent list surfaces` and `descent list networks`."
        )
    if closest(name.strip(), CATALOGUE) is None and (near := closest(name.strip(), PROBLEMS)):
        raise DescentError(
            f"unknown surface {name.strip()!r}; did you mean the problem {near!r}? "
            "See `descent list surfaces` and `descent list problems`."
        )
    raise unknown("surface", name.strip(), CATALOGUE, see="descent list surfaces")


def _from_catalogue(name: str, text: str) -> Surface:
    builder = own("surfaces", CATALOGUE[name].builder)
    options = dict(parse_named(text, "surface")[1])
    if "dim" in options and name in IN_N_DIMENSIONS and check_dim(name, options.pop("dim")) != 2:
        raise DescentError(
            f"{text.strip()!r} is a surface in more dimensions than two, and here one of two is needed; "
            "such are for compare, record, sweep and show"
        )
    allowed = inspect.signature(builder).parameters
    for key in options:
        if not allowed:
            raise DescentError(f"surface {name!r} has no options, but {key!r} was given")
        if key not in allowed:
            raise unknown(f"option of surface {name!r}", key, allowed)
    surface: Surface = builder(**options)
    return surface


def _showing(surface: Surface, view: Any) -> Surface:
    return surface if view is None else replace(surface, view=as_box(view, surface.parameters))


def _from_object(target: Any, view: Any, name: str = "") -> Surface:
    if isinstance(target, Surface):
        return _showing(target, view)
    if isinstance(target, type) or not callable(target):
        shown = name or f"a {type(target).__name__}"
        raise DescentError(f"{shown} is not a surface; allowed: {WAYS}, a Surface, or a function")
    name = name or getattr(target, "__name__", type(target).__name__)
    function, parameters = _as_function(target, name)
    return _plain(name, function, view, parameters)


def _plain(name: str, function: Callable[..., torch.Tensor], view: Any, parameters: int = 2) -> Surface:
    sides = DEFAULT_VIEW if parameters == 2 else (DEFAULT_VIEW[0], FLAT)
    (x0, x1), (y0, y1) = box = sides if view is None else as_box(view, parameters)
    # Upper left, but off the diagonal: on a symmetric surface the diagonal would be a special case.
    start = (x0 + 0.1 * (x1 - x0), y1 - 0.15 * (y1 - y0) if parameters == 2 else 0.0)
    return Surface(name=name, function=function, domain=box, view=box, start=start, parameters=parameters)


def _as_function(function: Callable[..., Any], name: str) -> tuple[Callable[..., torch.Tensor], int]:
    """Return a function of x and y, or of x alone, and how many parameters that are."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise DescentError(
            f"Python cannot tell what {name!r} takes; wrap it in a function of x and y"
        ) from None
    required = [p for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    positional = [p for p in required if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(positional) == len(required) == 2:
        return function, 2
    if len(positional) == len(required) == 1:
        if _is_element_wise(function):
            return function, 1

        def of_x_and_y(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            import torch

            loss: torch.Tensor = function(torch.stack((x, y), dim=-1))
            return loss

        return of_x_and_y, 2
    needs = ", ".join(str(p) for p in required) or "no arguments"
    raise DescentError(
        f"{name!r} must take two tensors x and y, one tensor of shape (..., 2), or one tensor x, not {needs}"
    )


def _is_element_wise(function: Callable[..., Any]) -> bool:
    """Say whether a function of one tensor gives a loss for each number, and not for each pair of numbers."""
    import torch

    points = torch.tensor([[0.3, -0.2], [0.7, 0.4], [-0.5, 0.9]], dtype=torch.float64)
    try:
        loss = function(points)
    except Exception:  # a user's own function may raise anything; it is told of when it is used
        return False
    return isinstance(loss, torch.Tensor) and loss.shape == points.shape


def as_box(view: Any, parameters: int = 2) -> Box:
    """Return a view of so many parameters as a box, or raise DescentError."""
    try:
        sides = (
            [view, FLAT] if parameters == 1 and len(view) == 2 and not hasattr(view[0], "__len__") else view
        )
        (x0, x1), (y0, y1) = sides
        box = ((float(x0), float(x1)), (float(y0), float(y1)))
    except (TypeError, ValueError, OverflowError):
        form = "(x0, x1), two numbers" if parameters == 1 else "((x0, x1), (y0, y1)), four numbers"
        raise DescentError(f"a view is {form}, not {shown_value(view)}") from None
    if parameters == 1 and box[1] != FLAT:
        raise DescentError(f"a surface of one parameter has a view (x0, x1), not {shown_value(view)}")
    check_box(box, "the view")
    return box
