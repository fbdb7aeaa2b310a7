"""A table of an author's classes, and the cases of it: one a class, variant and check."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError
from ..matching.references import is_optimizer, makes
from ..specs.optimizer_spec import OptimizerSpec
from .soundness import CHECKS, DECLARED, LEFT_OUT, RUNS, SOUND, UNSOUND, Finding, found_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from torch.optim import Optimizer

MATCHES = "matches"  # the check that needs a reference


@dataclass(frozen=True, slots=True)
class Candidate:
    """One class of the table: what is run, how, and what it does not do by design."""

    optimizer_class: Callable[..., Optimizer]  # derives from torch.optim.Optimizer, or a partial of one
    options: Mapping[str, Any] = field(default_factory=dict)  # in all variants, such as {"lr": 0.1}
    # Options by the name of a variant, on top; the class is run once without and once with each.
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reference: Callable[..., Any] | None = None  # see `testing.match`; None: no comparison
    reference_options: Mapping[str, Any] | None = None  # the reference's, where they are not the same
    cannot: Mapping[str, str] = field(default_factory=dict)  # check, or "option NAME", to the reason why not
    later: tuple[str, ...] = ()  # options that state dicts of older versions do not have
    match: Mapping[str, Any] = field(default_factory=dict)  # more arguments of `testing.match`
    name: str = ""  # the class's own where empty

    @property
    def label(self) -> str:
        """What the class is called in the report."""
        if isinstance(self.optimizer_class, OptimizerSpec):
            return self.name or self.optimizer_class.title
        make = getattr(self.optimizer_class, "func", self.optimizer_class)
        return self.name or str(getattr(make, "__name__", type(make).__name__))


@dataclass(frozen=True, slots=True)
class Case:
    """One check of one variant of one class."""

    candidate: Candidate
    variant: str  # a key of the candidate's variants, or empty
    check: str  # RUNS, a key of CHECKS, or MATCHES

    def __str__(self) -> str:
        """Return the id that pytest shows.

        >>> import torch
        >>> print(Case(Candidate(torch.optim.SGD), "heavy ball", "zero gradients"))
        SGD[heavy ball]-zero gradients
        """
        return f"{self.row}-{self.check}"

    @property
    def row(self) -> str:
        """The class and the variant."""
        return f"{self.candidate.label}[{self.variant}]" if self.variant else self.candidate.label

    def run(self) -> Finding:
        """Run the check."""
        candidate = self.candidate
        options = {**candidate.options, **candidate.variants.get(self.variant, {})}
        if self.check in candidate.cannot:
            return Finding(self.check, DECLARED, candidate.cannot[self.check])
        if self.check == MATCHES:
            return self._matches(options)
        return found_by(self.check, candidate.optimizer_class, options, candidate.cannot, candidate.later)

    def _matches(self, options: Mapping[str, Any]) -> Finding:
        from ..matching.match import match

        candidate = self.candidate
        assert candidate.reference is not None
        theirs = candidate.reference_options
        if theirs is not None:
            theirs = {**theirs, **candidate.variants.get(self.variant, {})}
        found = match(
            candidate.optimizer_class,
            candidate.reference,
            **{"options": options, "reference_options": theirs, **candidate.match},
        )
        if found.matches:
            return Finding(MATCHES, SOUND, str(found).partition("\n")[0])
        firsts = [each.difference.first for each in found.results if each.difference is not None]
        steps = [first.step for first in firsts if first is not None]
        return Finding(MATCHES, UNSOUND, str(found), min(steps, default=None), "update")

    def __call__(self) -> None:
        """Run the check as a test.

        Raises:
            AssertionError: It found something.
        """
        __tracebackhide__ = True
        found = self.run()
        if found.state in (LEFT_OUT, DECLARED):
            import pytest

            pytest.skip(found.words)
        if found.state == UNSOUND:
            raise AssertionError(f"{self.row}: {found}")


def cases(table: Iterable[Candidate | Callable[..., Optimizer]]) -> list[Case]:
    """Return a case for each class, variant and check of a table, in this order.

    Args:
        table: Candidates, or bare classes with a rate of their own.

    Raises:
        DescentError: Two rows have one name, or a check is not known.
    """
    candidates = [each if isinstance(each, Candidate) else Candidate(each) for each in table]
    found, rows = [], set()
    for candidate in candidates:
        for check in candidate.cannot:
            if check not in (*CHECKS, MATCHES) and not check.startswith("option "):
                from ...surfaces.errors import unknown

                raise unknown("check", check, [*CHECKS, MATCHES])
        for variant in ("", *candidate.variants):
            checks = [RUNS, *CHECKS, *([MATCHES] if candidate.reference is not None else [])]
            of_row = [Case(candidate, variant, check) for check in checks]
            if of_row[0].row in rows:
                raise DescentError(f"two rows are called {of_row[0].row}; give one of them a name")
            rows.add(of_row[0].row)
            found += of_row
    return found


def test_of(table: Iterable[Candidate | Callable[..., Optimizer]]) -> Callable[[Case], None]:
    """Return a test function for pytest with a case for each class, variant and check of a table.

    One line in a test file is enough, where TABLE is a list of candidates or classes:
    ``test_optimizers = descent.testing.test_of(TABLE)``.

    Raises:
        DescentError: See `cases`.
    """
    import pytest

    @pytest.mark.parametrize("case", cases(table), ids=str)
    def test_optimizers(case: Case) -> None:
        __tracebackhide__ = True
        case()

    return test_optimizers


test_of.__test__ = False  # type: ignore[attr-defined]  # it is no test itself, whatever imports it


def classes_of(path: str) -> list[type[Optimizer]]:
    """Return the class, or function, that ``package.Class`` names, or all optimizers that a package has.

    Raises:
        DescentError: There is none.
    """
    from importlib import import_module
    from importlib.util import find_spec

    from ...surfaces.imports import imported

    try:
        whole = find_spec(path) is not None
    except (ImportError, ValueError):
        whole = False
    if not whole:
        module, _, name = path.rpartition(".")
        if not module:
            raise DescentError(f"{path!r} is neither a package nor package.Class")
        found = imported(module, name, "optimizer", "package.Class or package")
        if not is_optimizer(found) or not (isinstance(found, type) or makes(found)):
            raise DescentError(
                f"{path} does not derive from torch.optim.Optimizer, and makes no optimizer of parameters"
            )
        return [found]
    package = import_module(path)
    names = getattr(package, "__all__", None) or [each for each in vars(package) if not each.startswith("_")]
    return list(_optimizers(getattr(package, name, None) for name in names)) or _none(path)


def _optimizers(things: Iterable[Any]) -> Iterator[type[Optimizer]]:
    from torch.optim import Optimizer

    seen = set()
    for each in things:
        if (
            isinstance(each, type)
            and issubclass(each, Optimizer)
            and each is not Optimizer
            and each not in seen
        ):
            seen.add(each)
            yield each


def _none(path: str) -> Any:
    raise DescentError(f"{path} makes no class public that derives from torch.optim.Optimizer")
