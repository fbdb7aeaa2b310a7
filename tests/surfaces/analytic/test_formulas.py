"""The formulas of the analytic surfaces, written down a second time as text and compared everywhere."""

from __future__ import annotations

import pytest
import torch

from descent.surfaces import get, names

FOXHOLES = (-32, -16, 0, 16, 32)
LANGERMANN = ((1, 3, 5), (2, 5, 2), (5, 2, 1), (2, 1, 4), (3, 7, 9))

# A list holds the terms of a sum that is too long for one formula.
FORMULAS: dict[str, str | list[str]] = {
    "sphere": "x**2 + y**2",
    "quadratic": "0.5*(x**2 + 10*y**2)",
    "abs": "abs(x) + abs(y)",
    "booth": "(x + 2*y - 7)**2 + (2*x + y - 5)**2",
    "matyas": "0.26*(x**2 + y**2) - 0.48*x*y",
    "trid": "(x - 1)**2 + (y - 1)**2 - x*y",
    "zakharov": "x**2 + y**2 + (0.5*x + y)**2 + (0.5*x + y)**4",
    "rosenbrock": "(1 - x)**2 + 100*(y - x**2)**2",
    "leon": "100*(y - x**3)**2 + (1 - x)**2",
    "beale": "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
    "dixon_price": "(x - 1)**2 + 2*(2*y**2 - x)**2",
    "dekkers_aarts": "1e5*x**2 + y**2 - (x**2 + y**2)**2 + 1e-5*(x**2 + y**2)**4",
    "bukin_n6": "100*sqrt(abs(y - 0.01*x**2)) + 0.01*abs(x + 10)",
    "saddle": "x**2 - y**2",
    "monkey_saddle": "x**3 - 3*x*y**2",
    "himmelblau": "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
    "goldstein_price": "(1 + (x + y + 1)**2*(19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2))"
    "*(30 + (2*x - 3*y)**2*(18 - 32*x + 12*x**2 + 48*y - 36*x*y + 27*y**2))",
    "branin": "(y - 5.1*x**2/(4*pi**2) + 5*x/pi - 6)**2 + 10*(1 - 1/(8*pi))*cos(x) + 10",
    "six_hump_camel": "(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (-4 + 4*y**2)*y**2",
    "three_hump_camel": "2*x**2 - 1.05*x**4 + x**6/6 + x*y + y**2",
    "mccormick": "sin(x + y) + (x - y)**2 - 1.5*x + 2.5*y + 1",
    "styblinski_tang": "(x**4 - 16*x**2 + 5*x)/2 + (y**4 - 16*y**2 + 5*y)/2",
    "bird": "sin(x)*exp((1 - cos(y))**2) + cos(y)*exp((1 - sin(x))**2) + (x - y)**2",
    "adjiman": "cos(x)*sin(y) - x/(y**2 + 1)",
    "ackley": "-20*exp(-0.2*sqrt((x**2 + y**2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2) + e + 20",
    "rastrigin": "20 + x**2 - 10*cos(2*pi*x) + y**2 - 10*cos(2*pi*y)",
    "griewank": "(x**2 + y**2)/4000 - cos(x)*cos(y/sqrt(2)) + 1",
    "levy": "sin(pi*(3 + x)/4)**2 + ((x - 1)/4)**2*(1 + 10*sin(pi*(3 + x)/4 + 1)**2)"
    " + ((y - 1)/4)**2*(1 + sin(pi*(3 + y)/2)**2)",
    "levy_n13": "sin(3*pi*x)**2 + (x - 1)**2*(1 + sin(3*pi*y)**2) + (y - 1)**2*(1 + sin(2*pi*y)**2)",
    "bohachevsky_1": "x**2 + 2*y**2 - 0.3*cos(3*pi*x) - 0.4*cos(4*pi*y) + 0.7",
    "egg_crate": "x**2 + y**2 + 25*(sin(x)**2 + sin(y)**2)",
    "drop_wave": "-(1 + cos(12*sqrt(x**2 + y**2)))/(0.5*(x**2 + y**2) + 2)",
    "schaffer_n2": "0.5 + (sin(x**2 - y**2)**2 - 0.5)/(1 + 0.001*(x**2 + y**2))**2",
    "schaffer_n4": "0.5 + (cos(sin(abs(x**2 - y**2)))**2 - 0.5)/(1 + 0.001*(x**2 + y**2))**2",
    "shubert": "(" + " + ".join(f"{i}*cos({i + 1}*x + {i})" for i in range(1, 6)) + ")"
    "*(" + " + ".join(f"{i}*cos({i + 1}*y + {i})" for i in range(1, 6)) + ")",
    "schwefel": "837.9657745448675 - x*sin(sqrt(abs(x))) - y*sin(sqrt(abs(y)))",
    "eggholder": "-(y + 47)*sin(sqrt(abs(x/2 + y + 47))) - x*sin(sqrt(abs(x - (y + 47))))",
    "holder_table": "-abs(sin(x)*cos(y)*exp(abs(1 - sqrt(x**2 + y**2)/pi)))",
    "cross_in_tray": "-1e-4*(abs(sin(x)*sin(y)*exp(abs(100 - sqrt(x**2 + y**2)/pi))) + 1)**0.1",
    "langermann": [
        f"{c}*exp(-((x - {a})**2 + (y - {b})**2)/pi)*cos(pi*((x - {a})**2 + (y - {b})**2))"
        for c, a, b in LANGERMANN
    ],
    "keane": "-sin(x - y)**2*sin(x + y)**2/sqrt(x**2 + y**2)",
    "easom": "-cos(x)*cos(y)*exp(-(x - pi)**2 - (y - pi)**2)",
    "michalewicz": "-sin(x)*sin(x**2/pi)**20 - sin(y)*sin(2*y**2/pi)**20",
    "de_jong_5": [
        f"1/({5 * row + column + 1} + (x - {a})**6 + (y - {b})**6)"
        for row, b in enumerate(FOXHOLES)
        for column, a in enumerate(FOXHOLES)
    ],
    "gramacy_lee": "x*exp(-x**2 - y**2)",
    "parabola": "0.5*x**2",
    "double_well": "(x - 1)**2*(x + 1)**2 + 0.3*x",
    "abs1d": "max(x, -x)",
}


def at(formula: str, points: torch.Tensor) -> torch.Tensor:
    """The formula's values at points (n, 2); one without y is a surface of one parameter."""
    surface = get(f"expr:{formula}")
    return surface(points[:, : surface.parameters])


def test_every_surface_is_written_down() -> None:
    assert set(FORMULAS) == set(names())


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("where", ["domain", "view"])
def test_the_loss_is_that_of_the_formula(name: str, where: str) -> None:
    surface, formula = get(name), FORMULAS[name]
    generator = torch.Generator().manual_seed(3)
    box = torch.tensor(getattr(surface, where), dtype=torch.float64)
    share = torch.rand((1000, 2), dtype=torch.float64, generator=generator)
    points = box[:, 0] + share * (box[:, 1] - box[:, 0])
    terms = [formula] if isinstance(formula, str) else formula
    wanted = sum(at(term, points) for term in terms)
    if name == "de_jong_5":
        wanted = 1 / (0.002 + wanted)
    loss = surface(points[:, : surface.parameters])
    torch.testing.assert_close(loss, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("target", "formula"),
    [
        ("rosenbrock:a=2,b=7", "(2 - x)**2 + 7*(y - x**2)**2"),
        ("parabola:curvature=6", "3*x**2"),
        ("double_well:tilt=-1", "(1 - x**2)**2 - x"),
        ("quadratic:condition=4,angle=90", "0.5*(y**2 + 4*x**2)"),
        ("quadratic:condition=3,angle=45", "0.25*((x + y)**2 + 3*(y - x)**2)"),
    ],
)
def test_options_enter_the_formula_where_they_should(target: str, formula: str) -> None:
    points = torch.rand((100, 2), dtype=torch.float64, generator=torch.Generator().manual_seed(3)) * 6 - 3
    loss = get(target)(points[:, : get(target).parameters])
    torch.testing.assert_close(loss, at(formula, points), rtol=1e-9, atol=1e-9)
