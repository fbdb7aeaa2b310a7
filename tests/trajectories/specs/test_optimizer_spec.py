"""Specs as text: read, refused, written again, crossed with rates, and said in words."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descent import DescentError
from descent.trajectories.specs.labels import Label, label
from descent.trajectories.specs.optimizer_spec import OptimizerSpec, ScheduleSpec, cross, unique
from descent.trajectories.specs.tables import OPTIMIZERS, SCHEDULES


def parse(text):
    return OptimizerSpec.parse(text)


def test_everything_that_a_spec_can_say():
    spec = parse(
        "Adam:lr=0.1,betas=0.9/0.99,amsgrad=true,accumulate=4,zero_grad=false@StepLR:step_size=30@cosine"
    )
    assert spec == OptimizerSpec(
        name="adam",
        options=(("lr", 0.1), ("betas", (0.9, 0.99)), ("amsgrad", True)),
        schedules=(ScheduleSpec("step", (("step_size", 30),)), ScheduleSpec("cosine")),
        accumulate=4,
        zero_grad=False,
    )
    assert spec.title == "Adam"
    assert spec.lr == 0.1


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("SGD", "sgd"),
        (" sgd : lr = 1e-3 ", "sgd:lr=0.001"),
        ("sgd:lr=100@step:step_size=4,gamma=0.1", "sgd:lr=100@step:step_size=4,gamma=0.1"),
        ("Adam-W:lr=1", "adamw:lr=1"),
        ("torch.optim.Adam", "adam"),
        ("sgd:zero_grad=true,accumulate=1", "sgd"),
        ("sgd@ReduceLROnPlateau@Exponential-LR:gamma=0.9", "sgd@plateau@exponential:gamma=0.9"),
        (
            "sgd@linear:total_iters=5@step:after=5,step_size=9",
            "sgd@linear:total_iters=5@step:step_size=9,after=5",
        ),
        ("sgd:clip=1,lr=0.5", "sgd:lr=0.5,clip=1"),
        ("My_package.MyClass:lr=0.1", "My_package.MyClass:lr=0.1"),
        ("sgd@lambda:lr_lambda=my.module:halve", "sgd@lambda:lr_lambda=my.module:halve"),
        ("sgd@multistep:milestones=30/", "sgd@multistep:milestones=30/"),
        ("adafactor:eps=none/0.001", "adafactor:eps=none/0.001"),
    ],
)
def test_text_is_made_canonical(text, canonical):
    assert str(parse(text)) == canonical
    assert parse(canonical) == parse(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("adamm", "unknown optimizer 'adamm'; did you mean 'adam'?"),
        ("sgd@stepp", "unknown schedule 'stepp'; did you mean 'step'?"),
        ("", "has no name"),
        ("sgd@", "has no name"),
        (":lr=1", "has no name"),
        ("sgd:lr", "'lr' in optimizer 'sgd:lr' is not an option"),
        ("sgd:lr=", "is not an option"),
        ("sgd:", "is not an option"),
        ("sgd:lr=1,lr=2", "given twice"),
        ("sgd:lr=-1", "finite number greater than 0, not -1"),
        ("sgd:lr=0", "finite number greater than 0, not 0"),
        ("sgd:lr=nan", "finite number greater than 0, not nan"),
        ("sgd:lr=inf", "finite number greater than 0, not inf"),
        ("sgd:lr=fast", "finite number greater than 0, not 'fast'"),
        ("sgd:lr=true", "finite number greater than 0, not True"),
        ("sgd:lr=0.1/0.2", "finite number greater than 0, not (0.1, 0.2)"),
        ("sgd:momentum=nan", "cannot be used"),
        ("adam:betas=0.9/nan", "cannot be used"),
        ("sgd:accumulate=0", "at least 1, not 0"),
        ("sgd:accumulate=1.5", "at least 1, not 1.5"),
        ("sgd:accumulate=true", "at least 1, not True"),
        ("sgd:zero_grad=maybe", "must be true or false, not 'maybe'"),
        ("sgd:clip=0", "clip of 'sgd' must be a finite number greater than 0, not 0"),
        ("sgd:clip=inf", "greater than 0, not inf"),
        ("sgd:clip=true", "greater than 0, not True"),
        ("sgd@step:after=3", "begins at step 0"),
        ("sgd@linear@step:after=0", "at least 1"),
        ("sgd@linear@step:after=soon", "at least 1"),
        ("sgd@linear@step:after=5@cosine", "every later schedule needs"),
        ("sgd@linear@step:after=5@cosine:after=5", "must increase, not 5, 5"),
        ("sgd@linear@step:after=5@cosine:after=3", "must increase, not 5, 3"),
        ("sgd@plateau@step:after=5", "cannot take turns"),
        ("sgd@SequentialLR", "after=K"),
        ("sgd@chained_scheduler", "its own @"),
    ],
)
def test_bad_text_is_met_with_one_sentence(text, sentence):
    with pytest.raises(DescentError) as caught:
        parse(text)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("thing", [None, 3, b"sgd", ["sgd"]])
def test_a_spec_is_text(thing):
    with pytest.raises(DescentError, match="is text"):
        parse(thing)


@pytest.mark.parametrize(
    "value", ["a,b", "a@b", "", " a", "true", "1.5", (), "a/b", ((1,), 2), {"a": 1}, math.nan]
)
def test_an_option_that_text_cannot_say_is_refused(value):
    with pytest.raises(DescentError):
        OptimizerSpec("sgd", (("mode", value),))


def test_numbers_of_numpy_become_plain():
    spec = OptimizerSpec("adam", [("lr", np.float32(0.5)), ("betas", [np.float64(0.5), 0.75])])
    assert str(spec) == "adam:lr=0.5,betas=0.5/0.75"
    assert type(spec.options[0][1]) is float
    assert parse(str(spec)) == spec
    assert str(spec.with_lr(np.float64(0.25))) == "adam:lr=0.25,betas=0.5/0.75"


words = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True).filter(
    lambda word: (
        word not in ("true", "false", "none", "nan", "inf", "infinity", "after", "accumulate", "zero_grad")
    )
)
items = st.one_of(
    st.booleans(),
    st.none(),
    words,
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=True),
)
values = st.one_of(items, st.lists(items, min_size=1, max_size=4).map(tuple))
rates = st.floats(min_value=1e-300, max_value=1e300)


@st.composite
def options(draw, lr=False):
    found = draw(st.dictionaries(words.filter(lambda key: key != "lr"), values, max_size=4))
    if lr and draw(st.booleans()):
        found["lr"] = draw(rates)
    return tuple(found.items())


@st.composite
def specs(draw):
    schedules = [
        ScheduleSpec(name, draw(options()))
        for name in draw(st.lists(st.sampled_from([*SCHEDULES, "package.Schedule"]), max_size=3))
    ]
    if len(schedules) > 1 and all(each.name != "plateau" for each in schedules) and draw(st.booleans()):
        turns = sorted(
            draw(st.sets(st.integers(1, 999), min_size=len(schedules) - 1, max_size=len(schedules) - 1))
        )
        later = [
            ScheduleSpec(each.name, each.options, turn)
            for each, turn in zip(schedules[1:], turns, strict=True)
        ]
        schedules = [schedules[0], *later]
    name = draw(st.sampled_from([*OPTIMIZERS, "package.module.Class"]))
    return OptimizerSpec(
        name, draw(options(lr=True)), tuple(schedules), draw(st.integers(1, 99)), draw(st.booleans())
    )


@given(specs())
def test_a_spec_survives_text(spec):
    again = parse(str(spec))
    assert again == spec
    assert str(again) == str(spec)
    assert repr(again) == repr(spec)  # True and 1, 1 and 1.0 stay apart


@given(specs(), rates)
def test_with_lr_changes_the_rate_alone(spec, lr):
    changed = spec.with_lr(lr)
    assert changed.lr == lr
    assert dict(changed.options) | dict(spec.options) == dict(spec.options) | (
        {} if spec.lr is not None else {"lr": lr}
    )
    assert (changed.schedules, changed.accumulate, changed.zero_grad) == (
        spec.schedules,
        spec.accumulate,
        spec.zero_grad,
    )


def test_cross_gives_every_spec_every_rate_once():
    some = [parse("sgd"), parse("adam:lr=3"), parse("sgd:lr=7")]
    assert [str(spec) for spec in cross(some, [0.1, 0.2, 0.1])] == [
        "sgd:lr=0.1",
        "sgd:lr=0.2",
        "adam:lr=0.1",
        "adam:lr=0.2",
    ]
    assert cross(some, []) == tuple(some)
    for bad in (0, -1, math.nan, math.inf, "fast", None):
        with pytest.raises(DescentError, match="learning rate"):
            cross(some, [0.1, bad])


def test_unique_looks_at_the_meaning():
    texts = ["sgd:lr=1,momentum=0.5", "sgd:momentum=0.5,lr=1.0", "sgd:lr=1,momentum=0.5@cosine", "sgd:lr=1"]
    assert [str(spec) for spec in unique(map(parse, texts))] == [texts[0], texts[2], texts[3]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rmsprop", Label("RMSprop", "", "")),
        ("adam:lr=0.1,betas=0.9/0.99", Label("Adam", "lr 0.1", "betas 0.9/0.99")),
        ("sgd:lr=100,momentum=0.9,nesterov=true", Label("SGD", "lr 100", "momentum 0.9, nesterov")),
        ("muon:nesterov=false", Label("Muon", "", "no nesterov")),
        (
            "sgd:lr=1e-5@step:step_size=30,gamma=0.1",
            Label("SGD", "lr 1e-05", "StepLR step_size 30, gamma 0.1"),
        ),
        (
            "sgd:lr=1,accumulate=4,zero_grad=false@linear@cosine:T_max=9,after=5",
            Label(
                "SGD", "lr 1", "LinearLR; after step 5: CosineAnnealingLR T_max 9; accumulate 4; no zero_grad"
            ),
        ),
        ("package.sub.Lion:lr=0.1", Label("Lion", "lr 0.1", "")),
    ],
)
def test_labels(text, expected):
    assert label(parse(text)) == expected


def test_a_label_can_show_another_rate():
    assert label(parse("sgd:lr=1"), 0.25).rate == "lr 0.25"
