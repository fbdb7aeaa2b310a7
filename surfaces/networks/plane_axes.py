"""Planes through weight space: the two weights there are, principal components, random, three ends."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from ..errors import DescentError
from .plane import Plane
from .rows import blocks
from .weights import length_of, shapes, unflatten

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch
    from torch import nn

    from .rows import Matrix

KINDS: dict[str, str] = {
    "weights": "the two weights themselves, for a network that has no more",
    "pca": "the two directions in which the paths spread most",
    "random": "two random directions, scaled filter by filter as the weights are",
    "hessian": "the two directions in which the loss curves most",
    "ends": "through the ends of three runs",
}
_ROUNDING = (
    1e-25  # a smaller share of the variance is rounding: of two lengths whose ratio float64 cannot tell
)
FLAT = 1e-5  # below this share of the first singular value, a second one is noise


def whole(module: nn.Module) -> Plane:
    """Return the plane of a network with two parameters: it is all there is.

    Raises:
        DescentError: The network has another number of parameters.

    >>> from torch import nn
    >>> whole(nn.Linear(1, 1)).axes
    ('weight', 'bias')
    """
    import torch

    paths = [path for path, shape in shapes(module).items() for _ in range(prod(shape))]
    if len(paths) != 2:
        raise DescentError(
            f"plane 'weights' shows networks with 2 parameters, and this one has {len(paths):,}; "
            "allowed: pca, random, hessian, ends"
        )
    short = [path.rpartition(".")[2] for path in paths]
    if paths[0] == paths[1]:
        axes = (f"{short[0]} 1", f"{short[1]} 2")
    else:
        axes = (short[0], short[1]) if short[0] != short[1] else (paths[0], paths[1])
    weight = next(each for each in module.parameters() if each.requires_grad)
    like: dict[str, Any] = {"dtype": weight.dtype, "device": weight.device}
    meaning = "The axes are the network's two parameters, so the plane hides nothing."
    return Plane("weights", torch.zeros(2, **like), torch.eye(2, **like), axes, meaning)


def pca(weights: Matrix, kind: str = "pca") -> Plane:
    """Return the plane through the mean of weights (n, P) along their two principal components.

    Each component points to where the last of the weights lie, so the same paths give the same signs. The
    weights are read twice, some columns at a time: once for the products of all rows with each other, whose
    eigenvectors say how the components are made of the rows, and once to make them so.

    Raises:
        DescentError: The weights are fewer than three, not finite, or lie in one point or on one line.
    """
    import torch

    other = "allowed beside it: random, hessian, ends"
    if len(weights) < 3:
        raise DescentError(f"a path of {len(weights)} points is too short for plane 'pca'; {other}")
    gram = torch.zeros(len(weights), len(weights), dtype=torch.float64)
    squares = gram.new_zeros(len(weights))
    for _, block in _columns(weights):
        squares += block.square().sum(dim=1).cpu()
        block -= block.mean(dim=0)
        gram += (block @ block.T).cpu()
    if not squares.isfinite().all():
        raise DescentError(f"plane 'pca' needs finite weights: leave out where a run diverged; {other}")
    values, left = torch.linalg.eigh(gram)  # in ascending order
    singular = values.clamp(min=0).sqrt().flip(0)[:2]
    left = left.flip(1)[:, :2]
    rounding = torch.finfo(weights.dtype).eps * float(squares.max()) ** 0.5 * len(weights) ** 0.5
    if singular[1] <= max(FLAT * float(singular[0]), rounding):
        shape = "in one point" if singular[0] <= rounding else "on one line"
        raise DescentError(
            f"a path whose {len(weights)} points lie {shape} is too short for plane 'pca'; {other}"
        )
    origin = weights[0].new_empty(weights.shape[1])
    directions = origin.new_empty(2, len(origin))
    for some, block in _columns(weights):
        mean = block.mean(dim=0)
        origin[some] = mean
        block -= mean
        directions[:, some] = left.T.to(block.device) @ block / singular[:, None].to(block.device)
    for k in range(2):
        end = float(left[-1, k])
        lead = end if abs(end) > 1e-6 else float(directions[k, directions[k].abs().argmax()])
        directions[k] *= 1.0 if lead > 0 else -1.0
    meaning = "The axes are the two directions in which the paths spread most (principal components)."
    return Plane(kind, origin, directions, ("PC 1", "PC 2"), meaning)


def explained(plane: Plane, weights: Matrix) -> tuple[float, float]:
    """Return the shares of the variance of weights (n, P), about their mean, along a plane's two axes.

    Both are 0 where the weights do not differ.
    """
    import torch

    total = length = 0.0
    products = torch.zeros(len(weights), 2, dtype=torch.float64)
    lengths = torch.zeros(2, dtype=torch.float64)
    for some, block in _columns(weights):
        directions = plane.directions[:, some].to(block)
        length += float(block.square().sum())
        block -= block.mean(dim=0)
        total += float(block.square().sum())
        products += (block @ directions.T).cpu()
        lengths += directions.square().sum(dim=1).cpu()
    rounding = 64 * torch.finfo(torch.float64).eps * length**0.5
    if not total > rounding**2:
        return 0.0, 0.0
    shares = (products.square().sum(dim=0) / lengths / total).tolist()
    one, other = (share if share > _ROUNDING else 0.0 for share in shares)
    return one, other


def random(module: nn.Module, origin: torch.Tensor, seed: int = 0) -> Plane:
    """Return a plane through weights (P,) along two random directions, normalized filter by filter.

    Each filter, a row of a weight's first dimension, is drawn from a Gaussian and scaled to the length of the
    same filter at the origin; biases and the parameters of norm layers stay as they are. The second direction
    is then made orthogonal to the first and brought back to its length. Coordinates count these directions,
    so at distance 1 the weights have changed by as much as they are long.

    Args:
        module: Whose parameters the weights are.
        origin: The weights (P,) that the plane goes through.
        seed: From which the directions are drawn; the global generators are left as they are.

    Raises:
        DescentError: There are not two directions: fewer than two weights that are not 0.

    References:
        Li et al. 2018, Visualizing the loss landscape of neural nets, arXiv:1712.09913.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    origin = origin.detach()
    parts = unflatten(origin, shapes(module))
    directions = torch.stack([_filtered(parts, generator) for _ in range(2)])
    one, other = directions
    length = length_of(other)
    if length_of(one) > 0:
        for _ in range(2):  # once more, because rounding leaves a little of the first
            other = other - (other @ one) / (one @ one) * one
    if not length_of(one) > 0 or not length_of(other) > 1e-4 * length:
        raise DescentError(
            "plane 'random' needs a network with at least two weights that are not 0 (biases stay as they "
            "are); allowed beside it: pca, hessian, ends"
        )
    directions = torch.stack((one, other * (length / length_of(other))))
    meaning = (
        "The axes are two random directions (scaled filter by filter to the length of the weights at the "
        "origin; biases and norm layers do not change)."
    )
    return Plane("random", origin, directions, ("random direction 1", "random direction 2"), meaning)


def straight(origin: torch.Tensor, end: torch.Tensor, seed: int = 0) -> Plane:
    """Return a plane through parameters (P,) along the way to others, and along a random direction.

    Of parameters that are no layers of a network, where `random` has no lengths to go by: both directions
    have length 1. Where there is no way, both are random.

    Args:
        origin: The parameters that the plane goes through, at least 2.
        end: Where the first axis leads; the origin itself for anywhere.
        seed: From which directions are drawn; the global generators are left as they are.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    drawn = [torch.randn(len(origin), generator=generator, dtype=torch.float64) for _ in range(2)]
    start = origin.detach().to(torch.float64)
    way = end.detach().to(start) - start
    leads = bool(way.isfinite().all()) and float(length_of(way)) > 0
    one = way if leads else drawn[0].to(start.device)
    one = one / length_of(one)
    other = drawn[1].to(start.device)
    for _ in range(2):  # once more, because rounding leaves a little of the first
        other = other - (other @ one) * one
    directions = torch.stack((one, other / length_of(other))).to(origin.dtype)
    if leads:
        meaning = "The axes are the straight way of the path and a random direction across it."
        return Plane("random", origin.detach(), directions, ("along the path", "random direction"), meaning)
    meaning = "The axes are two random directions, orthogonal to each other."
    names = ("random direction 1", "random direction 2")
    return Plane("random", origin.detach(), directions, names, meaning)


def through(
    a: torch.Tensor,
    b: torch.Tensor,
    c: torch.Tensor,
    names: tuple[str, str, str] = ("end 1", "end 2", "end 3"),
) -> Plane:
    """Return the plane through three weights (P,): from a to b, and from there towards c.

    Args:
        a: The origin.
        b: Lies on the first axis.
        c: Lies on the plane, on the positive side of the first axis.
        names: What to call the three at the axes.

    Raises:
        DescentError: The three lie on one line, or are not finite.
    """
    import torch

    start, first, second = (each.detach().to(torch.float64) for each in (a, b, c))
    first, second = first - start, second - start
    x = first / length_of(first)
    y = second - (second @ x) * x
    y = y - (y @ x) * x
    rounding = 4 * torch.finfo(a.dtype).eps * max(float(length_of(each.detach())) for each in (a, b, c))
    # The comparisons are written so that they fail for NaN.
    if not length_of(first) > rounding or not length_of(y) > max(rounding, FLAT * float(length_of(second))):
        raise DescentError(
            f"{', '.join(names)} are not finite or lie on one line, so there is no plane "
            "through them; allowed beside it: pca, random, hessian"
        )
    directions = torch.stack((x, y / length_of(y))).to(a.dtype)
    meaning = f"The plane goes through {names[0]}, {names[1]} and {names[2]}."
    return Plane(
        "ends", a.detach(), directions, (f"{names[0]} to {names[1]}", f"towards {names[2]}"), meaning
    )


def _columns(weights: Matrix) -> Iterator[tuple[slice, torch.Tensor]]:
    """Give weights (n, P) some columns at a time, copied in double precision, and which they are."""
    import torch

    for some in blocks(weights):
        yield some, weights[:, some].detach().to(torch.float64, copy=True)


def _filtered(parts: dict[str, torch.Tensor], generator: torch.Generator) -> torch.Tensor:
    """Draw one direction, flattened, and give each filter the length that it has in the weights."""
    import torch

    drawn = []
    for weight in parts.values():
        noise = torch.randn(weight.shape, generator=generator, dtype=weight.dtype).to(weight.device)
        if weight.ndim < 2:
            drawn.append(torch.zeros_like(weight).reshape(-1))
            continue
        rows, wanted = noise.flatten(1), weight.flatten(1).norm(dim=1, keepdim=True)
        drawn.append((rows * (wanted / rows.norm(dim=1, keepdim=True))).reshape(-1))
    return torch.cat(drawn)
