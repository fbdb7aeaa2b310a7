"""Options as signatures take them: words for true and false, and sentences for every other type."""

import inspect
from typing import Optional, Union

import pytest

from descent.surfaces.errors import DescentError
from descent.surfaces.option_types import Bound, kind_of, typed
from descent.surfaces.options import as_bool, parse_value


def of(annotation=inspect.Parameter.empty, default=inspect.Parameter.empty):
    return inspect.Parameter("it", inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


TAKES = {
    "bool": (of("bool", False), "true or false"),
    "a class": (of(bool, False), "true or false"),
    "bool or none": (of("bool | None", None), "true or false or none"),
    "union of types": (of(bool | None, None), "true or false or none"),
    "Optional": (of(Optional[bool], None), "true or false or none"),  # noqa: UP045
    "Union": (of(Union[int, None], None), "a whole number or none"),  # noqa: UP007
    "float or tensor": (of("float | torch.Tensor", 0.1), "a number"),
    "tuple": (of("tuple[float, float]", (0.9, 0.99)), "two numbers with / between them"),
    "Tuple": (of("Tuple[float, float, float]"), "three numbers with / between them"),
    "mixed tuple": (of("tuple[float | None, float]"), "a number or none, a number with / between them"),
    "literal": (of("Literal['a', 'b']", "a"), "a or b"),
    "function": (of("Callable[[int], float]"), "a function as package.module:function"),
    "numbers": (of("Iterable[int]"), "whole numbers with / between them"),
    "default only": (of(default=0.5), "a number"),
    "default only, bool": (of(default=True), "true or false"),
    "default only, tuple": (of(default=(1, 2)), "two numbers with / between them"),
    "alias of somebody's": (of("defaults.BETAS", (0.9, 0.99)), "two numbers with / between them"),
    "text": (of("str | None", None), None),
    "nothing": (of(), None),
    "one or several": (of("int | Sequence[int]", (16, 16)), None),
    "any length": (of("tuple[float, ...]"), None),
}


@pytest.mark.parametrize("name", TAKES)
def test_what_an_option_takes_is_read_from_its_signature(name):
    parameter, takes = TAKES[name]
    kind = kind_of(parameter)
    assert (kind and kind.takes) == takes


@pytest.mark.parametrize("text", ["true", "True", "yes", "YES", "on", "1"])
def test_words_for_true(text):
    assert as_bool(parse_value(text)) is True


@pytest.mark.parametrize("text", ["false", "no", "No", "off", "0"])
def test_words_for_false(text):
    assert as_bool(parse_value(text)) is False


@pytest.mark.parametrize("text", ["none", "2", "0.0", "1.0", "maybe", "y", "true/false"])
def test_anything_else_is_neither(text):
    assert as_bool(parse_value(text)) is None


def test_a_bound_is_said_with_an_example_that_fits_it():
    bound = Bound(lambda value: value >= 1, "of at least 1", 10)
    with pytest.raises(DescentError) as caught:
        typed({"it": of("int")}, "thing", (("it", 0),), {"it": bound})
    assert str(caught.value) == "option it of thing takes a whole number of at least 1, as in it=10, not '0'"
    assert typed({"it": of("int")}, "thing", (("it", 3.0),), {"it": bound}) == (("it", 3),)
