"""What came out when an optimizer of a package was tried."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# How a class treats numbers that share a tensor.
ELEMENTWISE, MIXING = "element-wise", "mixing"
DOUBLE, SINGLE_UPDATES, SINGLE = "float64", "float32 updates", "float32"
ONE, TWO, ELSEWHERE = "one", "two", "elsewhere"


@dataclass(frozen=True, slots=True)
class Tried:
    """One class of a package, tried on a bowl and on a matrix."""

    name: str  # as a spec names it
    why: str = ""  # why it does not run on the bowl; empty where it does
    lr: float | None = None  # the rate that it ran at
    needs: tuple[str, ...] = ()  # what it was given besides its parameters
    updates: str = ""  # ELEMENTWISE or MIXING; empty where runs are never in one tensor
    precision: str = ""  # DOUBLE; SINGLE_UPDATES of float64 parameters; SINGLE where it refuses float64
    point: str = ""  # ONE; TWO with train() and eval(); ELSEWHERE where gradients are taken at another point
    matrix: str = ""  # the precision in which it moves a matrix of weights; empty where it does in none
    notes: tuple[str, ...] = ()  # what was seen in its run, a clause each

    @property
    def runs(self) -> bool:
        """Whether it ran on the bowl."""
        return not self.why

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON values."""
        plain = {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }
        return {"name": plain.pop("name"), "runs": self.runs, **plain}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Tried:
        """Return what `as_json` wrote."""
        values: dict[str, Any] = {
            key: tuple(each) if isinstance(each, list) else each for key, each in found.items()
        }
        del values["runs"]
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Zoo:
    """All optimizers of a package, each tried by itself."""

    package: str  # as it is imported
    distribution: str  # as it is installed; the same where nobody knows
    version: str  # empty where nobody knows
    tried: tuple[Tried, ...]
