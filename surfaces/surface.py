"""A surface: a loss of two parameters or of one, with everything that is known about it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .errors import DescentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import torch

Box = tuple[tuple[float, float], tuple[float, float]]
STRETCH = 3.5  # a view longer than this many times its width is not drawn to one scale
FLAT = (-1.0, 1.0)  # what stands for the second side of a box where there is one parameter, and y is 0


@dataclass(frozen=True, slots=True)
class Minimum:
    """A global minimum on the domain: where it is and how low it is."""

    point: tuple[float, float]  # (x, y)
    value: float  # the loss there
    # Whether it is one on the domain only: it lies on the domain's border and is no stationary point, for the
    # loss falls on outwards. Optimizers know no domain, and pass it.
    domain_only: bool = False


@dataclass(frozen=True, slots=True)
class Surface:
    """A loss of two parameters x and y or of x alone, and the facts that pictures and tests rely on.

    Calling it evaluates the loss: ``surface(xy)`` maps points of shape (..., parameters) to losses of shape
    (...). Where there is one parameter, places still are pairs, in which y is 0.
    """

    name: str  # the spec that builds it again, for example "quadratic:condition=100"
    function: Callable[..., torch.Tensor]  # x (...), y (...) -> (...); of one parameter x (...) -> (...)
    domain: Box  # ((x0, x1), (y0, y1)): where the stated minima hold
    view: Box  # ((x0, x1), (y0, y1)): what a picture shows by default
    start: tuple[float, float]  # where descents begin by default
    minima: tuple[Minimum, ...] = ()  # all global ones on the domain; empty when unknown or none exist
    latex: str = ""  # the formula, without dollar signs
    reference: str = ""  # where formula and minima come from
    rates: dict[str, float] = field(default_factory=dict)  # optimizer name -> learning rate that suits it
    not_smooth: str = ""  # where the gradient jumps or does not exist; empty for a smooth surface
    float32: str = ""  # what goes wrong in float32; empty when nothing does
    parameters: int = 2  # how many there are, 1 or 2

    def __post_init__(self) -> None:
        for words, box in (("domain", self.domain), ("view", self.view)):
            check_box(box, f"the {words} of surface {self.name!r}")
        if not all(math.isfinite(value) for value in self.start):
            raise DescentError(f"the start of surface {self.name!r} is not finite: {self.start}")
        if self.parameters not in (1, 2):
            raise DescentError(f"surface {self.name!r} must have 1 or 2 parameters, not {self.parameters!r}")

    def __call__(self, xy: torch.Tensor) -> torch.Tensor:
        """Evaluate the loss at points xy of shape (..., parameters); returns (...), same dtype and device.

        Anything that is not a tensor (a list, a NumPy array) is read as float64.

        Raises:
            DescentError: The last dimension of ``xy`` is not the number of parameters, or the function
                raised, or returned another shape.
        """
        import torch

        points = xy if isinstance(xy, torch.Tensor) else torch.as_tensor(xy, dtype=torch.float64)
        if points.ndim == 0 or points.shape[-1] != self.parameters:
            raise DescentError(f"points need shape (..., {self.parameters}), not {tuple(points.shape)}")
        try:
            loss = self.function(*(points[..., k] for k in range(self.parameters)))
        except DescentError:
            raise
        except Exception as error:  # a user's own function may raise anything
            reason = " ".join(str(error).split()) or type(error).__name__
            spot = ",".join(f"{value:g}" for value in points.tolist()) if points.ndim == 1 else ""
            where = f"at {spot}" if spot else f"on points of shape {tuple(points.shape)}"
            raise DescentError(
                f"surface {self.name!r} failed {where}: {reason}; "
                "it must work element by element with torch operations"
            ) from error
        if not isinstance(loss, torch.Tensor) or loss.shape != points.shape[:-1]:
            got = tuple(loss.shape) if isinstance(loss, torch.Tensor) else type(loss).__name__
            raise DescentError(
                f"surface {self.name!r} must give one loss a point: for points of shape "
                f"{tuple(points.shape)} it returned {got}, not a tensor of shape {tuple(points.shape[:-1])}; "
                "use torch operations that work element by element"
            )
        return loss


def check_box(box: Box, what: str) -> None:
    """Raise DescentError unless the box is two finite, increasing pairs."""
    (x0, x1), (y0, y1) = box
    if not all(math.isfinite(value) for value in (x0, x1, y0, y1)) or x0 >= x1 or y0 >= y1:
        raise DescentError(f"{what} must be finite with X0 < X1 and Y0 < Y1, not {x0:g},{x1:g},{y0:g},{y1:g}")


def holding(surface: Surface, point: tuple[float, float]) -> Surface:
    """Return the surface with its view widened, where needed, to hold a point and a little room around."""
    if inside(point, surface.view):
        return surface
    x, y = (_reaching(side, value) for side, value in zip(surface.view, point, strict=True))
    return replace(surface, view=(x, y))


def _reaching(side: tuple[float, float], value: float) -> tuple[float, float]:
    low, high = side
    room = 0.05 * (max(high, value) - min(low, value))
    return (low if value >= low else value - room, high if value <= high else value + room)


def inside(point: tuple[float, float], box: Box) -> bool:
    """Say whether a point lies in a box, edges included."""
    return all(low <= value <= high for value, (low, high) in zip(point, box, strict=True))


def border_of(domain: Box | None, minima: Iterable[Minimum]) -> Box | None:
    """Return the domain where a known minimum is one on it only, so that its border matters; None elsewhere.

    >>> border_of(((0.0, 1.0), (0.0, 1.0)), [Minimum((0.5, 0.5), 0.0)])
    >>> border_of(((0.0, 1.0), (0.0, 1.0)), [Minimum((1.0, 0.5), 0.0, domain_only=True)])
    ((0.0, 1.0), (0.0, 1.0))
    """
    return domain if any(minimum.domain_only for minimum in minima) else None


def passes(box: Box, view: Box) -> bool:
    """Say whether a part of a box's border lies within a view, and not on its edges alone.

    >>> passes(((0, 2), (0, 2)), ((1, 3), (1, 3))), passes(((0, 3), (0, 3)), ((1, 2), (1, 3)))
    (True, False)
    """
    sides = [*zip(box, view, strict=True)]
    apart = any(high <= start or low >= end for (low, high), (start, end) in sides)
    return not apart and any(low > start or high < end for (low, high), (start, end) in sides)


def width_of(view: Box, stretch: float = STRETCH) -> tuple[float, bool]:
    """Return the width of a view in heights, and whether a contour of it is drawn to one scale.

    Args:
        view: What the contour shows.
        stretch: A view longer than so many times its width is not.

    >>> width_of(((0.0, 3.0), (0.0, 2.0))), width_of(((0.0, 8.0), (0.0, 2.0)))
    ((1.5, True), (4.0, False))
    """
    (x0, x1), (y0, y1) = view
    width = (x1 - x0) / (y1 - y0)
    return width, 1 / stretch <= width <= stretch
