"""Options as a class's signature takes them: words for true and false, and no other type than is said."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import DescentError
from .options import as_bool, format_value
from .text import shown

if TYPE_CHECKING:
    from .options import Options, Value

Check = Callable[[Any], Any]  # a value -> the value as it is taken; raises ValueError for a wrong one


@dataclass(frozen=True, slots=True)
class Kind:
    """What an option takes."""

    takes: str  # in words: "true or false"
    example: Value  # a value that it takes
    read: Check


class Bound(NamedTuple):
    """Which numbers an option takes."""

    fits: Callable[[float], bool]
    words: str  # "of at least 1"
    example: float


def typed(
    parameters: Mapping[str, inspect.Parameter],
    owner: str,
    options: Options,
    bounds: Mapping[str, Bound] | None = None,
) -> Options:
    """Return options with the types that a signature says; what it does not say is taken as it is.

    Args:
        parameters: The parameters of the class's signature.
        owner: What sentences call the class: "adam".
        options: Names, as the signature spells them, and values.
        bounds: Which numbers some options take, where the signature does not say it.

    Raises:
        DescentError: A value of another type: the option, what it takes, and an example.

    >>> from torch.optim import SGD
    >>> typed(inspect.signature(SGD).parameters, "sgd", (("nesterov", "no"), ("momentum", 0)))
    (('nesterov', False), ('momentum', 0))
    """
    bounds = bounds or {}
    return tuple(
        (key, _read(parameters[key], owner, value, bounds.get(key)) if key in parameters else value)
        for key, value in options
    )


def _read(parameter: inspect.Parameter, owner: str, value: Value, bound: Bound | None) -> Value:
    kind = kind_of(parameter)
    if kind is None:
        return value
    try:
        read: Value = kind.read(value)
    except (ValueError, TypeError):
        raise _refusal(parameter.name, owner, kind.takes, kind.example, value) from None
    numbers = [
        each for each in (read if isinstance(read, tuple) else (read,)) if isinstance(each, int | float)
    ]
    if bound is not None and not all(bound.fits(each) for each in numbers):
        raise _refusal(parameter.name, owner, f"{kind.takes} {bound.words}", bound.example, value)
    return read


def _refusal(name: str, owner: str, takes: str, example: Value, value: Value) -> DescentError:
    return DescentError(
        f"option {name} of {owner} takes {takes}, as in {name}={format_value(example)}, "
        f"not {shown(format_value(value))}"
    )


def kind_of(parameter: inspect.Parameter) -> Kind | None:
    """Return what a parameter takes, by its annotation or else by its default; None where neither says.

    >>> kind_of(inspect.Parameter("eps", inspect.Parameter.KEYWORD_ONLY, default=1e-8)).takes
    'a number'
    """
    default = None if parameter.default is parameter.empty else parameter.default
    annotation = parameter.annotation
    said = "" if annotation is parameter.empty else _as_text(annotation)
    alias = re.fullmatch(r"[\w.]*", said) is not None  # somebody's own name for what the default shows
    return _by_annotation(said, default) or (_by_default(default) if alias else None)


def _as_text(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _by_annotation(said: str, default: Any) -> Kind | None:
    """Return the kind of an annotation made of what optimizers and schedules take; None for any other."""
    parts = _parts(said)
    found = _of_parts([part for part in parts if part not in ("None", "Tensor")], default)
    if found is None or "None" not in parts:
        return found
    read = found.read
    return Kind(f"{found.takes} or none", found.example, lambda value: None if value is None else read(value))


def _of_parts(parts: list[str], default: Any) -> Kind | None:
    if any(part.startswith("Callable") for part in parts):
        return Kind("a function as package.module:function", "math:exp", _function)
    if len(parts) == 1 and parts[0].startswith("Literal["):
        names = re.findall(r"['\"](\w+)['\"]", parts[0])
        return Kind(" or ".join(names), default or names[0], _one_of(names))
    if len(parts) == 1 and parts[0].startswith("tuple["):
        items = [_by_annotation(each, None) for each in _split(parts[0][6:-1], ",")]
        if not all(items) or "..." in parts[0]:
            return None
        return _tuple(items, default)  # type: ignore[arg-type]
    if parts == ["Iterable[int]"]:
        return Kind("whole numbers with / between them", (30, 80), _several(_whole))
    if parts == ["list[float]", "float"] or parts == ["float", "list[float]"]:
        return Kind("a number", default if isinstance(default, int | float) else 0.1, _number)
    if len(parts) != 1 or parts[0] not in ("bool", "int", "float"):
        return None
    kind = {"bool": (False, "true or false", _bool), "int": (10, "a whole number", _whole)}
    example, takes, read = kind.get(parts[0], (0.1, "a number", _number))
    return Kind(takes, example if default is None else default, read)


def _parts(said: str) -> list[str]:
    """Return the alternatives of an annotation, without the modules in front of their names.

    >>> _parts("float | torch.Tensor"), _parts("Optional[tuple[float, None]]")
    (['float', 'Tensor'], ['tuple[float, None]', 'None'])
    """
    said = re.sub(r"\b[\w.]+\.(?=\w)", "", said.strip())
    if said.startswith("Optional[") and said.endswith("]"):
        return [*_parts(said[9:-1]), "None"]
    if said.startswith("Union[") and said.endswith("]"):
        return [part for each in _split(said[6:-1], ",") for part in _parts(each)]
    said = re.sub(r"^(Tuple|List)\b", lambda found: found[0].lower(), said)
    return _split(said, "|")


def _split(text: str, mark: str) -> list[str]:
    """Split a text where a mark stands outside of all brackets."""
    parts, depth = [""], 0
    for each in text:
        depth += (each == "[") - (each == "]")
        if each == mark and not depth:
            parts.append("")
        else:
            parts[-1] += each
    return [part.strip() for part in parts if part.strip()]


def _by_default(default: Any) -> Kind | None:
    if isinstance(default, bool):
        return Kind("true or false", default, _bool)
    if isinstance(default, int | float):
        return Kind("a number", default, _number)
    if isinstance(default, tuple) and default and all(isinstance(each, int | float) for each in default):
        return _tuple([Kind("a number", each, _number) for each in default], default)
    return None


def _tuple(items: list[Kind], default: Any) -> Kind:
    example: Any = default if isinstance(default, tuple) else tuple(each.example for each in items)
    same = len({each.takes for each in items}) == 1
    words = {2: "two", 3: "three", 4: "four"}.get(len(items), str(len(items)))
    numbers = f"{words} numbers" if same and items[0].takes == "a number" else ""
    takes = numbers or ", ".join(each.takes for each in items)

    def read(value: Any) -> Any:
        if not isinstance(value, tuple) or len(value) != len(items):
            raise ValueError
        return tuple(each.read(one) for each, one in zip(items, value, strict=True))

    return Kind(f"{takes} with / between them", example, read)


def _bool(value: Any) -> bool:
    found = as_bool(value)
    if found is None:
        raise ValueError
    return found


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError
    if not abs(value) < 2**63 or int(value) != value:
        raise ValueError
    return int(value)


def _function(value: Any) -> Any:
    if not callable(value) and not (isinstance(value, str) and re.fullmatch(r"[\w.]+:[\w.]+", value)):
        raise ValueError
    return value


def _one_of(names: list[str]) -> Check:
    def read(value: Any) -> Any:
        if value not in names:
            raise ValueError
        return value

    return read


def _several(one: Check) -> Check:
    return lambda value: tuple(map(one, value)) if isinstance(value, tuple) and value else one(value)
