"""Optimizers on parameters of every shape, and with every option switched on, against a reference."""

import inspect
from functools import partial

import numpy as np
import pytest
import torch

from descent import testing
from descent.surfaces.errors import DescentError
from descent.trajectories.matching.cells import Cell
from descent.trajectories.matching.layouts import LAYOUTS, hand, parameters
from descent.trajectories.matching.switches import HOW, options_of, pairs, switches, value_for
from descent.trajectories.matching.tensor_runs import run_layout

ONLY = {"surfaces": ()}
# Cells in which a class of torch 2.13 does not do what its own single-tensor path does, and why.
FAULTS = {
    "ASGD": lambda cell: cell.path == "foreach" and cell.dtype == "float64",  # eta goes through float32
    # mu_product is float32, and becomes float64 when it is loaded
    "NAdam": lambda cell: cell.reload and cell.dtype == "float64",
    # complete SIMD blocks are left out in half precision, and buffers must be there for all or none
    "SGD": lambda cell: (
        cell.path == "fused" and (cell.dtype.endswith("float16") or "momentum" in dict(cell.switched))
    ),
}
DENSE = [
    *("SGD", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "Adagrad", "Adadelta", "RMSprop", "Rprop"),
    *("Adafactor", "ASGD"),
]


@pytest.mark.parametrize("name", DENSE)
def test_torch_is_true_to_itself_but_for_what_is_known(name):
    class_ = getattr(torch.optim, name)
    found = testing.match(class_, class_, options={"lr": 0.05}, **ONLY)
    failing = [each for each in found.results if not each.matches]
    assert not [str(each.cell) for each in failing if not FAULTS.get(name, lambda _: False)(each.cell)]
    assert sum(each.difference is not None for each in found.results) >= 80
    assert not found.found


@pytest.mark.parametrize(
    ("name", "runs"),
    [("Muon", {"matrix", "tall"}), ("SparseAdam", {"sparse"}), ("LBFGS", {"kernel", "late"})],
)
def test_what_the_reference_refuses_is_skipped_and_said(name, runs):
    class_ = getattr(torch.optim, name)
    found = testing.match(class_, class_, dtypes=["float64"], options={"lr": 0.05}, switches={}, **ONLY)
    assert found.matches
    assert {each.cell.shape for each in found.results if each.difference is not None} >= runs
    assert all(each.error.startswith(f"{name} refuses: ") for each in found.results if each.skipped)
    assert f": {name} refuses: " in str(found)


class WrongForMatrices(torch.optim.SGD):
    @torch.no_grad()
    def step(self, closure=None):
        super().step(closure)
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.ndim == 2 and parameter.grad is not None and not parameter.grad.is_sparse:
                    parameter.sub_(group["lr"] * parameter.grad)


def test_a_fault_for_matrices_only_is_found_and_named():
    found = testing.match(
        WrongForMatrices, torch.optim.SGD, options={"lr": 0.001}, paths=["single-tensor"], surfaces=["beale"]
    )
    failing = [each for each in found.results if not each.matches]
    assert {each.cell.shape for each in failing} == {
        *("matrix", "tall", "non-contiguous", "late", "complex", "matrices", "several"),
    }
    for each in failing:
        if each.cell.dtype == "float64":
            assert each.difference.first.step == (3 if each.cell.shape == "late" else 1)
    lines = str(found).splitlines()
    assert any("in the parameter 'matrix' of shape (3, 4) at [" in line for line in lines)


class NoDecay(torch.optim.SGD):
    """Takes weight_decay, and forgets it."""

    def __init__(self, params, lr=0.01, weight_decay=0.0):
        super().__init__(params, lr)


def test_an_option_that_is_ignored_is_found_and_named():
    found = testing.match(NoDecay, torch.optim.SGD, options={"lr": 0.001}, **ONLY)
    assert not found.matches
    assert found.found == ("weight_decay changes nothing",)
    assert {each.cell.switched for each in found.results if not each.matches} == {(("weight_decay", 0.1),)}
    assert "several, float64, weight_decay=0.1: differs from step 1 on, first in the update" in str(found)


class DefaultsForAll(torch.optim.SGD):
    """Looks into its defaults where it should look into the group."""

    def step(self, closure=None):
        kept = [dict(group) for group in self.param_groups]
        for group in self.param_groups:
            group["weight_decay"] = self.defaults["weight_decay"]
        super().step(closure)
        for group, before in zip(self.param_groups, kept, strict=True):
            group["weight_decay"] = before["weight_decay"]


def test_an_option_of_one_group_that_is_ignored_is_found():
    found = testing.match(
        DefaultsForAll,
        torch.optim.SGD,
        options={"lr": 0.001},
        switches={"weight_decay": 0.1},
        paths=["single-tensor"],
        **ONLY,
    )
    (failing,) = [each for each in found.results if not each.matches]
    assert str(failing.cell) == "several, float64, single-tensor, 2 groups, weight_decay=0.1 in the second"


class WrongTogether(torch.optim.SGD):
    """Either option is right, and both together are not."""

    def step(self, closure=None):
        for group in self.param_groups:
            if group["maximize"] and group["weight_decay"]:
                group["weight_decay"] = -abs(group["weight_decay"])
        super().step(closure)


def test_two_options_that_are_wrong_only_together_are_found():
    found = testing.match(
        partial(WrongTogether, foreach=False), torch.optim.SGD, options={"lr": 0.001}, paths=["plain"], **ONLY
    )
    failing = {str(each.cell) for each in found.results if not each.matches}
    assert failing == {"several, float64, weight_decay=0.1, maximize=True"}


class WithOptionOfItsOwn(torch.optim.SGD):
    def __init__(self, params, lr=0.01, momentum=0.0, cautious=False, mode=None):
        super().__init__(params, lr, momentum)


def test_what_is_not_compared_is_said():
    found = testing.match(WithOptionOfItsOwn, torch.optim.SGD, options={"lr": 0.001}, **ONLY)
    assert "not compared, as SGD has no such option: cautious, mode" in found.notes
    with pytest.raises(DescentError, match="unknown option 'momentun'; did you mean 'momentum'"):
        testing.match(
            WithOptionOfItsOwn, torch.optim.SGD, options={"lr": 0.1}, switches={"momentun": 0.5}, **ONLY
        )
    with pytest.raises(DescentError, match="unknown shape 'matrx'; did you mean 'matrix'"):
        testing.match(torch.optim.SGD, torch.optim.SGD, options={"lr": 0.1}, shapes=["matrx"], **ONLY)


def test_a_rule_in_numpy_is_run_on_shapes_too():
    def momentum(point, gradient, state, step, lr):
        buffer = gradient if step == 1 else 0.9 * state["buffer"] + gradient
        return point - lr * buffer, {"buffer": buffer}

    options = {"lr": 0.01, "momentum": 0.9}
    found = testing.assert_matches(
        torch.optim.SGD, momentum, options=options, paths=["single-tensor", "foreach"], **ONLY
    )
    assert {each.cell.shape for each in found.results} == set(LAYOUTS) - {"sparse"}
    assert not testing.match(
        torch.optim.SGD, momentum, options=options | {"dampening": 0.5}, paths=["foreach"], **ONLY
    ).matches


# --- layouts


def test_gradients_are_fresh_copies_and_follow_the_strides():
    tensors = parameters("several", "float64")
    hand("several", "float64", 3, tensors)
    before = [None if each.grad is None else each.grad.clone() for each in tensors]
    for each in tensors:
        if each.grad is not None:
            each.grad.mul_(0)
    hand("several", "float64", 3, tensors)
    for each, grad in zip(tensors, before, strict=True):
        assert (each.grad is None) == (grad is None)
        assert grad is None or torch.equal(each.grad, grad)
    (odd,) = parameters("non-contiguous", "float32")
    assert not odd.is_contiguous()
    assert odd.is_leaf


def test_layouts_have_what_their_names_say():
    for name in LAYOUTS:
        tensors = parameters(name, "float32")
        hand(name, "float32", 1, tensors)
        assert all(each.is_leaf for each in tensors)
    assert parameters("scalar", "float64")[0].ndim == 0
    assert parameters("complex", "float32")[0].dtype == torch.complex64
    tensors = parameters("sparse", "float64")
    hand("sparse", "float64", 1, tensors)
    assert not tensors[0].grad.is_coalesced()
    assert not parameters("frozen", "float64")[1].requires_grad
    hand("late", "float64", 1, tensors := parameters("late", "float64"))
    assert tensors[1].grad is None
    hand("late", "float64", 3, tensors)
    assert tensors[1].grad is not None


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name not in ("complex", "sparse")])
def test_a_run_is_what_torch_does_in_a_plain_loop(layout):
    tensors = parameters(layout, "float64")
    optimizer = torch.optim.Adam(tensors, lr=0.1, foreach=False)
    for step in range(1, 9):
        hand(layout, "float64", step, tensors)
        optimizer.step()
    run = run_layout(torch.optim.Adam, {"lr": 0.1}, Cell("", "float64", "foreach", shape=layout))
    for points, tensor in zip(run.points, tensors, strict=True):
        assert np.allclose(points[-1], tensor.detach().numpy().ravel(), rtol=1e-12, atol=0)


# --- options


@pytest.mark.parametrize(
    "name", [name for name in dir(torch.optim) if inspect.isclass(getattr(torch.optim, name))]
)
def test_every_option_of_torchs_classes_has_a_value(name):
    class_ = getattr(torch.optim, name)
    if class_ is torch.optim.Optimizer:
        return
    found = switches(class_)
    left = options_of(class_).keys() - found.keys() - HOW
    assert left <= {"max_eval", "line_search_fn", "adjust_lr_fn"} | (
        {"eps"} if name == "Adafactor" else set()
    )
    for option, switch in found.items():
        assert dict(switch)[option] != options_of(class_)[option]
        class_([torch.zeros(2, 2, requires_grad=True)], **dict(switch))


def test_given_options_are_no_switches_and_own_values_are_taken():
    found = switches(torch.optim.SGD, given=["momentum"], values={"weight_decay": 0.5})
    assert "momentum" not in found
    assert found["weight_decay"] == (("weight_decay", 0.5),)
    assert found["dampening"] == (("dampening", 0.3),)
    assert switches(torch.optim.SGD)["dampening"] == (("momentum", 0.7), ("dampening", 0.3))
    assert value_for("d", 1.0) == 1.25
    assert value_for("mode", None) is None
    assert len(pairs(found)) == len(found) * (len(found) - 1) // 2
