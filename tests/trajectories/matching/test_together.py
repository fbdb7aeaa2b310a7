"""Cells that share an optimizer: the same paths as alone, and nothing that only alone shows is hidden."""

import numpy as np
import pytest
import torch

from descent import testing
from descent.surfaces.analytic.resolve import get
from descent.trajectories.matching import references, runs
from descent.trajectories.matching.cells import SURFACES, paths_of, table
from descent.trajectories.matching.together import run_together, shares

STEPS = 12
SCHEDULES = ("", "step:step_size=5,gamma=0.5")
FEW = {"surfaces": ["beale", "himmelblau"], "dtypes": ["float64"], "steps": STEPS, "shapes": ()}


def cells_of(make, schedules=SCHEDULES):
    return table(
        SURFACES, ("float64", "float32"), paths_of(make), (1, 2), schedules, (False, True), (False, True)
    )


@pytest.mark.parametrize("name", ["SGD", "Adam", "Adagrad", "RAdam", "Rprop"])
def test_cells_go_where_they_go_alone(name):
    make, options = getattr(torch.optim, name), {"lr": 0.01}
    for cells in shares(cells_of(make)):
        together = run_together(make, options, get, cells, STEPS)
        assert set(together) == set(cells)
        for cell in cells[::3]:
            surface = get(cell.surface)
            alone = runs.run_optimizer(make, options, surface, cell, surface.start, STEPS)
            close = {"rtol": 1e-12 if cell.dtype == "float64" else 1e-5, "atol": 1e-12}
            for kind in ("points", "losses", "gradients", "learning_rates"):
                one, other = (getattr(each, kind) for each in (alone, together[cell]))
                np.testing.assert_allclose(one, other, **close, err_msg=f"{kind} of {cell}")


def test_what_shares_is_alike_but_for_what_an_optimizer_can_hold():
    for cells in shares(cells_of(torch.optim.Adam)):
        assert len({(each.path, each.closure, each.reload) for each in cells}) == 1
        assert len(cells) == 3 * 2 * 2 * 2
    # One that moves betas too, or looks at the loss, is the optimizer's own business.
    assert not shares(cells_of(torch.optim.Adam, ("onecycle:max_lr=0.1", "cyclic:base_lr=0.1,max_lr=1")))


def counted(monkeypatch):
    made, run = [], runs.run_optimizer

    def one(*arguments):
        made.append(arguments[3])
        return run(*arguments)

    monkeypatch.setattr(runs, "run_optimizer", one)
    return made


def test_few_cells_are_run_alone_where_all_match(monkeypatch):
    made = counted(monkeypatch)
    found = testing.assert_matches(torch.optim.Adam, torch.optim.Adam, steps=STEPS, shapes=())
    # A cell for each path, with a closure and without, reloaded or not; and the reference in four.
    assert (len(found.results), len(made)) == (288, 12 + 4)
    alone = {each.cell for each in found.results} & set(made)
    for column in ("surface", "dtype", "groups", "schedule"):
        assert len({getattr(each, column) for each in alone}) > 1, column


class Clipped(torch.optim.SGD):
    """Moves by the norm of all gradients together, so that cells that share it act on each other."""

    def step(self, closure=None):
        loss = None if closure is None else closure()
        parts = [each for group in self.param_groups for each in group["params"] if each.grad is not None]
        torch.nn.utils.clip_grad_norm_(parts, 1.0)
        super().step()
        return loss


def descent_by_norm(point, gradient, state, step, lr):
    norm = np.linalg.norm(gradient)
    return point - lr * gradient * min(1.0, 1.0 / (norm + 1e-6)), state


def test_parameters_that_act_on_each_other_are_judged_alone(monkeypatch):
    made = counted(monkeypatch)
    rule = descent_by_norm
    found = testing.assert_matches(Clipped, rule, options={"lr": 0.01}, **(FEW | {"groups": (1,)}))
    cells = {each.cell for each in found.results}
    assert cells <= set(made)


class Lonely(torch.optim.SGD):
    """Is wrong only where it has nothing else to move."""

    def step(self, closure=None):
        loss = super().step(closure)
        with torch.no_grad():
            if sum(len(group["params"]) for group in self.param_groups) == 1:
                self.param_groups[0]["params"][0].mul_(1.01)
        return loss


class Cached(torch.optim.SGD):
    """Keeps the rate that it began with."""

    def __init__(self, params, lr=0.01, **options):
        super().__init__(params, lr, **options)
        self.kept = [group["lr"] for group in self.param_groups]

    def step(self, closure=None):
        for group, lr in zip(self.param_groups, self.kept, strict=True):
            group["lr"] = lr
        return super().step(closure)


@pytest.mark.parametrize(
    ("wrong", "words"), [(Lonely, "does not match SGD"), (Cached, "schedule step:step_size")]
)
def test_what_only_alone_is_wrong_is_found(wrong, words):
    found = testing.match(wrong, torch.optim.SGD, options={"lr": 0.01}, **FEW)
    assert not found.matches
    assert words in str(found)


def test_an_error_of_many_parameters_is_none_where_each_is_alone():
    class Single(torch.optim.SGD):
        def __init__(self, params, **options):
            super().__init__(params, **options)
            if len(self.param_groups) > 2:
                raise RuntimeError("two groups are enough")

    assert testing.match(Single, torch.optim.SGD, options={"lr": 0.01}, **FEW).matches


def test_an_update_rule_is_compared_likewise(monkeypatch):
    made = counted(monkeypatch)

    def rule(point, gradient, state, step, lr):
        return point - lr * gradient, state

    found = testing.assert_matches(torch.optim.SGD, rule, options={"lr": 0.01}, **FEW)
    assert len(made) < len(found.results) / 3
    assert references.is_optimizer(torch.optim.SGD)
