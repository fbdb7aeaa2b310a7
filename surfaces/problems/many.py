"""Surfaces of the catalogue in n dimensions: their formulas, and their minima as far as they are known."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, cos, exp, nn, sin

from ..analytic.shared import check_dim, check_option
from ..catalogue import CATALOGUE
from ..errors import DescentError, unknown
from ..imports import own
from ..options import format_named
from ..text import shown_value
from .problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..surface import Surface

RANDOM = "random"  # as a start: drawn from the view by the seed
_TURN = 2 * math.pi
_SGD = 50  # the view's side over the length of SGD's first step, in one coordinate on average


class Space(nn.Module):
    """A surface in n dimensions at the point that its one parameter holds."""

    def __init__(self, formula: Callable[[Tensor], Tensor], start: Tensor) -> None:
        super().__init__()
        self.formula = formula
        self.x = nn.Parameter(start)  # (n,)

    def forward(self) -> Tensor:
        """Return the loss, a scalar."""
        return self.formula(self.x)


def space(name: str, options: dict[str, Any]) -> Problem:
    """Build a surface of the catalogue in n dimensions.

    Args:
        name: One of FORMULAS.
        options: ``dim``; ``start``: n numbers, two that are repeated, one for all, or "random", which is
            drawn from the view; and what the formula takes besides.

    Raises:
        DescentError: An option that there is not, or out of its range.
    """
    options = dict(options)
    dim = check_dim(name, options.pop("dim"))
    start = options.pop("start", None)
    allowed = _OPTIONS.get(name, {})
    for key, value in options.items():
        if key not in allowed:
            raise unknown(f"option of surface {name!r} in {dim} dimensions", key, ["dim", "start", *allowed])
        check_option(name, key, value, *allowed[key])
    flat: Surface = own("surfaces", CATALOGUE[name].builder)(**options)
    formula = partial(FORMULAS[name], **options)
    first, told = _start(name, start, dim, flat)
    value, point = _lowest(name, dim)
    shown = [("dim", dim), *parse_told(flat.name), *([("start", told)] if told is not None else [])]
    return Problem(
        name=format_named(name, shown),
        build=lambda drawn: Space(formula, _drawn(flat, dim, drawn) if first is None else first.clone()),
        specs=_specs(flat, formula, _pairs(flat.start, dim) if first is None else first),
        latex=_LATEX[name],
        reference=flat.reference,
        start=_in_words(first, dim),
        minimum=value,
        minimizer=point,
        not_smooth=_ROUGH.get(name, flat.not_smooth),
    )


def parse_told(spec: str) -> list[tuple[str, Any]]:
    """Return the options that a surface's own spec names."""
    from ..options import parse_named

    return list(parse_named(spec, "surface")[1])


def _start(name: str, given: Any, dim: int, flat: Surface) -> tuple[Tensor | None, Any]:
    """Return where descents begin, None for at random, and what a spec says of it, None for the usual."""
    if given is None:
        return _pairs(flat.start, dim), None
    if given == RANDOM:
        return None, RANDOM
    numbers = given if isinstance(given, tuple | list) else (given,)
    fine = all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in numbers)
    if not fine or len(numbers) not in (1, 2, dim):
        raise DescentError(
            f"start of surface {name!r} in {dim} dimensions must be one number, two that are repeated, "
            f"{dim} numbers, or {RANDOM}, not {shown_value(given)}"
        )
    told = tuple(numbers) if len(numbers) > 1 else numbers[0]
    return _pairs(tuple(map(float, numbers)), dim), told


def _pairs(numbers: tuple[float, ...], dim: int) -> Tensor:
    """Return numbers, repeated until there are as many as dimensions."""
    return torch.tensor((numbers * -(-dim // len(numbers)))[:dim], dtype=torch.float64)


def _drawn(flat: Surface, dim: int, generator: torch.Generator) -> Tensor:
    """Return a point from the view, whose two sides take turns."""
    low, high = (_pairs(tuple(side[k] for side in flat.view), dim) for k in range(2))
    return low + (high - low) * torch.rand(dim, generator=generator, dtype=torch.float64)


def _in_words(first: Tensor | None, dim: int) -> str:
    if first is None:
        return "drawn from the view of the surface in two dimensions by the seed"
    few = ", ".join(f"{value:g}" for value in first[:4].tolist())
    return f"({few}{', ...' if dim > 4 else ''})"


def _specs(flat: Surface, formula: Callable[[Tensor], Tensor], start: Tensor) -> tuple[str, ...]:
    """Return SGD, Adam and RMSprop at the rates of the plane, SGD's lower where its first step is long."""
    side = min(high - low for low, high in flat.view)
    point = start.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(formula(point), point)
    slope = float(gradient.norm()) / math.sqrt(len(start))
    most = side / _SGD / slope if slope > 0 and math.isfinite(slope) else math.inf
    rates = flat.rates | {"sgd": min(flat.rates["sgd"], float(f"{most:.0e}") if most < 1e9 else math.inf)}
    return tuple(f"{name}:lr={rates[name]!r}" for name in ("sgd", "adam", "rmsprop"))


def _ranks(x: Tensor) -> Tensor:
    return torch.arange(1, x.shape[-1] + 1, dtype=x.dtype, device=x.device)


def _quadratic(x: Tensor, condition: float = 10.0) -> Tensor:
    return 0.5 * (condition ** ((_ranks(x) - 1) / (x.shape[-1] - 1)) * x**2).sum(-1)


def _rosenbrock(x: Tensor, b: float = 100.0) -> Tensor:
    return ((1 - x[..., :-1]) ** 2 + b * (x[..., 1:] - x[..., :-1] ** 2) ** 2).sum(-1)


def _trid(x: Tensor) -> Tensor:
    return ((x - 1) ** 2).sum(-1) - (x[..., 1:] * x[..., :-1]).sum(-1)


def _zakharov(x: Tensor) -> Tensor:
    slope = 0.5 * (_ranks(x) * x).sum(-1)
    return (x**2).sum(-1) + slope**2 + slope**4


def _dixon_price(x: Tensor) -> Tensor:
    return (x[..., 0] - 1) ** 2 + (_ranks(x)[1:] * (2 * x[..., 1:] ** 2 - x[..., :-1]) ** 2).sum(-1)


def _styblinski_tang(x: Tensor) -> Tensor:
    return 0.5 * (x**4 - 16 * x**2 + 5 * x).sum(-1)


def _ackley(x: Tensor) -> Tensor:
    spread = (x**2).mean(-1).sqrt()
    return -20 * exp(-0.2 * spread) - exp(cos(_TURN * x).mean(-1)) + math.e + 20


def _rastrigin(x: Tensor) -> Tensor:
    return 10 * x.shape[-1] + (x**2 - 10 * cos(_TURN * x)).sum(-1)


def _griewank(x: Tensor) -> Tensor:
    return (x**2).sum(-1) / 4000 - cos(x / _ranks(x).sqrt()).prod(-1) + 1


def _levy(x: Tensor) -> Tensor:
    w = 1 + (x - 1) / 4
    first, last, rest = w[..., 0], w[..., -1], w[..., :-1]
    middle = ((rest - 1) ** 2 * (1 + 10 * sin(math.pi * rest + 1) ** 2)).sum(-1)
    return sin(math.pi * first) ** 2 + middle + (last - 1) ** 2 * (1 + sin(_TURN * last) ** 2)


def _schwefel(x: Tensor) -> Tensor:
    return 418.98288727243371 * x.shape[-1] - (x * sin(x.abs().sqrt())).sum(-1)


def _michalewicz(x: Tensor) -> Tensor:
    return -(sin(x) * sin(_ranks(x) * x**2 / math.pi) ** 20).sum(-1)


FORMULAS: dict[str, Callable[..., Tensor]] = {  # x (..., n) -> (...)
    "sphere": lambda x: (x**2).sum(-1),
    "quadratic": _quadratic,
    "abs": lambda x: x.abs().sum(-1),
    "trid": _trid,
    "zakharov": _zakharov,
    "rosenbrock": _rosenbrock,
    "dixon_price": _dixon_price,
    "styblinski_tang": _styblinski_tang,
    "ackley": _ackley,
    "rastrigin": _rastrigin,
    "griewank": _griewank,
    "levy": _levy,
    "schwefel": _schwefel,
    "michalewicz": _michalewicz,
}
_OPTIONS = {"quadratic": {"condition": (1e-6, 1e6)}, "rosenbrock": {"b": (1e-3, 1e6)}}
_ROUGH = {
    "abs": "the gradient jumps where a coordinate is 0, and so at the minimum",
    "schwefel": "the gradient is NaN where a coordinate is 0: the square root has none at zero",
}
_LATEX = {
    "sphere": r"\sum_i x_i^2",
    "quadratic": r"\frac{1}{2} \sum_i c^{(i-1)/(n-1)}\, x_i^2",
    "abs": r"\sum_i |x_i|",
    "trid": r"\sum_i (x_i - 1)^2 - \sum_{i>1} x_i x_{i-1}",
    "zakharov": r"\sum_i x_i^2 + s^2 + s^4,\ s = \frac{1}{2} \sum_i i\, x_i",
    "rosenbrock": r"\sum_{i<n} (1 - x_i)^2 + b\,(x_{i+1} - x_i^2)^2",
    "dixon_price": r"(x_1 - 1)^2 + \sum_{i>1} i\,(2x_i^2 - x_{i-1})^2",
    "styblinski_tang": r"\frac{1}{2} \sum_i x_i^4 - 16 x_i^2 + 5 x_i",
    "ackley": r"-20\,e^{-0.2\sqrt{\sum_i x_i^2/n}} - e^{\sum_i \cos(2\pi x_i)/n} + e + 20",
    "rastrigin": r"10 n + \sum_i x_i^2 - 10 \cos 2\pi x_i",
    "griewank": r"\sum_i \frac{x_i^2}{4000} - \prod_i \cos\frac{x_i}{\sqrt{i}} + 1",
    "levy": r"\sin^2 \pi w_1 + \sum_{i<n} (w_i-1)^2 [1 + 10 \sin^2(\pi w_i + 1)]"
    r" + (w_n-1)^2 [1 + \sin^2 2\pi w_n],\ w_i = \frac{x_i+3}{4}",
    "schwefel": r"418.9829\, n - \sum_i x_i \sin\sqrt{|x_i|}",
    "michalewicz": r"-\sum_i \sin x_i\, \sin^{20}\frac{i x_i^2}{\pi}",
}
_AT = {"rosenbrock": 1.0, "levy": 1.0, "schwefel": 420.96874635998205, "styblinski_tang": -2.903534027771177}


def _lowest(name: str, dim: int) -> tuple[float, Tensor]:
    """Return the lowest value on the domain, and a point that has it."""
    ranks = torch.arange(1, dim + 1, dtype=torch.float64)
    if name == "trid":
        return -dim * (dim + 4) * (dim - 1) / 6, ranks * (dim + 1 - ranks)
    if name == "dixon_price":
        return 0.0, 2.0 ** -(1 - 2.0 ** (1 - ranks))
    if name == "michalewicz":
        point = _michalewicz_minimizer(dim)
        return float(_michalewicz(point)), point
    point = torch.full((dim,), _AT.get(name, 0.0), dtype=torch.float64)
    return (dim * -39.16616570377142 if name == "styblinski_tang" else 0.0), point


def _michalewicz_minimizer(dim: int) -> Tensor:
    """Return the lowest point on the domain: the formula is a sum, so each coordinate has its own.

    Coordinate i has ditches near pi sqrt((m + 1/2) / i) for m from 0 to i - 1, and the deepest is one of
    those next to pi / 2, where the other factor is largest.
    """
    ranks = torch.arange(1, dim + 1, dtype=torch.float64)[:, None]

    def each(x: Tensor) -> Tensor:
        return -sin(x) * sin(ranks * x**2 / math.pi) ** 20

    near = (ranks / 4).floor() + torch.arange(-2, 3, dtype=torch.float64)
    ditches = math.pi * ((near.clamp(min=0).minimum(ranks - 1) + 0.5) / ranks).sqrt()  # (dim, 5)
    for _ in range(60):  # Newton's method within each ditch
        x = ditches.clone().requires_grad_()
        (slope,) = torch.autograd.grad(each(x).sum(), x, create_graph=True)
        (bend,) = torch.autograd.grad(slope.sum(), x)
        ditches = (ditches - slope / bend).detach()
    return ditches.gather(1, each(ditches).argmin(dim=1, keepdim=True))[:, 0]
