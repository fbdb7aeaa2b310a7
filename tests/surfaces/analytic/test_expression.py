"""Formulas: they mean what Python means by them, and nothing else gets through."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent.surfaces.analytic.expression import MAX_DEPTH, MAX_LENGTH, OF_ONE, OF_TWO, parse_expression
from descent.surfaces.errors import DescentError

X = torch.tensor([0.5, -1.25, 2.0], dtype=torch.float64)
Y = torch.tensor([1.5, 0.75, -0.5], dtype=torch.float64)

# What Python's own evaluation of the same text may use, to compare with.
NUMPY = {
    "pi": math.pi,
    "e": math.e,
    "min": np.minimum,
    "max": np.maximum,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "atan2": np.arctan2,
    "erf": np.vectorize(math.erf),
    "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
    "relu": lambda v: np.maximum(v, 0),
    **{
        name: getattr(np, name)
        for name in (
            *("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "log2", "log10", "log1p", "expm1"),
            *("sqrt", "abs", "sign", "floor", "ceil", "hypot"),
        )
    },
}


def by_numpy(text: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return eval(text, {"__builtins__": {}}, {**NUMPY, "x": x, "y": y}) * np.ones_like(x)


def check_same(text: str, x: torch.Tensor = X, y: torch.Tensor = Y) -> None:
    found = parse_expression(text)(x, y)
    np.testing.assert_allclose(found.numpy(), by_numpy(text, x.numpy(), y.numpy()), rtol=1e-9, atol=1e-9)


# Meaning


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "(1 - x)**2 + 100*(y - x**2)**2",
        "-x**2",
        "2**-x",
        "2**x**2/10",
        "+x - -y",
        "x/y/2",
        "x - y - 1",
        "1_000*x + 1e-3*y + .5 + 0x10",
        "pi*x + e*y",
        "x\t*\ty",
        "(x +\n y)",
        "x # a comment",
        "min(x, 0) + max(0.5, y)",
        "max(x, y) * hypot(x, y) + atan2(y, x)",
        "exp(-(x**2 + y**2))*sin(3*x)",
        "sin(2)*x + cos(pi)",
    ],
)
def test_a_formula_means_what_python_means(text: str) -> None:
    check_same(text)


@pytest.mark.parametrize("name", OF_ONE)
def test_every_function_of_one_argument_agrees_with_numpy(name: str) -> None:
    inside = {"acosh": "1 + x**2", "atanh": "x/4", "asin": "x/4", "acos": "x/4"}
    text = f"{name}({inside.get(name, 'abs(x) + 0.1')}) + {name}(1) * y" if name != "atanh" else "atanh(x/4)"
    check_same(text)


@pytest.mark.parametrize("name", OF_TWO)
def test_every_function_of_two_arguments_agrees_with_numpy(name: str) -> None:
    check_same(f"{name}(x, y) + {name}(2, y) + {name}(x, -1) + {name}(3, 4)")


NUMBERS = st.integers(0, 9).map(str) | st.floats(0.1, 9, allow_nan=False).map(repr)
LEAVES = NUMBERS | st.sampled_from(["x", "y", "pi", "e"])


def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*"]), inner)
        | st.builds("({} / (1.5 + abs({})))".format, inner, inner)
        | st.builds("{}({})".format, st.sampled_from(["-", "+"]), inner)
        | st.builds("({})**{}".format, inner, st.sampled_from(["2", "3", "0"]))
        | st.builds("{}({})".format, st.sampled_from(["sin", "cos", "tanh", "atan", "abs", "sigmoid"]), inner)
        | st.builds("{}({}, {})".format, st.sampled_from(["min", "max", "hypot"]), inner, inner)
        | st.builds("sqrt(1 + ({})**2)".format, inner)
    )


EXPRESSIONS = st.recursive(LEAVES, deeper, max_leaves=8).filter(lambda text: len(text) <= MAX_LENGTH)
COORDINATES = st.floats(-3, 3, allow_nan=False, width=32)


@settings(max_examples=200, deadline=None)
@given(text=EXPRESSIONS, x=COORDINATES, y=COORDINATES)
def test_random_formulas_agree_with_numpy(text: str, x: float, y: float) -> None:
    points = (torch.tensor([value], dtype=torch.float64) for value in (x, y))
    found = parse_expression(text)(*points).numpy()
    wanted = by_numpy(text, np.array([x]), np.array([y]))
    # Sums of large terms that cancel leave the rounding of the terms.
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)], ids=str)
@pytest.mark.parametrize("text", ["x**2 + y", "x", "3", "pi/2", "max(x, 1)", "min(2, 3)", "sin(1)"])
def test_shape_dtype_and_gradient_survive(text: str, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    points = torch.rand((*shape, 2), dtype=dtype, requires_grad=True)
    loss = parse_expression(text)(points[..., 0], points[..., 1])
    assert loss.shape == shape
    assert loss.dtype == dtype
    (gradient,) = torch.autograd.grad(loss.sum(), points)
    assert gradient.isfinite().all()


def test_the_gradient_is_that_of_the_formula() -> None:
    x, y = (value.clone().requires_grad_(True) for value in (X, Y))
    parse_expression("x**3 + 2*x*y + sqrt(2)*y")(x, y).sum().backward()
    torch.testing.assert_close(x.grad, 3 * X**2 + 2 * Y)
    torch.testing.assert_close(y.grad, 2 * X + 2**0.5)


# Numbers without end


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9**9**9**9", math.inf),
        ("1e999", math.inf),
        ("9" * 900, math.inf),
        ("-exp(1000)", -math.inf),
        ("1/0", math.inf),
        ("log(0)", -math.inf),
        ("0/0", math.nan),
        ("(-1)**0.5", math.nan),
        ("2**1023*2**-1023", 1.0),
    ],
    ids=lambda value: str(value)[:20],
)
def test_numbers_overflow_quickly_and_without_an_exception(text: str, value: float) -> None:
    begun = time.perf_counter()
    found = parse_expression(text)(X, Y)
    assert time.perf_counter() - begun < 1
    assert found.tolist() == pytest.approx([value] * 3, nan_ok=True)


# What is refused

HOSTILE = {
    "nothing": "",
    "blank": "  ",
    "attribute": "x.grad",
    "attribute of a number": "(1).__class__",
    "import": "__import__('os').system('true')",
    "import without quotes": "__import__(os)",
    "builtin": "print(x)",
    "eval": "eval(x)",
    "lambda": "lambda: 1",
    "called lambda": "(lambda: x)()",
    "list comprehension": "[x for x in y]",
    "generator": "sum(x for x in y)",
    "subscript": "x[0]",
    "slice": "x[1:2]",
    "string": "'x'",
    "bytes": "b'x'",
    "f-string": "f'{x}'",
    "joined strings": "'a' 'b'",
    "walrus": "(x := 3)",
    "keyword argument": "sin(x=1)",
    "double star argument": "sin(**x)",
    "star argument": "sin(*x)",
    "starred": "*x",
    "and": "x and y",
    "or": "x or y",
    "not": "not x",
    "comparison": "x < y",
    "chained comparison": "0 < x < 1",
    "is": "x is y",
    "conditional": "x if y else 1",
    "tuple": "x, y",
    "set": "{x}",
    "dictionary": "{x: y}",
    "unpacked dictionary": "{**x}",
    "complex": "1j*x",
    "true": "True",
    "none": "None",
    "ellipsis": "...",
    "bit xor": "x ^ 2",
    "bit or": "x | y",
    "shift": "1 << 9**9",
    "invert": "~x",
    "matmul": "x @ y",
    "modulo": "x % 2",
    "floor division": "x // 2",
    "await": "await x",
    "yield": "(yield)",
    "assignment": "x = 1",
    "two statements": "x; y",
    "two lines": "x\ny",
    "statement": "import os",
    "unknown name": "z + 1",
    "unknown function": "foo(x)",
    "function alone": "sin",
    "function as a value": "sin + 1",
    "too few arguments": "min(x)",
    "too many arguments": "sin(x, y)",
    "no arguments": "cos()",
    "called variable": "x(y)",
    "called number": "2(x)",
    "called call": "sin(x)(y)",
    "missing star": "2x",
    "open parenthesis": "(x",
    "closed parenthesis": "x)",
    "null byte": "x\0",
    "null byte inside": "x+\0y",
    "lone surrogate": "x+\ud800",
    "not a letter": "x + €",
    "10k long": "x" + "+x" * 5000,
    "10k parentheses": "(" * 10_000 + "x" + ")" * 10_000,
    "many parentheses": "(" * 300 + "x" + ")" * 300,
    "many signs": "-" * 900 + "x",
    "many nots": "not " * 200 + "x",
    "tower of powers": "x**" * 300 + "x",
    "long sum": "+".join("x" * 400),
    "many calls": "sin(" * 190 + "x" + ")" * 190,
    "many brackets": "[" * 190 + "]" * 190,
    "many lambdas": "lambda:" * 140 + "x",
    "many attributes": "x" + ".x" * 450,
    "huge integer": "9" * 5000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_everything_else_is_refused_in_one_sentence_and_at_once(text: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(DescentError) as caught:
        parse_expression(text)
    assert time.perf_counter() - begun < 1
    assert 20 < len(str(caught.value)) < 700
    assert "\0" not in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text("xy()+-*/.,'[]{}:=0123456789 episnlambdfor\\\n_", max_size=40))
def test_any_text_gives_a_function_or_a_descent_error(text: str) -> None:
    try:
        function = parse_expression(text)
    except DescentError:
        return
    assert function(X, Y).shape == X.shape


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x^2", ["'x^2'", "write **"]),
        ("1 + sni(x)", ["'sni'", "'sin'"]),
        ("x + hypto(x, y)", ["'hypto'", "'hypot'"]),
        ("x + p", ["'p'", "'pi'"]),
        ("1 + x.grad", ["'x.grad'", "not allowed"]),
        ("2*x + 3y", ["'3y'", "2*x"]),
        ("3(x + 1)", ["calls a number", "*"]),
        ("y*x(y)", ["'x(y)'", "*"]),
        ("1 + sin(x, y)", ["'sin(x, y)'", "needs 1 argument, not 2"]),
        ("min(x)", ["needs 2 arguments, not 1"]),
        ("x + 'a'", ["\"'a'\"", "real number"]),
        ("x % 2", ["floor"]),
        ("z", ["numbers, x, y, pi, e", "sin, cos"]),
        ("x*" * 2000 + "x", ["4001", str(MAX_LENGTH)]),
        ("+".join("x" * 200), [str(MAX_DEPTH)]),
        ("(x", ["cannot be read", "'(x'"]),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_the_refusal_names_the_part_and_what_is_allowed(text: str, parts: list[str]) -> None:
    with pytest.raises(DescentError) as caught:
        parse_expression(text)
    for part in parts:
        assert part in str(caught.value)


def test_the_deepest_and_longest_formulas_allowed_work() -> None:
    assert parse_expression("+".join("x" * MAX_DEPTH))(X, Y).tolist() == pytest.approx(
        (MAX_DEPTH * X).tolist()
    )
    wide = "(" + "+".join(["x*y"] * 60) + ")"
    longest = "+".join([wide] * 4)
    assert len(longest) <= MAX_LENGTH
    assert parse_expression(longest)(X, Y).tolist() == pytest.approx((240 * X * Y).tolist())
