"""Any optimizer against a reference: the table, the three references, broken optimizers, strategies."""

import builtins
import sys
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import descent
from descent import testing
from descent.surfaces.errors import DescentError
from descent.trajectories.matching import match as matching
from descent.trajectories.matching.cells import SURFACES, Cell, paths_of, table

SMALL = {"surfaces": ["beale"], "dtypes": ["float64"], "steps": 12, "shapes": ()}


class Plain(torch.optim.Optimizer):
    """A class of one's own: what is needed to write an update rule down, and to break it."""

    def __init__(self, params, lr=0.01, **options):
        super().__init__(params, {"lr": lr} | options)

    @torch.no_grad()
    def step(self, closure=None):
        if closure is not None:
            closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    state, pair = self.state[parameter], (parameter, parameter.grad)
                    if parameter.is_complex():
                        pair = map(torch.view_as_real, pair)
                    self.update(*pair, state, group)


class Adam(Plain):
    def __init__(self, params, lr=0.01, corrected=True):
        super().__init__(params, lr, corrected=corrected)

    def update(self, parameter, gradient, state, group):
        state["k"] = k = state.get("k", 0) + 1
        state["m"] = m = 0.9 * state.get("m", torch.zeros_like(gradient)) + 0.1 * gradient
        state["v"] = v = 0.999 * state.get("v", torch.zeros_like(gradient)) + 0.001 * gradient**2
        if group["corrected"]:
            m, v = m / (1 - 0.9**k), v / (1 - 0.999**k)
        parameter -= group["lr"] * m / (v.sqrt() + 1e-8)


class SGD(Plain):
    def __init__(self, params, lr=0.01, momentum=0.9, dampening=0.2, sign=-1.0):
        super().__init__(params, lr, momentum=momentum, dampening=dampening, sign=sign)

    def update(self, parameter, gradient, state, group):
        if "buffer" not in state:
            state["buffer"] = gradient.clone()
        else:
            share = 1 + group["sign"] * group["dampening"]
            state["buffer"] = group["momentum"] * state["buffer"] + share * gradient
        parameter -= group["lr"] * state["buffer"]


class RMSprop(Plain):
    def __init__(self, params, lr=0.01, eps=1e-8, inside=False):
        super().__init__(params, lr, eps=eps, inside=inside)

    def update(self, parameter, gradient, state, group):
        state["v"] = v = 0.99 * state.get("v", torch.zeros_like(gradient)) + 0.01 * gradient**2
        root = (v + group["eps"]).sqrt() if group["inside"] else v.sqrt() + group["eps"]
        parameter -= group["lr"] * gradient / root


RIGHT = [
    (Adam, torch.optim.Adam, {"lr": 0.05}, {"lr": 0.05}),
    (SGD, torch.optim.SGD, {"lr": 0.001}, {"lr": 0.001, "momentum": 0.9, "dampening": 0.2}),
    (RMSprop, torch.optim.RMSprop, {"lr": 0.01}, {"lr": 0.01}),
]


@pytest.mark.parametrize(("own", "reference", "options", "theirs"), RIGHT)
def test_right_optimizers_match(own, reference, options, theirs):
    found = testing.assert_matches(own, reference, options=options, reference_options=theirs)
    on_surfaces = [each for each in found.results if each.cell.surface]
    assert len(on_surfaces) == 3 * 2 * 2 * 2 * 2 * 2
    ran = sum(not each.skipped for each in found.results)
    assert ran > 96 + 2 * len(testing.LAYOUTS)
    head = f"{own.__name__} matches {reference.__name__} in all {ran} cells, tolerance same-dtype"
    assert str(found).splitlines()[0] == head


@pytest.mark.parametrize(
    ("own", "broken", "step"),
    [(Adam, {"corrected": False}, 1), (SGD, {"sign": 1.0}, 2), (RMSprop, {"inside": True}, 1)],
    ids=["Adam without bias correction", "dampening with the wrong sign", "epsilon inside the root"],
)
def test_broken_optimizers_are_caught_at_the_right_step(own, broken, step, monkeypatch):
    _, reference, options, theirs = next(each for each in RIGHT if each[0] is own)
    seen, match = [], matching.match

    def kept(*arguments, **more):
        seen.append(match(*arguments, **more))
        return seen[-1]

    monkeypatch.setattr(matching, "match", kept)
    with pytest.raises(AssertionError, match=rf"differs from step {step} on, first in the update") as raised:
        testing.assert_matches(own, reference, options=options | broken, reference_options=theirs, shapes=())
    (found,) = seen
    for result in found.results:
        # In float32 an epsilon of 1e-8 beside roots of 0.1 and more is less than rounding.
        if own is RMSprop and result.cell.dtype == "float32":
            continue
        first = result.difference.first
        assert (first.quantity, first.step) == ("update", step)
    assert str(raised.value).count("expected (") == sum(not each.matches for each in found.results)


@pytest.mark.parametrize(
    ("own", "broken", "step"),
    [(Adam, {"corrected": False}, 1), (SGD, {"sign": 1.0}, 2), (RMSprop, {"inside": True}, 1)],
)
def test_broken_optimizers_are_caught_by_a_golden(own, broken, step, tmp_path):
    _, _, options, theirs = next(each for each in RIGHT if each[0] is own)
    text = ",".join(f"{key}={value}" for key, value in theirs.items())
    recording = descent.record("beale", f"{own.__name__.lower()}:{text}@cosine", steps=20, resolution=(4, 4))
    path = recording.save(tmp_path / "golden.npz")
    testing.assert_matches(own, path, options=options)
    first = testing.match(own, path, options=options | broken).results[0].difference.first
    assert (first.quantity, first.step) == ("update", step)


# --- references


def test_a_rule_in_numpy_is_a_reference():
    def momentum(point, gradient, state, step, lr):
        buffer = gradient if step == 1 else 0.9 * state["buffer"] + gradient
        return point - lr * buffer, {"buffer": buffer}

    options = {"lr": 0.001, "momentum": 0.9}
    for surface, path in zip(SURFACES, paths_of(torch.optim.SGD), strict=True):
        testing.assert_matches(
            torch.optim.SGD, momentum, options=options, surfaces=[surface], paths=[path], shapes=()
        )
    found = testing.match(torch.optim.SGD, momentum, options=options | {"nesterov": True}, **SMALL)
    assert {each.difference.first.step for each in found.results} == {1}


@pytest.mark.parametrize(
    "class_", [torch.optim.Adam, torch.optim.SGD, torch.optim.RMSprop, torch.optim.NAdam]
)
def test_torch_agrees_with_itself(class_):
    testing.assert_matches(class_, class_, options={"lr": 0.001}, **SMALL)


def test_partials_are_optimizers():
    ours = partial(torch.optim.Adam, betas=(0.8, 0.9))
    testing.assert_matches(ours, ours, options={"lr": 0.1}, **SMALL)
    assert not testing.match(ours, torch.optim.Adam, options={"lr": 0.1}, **SMALL).matches


@pytest.mark.parametrize(
    ("reference", "options", "words"),
    [
        (3, {"lr": 0.1}, "a reference is an optimizer class, a function of parameters that makes"),
        (lambda *_: None, {"lr": 0.1}, "an update rule must return the new point"),
        (lambda *_: None, {}, "an update rule is given the learning rate"),
        ("nowhere.npz", {}, "there is no file nowhere.npz"),
        (
            partial(torch.optim.SGD, momentum=-1),
            {"lr": 0.1},
            "the reference cannot run on beale, float64, single-tensor: Invalid",
        ),
    ],
)
def test_references_that_are_none(reference, options, words):
    with pytest.raises(DescentError, match=words):
        testing.match(torch.optim.SGD, reference, options=options, **SMALL)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"paths": ["fast"]}, "unknown path 'fast'"),
        ({"schedules": ["plateau"]}, "plateau looks at the loss"),
        ({"surfaces": ["beal"]}, "did you mean 'beale'"),
        ({"preset": "loose"}, "unknown tolerance"),
    ],
)
def test_tables_that_cannot_be_made(wrong, words):
    with pytest.raises(DescentError, match=words):
        testing.match(torch.optim.SGD, torch.optim.SGD, options={"lr": 0.1}, **SMALL | wrong)


# --- faults that only some ways of running show


class Forgetful(torch.optim.SGD):
    def load_state_dict(self, state_dict):
        super().load_state_dict(state_dict | {"state": {}})


class Deaf(Plain):
    def step(self, closure=None):
        super().step()

    def update(self, parameter, gradient, state, group):
        parameter -= group["lr"] * gradient


class OneGroup(Plain):
    def update(self, parameter, gradient, state, group):
        parameter -= self.param_groups[0]["lr"] * gradient


class Doubles(Plain):
    def update(self, parameter, gradient, state, group):
        if parameter.dtype != torch.float64:
            raise TypeError("double precision only")
        parameter -= group["lr"] * gradient


class FixedRate(Plain):
    def __init__(self, params, lr=0.01):
        super().__init__(params, lr)
        self.rates = [group["lr"] for group in self.param_groups]

    def update(self, parameter, gradient, state, group):
        parameter -= self.rates[self.param_groups.index(group)] * gradient


@pytest.mark.parametrize(
    ("own", "options", "common"),
    [
        (Forgetful, {"lr": 0.001, "momentum": 0.9, "foreach": False}, "reload True"),
        (Deaf, {"lr": 0.001}, "closure True"),
        (OneGroup, {"lr": 0.001}, "groups 2"),
        (Doubles, {"lr": 0.001}, "dtype float32"),
        (FixedRate, {"lr": 0.001}, "schedule step:step_size=7,gamma=0.5"),
    ],
)
def test_the_report_says_what_failing_cells_have_in_common(own, options, common):
    found = testing.match(
        own, torch.optim.SGD, options=options, paths=["plain"], surfaces=["beale"], shapes=()
    )
    lines = str(found).splitlines()
    assert lines[0].startswith(f"{own.__name__} does not match SGD in 16 of 32 cells")
    assert lines[1] == f"only with {common}"
    failing = [each for each in found.results if not each.matches]
    assert all(any(line.startswith(f"  {each.cell}: ") for line in lines) for each in failing)


def test_an_error_of_ones_own_optimizer_is_a_result():
    found = testing.match(
        Doubles, torch.optim.SGD, options={"lr": 0.1}, surfaces=["beale"], dtypes=["float32"]
    )
    assert {each.error for each in found.results} == {"TypeError: double precision only"}


def test_a_fused_path_that_is_not_for_this_device_is_skipped():
    class Fused(torch.optim.SGD):
        def __init__(self, params, lr=0.1, fused=False):
            if fused:
                raise RuntimeError("`fused=True` needs another device")
            super().__init__(params, lr)

    found = testing.assert_matches(Fused, torch.optim.SGD, options={"lr": 0.001}, **SMALL)
    assert "skipped 16: RuntimeError: `fused=True` needs another device" in str(found)


# --- cells


def test_paths_are_those_that_a_class_takes():
    assert paths_of(torch.optim.Adam) == ("single-tensor", "foreach", "fused")
    assert paths_of(Adam) == ("plain",)


def test_cells_have_names_of_their_own():
    cells = table(
        ["a", "b"], ["float64"], ["plain", "foreach"], [1, 2], ["", "cosine"], [False, True], [False, True]
    )
    assert len(cells) == len({str(cell) for cell in cells}) == 64
    assert str(Cell("a", "float64")) == "a, float64"


# --- strategies


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_strategies_give_what_can_be_recorded(data):
    surface = data.draw(testing.surfaces(["beale", "sphere", "ackley"]))
    start = data.draw(testing.starts(surface))
    spec = data.draw(testing.specs(["sgd", "adam", "rmsprop"]))
    recording = descent.record(surface, spec, start=start, steps=5, resolution=(2, 2))
    assert recording.trajectories[0].points.shape == (6, 2)
    assert np.array_equal(recording.trajectories[0].points[0], start)


@settings(max_examples=10, deadline=None)
@given(surface=testing.surfaces(), spec=testing.specs(schedules=False))
def test_strategies_cover_the_catalogues(surface, spec):
    assert not spec.schedules
    assert 1e-4 <= spec.lr <= 1e-1
    assert surface.view


def test_strategies_say_when_hypothesis_is_missing(monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.partition(".")[0] == "hypothesis":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    for name in [name for name in sys.modules if name.startswith("hypothesis")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(DescentError, match="strategies need hypothesis, which is not installed"):
        testing.specs()
