"""Every option of every optimizer and schedule of torch with values of every type runs or is one sentence."""

import inspect
import re
import warnings

import pytest
import torch

from descent.surfaces import get
from descent.surfaces.errors import DescentError
from descent.trajectories.descent.loop import descend
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.trajectories.specs.tables import OPTIMIZERS, SCHEDULES

SPHERE, START = get("sphere"), (1.0, -0.5)
VALUES = [
    "no",
    "maybe",
    "true",
    "none",
    "0",
    "1",
    "-1",
    "0.5",
    "1/2",
    "0.1/",
    "a:b",
    "1e308",
    "0/0",
    "9" * 30,
]
NEEDED = {
    "cosine": "T_max=5",
    "cyclic": "base_lr=0.01,max_lr=0.1",
    "exponential": "gamma=0.9",
    "lambda": "lr_lambda=math:exp",
    "multiplicative": "lr_lambda=math:exp",
    "multistep": "milestones=2",
    "step": "step_size=2",
    "swa": "swa_lr=0.1",
    "warm_restarts": "T_0=3",
}
OTHERS = {"self", "params", "optimizer", "last_epoch"}
# How Python says that a type or a number is wrong, which tells nobody which option to change.
PYTHONS = re.compile(
    r"division|modulo|'\w+' object|not (subscriptable|iterable|callable)|unsupported operand|argument|"
    r"__\w+__|unpack|int too|unsigned|index|NoneType|out of range|convert|not supported between|"
    r"leaf Variable|must be str"
)
STEPS = 40  # after which AMSGrad has parted from Adam
BETAS = "Invalid beta parameter at index"  # torch's own words, which name the option


def parameters(table, module, name):
    known = {**vars(torch.optim.swa_utils), **vars(module)}
    signature = inspect.signature(known[table[name].class_name])
    return [key for key in signature.parameters if key not in OTHERS]


def said(text, steps=4):
    """What a spec is refused with; nothing where it runs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            descend(SPHERE, text, START, steps)
        except DescentError as error:
            return str(error)
    return ""


def check(sentence, key, spec):
    assert "\n" not in sentence
    assert not PYTHONS.search(sentence.replace(BETAS, "")), (spec, sentence)
    if "takes" in sentence and key != "lr":
        assert f"option {key} of " in sentence, (spec, sentence)
        assert f"as in {key}=" in sentence or "takes false here" in sentence, (spec, sentence)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_option_of_every_optimizer(name):
    refused = 0
    for key in parameters(OPTIMIZERS, torch.optim, name):
        for value in VALUES:
            spec = f"{name}:{key}={value}" + ("" if key == "lr" else ",lr=0.01")
            sentence = said(spec)
            refused += bool(sentence)
            check(sentence, key, spec)
    assert refused > 20


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_option_of_every_schedule(name):
    refused = 0
    for key in parameters(SCHEDULES, torch.optim.lr_scheduler, name):
        needed = [each for each in NEEDED.get(name, "").split(",") if each and not each.startswith(f"{key}=")]
        for value in VALUES:
            spec = f"sgd:lr=0.1,momentum=0.5@{name}:{','.join([f'{key}={value}', *needed])}"
            sentence = said(spec)
            refused += bool(sentence)
            check(sentence, key, spec)
        if NEEDED.get(name, "").startswith(f"{key}="):
            left = ",".join(needed)
            sentence = said(f"sgd:lr=0.1,momentum=0.5@{name}" + (f":{left}" if left else ""))
            assert not sentence or f"{name} needs the option {key}" in sentence
    assert refused > 5


SWITCHES = [
    ("sgd:lr=0.1,momentum=0.9,nesterov={}", "sgd:lr=0.1,momentum=0.9"),
    ("adam:lr=0.1,amsgrad={}", "adam:lr=0.1"),
    ("rmsprop:lr=0.1,centered={}", "rmsprop:lr=0.1"),
    ("sgd:lr=0.1,zero_grad={}", "sgd:lr=0.1,zero_grad=false"),
]


@pytest.mark.parametrize(("text", "off"), SWITCHES)
def test_a_switch_that_is_off_is_off_in_every_word(text, off):
    plain = descend(SPHERE, off, START, STEPS).points
    for word in ("no", "off", "false", "0", "No"):
        assert (descend(SPHERE, text.format(word), START, STEPS).points == plain).all()
    on = [descend(SPHERE, text.format(word), START, STEPS).points for word in ("yes", "on", "true", "1")]
    assert all((each == on[0]).all() for each in on)
    assert (on[0] != plain).any()


@pytest.mark.parametrize(("text", "_"), SWITCHES)
def test_a_switch_takes_nothing_else(text, _):
    for word in ("maybe", "2", "0.0", "none", "true/false"):
        assert "true or false" in said(text.format(word))


def test_a_cycle_whose_rise_lasts_no_time_is_refused_by_name():
    sentence = said("sgd:lr=0.1,momentum=0.5@onecycle:total_steps=4,pct_start=0.25")
    assert "option pct_start of onecycle takes a number from 0 to 1" in sentence
    assert "as in pct_start=0.5" in sentence
    assert not said("sgd:lr=0.1,momentum=0.5@onecycle:total_steps=4,pct_start=0.5", steps=3)


def test_what_is_written_is_as_it_was_meant():
    assert str(OptimizerSpec.parse("sgd:lr=0.1,zero_grad=no")) == "sgd:lr=0.1,zero_grad=false"
    assert descend(SPHERE, "adam:lr=0.1,amsgrad=yes", START, 2).spec == "adam:lr=0.1,amsgrad=true"
    assert descend(SPHERE, "sgd:lr=0.1@step:step_size=1e1", START, 2).spec.endswith("step_size=10")
