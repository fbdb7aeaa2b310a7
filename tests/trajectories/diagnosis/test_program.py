"""All at once does what each run does alone, and no run disturbs another."""

import numpy as np
import pytest
import torch

from descent import OptimizerSpec
from descent.trajectories.descent.torch_optim import build_optimizer, complete
from descent.trajectories.diagnosis import layouts
from descent.trajectories.diagnosis.layouts import OWN_OPTIMIZERS, OWN_TENSORS, layout_of
from descent.trajectories.diagnosis.program import run
from descent.trajectories.diagnosis.task import MEDIAN
from descent.trajectories.diagnosis.tasks import all_tasks

NAMES = (
    *("bowl", "turned ravine 100", "cliff", "white noise", "one sample", "late gradients"),
    *("jumping minimum", "minimax", "matrix factors"),
)


def specs(name, rates=(0.003, 0.1)):
    return [complete(OptimizerSpec.parse(name).with_lr(rate), 600) for rate in rates]


def alone(task, spec):
    """Run each case of a task by a plain loop of torch, and judge it as the task says."""
    shares = []
    for case in range(len(task.start)):
        flat = torch.tensor(task.start)
        sizes = [int(np.prod(shape)) for shape in task.tensors]
        parts = [
            part.reshape(shape).clone().requires_grad_()
            for part, shape in zip(flat[case].split(sizes), task.tensors, strict=True)
        ]
        optimizer = build_optimizer(spec, parts)
        late, heights = [], []

        def whole(parts=parts, flat=flat, case=case):
            points = flat.clone()
            points[case] = torch.cat([part.detach().reshape(-1) for part in parts])
            return points

        first = task.heights(whole(), 0)[case]
        for step in range(task.steps):
            points = whole().requires_grad_()
            (slope,) = torch.autograd.grad(task.loss(points, step)[case], points)
            given = slope if task.handed is None else task.handed(slope, step)
            late.append(given[case])
            given = late[max(step - task.lag, 0)]
            for part, gradient in zip(parts, given.split(sizes), strict=True):
                part.grad = gradient.reshape(part.shape).clone()
            optimizer.step()
            if step + 1 >= task.first_judged:
                heights.append(task.heights(whole(), step + 1)[case])
        shares.append(float(torch.stack(heights).mean() / first))
    shares = np.nan_to_num(shares, nan=np.inf)
    return np.sort(shares)[(len(shares) - 1) // 2] if task.over == MEDIAN else max(shares)


@pytest.mark.parametrize(
    ("name", "tasks"),
    [("sgd:momentum=0.9", NAMES), ("adam", NAMES[3:]), ("adafactor", NAMES[-2:]), ("muon", NAMES[-1:])],
)
def test_all_at_once_is_one_by_one(name, tasks):
    wanted = [all_tasks()[each] for each in tasks]
    found, faults = run(wanted, specs(name))
    expected = np.array([[alone(task, spec) for task in wanted] for spec in specs(name)])
    assert not faults
    assert np.isfinite(expected).any()
    far = expected > 1e20  # of runs that are lost, the time of it is all there is
    assert (found[far] > 1e20).all()
    np.testing.assert_allclose(found[~far], expected[~far], rtol=1e-6, atol=1e-28)


def test_each_layout_gives_the_same(monkeypatch):
    wanted = [all_tasks()[each] for each in ("ravine 10", "white noise", "matrix factors")]
    expected, _ = run(wanted, specs("adam"))
    for layout in (OWN_TENSORS, OWN_OPTIMIZERS):
        monkeypatch.setattr("descent.trajectories.diagnosis.program.layout_of", lambda spec, to=layout: to)
        found, _ = run(wanted, specs("adam"))
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_run_that_is_lost_disturbs_no_other():
    wanted = [all_tasks()[each] for each in ("bowl", "ravine 10", "bent valley")]
    both, _ = run(wanted, specs("sgd", (0.001, 1e200)))
    one, _ = run(wanted, specs("sgd", (0.001,)))
    np.testing.assert_array_equal(both[0], one[0])
    assert np.isinf(both[1]).all()


class Mixing(torch.optim.SGD):
    """Moves all parameters by the mean of their gradients."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            given = [each for each in group["params"] if each.grad is not None]
            mean = torch.cat([each.grad.reshape(-1) for each in given]).mean()
            for each in given:
                each.sub_(group["lr"] * mean)


class Rowwise(torch.optim.SGD):
    """Divides the gradient of each tensor by its norm."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for each in group["params"]:
                if each.grad is not None:
                    each.sub_(group["lr"] * each.grad / (each.grad.norm() + 1e-12))


class MatricesOtherwise(torch.optim.SGD):
    """Moves matrices twice as far."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for each in group["params"]:
                if each.grad is not None:
                    each.sub_((1 + (each.ndim == 2)) * group["lr"] * each.grad)


class Raises(Rowwise):
    """Fails on matrices of more than 12 numbers."""

    def step(self, closure=None):
        if any(
            each.numel() > 12 for group in self.param_groups for each in group["params"] if each.ndim == 2
        ):
            raise ArithmeticError("too large")
        return super().step(closure)


class Counting(torch.optim.SGD):
    """Moves all by a rate that follows from the largest distance of all so far, as D-Adaptation does."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            given = [each for each in group["params"] if each.grad is not None]
            far = max((float(each.grad.norm()) for each in given), default=0.0)
            group["far"] = max(group.get("far", 0.0), far)
            for each in given:
                each.sub_(group["lr"] / group["far"] * each.grad)


def of_class(cls, rate=0.1):
    return complete(OptimizerSpec(f"{cls.__module__}.{cls.__qualname__}").with_lr(rate), 10)


@pytest.mark.muon
def test_layouts_are_found_by_trying():
    assert layout_of(specs("adam")[0]) == layouts.ONE_TENSOR
    assert layout_of(specs("muon")[0]) == OWN_TENSORS
    assert layout_of(of_class(Rowwise)) == OWN_TENSORS
    assert layout_of(of_class(MatricesOtherwise)) == OWN_TENSORS
    assert layout_of(of_class(Mixing)) == OWN_OPTIMIZERS
    assert layout_of(of_class(Counting)) == OWN_OPTIMIZERS


def test_an_error_is_kept_to_its_task():
    wanted = [all_tasks()["bowl"], all_tasks()["matrix ravine"]]
    found, faults = run(wanted, [of_class(Rowwise), of_class(Raises)])
    assert layout_of(of_class(Raises)) == OWN_TENSORS
    assert faults == {(1, 1): "ArithmeticError: too large"}
    assert found[1, 0] == found[0, 0]
    assert np.isinf(found[1, 1])
