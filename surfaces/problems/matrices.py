"""Problems whose parameters are matrices, where Muon, Shampoo and SOAP do what they were made for."""

from __future__ import annotations

import torch
from torch import nn

from ..errors import DescentError
from ..options import format_named
from ..text import shown_value
from .problem import Problem

MOST = 256  # rows and columns of a matrix: its singular values are worked out at each step
_SMALL = 0.1  # standard deviation of the first entries of two factors, near the saddle where both are 0
_FARTHEST = 2.0  # radians: the largest angle of the rotation that is looked for


class Factorization(nn.Module):
    """Half the squared distance of ``left @ right.T`` from a matrix."""

    wanted: torch.Tensor

    def __init__(self, wanted: torch.Tensor, rank: int, generator: torch.Generator) -> None:
        super().__init__()
        rows, columns = wanted.shape
        self.register_buffer("wanted", wanted)  # (rows, columns)
        self.left = nn.Parameter(_SMALL * _normal(rows, rank, generator))
        self.right = nn.Parameter(_SMALL * _normal(columns, rank, generator))

    def forward(self) -> torch.Tensor:
        """Return the loss, a scalar."""
        return 0.5 * (self.left @ self.right.mT - self.wanted).square().sum()


class Procrustes(nn.Module):
    """Half the mean squared distance of turned points from where they should be."""

    points: torch.Tensor
    wanted: torch.Tensor

    def __init__(self, points: torch.Tensor, wanted: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("points", points)  # (dim, points), a point a column
        self.register_buffer("wanted", wanted)  # (dim, points)
        self.turn = nn.Parameter(torch.zeros(len(points), len(points), dtype=points.dtype))

    def rotation(self) -> torch.Tensor:
        """Return the rotation that the parameters stand for, (dim, dim)."""
        turned: torch.Tensor = torch.linalg.matrix_exp(self.turn - self.turn.mT)
        return turned

    def forward(self) -> torch.Tensor:
        """Return the loss, a scalar."""
        return 0.5 * (self.rotation() @ self.points - self.wanted).square().sum() / self.points.shape[1]


class Memory(nn.Module):
    """The cross-entropy of a linear memory of pairs, each weighted by how often it is asked for."""

    keys: torch.Tensor
    values: torch.Tensor
    shares: torch.Tensor

    def __init__(self, keys: torch.Tensor, values: torch.Tensor, shares: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("keys", keys)  # (pairs, dim), orthonormal rows
        self.register_buffer("values", values)  # (pairs, dim), orthonormal rows
        self.register_buffer("shares", shares)  # (pairs,): of all questions, together 1
        self.weight = nn.Parameter(torch.zeros(keys.shape[1], keys.shape[1], dtype=keys.dtype))

    def logs(self) -> torch.Tensor:
        """Return the logarithm of the probability of each pair's own value, (pairs,)."""
        scores = self.keys @ self.weight.mT @ self.values.mT  # (pairs, pairs): of each key for each value
        return torch.log_softmax(scores, dim=-1).diagonal()

    def forward(self) -> torch.Tensor:
        """Return the loss, a scalar."""
        return -(self.shares * self.logs()).sum()


def factorization(rows: int = 8, cols: int = 8, rank: int = 2, seed: int = 0) -> Problem:
    """Build low-rank matrix factorization: two thin factors whose product is to be a matrix M.

    M has the singular values 1, 1/2, 1/3, ... and singular vectors drawn by the seed. No product of rank k
    is nearer to M than its k largest singular parts, so half the sum of the other squares is the minimum.
    Descents begin near the saddle where both factors are 0, and learn one singular part after the other.

    Args:
        rows: Of M, 1 to 256.
        cols: Columns of M, 1 to 256.
        rank: Columns of each factor, 1 to the smaller of the two.
        seed: Draws the singular vectors of M.

    Raises:
        DescentError: An option is not a whole number in its range.

    References:
        Eckart and Young 1936, The approximation of one matrix by another of lower rank,
        doi:10.1007/BF02288367; Saxe, McClelland and Ganguli 2014, Exact solutions to the nonlinear dynamics
        of learning in deep linear neural networks, arXiv:1312.6120
    """
    rows, cols = _count("factorization", "rows", rows, 1), _count("factorization", "cols", cols, 1)
    rank, seed = _count("factorization", "rank", rank, 1), _seed("factorization", seed)
    most = min(rows, cols)
    if rank > most:
        raise DescentError(
            f"rank of problem 'factorization' is at most {most}, the smaller of rows and cols, not {rank}"
        )
    generator = torch.Generator().manual_seed(seed)
    values = 1 / torch.arange(1, most + 1, dtype=torch.float64)
    u, v = _orthonormal(rows, most, generator), _orthonormal(cols, most, generator)
    wanted = u * values @ v.mT
    root = values[:rank].sqrt()
    best = torch.cat([(u[:, :rank] * root).reshape(-1), (v[:, :rank] * root).reshape(-1)])
    return Problem(
        name=_spec("factorization", rows=(rows, 8), cols=(cols, 8), rank=(rank, 2), seed=(seed, 0)),
        build=lambda drawn: Factorization(wanted, rank, drawn),
        specs=("sgd:lr=0.2", "adam:lr=0.05", "muon:lr=0.02,weight_decay=0"),
        latex=r"\frac{1}{2}\,\Vert L R^\top - M \Vert_F^2",
        reference="Eckart and Young 1936, doi:10.1007/BF02288367",
        start=f"both factors drawn from a normal distribution with standard deviation {_SMALL:g}",
        minimum=0.5 * float(values[rank:].square().sum()),
        minimizer=best,
    )


def procrustes(dim: int = 6, points: int = 20, noise: float = 0.1, seed: int = 0) -> Problem:
    """Build the orthogonal Procrustes problem among rotations: turn points so that they meet others.

    The rotation is the matrix exponential of ``turn - turn.T``, so that any matrix stands for one, and
    optimizers move freely. It begins at the identity. The minimum is known from a singular value
    decomposition: of the product of both clouds of points, with the sign of its last value as the
    determinant has it, for reflections are not among the rotations.

    Args:
        dim: Of the points, 2 to 64.
        points: How many there are, 1 to 256.
        noise: Standard deviation of what is added to the turned points, 0 to 10.
        seed: Draws the points, the rotation that turned them, and the noise.

    Raises:
        DescentError: An option is not a number in its range.

    References:
        Schönemann 1966, A generalized solution of the orthogonal Procrustes problem,
        doi:10.1007/BF02289451; for rotations, Kabsch 1976, doi:10.1107/S0567739476001873
    """
    dim, points = _count("procrustes", "dim", dim, 2, 64), _count("procrustes", "points", points, 1)
    seed = _seed("procrustes", seed)
    if isinstance(noise, bool) or not isinstance(noise, int | float) or not 0 <= noise <= 10:
        raise _refused("procrustes", "noise", "a number from 0 to 10", noise)
    generator = torch.Generator().manual_seed(seed)
    cloud = _normal(dim, points, generator)
    skew = _normal(dim, dim, generator)
    skew = skew - skew.mT
    rotation = torch.linalg.matrix_exp(skew * (_FARTHEST / torch.linalg.matrix_norm(skew, 2)))
    wanted = rotation @ cloud + noise * _normal(dim, points, generator)
    u, values, vh = torch.linalg.svd(wanted @ cloud.mT)
    signs = torch.ones(dim, dtype=torch.float64)
    signs[-1] = torch.linalg.det(u @ vh).sign()
    lowest = 0.5 * (cloud.square().sum() + wanted.square().sum()) - (signs * values).sum()
    return Problem(
        name=_spec(
            "procrustes", dim=(dim, 6), points=(points, 20), noise=(float(noise), 0.1), seed=(seed, 0)
        ),
        build=lambda _: Procrustes(cloud, wanted),
        specs=("sgd:lr=0.1", "adam:lr=0.03", "muon:lr=0.01,weight_decay=0"),
        latex=r"\frac{1}{2m}\,\Vert e^{X - X^\top} A - B \Vert_F^2",
        reference="Schönemann 1966, doi:10.1007/BF02289451; Kabsch 1976, doi:10.1107/S0567739476001873",
        start="the identity, where all entries are 0",
        minimum=max(0.0, float(lowest) / points),
    )


def memory(pairs: int = 16, dim: int = 16, power: float = 1.5, seed: int = 0) -> Problem:
    """Build a linear associative memory of pairs of which some are rare: pair k has frequency k^-power.

    A matrix W answers the key e with the value u of the largest u W e; the loss is the cross-entropy of
    these scores, weighted by the frequencies. Keys and values are orthonormal, W begins at 0. The infimum 0
    is approached as W grows, and not attained. The model with two frequencies is that in which Muon, without
    momentum, was proved to learn all pairs evenly, whereas gradient descent and Adam need not; frequencies
    by a power law are those of the work on scaling laws.

    Args:
        pairs: How many there are, 2 to 256.
        dim: Of keys and values, at least as many as pairs, up to 256.
        power: Of the power law, 0 to 5; 0 makes all pairs equally frequent.
        seed: Draws keys and values.

    Raises:
        DescentError: An option is not a number in its range.

    References:
        Wang et al. 2025, Muon outperforms Adam in tail-end associative memory learning, arXiv:2509.26030;
        Cabannes, Dohmatob and Bietti 2023, Scaling laws for associative memories, arXiv:2310.02984
    """
    pairs, dim = _count("memory", "pairs", pairs, 2), _count("memory", "dim", dim, 2)
    seed = _seed("memory", seed)
    if isinstance(power, bool) or not isinstance(power, int | float) or not 0 <= power <= 5:
        raise _refused("memory", "power", "a number from 0 to 5", power)
    if pairs > dim:
        raise DescentError(
            f"problem 'memory' has orthonormal keys, of which there are at most dim={dim}, not pairs={pairs}"
        )
    generator = torch.Generator().manual_seed(seed)
    keys, values = (_orthonormal(dim, pairs, generator).mT.contiguous() for _ in range(2))
    shares = torch.arange(1, pairs + 1, dtype=torch.float64) ** -float(power)
    shares = shares / shares.sum()
    return Problem(
        name=_spec("memory", pairs=(pairs, 16), dim=(dim, 16), power=(float(power), 1.5), seed=(seed, 0)),
        build=lambda _: Memory(keys, values, shares),
        specs=("sgd:lr=2.0", "adam:lr=0.02", "muon:lr=0.035,weight_decay=0"),
        latex=r"-\sum_k p_k \log \mathrm{softmax}_k\left(U W e_k\right),\ p_k \propto k^{-\alpha}",
        reference="Wang et al. 2025, arXiv:2509.26030; Cabannes et al. 2023, arXiv:2310.02984",
        start="all entries 0",
        minimum=0.0,
        attained=False,
        judge=_recall,
    )


def _recall(module: nn.Module) -> str:
    assert isinstance(module, Memory)
    with torch.no_grad():
        least, most = (float(each) for each in module.logs().exp().aminmax())
    return f"right answers have probabilities from {_probability(least)} to {_probability(most)}"


def _probability(value: float) -> str:
    return f"{value:.2g}" if value < 0.99 else f"{value:.3g}" if value < 0.999 else "more than 0.999"


def _normal(rows: int, columns: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randn(rows, columns, generator=generator, dtype=torch.float64)


def _orthonormal(rows: int, columns: int, generator: torch.Generator) -> torch.Tensor:
    """Return a matrix (rows, columns) with orthonormal columns, drawn evenly."""
    q, r = torch.linalg.qr(_normal(rows, columns, generator))
    drawn: torch.Tensor = q * r.diagonal().sign()  # without the signs some would come more often
    return drawn


def _count(problem: str, option: str, value: object, low: int, high: int = MOST) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _refused(problem, option, f"a whole number from {low} to {high}", value)
    return value


def _seed(problem: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise _refused(problem, "seed", "a whole number of at least 0", value)
    return value


def _refused(problem: str, option: str, allowed: str, value: object) -> DescentError:
    return DescentError(f"{option} of problem {problem!r} must be {allowed}, not {shown_value(value)}")


def _spec(problem: str, **options: tuple[float, float]) -> str:
    return format_named(problem, [(key, value) for key, (value, usual) in options.items() if value != usual])
