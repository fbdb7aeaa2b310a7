"""The words on a problem's picture: its title, what it is in a sentence, and how near a run came."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...surfaces.catalogue import IN_N_DIMENSIONS, PROBLEMS
from ...surfaces.options import format_value, parse_named
from ..style.numbers import brief
from .titles import title_of

if TYPE_CHECKING:
    from ...trajectories.results.network_runs import Training

_ROUNDING = 1e-12  # above the lowest loss, as a share of it where that is large: no difference
_FEW = 4  # numbers of a start that a title lists


def is_problem(target: str) -> bool:
    """Whether a spec is that of a problem.

    >>> is_problem("memory:pairs=8"), is_problem("rosenbrock:dim=10"), is_problem("rosenbrock")
    (True, True, False)
    """
    name, _, options = target.partition(":")
    return name in PROBLEMS or (name in IN_N_DIMENSIONS and "dim=" in options)


def problem_title(target: str) -> str:
    """Write a problem as a title.

    >>> problem_title("rosenbrock:dim=10,b=10"), problem_title("factorization")
    ('Rosenbrock in 10 dimensions, b 10', 'Matrix factorization, 8 × 8, rank 2')
    >>> problem_title("procrustes:noise=0.0"), problem_title("memory:pairs=8,seed=3")
    ('Orthogonal Procrustes, 20 points in 6 dimensions, noise 0', 'Associative memory, 8 pairs, seed 3')
    """
    name, options = parse_named(target, "problem")
    rest = dict(options)
    if name not in PROBLEMS:
        words = f"{title_of(name)} in {rest.pop('dim', '')} dimensions"
    elif name == "factorization":
        rows, columns, rank = (rest.pop(key, usual) for key, usual in (("rows", 8), ("cols", 8), ("rank", 2)))
        words = f"{PROBLEMS[name].title}, {rows} × {columns}, rank {rank}"
    elif name == "procrustes":
        words = f"{PROBLEMS[name].title}, {rest.pop('points', 20)} points in {rest.pop('dim', 6)} dimensions"
    else:
        words = f"{PROBLEMS[name].title}, {rest.pop('pairs', 16)} pairs"
    for key, value in rest.items():
        if isinstance(value, tuple) and len(value) > _FEW:
            shown = "as given"
        else:
            shown = f"{value:g}" if isinstance(value, float) else format_value(value)
        words += f", {key} {shown}"
    return words


def problem_subject(target: str) -> str:
    """Name a problem within a sentence.

    >>> problem_subject("rosenbrock:dim=10")
    'the loss of Rosenbrock in 10 dimensions'
    """
    title = problem_title(target)
    return (
        f"the loss of {title if target.partition(':')[0] not in PROBLEMS else title[:1].lower() + title[1:]}"
    )


def problem_result(training: Training, loss: float) -> str:
    """Say how far above the lowest loss a run ended, where this is known and not 0."""
    if not math.isfinite(loss) or not training.minimum:
        return ""
    above = loss - training.minimum
    if above <= _ROUNDING * max(1.0, abs(training.minimum)):
        return "at the minimum"
    return f"{brief(above)} above the minimum"


def minimum_note(training: Training) -> str:
    """Say which loss is the lowest, if anybody knows."""
    if training.minimum is None:
        return ""
    return f"{'lowest loss' if training.attained else 'infimum of the loss'} {brief(training.minimum)}"
