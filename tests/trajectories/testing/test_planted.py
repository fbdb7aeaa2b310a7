"""Wrong optimizers, many as in bug reports: each is caught, with the right check, step and quantity."""

import secrets
from collections import deque

import pytest
import torch

from descent import testing
from descent.trajectories.testing.shape_checks import ELEMENT_WISE, MIXING, PER_TENSOR

MATRIX = 2


def _pairs(tensor):
    return torch.view_as_real(tensor) if tensor.is_complex() else tensor


def sgd(bug=""):
    """Return a class that does what torch.optim.SGD does, but for a bug."""

    class SGD(torch.optim.Optimizer):
        def __init__(
            self,
            params,
            lr=0.01,
            momentum=0.0,
            dampening=0.0,
            weight_decay=0.0,
            nesterov=False,
            maximize=False,
        ):
            if (bug != "rate below zero" and lr < 0) or momentum < 0 or weight_decay < 0:
                raise ValueError("below zero")
            if nesterov and (momentum <= 0 or dampening):
                raise ValueError("nesterov needs momentum without dampening")
            options = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
            super().__init__(params, {**options, "nesterov": nesterov, "maximize": maximize})
            self.first = [list(group["params"]) for group in self.param_groups]
            self.rates = [group["lr"] for group in self.param_groups]
            self.kept, self.total, self.buffers = [], 0.0, {}

        @torch.no_grad()
        def step(self, closure=None):
            loss = None
            if closure is not None and bug != "deaf":
                with torch.enable_grad() if bug != "closure without gradients" else torch.no_grad():
                    loss = closure()
                    loss = closure() if bug == "closure twice" else loss
            for number, group in enumerate(self.param_groups):
                tensors = group["params"]
                if bug == "parameters of the start":
                    tensors = self.first[number] if number < len(self.first) else []
                for tensor in tensors:
                    if tensor.grad is None:
                        if bug == "decays what has no gradient":
                            tensor.mul_(1 - group["lr"] * group["weight_decay"])
                        continue
                    self.update(tensor, group, number)
            return None if bug == "no loss" else loss

        def update(self, p, group, number):
            g, state, lr = p.grad, self.state[p], group["lr"]
            if bug == "rate of the start" and number < len(self.rates):
                lr = self.rates[number]
            if bug == "rate of the first group":
                lr = self.param_groups[0]["lr"]
            decay, momentum = group["weight_decay"], group["momentum"]
            if bug == "decay of the defaults":
                decay = self.defaults["weight_decay"]
            if bug == "decay forgotten":
                decay = 0.0
            if bug == "decay always":
                decay = decay or 0.01
            if group["maximize"] and bug != "maximize forgotten":
                g = -g
            if bug == "gradient scaled in place":
                g.mul_(1.0 + 1e-3)
            if bug == "through float32" and not g.is_complex():
                g = g.float().to(p.dtype)
            if decay and bug == "decay into the gradient":
                g = g.add_(p, alpha=decay)
            elif decay and bug != "decay beside the buffer":
                g = g + (-decay if bug == "decay with the wrong sign" else decay) * p
            if bug == "maximize turns the decay" and decay and group["maximize"]:
                g = g - 2 * decay * p
            if momentum:
                buffers = self.buffers if bug == "buffers beside the state" else None
                buffer = state.get("buffer") if buffers is None else buffers.get(id(p))
                if buffer is None:
                    buffer = g if bug == "buffer is the gradient" else g.clone()
                    if bug == "first buffer dampened":
                        buffer = (1 - group["dampening"]) * g
                    if bug == "first buffer of zero":
                        buffer = (1 - momentum) * g
                else:
                    share = (
                        1 + group["dampening"]
                        if bug == "dampening with the wrong sign"
                        else 1 - group["dampening"]
                    )
                    buffer = momentum * buffer + share * g
                if buffers is None:
                    state["buffer"] = buffer
                else:
                    buffers[id(p)] = buffer
                if group["nesterov"] and bug == "nesterov looks back":
                    g = buffer + momentum * g
                elif group["nesterov"]:
                    g = g + momentum * buffer
                else:
                    g = buffer
            if decay and bug == "decay beside the buffer":
                g = g + decay * p
            factor = self.factor(p, g)
            if bug == "order":
                self.total = 0.9 * self.total + float(g.abs().sum())
                factor = 1 / (1 + self.total)
            if bug == "noise of the system":
                factor = 1 + secrets.randbelow(1000) / 1e4
            if bug == "keeps all":
                self.kept.append(g.clone())
            if bug == "a deque in the state":
                state["history"] = deque([1.0])
            if bug == "counts on itself":
                self.total += 1
                factor = 1 / (1 + 0.01 * self.total)
            if bug == "counts twice":
                state["step"] = state.get("step", 0) + 2
            if bug == "new memory":
                p.data = p.data - lr * g
            elif bug == "rate changed" and isinstance(lr, torch.Tensor):
                p.sub_(lr.mul_(0.9) * g)
            elif bug == "writes to a copy":
                p.reshape(-1).sub_((lr * g).reshape(-1))
            else:
                p.sub_(factor * lr * g)

        def factor(self, p, g):
            return {
                "matrices": 2.0 if p.ndim == MATRIX else 1.0,
                "tall matrices": max(1.0, p.shape[0] / p.shape[1]) ** 0.5 if p.ndim == MATRIX else 1.0,
                "kernels": 0.5 if p.ndim == 4 else 1.0,
                "scalars": 0.0 if p.ndim == 0 else 1.0,
                "numbers in it": 1 / max(p.numel(), 1),
                "per tensor": 1 / (1 + g.abs().sum()) if bug == "per tensor" else 1.0,
            }.get(bug, 1.0)

        def load_state_dict(self, state_dict):
            super().load_state_dict(state_dict | {"state": {}} if bug == "forgets on loading" else state_dict)

        def zero_grad(self, set_to_none=True):
            super().zero_grad(bug != "zero_grad never to none" and set_to_none)

        def __repr__(self):
            return "an optimizer" if bug == "nameless" else super().__repr__()

    return SGD


def adam(bug=""):
    """Return a class that does what torch.optim.AdamW does (or Adam where coupled), but for a bug."""

    class Adam(torch.optim.Optimizer):
        def __init__(
            self,
            params,
            lr=0.001,
            betas=(0.9, 0.999),
            eps=1e-8,
            weight_decay=0.01,
            amsgrad=False,
            maximize=False,
        ):
            if lr < 0 or eps < 0 or weight_decay < 0 or not all(0 <= beta < 1 for beta in betas):
                raise ValueError("out of range")
            options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
            super().__init__(params, {**options, "amsgrad": amsgrad, "maximize": maximize})

        @torch.no_grad()
        def step(self, closure=None):
            loss = None
            if closure is not None:
                with torch.enable_grad():
                    loss = closure()
            for group in self.param_groups:
                group["count"] = group.get("count", 0) + 1
                for tensor in group["params"]:
                    if tensor.grad is not None:
                        self.update(tensor, group)
                    elif bug == "state without gradient":
                        self.state[tensor]["m"] = torch.zeros_like(tensor)
            return loss

        def update(self, tensor, group):
            state = self.state[tensor]
            p, g = (
                (tensor, tensor.grad)
                if bug == "complex as one number"
                else (_pairs(tensor), _pairs(tensor.grad))
            )
            one, two = group["betas"][::-1] if bug == "betas swapped" else group["betas"]
            lr, eps = group["lr"], group["eps"]
            if group["maximize"] and bug != "maximize forgotten":
                g = -g
            if bug == "coupled decay":
                g = g + group["weight_decay"] * p
            elif bug == "decay without the rate":
                p.mul_(1 - group["weight_decay"])
            elif bug != "decay after the step":
                p.mul_(1 - lr * group["weight_decay"])
            state["k"] = state.get("k", 0) + 1
            k = state["k"]
            if bug == "steps of the group":
                k = group["count"]
            if bug == "steps of all parameters":
                k = self.count = getattr(self, "count", 0) + 1
            kept = torch.float16 if bug == "second moment in half precision" else p.dtype
            m = state.get("m", g if bug == "first moment begins as the gradient" else torch.zeros_like(p))
            v = state.get("v", torch.zeros_like(p)).to(p.dtype)
            m = one * m + (1 - two if bug == "first moment with both betas" else 1 - one) * g
            v = two * v + (1 - two) * g * g
            state["m"], state["v"] = m, v.to(kept)
            if group["amsgrad"] and bug != "amsgrad forgotten":
                v = state["max"] = torch.maximum(state.get("max", v), v)
                if bug == "amsgrad of the corrected":
                    v = state["max"] = torch.maximum(state["max"], v / (1 - two**k))
            if bug != "first moment not corrected":
                m = m / (1 - one**k)
            if bug == "epsilon before the correction":
                p.sub_(lr * m * (1 - two**k) ** 0.5 / (v.sqrt() + eps))
                return
            if bug != "second moment not corrected":
                v = v / (1 - two**k)
            p.sub_(lr * m / ((v + eps).sqrt() if bug == "epsilon inside the root" else v.sqrt() + eps))
            if bug == "decay after the step":
                p.mul_(1 - lr * group["weight_decay"])

    return Adam


def paths(bug):
    """Return torch's SGD whose foreach path has a bug of its own."""

    class Paths(torch.optim.SGD):
        def __init__(self, params, lr=0.01, momentum=0.9, weight_decay=0.1, foreach=False):
            super().__init__(params, lr, momentum, weight_decay=weight_decay, foreach=False)
            self.fast = foreach

        def step(self, closure=None):
            if self.fast and bug == "foreach forgets the decay":
                for group in self.param_groups:
                    group["weight_decay"] = 0.0
            if self.fast and bug == "foreach loses its state":
                self.state.clear()
            return super().step(closure)

    return Paths


def ways(bug):
    """Return torch's SGD with two more ways to compute a step, one of which has a bug of its own."""

    class Ways(torch.optim.SGD):
        def __init__(self, params, lr=0.01, weight_decay=0.1, differentiable=False, capturable=False):
            super().__init__(params, lr, weight_decay=weight_decay, differentiable=differentiable)
            self.captured = capturable

        def step(self, closure=None):
            late = bug == "capturable is late" and self.captured and not self.state
            for group in self.param_groups:
                if bug == "differentiable forgets the decay" and group["differentiable"]:
                    group["weight_decay"] = 0.0
                for parameter in group["params"]:
                    self.state[parameter]["seen"] = True
            return None if late else super().step(closure)

    return Ways


# --- against a reference: the report's words about where it shows, and the first step

ADAM, SGD = torch.optim.AdamW, torch.optim.SGD
AGAINST = [
    ("first moment not corrected", adam, "several, float64: differs from step 1 on, first in the update", 1),
    ("second moment not corrected", adam, "several, float64: differs from step 1 on, first in the update", 1),
    ("epsilon inside the root", adam, "several, float64: differs from step 1 on, first in the update", 1),
    (
        "epsilon before the correction",
        adam,
        "several, float64: differs from step 1 on, first in the update",
        1,
    ),
    ("coupled decay", adam, "several, float64: differs from step 1 on, first in the update", 1),
    ("decay without the rate", adam, "several, float64: differs from step 1 on, first in the update", 1),
    ("decay after the step", adam, "several, float64: differs from step 1 on, first in the update", 1),
    ("betas swapped", adam, "several, float64: differs from step 2 on, first in the update", 2),
    (
        "first moment with both betas",
        adam,
        "several, float64: differs from step 1 on, first in the update",
        1,
    ),
    ("first moment begins as the gradient", adam, "several, float64: differs from step 1 on, first", 1),
    (
        "second moment in half precision",
        adam,
        "several, float64: differs from step 2 on, first in the update",
        2,
    ),
    ("steps of the group", adam, "late, float64: differs from step 3 on, first in the update", 3),
    ("steps of all parameters", adam, "several, float64: differs from step 1 on, first in the update", 1),
    ("amsgrad forgotten", adam, "amsgrad changes nothing", 2),
    ("amsgrad of the corrected", adam, "amsgrad=True: differs from step 1 on, first in the update", 1),
    ("maximize forgotten", adam, "maximize changes nothing", 1),
    ("complex as one number", adam, "complex, float64: differs from step 1 on, first in the update", 1),
    ("decay forgotten", sgd, "weight_decay changes nothing", 1),
    ("decay with the wrong sign", sgd, "weight_decay=0.1: differs from step 1 on, first in the update", 1),
    ("decay beside the buffer", sgd, "momentum=0.7, weight_decay=0.1: differs from step 2 on", 1),
    ("decay of the defaults", sgd, "2 groups, weight_decay=0.1 in the second: differs from step 1 on", 1),
    ("decays what has no gradient", sgd, "weight_decay=0.1: differs from step 1 on, first in the update", 1),
    ("maximize turns the decay", sgd, "weight_decay=0.1, maximize=True: differs from step 1 on", 1),
    ("first buffer dampened", sgd, "momentum=0.7, dampening=0.3: differs from step 1 on", 1),
    ("first buffer of zero", sgd, "momentum=0.7: differs from step 1 on, first in the update", 1),
    ("dampening with the wrong sign", sgd, "momentum=0.7, dampening=0.3: differs from step 2 on", 2),
    ("nesterov looks back", sgd, "momentum=0.7, nesterov=True: differs from step 2 on", 2),
    ("rate of the first group", sgd, "only with groups 2", 1),
    ("rate of the start", sgd, "only with schedule step:step_size=7,gamma=0.5", 8),
    ("deaf", sgd, "only with closure True", 1),
    ("matrices", sgd, "in the parameter 'matrix' of shape (3, 4)", 1),
    ("tall matrices", sgd, "in the parameter 'tall' of shape (6, 2)", 1),
    ("kernels", sgd, "in the parameter 'kernel' of shape (2, 3, 2, 2)", 1),
    ("scalars", sgd, "in the parameter 'scalar' of shape ()", 1),
    ("numbers in it", sgd, "in the parameter 'vector' of shape (5,)", 1),
    ("through float32", sgd, "float64: differs from step 1 on, first in the update", 1),
    ("writes to a copy", sgd, "only with shape non-contiguous", 1),
    ("foreach forgets the decay", paths, "path foreach", 1),
    ("foreach loses its state", paths, "path foreach", 2),
    ("forgets on loading", sgd, "only with reload True", 4),
    ("differentiable forgets the decay", ways, "path differentiable", 1),
    ("capturable is late", ways, "path capturable", 1),
]


@pytest.mark.parametrize(("bug", "make", "words", "step"), AGAINST, ids=[each[0] for each in AGAINST])
def test_a_reference_catches_it_at_its_step(bug, make, words, step):
    options = {"lr": 0.01} | ({"momentum": 0.9} if bug == "forgets on loading" else {})
    theirs = {"lr": 0.01, "momentum": 0.9, "weight_decay": 0.1} if make is paths else None
    theirs = {"lr": 0.01, "weight_decay": 0.1} if make is ways else theirs
    found = testing.match(
        make(bug),
        ADAM if make is adam else SGD,
        options=options,
        reference_options=theirs,
        surfaces=["beale"] if bug in ("rate of the start", "deaf", "rate of the first group") else (),
        dtypes=["float64"],
    )
    failing = [each for each in found.results if not each.matches]
    assert failing, "not caught"
    assert words in str(found)
    firsts = [each.difference.first for each in failing if each.difference is not None]
    assert {first.quantity for first in firsts} == {"update"}
    assert min(first.step for first in firsts) == step


# --- without a reference: the check, the step and the quantity

ALONE = [
    ("gradient scaled in place", sgd, "gradients unchanged", 1, "gradient"),
    ("decay into the gradient", sgd, "gradients unchanged", 1, "gradient"),
    ("decay always", sgd, "zero gradients", 1, "update"),
    ("decays what has no gradient", sgd, "absent gradients", 1, "update"),
    ("state without gradient", adam, "absent gradients", 1, "state"),
    ("new memory", sgd, "in place", 2, "update"),
    ("deaf", sgd, "closure", 1, "loss"),
    ("closure twice", sgd, "closure", 1, "loss"),
    ("closure without gradients", sgd, "closure", 1, "loss"),
    ("no loss", sgd, "closure", 1, "loss"),
    ("zero_grad never to none", sgd, "zero_grad", 1, "gradient"),
    ("noise of the system", sgd, "same seed", 1, "update"),
    ("order", sgd, "order", 1, "update"),
    ("steps of all parameters", adam, "order", 1, "update"),
    ("rate of the start", sgd, "rate", 1, "update"),
    ("rate changed", sgd, "tensor rate", 1, "update"),
    ("foreach forgets the decay", paths, "paths", 1, "update"),
    ("foreach loses its state", paths, "paths", 2, "update"),
    ("differentiable forgets the decay", ways, "paths", 1, "update"),
    ("capturable is late", ways, "paths", 1, "update"),
    ("maximize forgotten", adam, "maximize", 1, "update"),
    ("maximize turns the decay", sgd, "maximize", 1, "update"),
    ("rate below zero", sgd, "errors", None, "error"),
    ("a deque in the state", sgd, "reload", 4, "state"),
    ("forgets on loading", sgd, "reload", 4, "update"),
    ("counts on itself", sgd, "reload", 4, "update"),
    ("buffers beside the state", sgd, "reload", 4, "update"),
    ("buffer is the gradient", sgd, "aliasing", 1, "state"),
    ("counts twice", sgd, "step count", 1, "state"),
    ("parameters of the start", sgd, "new group", 4, "update"),
    ("keeps all", sgd, "memory", 500, "state"),
    ("nameless", sgd, "repr", None, "state"),
    ("matrices", sgd, "shapes", 1, "update"),
    ("kernels", sgd, "shapes", 1, "update"),
    ("writes to a copy", sgd, "shapes", 1, "update"),
    ("complex as one number", adam, "complex", 1, "update"),
    ("decay forgotten", sgd, "options", None, "option"),
    ("amsgrad forgotten", adam, "options", None, "option"),
]


@pytest.mark.parametrize(
    ("bug", "make", "check", "step", "quantity"), ALONE, ids=[f"{each[0]}: {each[2]}" for each in ALONE]
)
def test_no_reference_is_needed_to_catch_it(bug, make, check, step, quantity):
    options = {"lr": 0.01}
    if make is sgd and check in ("reload", "aliasing"):
        options["momentum"] = 0.9
    if bug in ("decays what has no gradient", "maximize turns the decay"):
        options["weight_decay"] = 0.1
    found = testing.sound(make(bug), options=options, checks=[check])
    (fault,) = found.faults
    assert (fault.check, fault.step, fault.quantity) == (check, step, quantity), fault.words
    assert str(fault).startswith(f"{check}: ")
    assert testing.sound(make(""), options=options, checks=[check]).sound


def test_at_least_forty_bugs_are_planted():
    assert len({each[0] for each in AGAINST} | {each[0] for each in ALONE}) >= 50
    assert len({each[2] for each in ALONE}) >= 18


@pytest.mark.parametrize(("make", "reference"), [(adam, ADAM), (sgd, SGD)])
def test_without_a_bug_nothing_is_found(make, reference):
    found = testing.match(make(), reference, options={"lr": 0.01}, surfaces=["beale"])
    assert found.matches, str(found)
    found = testing.sound(make(), options={"lr": 0.01}, kind=ELEMENT_WISE)
    assert found.sound, str(found)
    assert len(found.findings) == len(testing.CHECKS) + 1


def test_what_an_update_mixes_is_found():
    kinds = {bug: testing.sound(sgd(bug), checks=[]).kind for bug in ("", "per tensor", "order")}
    assert kinds == {"": ELEMENT_WISE, "per tensor": PER_TENSOR, "order": MIXING}
    found = testing.sound(sgd("order"), checks=[], kind=ELEMENT_WISE)
    assert str(found.faults[0]) == "kind: its updates are mixing, and not element-wise"


# --- torch's own classes: what is found there is so

TORCH = {
    "ASGD": {"paths": "foreach goes elsewhere than single-tensor"},
    "Adafactor": {"shapes": "it fails on empty: ZeroDivisionError"},
    "LBFGS": {
        "copies": "no attribute '_params'",
        "shapes": "it fails on non-contiguous: RuntimeError: view size",
    },
    "Muon": {"errors": "it takes eps=-1.0 without an error", "options": "eps changes nothing"},
    "NAdam": {"reload": "saved and loaded before step 4, it goes elsewhere: from step 4 on"},
    "Rprop": {"rate": "a rate that is set in the groups before step 4 changes nothing"},
}
NAMES = [
    *("SGD", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "Adagrad", "Adadelta", "RMSprop", "Rprop"),
    *("Adafactor", "ASGD", "LBFGS", "Muon", "SparseAdam"),
]
if not hasattr(
    torch.optim, "Muon"
):  # torch 2.6, where torch.compile traces SparseAdam in some processes only
    TORCH["Adagrad"] = {"new group": "a group added before step 4 makes it fail: KeyError: 'sum'"}
    NAMES.remove("SparseAdam")


@pytest.mark.parametrize("name", NAMES)
def test_torchs_classes_are_sound_but_for_what_is_known(name):
    found = testing.sound(getattr(torch.optim, name), options={"lr": 0.05})
    faults = {each.check: each.words for each in found.faults}
    known = TORCH.get(name, {})
    assert faults.keys() == known.keys(), str(found)
    for check, words in known.items():
        assert words in faults[check]
    asked = [each for each in found.findings if each.state == "sound"]
    assert len(asked) >= 15
    assert ("note: options: t0 changes nothing" in str(found)) == (name == "ASGD")


def test_what_is_declared_is_no_fault_and_is_said():
    cannot = {"rate": "the rate is that of the first step", "option etas": "not wanted"}
    found = testing.assert_sound(torch.optim.Rprop, options={"lr": 0.01}, cannot=cannot)
    assert "declared: rate: the rate is that of the first step" in str(found)
    with pytest.raises(AssertionError, match="Rprop is not sound in 1 of 2"):
        testing.assert_sound(torch.optim.Rprop, checks=["rate"])


def test_the_report_begins_with_the_number_of_faults():
    texts = [str(testing.sound(sgd(bug), checks=["closure"])) for bug in ("", "deaf")]
    assert texts[0] == "SGD is sound in all 2 checks; its updates are element-wise"
    assert texts[1].splitlines() == [
        "SGD is not sound in 1 of 2 checks; its updates are element-wise",
        "  closure: step does not call its closure",
    ]


def test_an_option_that_would_end_the_process_ends_no_tests():
    class Exits(torch.optim.SGD):
        def __init__(self, params, lr=0.01, use_triton=False):
            if use_triton:
                raise SystemExit(1)
            super().__init__(params, lr)

    assert testing.sound(Exits, checks=["options"]).sound
    found = testing.match(Exits, Exits, surfaces=(), shapes=["several"], dtypes=["float64"])
    assert found.matches
    assert "Exits refuses: it ends the process: SystemExit(1)" in str(found)


def test_what_does_not_move_at_first_is_not_said_to_be_deaf():
    class Waits(torch.optim.SGD):
        def step(self, closure=None):
            self.state["steps"] = self.state.get("steps", 0) + 1
            return super().step(closure) if self.state["steps"] > 20 else None

    found = testing.sound(Waits, options={"lr": 0.01}, checks=["rate", "options", "new group"])
    assert [each.words for each in found.findings[1:]] == ["it moves nothing in 8 steps"] * 3
