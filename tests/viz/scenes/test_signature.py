"""Wishes as arguments: what Python, the command line and the help say follows from one class."""

import inspect
from dataclasses import fields

import pytest

import descent
from descent import DescentError
from descent.commands.options import OPTIONS
from descent.viz.scenes.wishes import ANIMATION, STILL, WISHES, Wishes


@pytest.fixture(scope="module")
def recording():
    return descent.record("sphere", "sgd:lr=0.1", steps=3, resolution=(4, 4))


@pytest.mark.parametrize(("function", "picture"), [(descent.animate, ANIMATION), (descent.still, STILL)])
def test_signature_and_help_are_those_of_the_wishes(function, picture):
    own = {name: wish for name, wish in WISHES.items() if wish.of in ("", picture)}
    found = dict(inspect.signature(function).parameters)
    assert found.pop("subject").kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert {name: each.default for name, each in found.items()} == {n: w.default for n, w in own.items()}
    for name in WISHES:
        assert (f"\n        {name}: " in function.__doc__) == (name in own)


def test_options_have_the_defaults_of_the_wishes():
    def command(**_: object) -> None: ...

    for each in fields(Wishes):
        option = OPTIONS[each.name](command).__click_params__[-1]
        unset = each.default is None  # which click keeps in a way of its own
        assert unset or option.default == each.default
        assert option.help == WISHES[each.name].help
        assert set(WISHES[each.name].flag.split("/")) == {*option.opts, *option.secondary_opts}


@pytest.mark.parametrize(
    ("function", "wishes", "sentence"),
    [
        (descent.animate, {"strip": 3}, "strip is a wish for a still; use descent.still"),
        (descent.still, {"fps": 3}, "fps is a wish for an animation; use descent.animate"),
        (descent.animate, {"themes": "dark"}, "unknown wish 'themes'; did you mean 'theme'?"),
        (descent.still, {"siez": "small"}, "unknown wish 'siez'; did you mean 'size'?"),
    ],
)
def test_other_names_are_refused_with_a_sentence(recording, function, wishes, sentence):
    with pytest.raises(DescentError) as caught:
        function(recording, **wishes)
    assert str(caught.value).startswith(sentence)


def test_subjects_may_be_named(recording):
    assert len(descent.animate(subject=recording, fps=10)) == 4
