"""Surfaces in n dimensions: as in two where n is 2, and their minima, which are told by the gradient too."""

import itertools
import math

import pytest
import torch

from descent.surfaces.analytic.resolve import get
from descent.surfaces.catalogue import CATALOGUE, IN_N_DIMENSIONS
from descent.surfaces.errors import DescentError
from descent.surfaces.problems.many import FORMULAS
from descent.surfaces.problems.problem import network_of
from descent.surfaces.problems.resolve import get_problem, is_problem

NO_GRADIENT = {"ackley", "abs"}  # at the minimum
# From https://www.sfu.ca/~ssurjano/, whose last digits are rounded.
PUBLISHED = {
    ("michalewicz", 5): -4.687658,
    ("michalewicz", 10): -9.66015,
    ("styblinski_tang", 4): -39.16617 * 4,
    ("trid", 6): -50.0,
    ("trid", 10): -210.0,
}


def test_the_table_of_names_and_that_of_formulas_agree():
    assert tuple(FORMULAS) == IN_N_DIMENSIONS
    assert set(FORMULAS) < set(CATALOGUE)


@pytest.mark.parametrize("name", FORMULAS)
def test_in_two_dimensions_it_is_the_surface_of_the_catalogue(name):
    flat = get(name)
    (x0, x1), (y0, y1) = flat.domain
    share = torch.rand(200, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    points = torch.tensor([x0, y0]) + share * torch.tensor([x1 - x0, y1 - y0])
    torch.testing.assert_close(FORMULAS[name](points), flat(points), rtol=1e-12, atol=1e-12)
    problem = get_problem(f"{name}:dim=3")
    assert network_of(problem, 0).module.x[:2].tolist() == list(flat.start)
    assert get(f"{name}:dim=2").name == name
    assert not is_problem(f"{name}:dim=2")


@pytest.mark.parametrize(("name", "options"), [("quadratic", "condition=3"), ("rosenbrock", "b=7")])
def test_options_mean_what_they_mean_in_two_dimensions(name, options):
    key, value = options.split("=")
    points = torch.rand(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 4 - 2
    torch.testing.assert_close(
        FORMULAS[name](points, **{key: float(value)}), get(f"{name}:{options}")(points)
    )
    problem = get_problem(f"{name}:{options},dim=4")
    assert problem.name == f"{name}:dim=4,{options}"
    point = torch.tensor([0.3, -0.7, 1.1, 0.2], dtype=torch.float64)
    module = network_of(problem, 0).module
    assert float(module.formula(point)) == float(FORMULAS[name](point, **{key: float(value)}))


@pytest.mark.parametrize("dim", [2, 3, 5, 10, 31])
@pytest.mark.parametrize("name", FORMULAS)
def test_the_minimum_has_its_value_and_no_slope(name, dim):
    problem = get_problem(f"{name}:dim={dim}") if dim > 2 else None
    if problem is None:
        value = get(name).minima[0].value
        point = torch.tensor(get(name).minima[0].point, dtype=torch.float64)
    else:
        value, point = problem.minimum, problem.minimizer
    spot = point.clone().requires_grad_()
    loss = FORMULAS[name](spot)
    assert float(loss.detach()) == pytest.approx(value, rel=1e-13, abs=1e-11)  # rounding of sums
    if name not in NO_GRADIENT:
        (slope,) = torch.autograd.grad(loss, spot)
        assert float(slope.abs().max()) < 1e-9 * max(1.0, dim)
    # No point nearby is lower: of random ones at three distances.
    drawn = torch.Generator().manual_seed(dim)
    for size in (1e-3, 1e-2, 0.1):
        near = point + size * torch.randn(300, dim, generator=drawn, dtype=torch.float64)
        assert float(FORMULAS[name](near).min()) >= value - 1e-10


@pytest.mark.parametrize(("name", "dim"), PUBLISHED)
def test_minima_are_those_that_were_published(name, dim):
    assert get_problem(f"{name}:dim={dim}").minimum == pytest.approx(PUBLISHED[name, dim], rel=2e-6)


def test_each_coordinate_of_michalewicz_is_at_the_lowest_of_many_points():
    point = get_problem("michalewicz:dim=40").minimizer
    places = torch.linspace(0, math.pi, 40_001, dtype=torch.float64)
    for rank, x in enumerate(point.tolist(), 1):
        heights = -torch.sin(places) * torch.sin(rank * places**2 / math.pi) ** 20
        assert abs(float(places[heights.argmin()]) - x) < 2e-4
    assert len(get_problem("michalewicz:dim=10000").minimizer) == 10_000


def test_rosenbrock_is_the_chain_that_is_written_down():
    x = [0.3, -1.2, 0.7, 2.0]
    plain = sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x))
    assert float(FORMULAS["rosenbrock"](torch.tensor(x, dtype=torch.float64))) == pytest.approx(plain)


def test_rosenbrock_has_one_more_minimum_in_ten_dimensions():
    x = torch.ones(10, dtype=torch.float64)
    x[0] = -1
    formula = FORMULAS["rosenbrock"]
    for _ in range(20):  # Newton's method
        spot = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(formula(spot), spot)
        bends = torch.autograd.functional.hessian(formula, x)
        x = x - torch.linalg.solve(bends, slope)
    assert float(formula(x)) == pytest.approx(3.98658, abs=1e-5)
    assert float(slope.abs().max()) < 1e-12
    assert float(torch.linalg.eigvalsh(bends)[0]) > 0.1
    assert x.round().tolist() == [-1, *[1] * 9]


@pytest.mark.parametrize(
    ("given", "told", "point"),
    [
        (None, "rosenbrock:dim=5", [-1.2, 1, -1.2, 1, -1.2]),
        (0.5, "rosenbrock:dim=5,start=0.5", [0.5] * 5),
        ((2.0, -1.5), "rosenbrock:dim=5,start=2/-1.5", [2, -1.5, 2, -1.5, 2]),
        ([1, 2, 3, 4, 5], "rosenbrock:dim=5,start=1/2/3/4/5", [1, 2, 3, 4, 5]),
        (
            torch.tensor([2.0, -1.5], dtype=torch.float64),
            "rosenbrock:dim=5,start=2/-1.5",
            [2, -1.5, 2, -1.5, 2],
        ),
    ],
    ids=["usual", "one", "pair", "all", "tensor"],
)
def test_a_start_is_told_by_one_number_a_pair_or_all(given, told, point):
    problem = get_problem("rosenbrock:dim=5", given)
    assert problem.name == told
    assert network_of(problem, 0).module.x.tolist() == point
    assert network_of(get_problem(problem.name), 0).module.x.tolist() == point


def test_a_random_start_is_drawn_from_the_view_by_the_seed():
    problem = get_problem("rosenbrock:dim=400,start=random")
    one, same, other = (network_of(problem, seed).module.x.detach() for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    (x0, x1), (y0, y1) = get("rosenbrock").view
    for some, low, high in ((one[::2], x0, x1), (one[1::2], y0, y1)):
        assert low <= float(some.min()) < low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) < float(some.max()) <= high


@pytest.mark.parametrize("dim", [3, 30])
@pytest.mark.parametrize("name", FORMULAS)
def test_the_usual_rates_lose_no_run(name, dim):
    problem = get_problem(f"{name}:dim={dim}")
    for spec in problem.specs:
        x = network_of(problem, 0).module.x
        first = float(FORMULAS[name](x.detach()))
        kind, _, rate = spec.partition(":lr=")
        optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop}[kind](
            [x], lr=float(rate)
        )
        for _ in range(50):
            optimizer.zero_grad()
            FORMULAS[name](x).backward()
            optimizer.step()
        assert math.isfinite(float(FORMULAS[name](x.detach())))
        assert float(FORMULAS[name](x.detach())) < 10 * abs(first) + 10


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("rosenbrock:dim=0", "dim of surface 'rosenbrock' must be a whole number from 2 to 10,000, not 0"),
        ("rosenbrock:dim=1", "not 1"),
        ("rosenbrock:dim=1e9", "not 1000000000.0"),
        ("rosenbrock:dim=10001", "not 10001"),
        ("rosenbrock:dim=ten", "not 'ten'"),
        ("rosenbrock:dim=3,a=2", "Allowed: dim, start, b"),
        ("rosenbrock:dim=3,b=0", "b of surface 'rosenbrock' must be a number from 0.001 to 1e+06, not 0"),
        ("sphere:dim=3,starts=1", "did you mean 'start'"),
        ("sphere:dim=3,start=1/2/3/4", "one number, two that are repeated, 3 numbers, or random"),
        ("sphere:dim=3,start=left", "not 'left'"),
        ("sphere:dim=3,start=1/nan", "one number"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(spec, words):
    assert is_problem(spec)
    with pytest.raises(DescentError) as error:
        get_problem(spec)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("spec", ["rosenbrock:dim=10", "memory", "rosenbrock:dim=0"])
def test_where_a_surface_of_two_parameters_is_needed_that_is_said(spec):
    with pytest.raises(DescentError, match=r"compare, record, sweep and show|whole number from 2"):
        get(spec)
