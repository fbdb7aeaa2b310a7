"""Pieces of plain English: names of runs, numbers, lists, and paragraphs of a bounded length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...trajectories.specs.labels import labels, titles
from ...trajectories.specs.tables import OPTIMIZERS, WRAPPERS
from .events import vital_details
from .titles import title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...trajectories.specs.labels import Label
    from ...trajectories.specs.optimizer_spec import OptimizerSpec

LONGEST = 900  # characters of an alt text
_LONG_NAME = 100  # characters of a run's name; beyond, only what changes its gradients is said of its options
_ALWAYS = ("descent-viz", "torch", "numpy", "python")  # what every recipe names the versions of
_ASCII = str.maketrans({"–": "-", "−": "-", "×": "x", "’": "'", "\N{NO-BREAK SPACE}": " "})


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a picture where it is shown: each is plain text in one line."""

    title: str  # a few words
    alt: str  # what somebody who cannot see the picture should know, at most LONGEST characters
    caption: str  # a sentence or two to stand below the picture


def plain(text: str) -> str:
    r"""Write a text in one line, with ASCII for dashes and signs that have one.

    >>> plain("Goldstein–Price,\n x * y")
    'Goldstein-Price, x * y'
    """
    return " ".join(text.translate(_ASCII).split())


def listed(items: Sequence[str]) -> str:
    """Join words as people do.

    >>> listed(["SGD"]), listed(["SGD", "Adam", "RMSprop"])
    ('SGD', 'SGD, Adam and RMSprop')
    """
    return ", ".join(items[:-1]) + " and " + items[-1] if len(items) > 1 else "".join(items)


def place(point: Iterable[float]) -> str:
    """Write a point of one or two parameters.

    >>> place((3.0, 0.5)), place((1.5,))
    ('(3, 0.5)', 'x = 1.5')
    """
    numbers = [f"{value:.4g}" for value in point]
    return f"x = {numbers[0]}" if len(numbers) == 1 else f"({', '.join(numbers)})"


def landscape(target: str, *, curve: bool = False) -> str:
    """Name a surface within a sentence.

    Args:
        target: Its spec.
        curve: Whether it is a loss of one parameter.

    >>> landscape("quadratic:condition=100"), landscape("expr:x**2 + y**2"), landscape("parabola", curve=True)
    ('the Quadratic surface (condition 100)', 'the loss x**2 + y**2', 'the Parabola loss')
    """
    name, _, options = title_of(target).partition(", ")
    if target.startswith("expr:") or ":" in name:
        return f"the loss {title_of(target)}"
    return f"the {name} {'loss' if curve else 'surface'}" + f" ({options})" * bool(options)


def named(spec: str, among: Iterable[str] = ()) -> str:
    """Name a run by its optimizer and options, with what happens to its gradients in full words.

    Args:
        spec: Of the run.
        among: The specs of all runs that are spoken of, which may have classes of the same name.

    >>> named("sgd:lr=0.1,momentum=0.9,clip=1"), named("adam")
    ('SGD (lr 0.1, momentum 0.9, gradients clipped to norm 1)', 'Adam')
    """
    return called(labels([spec, *among])[0])


def called(words: Label) -> str:
    """Name a run by the words of its label, with what happens to its gradients in full words."""
    details = words.details
    if len(details) > _LONG_NAME:
        details = "; ".join(filter(None, [vital_details(details), "and more options"]))
    options = filter(None, [words.rate, *map(_spelled, filter(None, details.split("; ")))])
    inside = plain(", ".join(options))
    return f"{words.title} ({inside})" if inside else words.title


def _spelled(detail: str) -> str:
    if detail.startswith("clip "):
        return f"gradients clipped to norm {detail.removeprefix('clip ')}"
    if detail.startswith("accumulate "):
        return f"gradients added up over {detail.removeprefix('accumulate ')} passes"
    return "gradients never cleared" if detail == "no zero_grad" else detail


def compared(specs: Iterable[OptimizerSpec]) -> str:
    """Say briefly which optimizers are compared.

    >>> from descent import OptimizerSpec
    >>> compared(map(OptimizerSpec.parse, ["sgd:lr=0.1", "sgd:lr=0.2", "adam:lr=0.1"]))
    'SGD at 2 learning rates and Adam'
    """
    by_title: dict[str, list[OptimizerSpec]] = {}
    specs = list(specs)
    for spec, title in zip(specs, titles(specs), strict=True):
        by_title.setdefault(title, []).append(spec)
    words = []
    for title, runs in by_title.items():
        rates = len({run.lr for run in runs})
        many = f" at {rates} learning rates" if rates == len(runs) else f" in {len(runs)} variants"
        words.append(title + many * (len(runs) > 1))
    return listed(words)


def made(specs: Iterable[OptimizerSpec], versions: Iterable[tuple[str, str]]) -> list[str]:
    """Say in a sentence whose optimizers ran, where that is known: in no sentence or in one."""
    words = packages(versions, specs)
    return [f"Made with {listed(words)}."] if words else []


def packages(versions: Iterable[tuple[str, str]], specs: Iterable[OptimizerSpec] = ()) -> list[str]:
    """Name the packages that ran with their versions, where they are known.

    >>> packages([("torch", "2.13"), ("numpy", "2.4")])
    ['torch.optim 2.13']
    >>> packages([("torch", "2.13"), ("schedulefree", "1.4.1")])
    ['torch 2.13', 'schedulefree 1.4.1']
    """
    known = dict(versions)
    if "torch" not in known:
        return []
    others = [f"{name} {version}" for name, version in known.items() if name not in _ALWAYS]
    own = not others and all(name in OPTIMIZERS | WRAPPERS for spec in specs for name in spec.names)
    return [f"{'torch.optim' if own else 'torch'} {known['torch']}", *others]


def paragraph(first: Sequence[str], middle: Sequence[str], last: Sequence[str]) -> str:
    """Join sentences; those in the middle that there is no room for are left out from their end.

    Args:
        first: Sentences that are always said.
        middle: Sentences in the order of their weight.
        last: Sentences that are always said, unless they alone are too long.
    """
    for kept in range(len(middle), -1, -1):
        text = plain(" ".join([*first, *middle[:kept], *last]))
        if len(text) <= LONGEST:
            return text
    return text[: LONGEST - 3].rpartition(" ")[0] + "..."
