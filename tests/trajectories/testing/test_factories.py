"""The kit takes functions that make optimizers, and classes that draw random numbers match themselves."""

import pytest
import torch

from descent import DescentError, OptimizerSpec, testing
from descent.trajectories.matching.references import is_optimizer
from descent.trajectories.testing.candidates import classes_of

SMALL = {
    "surfaces": ["beale"],
    "dtypes": ["float64"],
    "steps": 6,
    "shapes": ["several"],
    "schedules": [""],
} | {
    "paths": ["single-tensor"]  # fused SGD fails on parameters that have no gradient at first
}


class Noisy(torch.optim.SGD):
    """Draws random numbers at each step."""

    @torch.no_grad()
    def step(self, closure=None):
        loss = super().step(closure)
        for group in self.param_groups:
            for each in group["params"]:
                each.add_(torch.randn(each.shape, dtype=torch.float64).to(each), alpha=group["lr"])
        return loss


def make_adam(params):
    return torch.optim.Adam(params, lr=0.05)


def make_sgd(things, lr=0.1, **more):
    return torch.optim.SGD(things, lr=lr, **more)


class Sharp(torch.optim.SGD):
    """Cannot step without a closure, and does not say so."""

    def step(self, closure=None):
        assert closure is not None, "a closure is needed"
        return super().step(closure)


def rule(point, gradient, state, step, lr):
    return point - lr * gradient, state


def test_what_draws_random_numbers_matches_itself():
    before = torch.get_rng_state()
    assert testing.match(Noisy, Noisy, options={"lr": 0.01}, **SMALL).matches
    assert torch.equal(torch.get_rng_state(), before)
    assert not testing.match(Noisy, torch.optim.SGD, options={"lr": 0.01}, **SMALL).matches


MATCHING = {
    "a function and a class": (make_adam, torch.optim.Adam, {"reference_options": {"lr": 0.05}}),
    "a class and a function": (torch.optim.Adam, make_adam, {"options": {"lr": 0.05}}),
    "two functions": (make_adam, lambda p: torch.optim.Adam(p, lr=0.05), {}),
    "a function with options": (make_sgd, torch.optim.SGD, {"options": {"lr": 0.003, "momentum": 0.9}}),
    "a spec and a function": (OptimizerSpec.parse("adam:lr=0.05"), make_adam, {}),
    "a factory in a spec": (OptimizerSpec(factory=make_adam), OptimizerSpec.parse("adam:lr=0.05"), {}),
    "a rule": (lambda p: torch.optim.SGD(p, lr=0.003), rule, {"reference_options": {"lr": 0.003}}),
    "what steps with a closure": (
        lambda p: Sharp(p, lr=0.003),
        lambda p: torch.optim.SGD(p, lr=0.003),
        {"closures": (True,)},
    ),
}


@pytest.mark.parametrize("case", MATCHING)
def test_a_factory_is_taken_on_either_side(case):
    mine, reference, options = MATCHING[case]
    found = testing.match(mine, reference, **SMALL, **options)
    assert found.matches, str(found)


def test_a_factory_that_goes_elsewhere_is_seen():
    found = testing.match(lambda p: torch.optim.Adam(p, lr=0.06), make_adam, **SMALL)
    assert not found.matches
    assert all(each.error == "" for each in found.results)


def test_factories_and_rules_are_told_apart():
    assert is_optimizer(make_adam)
    assert is_optimizer(lambda *given: torch.optim.SGD(*given, lr=0.1))
    assert is_optimizer(torch.optim.SGD)
    assert not is_optimizer(rule)
    assert not is_optimizer(lambda *given: (given[0], {}))
    assert not is_optimizer(3)
    with pytest.raises(DescentError, match="a reference is an optimizer class, a function of parameters"):
        testing.match(make_adam, 3, **SMALL)
    with pytest.raises(DescentError, match="schedules and switches are of a run"):
        testing.match(make_adam, OptimizerSpec.parse("adam:lr=0.1@cosine"), **SMALL)


def test_soundness_takes_them_too():
    checks = ["zero gradients", "closure", "same seed", "reload", "options"]
    for make in (make_adam, OptimizerSpec(factory=make_adam), OptimizerSpec.parse("adam:lr=0.05")):
        found = testing.sound(make, checks=checks)
        assert found.sound, str(found)
        assert found.optimizer in ("make_adam", "Adam")
    assert testing.sound(lambda p: Sharp(p, lr=0.1), checks=["reload"]).sound
    cases = testing.cases([OptimizerSpec.parse("adam:lr=0.05"), make_sgd])
    assert {case.row for case in cases} == {"Adam", "make_sgd"}
    assert cases[0].run().state == "sound"


def test_the_command_finds_functions(monkeypatch):
    import sys
    from types import ModuleType

    module = ModuleType("makes_some")
    module.__dict__.update(make_adam=make_adam, number=3, rule=rule, other=len)
    monkeypatch.setitem(sys.modules, "makes_some", module)
    assert classes_of("makes_some.make_adam") == [make_adam]
    for name in ("number", "rule", "other"):
        with pytest.raises(DescentError, match="makes no optimizer of parameters"):
            classes_of(f"makes_some.{name}")
