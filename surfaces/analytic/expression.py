"""Formulas in x and y, read into torch operations from a short list; nothing is ever executed."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import DescentError, closest

if TYPE_CHECKING:
    from torch import Tensor

# A part of a formula is a number, or a function of the tensors x and y. Numbers stay Python floats, so that
# torch sees x ** 2.0 rather than a tensor of twos; they are combined by torch, which overflows to infinity
# where Python would raise.
Function = Callable[["Tensor", "Tensor"], Any]
Part = float | Function

MAX_LENGTH = 4000
MAX_DEPTH = 100
CONSTANTS = {"pi": math.pi, "e": math.e}
VARIABLES = ("x", "y")
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
# What a formula calls it -> what torch calls it.
OF_ONE = {
    **{name: name for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")},
    **{name: name for name in ("asinh", "acosh", "atanh", "exp", "log", "log2", "log10", "log1p", "expm1")},
    **{name: name for name in ("sqrt", "abs", "sign", "floor", "ceil", "erf", "sigmoid", "relu")},
}
OF_TWO = {"min": "minimum", "max": "maximum", "atan2": "atan2", "hypot": "hypot"}
ALLOWED = (
    f"numbers, {', '.join((*VARIABLES, *CONSTANTS))}, + - * / ** and parentheses, "
    f"and the functions {', '.join((*OF_ONE, *OF_TWO))}"
)
_HINTS: dict[type[ast.AST], str] = {
    ast.BitXor: "write ** for a power",
    ast.Mod: "write x - a*floor(x/a) for the remainder",
    ast.FloorDiv: "write floor(a/b)",
    ast.Compare: "comparisons are not losses; min(), max(), abs() and sign() make kinks and steps",
    ast.IfExp: "min(), max(), abs() and sign() make kinks and steps",
    ast.Attribute: "write functions by their plain name, sin(x)",
}


def parse_expression(text: str) -> Callable[[Tensor, Tensor], Tensor]:
    """Turn a formula in x and y into a function of two tensors of the same shape.

    Raises:
        DescentError: The formula is empty, too long, too deeply nested, or uses what is not allowed.

    >>> import torch
    >>> parse_expression("(1 - x)**2 + 2*abs(y)")(torch.tensor(3.0), torch.tensor(-1.0))
    tensor(6.)
    """
    text = text.strip()
    part = _convert(_parse(text), text)
    return part if not isinstance(part, float) else lambda x, y: 0.0 * x + part


def variables_of(text: str) -> tuple[str, ...]:
    """Return which of x and y a formula names, in that order.

    Raises:
        DescentError: The formula is empty, too long, too deeply nested, or no formula.

    >>> variables_of("(x - 5)**2"), variables_of("y**2 + x"), variables_of("1")
    (('x',), ('x', 'y'), ())
    """
    names = {node.id for node in ast.walk(_parse(text.strip())) if isinstance(node, ast.Name)}
    return tuple(name for name in VARIABLES if name in names)


def _parse(text: str) -> ast.expr:
    if not text:
        raise DescentError(f"the formula is empty; allowed: {ALLOWED}")
    if len(text) > MAX_LENGTH:
        raise DescentError(f"the formula has {len(text)} characters; at most {MAX_LENGTH} are allowed")
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise DescentError(_syntax_sentence(text, error)) from None
    except (ValueError, RecursionError, MemoryError):
        raise DescentError(f"{_shown(text)} is not a formula; allowed: {ALLOWED}") from None
    level, depth = [tree], 0
    while level:
        depth += 1
        level = [
            child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)
        ]
        if depth > MAX_DEPTH:
            raise DescentError(
                f"the formula {_shown(text)} is nested more than {MAX_DEPTH} levels deep "
                "(each term of a long sum is one level); use parentheses to split it, or a Python function"
            )
    return tree


def _syntax_sentence(text: str, error: SyntaxError) -> str:
    near = text[max((error.offset or 1) - 1, 0) :] if "\n" not in text else text
    place = f"at {_shown(near)}" if near.strip() else "at its end"
    missing = " (a product needs its *, as in 2*x)" if _lacks_star(text) else ""
    return f"the formula {_shown(text)} cannot be read {place}{missing}; allowed: {ALLOWED}"


def _lacks_star(text: str) -> bool:
    pairs = zip(text.replace(" ", ""), text.replace(" ", "")[1:], strict=False)
    return any((a.isdigit() or a == ")") and (b.isalpha() or b == "(") for a, b in pairs)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _convert(node: ast.expr, text: str) -> Part:
    if isinstance(node, ast.Constant):
        return _number(node, text)
    if isinstance(node, ast.Name):
        return _named(node, text)
    if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
        return _apply(OPERATORS[type(node.op)], _convert(node.operand, text))
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        left, right = _convert(node.left, text), _convert(node.right, text)
        return _apply(OPERATORS[type(node.op)], left, right)
    if isinstance(node, ast.Call):
        return _called(node, text)
    odd = node.op if isinstance(node, ast.BinOp) else node
    hint = f"; {_HINTS[type(odd)]}" if type(odd) in _HINTS else ""
    raise _refusal(node, text, f"is not allowed{hint}")


def _refusal(node: ast.expr, text: str, why: str) -> DescentError:
    segment = ast.get_source_segment(text, node) or text
    place = "" if segment == text else f"{_shown(segment)} in "
    return DescentError(f"{place}the formula {_shown(text)} {why}. Allowed: {ALLOWED}.")


def _number(node: ast.Constant, text: str) -> float:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise _refusal(node, text, "must be a real number")
    try:
        return float(node.value)
    except OverflowError:
        return math.inf


def _named(node: ast.Name, text: str) -> Part:
    if node.id in CONSTANTS:
        return CONSTANTS[node.id]
    if node.id == "x":
        return lambda x, y: x
    if node.id == "y":
        return lambda x, y: y
    if node.id in OF_ONE or node.id in OF_TWO:
        raise _refusal(node, text, f"is a function; write {node.id}(...)")
    raise _refusal(node, text, f"is not known{_near(node.id, (*VARIABLES, *CONSTANTS, *OF_ONE, *OF_TWO))}")


def _near(given: str, allowed: tuple[str, ...]) -> str:
    near = closest(given, allowed)
    return f" (did you mean {near!r}?)" if near else ""


def _called(node: ast.Call, text: str) -> Part:
    import torch

    if isinstance(node.func, ast.Constant):
        raise _refusal(node, text, "calls a number; write * for a product")
    if not isinstance(node.func, ast.Name):
        raise _refusal(node, text, "is not a function call by name")
    name = node.func.id
    if name in VARIABLES or name in CONSTANTS:
        raise _refusal(node, text, f"calls {name!r}, which is no function; write * for a product")
    if name not in OF_ONE and name not in OF_TWO:
        raise _refusal(node.func, text, f"is not a known function{_near(name, (*OF_ONE, *OF_TWO))}")
    wanted = 1 if name in OF_ONE else 2
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise _refusal(
            node, text, f"must be written with plain arguments, as {name}(x{', y' * (wanted - 1)})"
        )
    if len(node.args) != wanted:
        raise _refusal(node, text, f"needs {wanted} argument{'s' * (wanted - 1)}, not {len(node.args)}")
    function = getattr(torch, {**OF_ONE, **OF_TWO}[name])
    return _apply(function, *(_convert(argument, text) for argument in node.args), tensors=True)


def _apply(operation: Callable[..., Any], *parts: Part, tensors: bool = False) -> Part:
    """Combine parts by an operation; ``tensors`` says that it takes tensors only, not floats."""
    import torch

    if all(isinstance(part, float) for part in parts):
        return float(operation(*(torch.tensor(part, dtype=torch.float64) for part in parts)))
    functions = [_as_function(part, tensors) for part in parts]
    return lambda x, y: operation(*(function(x, y) for function in functions))


def _as_function(part: Part, tensors: bool) -> Function:
    if not isinstance(part, float):
        return part
    return (lambda x, y: x.new_tensor(part)) if tensors else (lambda x, y: part)
