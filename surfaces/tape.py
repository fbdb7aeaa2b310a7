"""A surface's function as a list of operations on numbers, so that a page can evaluate it without torch.

Nothing is written by hand: torch itself says which operations the function makes. What is more than
arithmetic on single numbers, such as sums over vectors or functions that a page has not, gives no tape;
and one is only used where its gradients were compared with those that torch computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .surface import Surface

    Array = NDArray[np.float64]

LONGEST = 2000  # operations; a page makes them at every step it explains

# torch's name of an operation, without overload -> the tape's, and how many arguments count.
_NAMES: dict[str, tuple[str, int]] = {
    **{name: (name, 2) for name in ("add", "sub", "mul", "div", "pow", "minimum", "maximum", "atan2")},
    **{name: (name, 1) for name in ("neg", "abs", "sqrt", "rsqrt", "reciprocal", "exp", "log", "sin", "cos")},
    **{name: (name, 1) for name in ("tan", "sinh", "cosh", "tanh", "atan", "sigmoid", "log1p", "expm1")},
    **{name: (name, 1) for name in ("sign", "floor")},
    **{name: (name, 2) for name in ("lt", "le", "gt", "ge")},
    "where": ("where", 3),
    "square": ("square", 1),
}
_SAME = frozenset({"detach", "alias", "lift_fresh", "clone", "_to_copy"})  # what changes no number


@dataclass(frozen=True, slots=True)
class Tape:
    """Operations in order: registers 0 and 1 are x and y, and each operation fills the next one.

    An argument is the number of a register, or below zero that of a constant: -1 the first, -2 the second.
    The last register is the loss.
    """

    operations: tuple[tuple[str, tuple[int, ...]], ...]
    constants: tuple[float, ...]

    def evaluate(self, x: Array, y: Array) -> tuple[Array, Array, Array]:
        """Return the loss and its gradient along x and along y, each of the shape of x and y.

        >>> from .analytic.resolve import get
        >>> [float(each) for each in record(get("sphere")).evaluate(np.array(3.0), np.array(-1.0))]
        [10.0, 6.0, -2.0]
        """
        zero, one = np.zeros_like(x), np.ones_like(x)
        registers = [(x, one, zero), (y, zero, one)]
        with np.errstate(all="ignore"):
            for name, arguments in self.operations:
                known = [
                    registers[k] if k >= 0 else (zero + self.constants[-1 - k], zero, zero) for k in arguments
                ]
                registers.append(_apply(name, known, [k < 0 for k in arguments]))
        return registers[-1]


def record(surface: Surface) -> Tape | None:
    """Return the operations of a surface of two parameters; None where they are more than arithmetic."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    registers: dict[int, int] = {}
    alive: list[Any] = []  # so that no tensor's id is given to another
    operations: list[tuple[str, tuple[int, ...]]] = []
    constants: dict[float, int] = {}
    shape = (3,)  # several points, so that nobody's `if` can ask for the value of one

    def constant(value: float) -> int:
        return constants.setdefault(float(value), -1 - len(constants))

    def place(value: Any) -> int:
        if isinstance(value, torch.Tensor):
            if id(value) in registers:
                return registers[id(value)]
            if value.numel() != 1 and not bool((value == value.flatten()[0]).all()):
                raise _NotArithmeticError
            return constant(value.flatten()[0].item())
        if isinstance(value, bool | int | float):
            return constant(value)
        raise _NotArithmeticError

    class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            found = func(*args, **(kwargs or {}))
            name = func.overloadpacket.__name__
            seen = [each for each in args if isinstance(each, torch.Tensor) and id(each) in registers]
            if not seen:
                return found  # of constants alone: its value is what counts
            if not isinstance(found, torch.Tensor) or found.shape != shape:
                raise _NotArithmeticError
            if name in _SAME:
                registers[id(found)] = registers[id(seen[0])]
            else:
                arguments = list(args)
                if name == "rsub":
                    name, arguments = "sub", [arguments[1], arguments[0], *arguments[2:]]
                extra = dict(kwargs or {})
                if name in ("add", "sub") and extra.pop("alpha", 1) != 1:
                    raise _NotArithmeticError
                if name not in _NAMES or extra or len(arguments) != _NAMES[name][1]:
                    raise _NotArithmeticError
                operations.append((_NAMES[name][0], tuple(map(place, arguments))))
                registers[id(found)] = len(operations) + 1
            alive.append(found)
            return found

    x = torch.tensor([0.3, -0.7, 1.1], dtype=torch.float64) * (surface.view[0][1] - surface.view[0][0])
    y = torch.tensor([-0.4, 0.9, 0.2], dtype=torch.float64) * (surface.view[1][1] - surface.view[1][0])
    registers |= {id(x): 0, id(y): 1}
    try:
        with torch.no_grad(), Recorder():  # type: ignore[no-untyped-call]
            loss = surface.function(x, y)
    except Exception:  # a function of anybody's: what it cannot do here it need not do
        return None
    last = registers.get(id(loss), -1)
    if not 0 < len(operations) <= LONGEST or last < 2:
        return None
    return Tape(tuple(operations[: last - 1]), tuple(constants))


class _NotArithmeticError(Exception):
    """The function does something that a tape has no word for."""


def _apply(
    name: str, known: list[tuple[Array, Array, Array]], fixed: list[bool]
) -> tuple[Array, Array, Array]:
    """Return value and slopes of one operation on values with slopes."""
    values = [value for value, _, _ in known]
    value = np.asarray(_VALUES[name](*values), dtype=np.float64)
    if name == "where":
        chosen = [np.where(values[0] != 0, one, other) for one, other in zip(known[1], known[2], strict=True)]
        return chosen[0], chosen[1], chosen[2]
    partial = _SLOPES[name](value, *values) if name in _SLOPES else (np.zeros_like(value),) * len(values)
    x, y = np.zeros_like(value), np.zeros_like(value)
    for slope, (_, dx, dy), still in zip(partial, known, fixed, strict=True):
        if not still:  # the slope along a constant may be NaN, as that of a power is
            x, y = x + slope * dx, y + slope * dy
    return value, x, y


_VALUES: dict[str, Any] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "pow": np.power,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "atan2": np.arctan2,
    "neg": np.negative,
    "abs": np.abs,
    "sqrt": np.sqrt,
    "rsqrt": lambda a: 1 / np.sqrt(a),
    "reciprocal": lambda a: 1 / a,
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "atan": np.arctan,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sign": np.sign,
    "floor": np.floor,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "where": lambda c, a, b: np.where(c != 0, a, b),
    "square": np.square,
}
# The slope along each argument, from the value and the arguments; an operation that is not here is flat.
_SLOPES: dict[str, Any] = {
    "add": lambda v, a, b: (1.0, 1.0),
    "sub": lambda v, a, b: (1.0, -1.0),
    "mul": lambda v, a, b: (b, a),
    "div": lambda v, a, b: (1 / b, -v / b),
    "pow": lambda v, a, b: (np.where(b == 0, 0.0, b * np.power(a, b - 1)), v * np.log(a)),
    "minimum": lambda v, a, b: ((a < b) + 0.5 * (a == b), (b < a) + 0.5 * (a == b)),
    "maximum": lambda v, a, b: ((a > b) + 0.5 * (a == b), (b > a) + 0.5 * (a == b)),
    "atan2": lambda v, a, b: (b / (a * a + b * b), -a / (a * a + b * b)),
    "neg": lambda v, a: (-1.0,),
    "abs": lambda v, a: (np.sign(a),),
    "sqrt": lambda v, a: (0.5 / v,),
    "rsqrt": lambda v, a: (-0.5 * v * v * v,),
    "reciprocal": lambda v, a: (-v * v,),
    "exp": lambda v, a: (v,),
    "log": lambda v, a: (1 / a,),
    "sin": lambda v, a: (np.cos(a),),
    "cos": lambda v, a: (-np.sin(a),),
    "tan": lambda v, a: (1 + v * v,),
    "sinh": lambda v, a: (np.cosh(a),),
    "cosh": lambda v, a: (np.sinh(a),),
    "tanh": lambda v, a: (1 - v * v,),
    "atan": lambda v, a: (1 / (1 + a * a),),
    "sigmoid": lambda v, a: (v * (1 - v),),
    "log1p": lambda v, a: (1 / (1 + a),),
    "expm1": lambda v, a: (v + 1,),
    "square": lambda v, a: (2 * a,),
}
