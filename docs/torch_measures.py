"""What the table of docs/torch_surprises.py measures: loops of plain torch, and figures as text."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import optim
from torch.optim import lr_scheduler as lr

CLASSES = [
    *(optim.Adadelta, optim.Adafactor, optim.Adagrad, optim.Adam, optim.Adamax, optim.AdamW, optim.ASGD),
    *(optim.LBFGS, optim.Muon, optim.NAdam, optim.RAdam, optim.RMSprop, optim.Rprop, optim.SGD),
    optim.SparseAdam,
]


class Run(NamedTuple):
    points: torch.Tensor  # (steps + 1, n)
    rates: list[float]
    groups: list[dict[str, Any]]  # the parameter group before each step
    optimizer: optim.Optimizer
    evaluations: int


def beale(p):
    x, y = p
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def rosenbrock(p):
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def bowl(p):
    return (p * p).sum()


def slope(p):
    return p.sum()


def run(cls, loss, start, steps, schedule=None, **options):
    """Do what every course does, with a closure for all."""
    point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = cls([point], **options)
    scheduler = None if schedule is None else schedule(optimizer)
    points, rates, groups, evaluations = [point.detach().clone()], [], [], []

    def closure():
        optimizer.zero_grad()
        value = loss(point)
        value.backward()
        evaluations.append(value.item())
        return value

    for _ in range(steps):
        groups.append({key: each for key, each in optimizer.param_groups[0].items() if key != "params"})
        rates.append(float(groups[-1]["lr"]))
        optimizer.step(closure)
        if scheduler is not None:
            scheduler.step()
        points.append(point.detach().reshape(-1).clone())
    return Run(torch.stack([each.reshape(-1) for each in points]), rates, groups, optimizer, len(evaluations))


def lengths(made):
    return made.points.diff(dim=0).norm(dim=1).tolist()


def short(*values):
    return tuple(f"{value:.3g}" for value in values)


def digit(difference):
    """In which digit after the point two numbers first differ."""
    return (f"{-math.floor(math.log10(difference))}",)


def refusing(schedule):
    """The classes whose optimizers a schedule refuses."""
    refused = []
    for cls in CLASSES:
        try:
            schedule(cls([torch.zeros(2, 2, requires_grad=True)]))
        except ValueError:
            refused.append(cls.__name__)
    return refused


def line_search():
    options = {"line_search_fn": "strong_wolfe", "max_iter": 1}
    stuck = run(optim.LBFGS, rosenbrock, (-1.2, 1.0), 100, **options)
    free = run(optim.LBFGS, rosenbrock, (-1.2, 1.0), 100, max_eval=25, **options)
    return short(max(lengths(stuck)), rosenbrock(free.points[-1]))


def evaluations():
    return (f"{run(optim.LBFGS, beale, (1.0, 1.5), 1).evaluations}",)


def asgd_foreach():
    plain, other = (run(optim.ASGD, beale, (1.0, 1.5), 100, lr=0.005, foreach=each) for each in (False, True))
    return digit(float((plain.points - other.points).abs().max()))


def asgd_rate():
    asgd = run(optim.ASGD, beale, (1.0, 1.5), 100, lr=0.005, lambd=0, alpha=0)
    sgd = run(optim.SGD, beale, (1.0, 1.5), 100, lr=0.005)
    single = run(optim.SGD, beale, (1.0, 1.5), 100, lr=float(np.float32(0.005)))
    assert torch.equal(asgd.points, single.points)
    return digit(float((asgd.points - sgd.points).abs().max()))


def asgd_late():
    made = run(
        optim.ASGD,
        slope,
        (0.0, 0.0),
        4,
        lambda each: lr.StepLR(each, 2, 0.1),
        lr=1.0,
        lambd=0,
        alpha=0,
    )
    return (listing(made.rates), listing((-made.points.diff(dim=0)[:, 0]).tolist()))


def asgd_average():
    made = run(optim.ASGD, beale, (1.0, 1.5), 1000, lr=0.005, t0=0)
    (state,) = made.optimizer.state.values()
    return short(beale(made.points[-1]), beale(state["ax"]))


def rprop_schedule():
    plain = run(optim.Rprop, beale, (1.0, 1.5), 50, lr=0.01)
    falling = run(optim.Rprop, beale, (1.0, 1.5), 50, lambda each: lr.StepLR(each, 5, 0.1), lr=0.01)
    assert torch.equal(plain.points, falling.points)
    return short(falling.rates[-1])


def rprop_grows():
    made = lengths(run(optim.Rprop, slope, (0.0, 0.0), 31, lr=0.01))
    return short(made[0] / math.sqrt(2), made[30] / math.sqrt(2))


def first_rates():
    schedules = (
        lambda each: lr.OneCycleLR(each, 0.1, total_steps=200),
        lr.LinearLR,
        lr.ConstantLR,
        lambda each: lr.CyclicLR(each, 0.01, 0.1),
    )
    return short(*(run(optim.SGD, bowl, (1.0, 1.0), 1, each, lr=0.1).rates[0] for each in schedules))


def momenta():
    one = run(
        optim.SGD, bowl, (1.0, 1.0), 100, lambda each: lr.OneCycleLR(each, 0.1, total_steps=100), lr=0.1
    )
    cyclic = run(
        optim.Adam,
        bowl,
        (1.0, 1.0),
        100,
        lambda each: lr.CyclicLR(each, 0.01, 0.1, step_size_up=50),
        lr=0.1,
    )
    moved = [group["momentum"] for group in one.groups]
    betas = [group["betas"][0] for group in cyclic.groups]
    return short(max(moved), min(moved), max(betas), min(betas))


def momentum_lost():
    with_it = run(
        optim.SGD, beale, (1.0, 1.5), 100, lambda each: lr.OneCycleLR(each, 0.01, total_steps=100), lr=0.01
    )
    without = run(
        optim.SGD,
        beale,
        (1.0, 1.5),
        100,
        lambda each: lr.OneCycleLR(each, 0.01, total_steps=100, cycle_momentum=False),
        lr=0.01,
    )
    return short(beale(without.points[-1]), beale(with_it.points[-1]))


def refused():
    one = refusing(lambda each: lr.OneCycleLR(each, 0.1, total_steps=10))
    assert one == refusing(lambda each: lr.CyclicLR(each, 0.01, 0.1))
    assert not refusing(lambda each: lr.OneCycleLR(each, 0.1, total_steps=10, cycle_momentum=False))
    return (", ".join(one),)


def too_many():
    scheduler = lr.OneCycleLR(optim.SGD([torch.zeros(1)]), 0.1, total_steps=10)
    for count in range(1, 20):
        try:
            scheduler.step()
        except ValueError:
            return (f"{count}",)
    raise AssertionError


def cosine_rises():
    made = run(optim.SGD, bowl, (1.0, 1.0), 101, lambda each: lr.CosineAnnealingLR(each, 50), lr=0.1)
    return short(made.rates[50], made.rates[75], made.rates[100])


def polynomial_stops():
    made = run(optim.SGD, bowl, (1.0, 1.0), 20, lr.PolynomialLR, lr=0.1)
    return (f"{made.rates.index(0.0)}",)


def plateau_below_zero():
    optimizer = optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = lr.ReduceLROnPlateau(optimizer, patience=0)
    losses = [-1 + 0.00009 * k for k in range(100)]  # each worse than the one before
    for each in losses:
        scheduler.step(each)
    return short(losses[0], losses[-1], optimizer.param_groups[0]["lr"])


def radam_first():
    radam, adam = (lengths(run(each, beale, (1.0, 1.5), 7, lr=0.001)) for each in (optim.RAdam, optim.Adam))
    return (listing(radam), *short(max(adam)))


def decay():
    adam, adamw = (
        run(each, bowl_far, (0.0, 0.0), 2000, lr=0.01, weight_decay=0.1) for each in (optim.Adam, optim.AdamW)
    )
    return (listing(adam.points[-1].tolist()), listing(adamw.points[-1].tolist()))


def bowl_far(p):
    """Its minimum is at (3, 3), and it is a hundred times flatter along y."""
    return ((p - 3) ** 2 * p.new_tensor([1.0, 0.01])).sum()


def default_decay():
    found = {}
    for cls in CLASSES:
        usual = cls([torch.zeros(2, 2, requires_grad=True)]).defaults.get("weight_decay")
        if usual:
            found[cls.__name__] = usual
    kept = [run(each, flat, [[1.0, 1.0]], 200, lr=0.1) for each in (optim.AdamW, optim.Muon)]
    return (
        ", ".join(f"{usual:g} in {name}" for name, usual in found.items()),
        *short(*(float(each.points[-1, 0]) for each in kept)),
    )


def flat(p):
    return (p * 0).sum()


def default_rates():
    by_rate: dict[float, list[str]] = {}
    for cls in CLASSES:
        usual = cls([torch.zeros(2, 2, requires_grad=True)]).defaults["lr"]
        by_rate.setdefault(usual, []).append(cls.__name__)
    return ("; ".join(f"{rate:g} {', '.join(by_rate[rate])}" for rate in sorted(by_rate)),)


def adadelta():
    return short(lengths(run(optim.Adadelta, slope, (0.0, 0.0), 1))[0] / math.sqrt(2))


def rmsprop():
    made = lengths(run(optim.RMSprop, slope, (0.0, 0.0), 100, lr=0.01))
    return short(made[0] / math.sqrt(2), made[99] / math.sqrt(2))


def centred():
    plain, centred = (
        lengths(run(optim.RMSprop, slope, (0.0, 0.0), 300, lr=0.01, centered=each)) for each in (False, True)
    )
    return short(plain[-1] / math.sqrt(2), centred[-1] / math.sqrt(2))


def dampening():
    made = run(optim.SGD, slope, (0.0, 0.0), 3, lr=1.0, momentum=0.5, dampening=0.5)
    everywhere = [1 - 0.5**k for k in (1, 2, 3)]
    return (listing((-made.points.diff(dim=0)[:, 0]).tolist()), listing(everywhere))


def adagrad():
    """One slope of 100 at first, then 1."""
    point = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = optim.Adagrad([point], lr=0.1)
    before = 0.0
    for k in range(201):
        point.grad = torch.tensor([100.0 if k == 0 else 1.0], dtype=torch.float64)
        before = point.item()
        optimizer.step()
    return short(before - point.item(), 0.1 / math.sqrt(200))


def adafactor():
    one, hundred, zero = (
        lengths(run(optim.Adafactor, slope, (each, each), 1, lr=0.01))[0] / math.sqrt(2)
        for each in (1.0, 100.0, 0.0)
    )
    return short(one, hundred, zero)


def adafactor_rate():
    made = run(optim.Adafactor, lambda p: -slope(p), (1.0, 1.0), 100, lr=1.0)
    size = made.points[:-1].norm(dim=1).tolist()
    shares = [step / each for step, each in zip(lengths(made), size, strict=True)]
    return short(shares[0], shares[24], shares[99])


def nadam():
    made = run(optim.NAdam, slope, (0.0, 0.0), 100)
    (state,) = made.optimizer.state.values()
    first = run(optim.NAdam, slope, (0.0, 0.0), 99).optimizer
    (before,) = first.state.values()
    start = 0.9 * (1 - 0.5 * 0.96 ** (1 * 0.004))
    return short(start, float(state["mu_product"] / before["mu_product"]))


def muon_vector():
    try:
        optim.Muon([torch.zeros(2, requires_grad=True)])
    except ValueError as error:
        return (str(error).split(",")[0],)
    raise AssertionError


def muon_digits():
    made = run(optim.Muon, slope, [[0.0, 0.0]], 5, lr=1.0, weight_decay=0.0)
    update = made.points.diff(dim=0)
    assert torch.equal(update[0], update[0].bfloat16().double())
    return short(math.sqrt(0.5), -float(update[0, 0]))


def nesterov():
    try:
        optim.SGD([torch.zeros(2, requires_grad=True)], nesterov=True)
    except ValueError as error:
        return (str(error),)
    raise AssertionError


def listing(values):
    return ", ".join(f"{value:.3g}" for value in values)
