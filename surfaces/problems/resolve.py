"""From what a user writes to a problem: names with options, and surfaces with a number of dimensions."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from ..catalogue import CATALOGUE, IN_N_DIMENSIONS, PROBLEMS, SPACE
from ..errors import DescentError, unknown
from ..imports import own
from ..options import parse_named
from ..text import shown_value
from .problem import Problem

PLANE = 2  # dimensions of the surfaces that are drawn as they are


def is_problem(target: object) -> bool:
    """Return whether a target is a problem: matrices, or a surface in more dimensions than two.

    >>> is_problem("factorization:rank=3"), is_problem("rosenbrock:dim=10"), is_problem("rosenbrock:dim=2")
    (True, True, False)
    """
    if isinstance(target, Problem):
        return True
    if not isinstance(target, str):
        return False
    name = _fold(target.partition(":")[0])
    if name in PROBLEMS:
        return True
    if name not in IN_N_DIMENSIONS:
        return False
    try:
        options = dict(parse_named(target, "surface")[1])
    except DescentError:  # which `analytic.resolve.get` says
        return False
    return "dim" in options and options["dim"] != PLANE


def get_problem(target: str | Problem, start: Any = None) -> Problem:
    """Return the problem that a text stands for.

    Args:
        target: A name from `descent list problems` with options ("factorization:rank=3"), a surface with a
            number of dimensions ("rosenbrock:dim=10"), or a problem.
        start: Where a surface in n dimensions begins, in place of what the text says: one number for all
            coordinates, two that are repeated, or n.

    Raises:
        DescentError: There is no such problem or option, an option is out of range, or the problem draws its
            start itself.
    """
    if isinstance(target, Problem):
        if start is not None:
            raise DescentError(f"a start cannot be given for problem {target.name!r}, which is made already")
        return target
    name, options = parse_named(target.strip(), "problem")
    folded, found = _fold(name), dict(options)
    if folded in CATALOGUE:
        if start is not None:
            found["start"] = _plain(start)
        space: Problem = own("surfaces", SPACE)(folded, found)
        return space
    if folded not in PROBLEMS:
        raise unknown("problem", name, PROBLEMS, see="descent list problems")
    builder = own("surfaces", PROBLEMS[folded].builder)
    allowed = inspect.signature(builder).parameters
    for key in found:
        if key not in allowed:
            raise unknown(f"option of problem {folded!r}", key, allowed)
    if start is not None:
        raise DescentError(
            f"problem {folded!r} says itself where it begins, so the start {shown_value(start)} cannot be "
            "given; starts are for surfaces, in n dimensions too"
        )
    problem: Problem = builder(**found)
    return problem


def _plain(start: Any) -> Any:
    """Return a start as a number or a tuple of numbers of Python's own, whole where they are."""
    if isinstance(start, str) or not isinstance(start, Iterable):
        return _number(start)
    return tuple(map(_number, start))


def _number(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _fold(name: str) -> str:
    return name.strip().casefold().replace("-", "_")
