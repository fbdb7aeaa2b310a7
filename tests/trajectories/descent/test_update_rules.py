"""Trajectories of torch.optim against update rules written independently in float64 NumPy.

The gradients are analytic formulas in NumPy too, so nothing here goes through torch but the run under test.
"""

import math

import numpy as np
import pytest

from descent.surfaces import get
from descent.trajectories import descend

STEPS = 200


# Each rule: point, gradient, step number from 1, a dict that keeps state, options -> next point.


def sgd(p, g, t, s, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False):
    g = (-g if maximize else g) + weight_decay * p
    if momentum:
        s["m"] = g if t == 1 else momentum * s["m"] + (1 - dampening) * g
        g = g + momentum * s["m"] if nesterov else s["m"]
    return p - lr * g


def moments(g, t, s, betas):
    s["m"] = betas[0] * s.get("m", 0.0) + (1 - betas[0]) * g
    s["v"] = betas[1] * s.get("v", 0.0) + (1 - betas[1]) * g * g
    return s["m"], s["v"], 1 - betas[0] ** t, 1 - betas[1] ** t


def adam(p, g, t, s, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False, decoupled=False):
    if decoupled:
        p = p * (1 - lr * weight_decay)
    else:
        g = g + weight_decay * p
    m, v, c1, c2 = moments(g, t, s, betas)
    if amsgrad:
        s["largest"] = v = np.maximum(s.get("largest", 0.0), v)
    return p - lr * (m / c1) / (np.sqrt(v / c2) + eps)


def adamw(p, g, t, s, lr, weight_decay=0.01, **options):
    return adam(p, g, t, s, lr, weight_decay=weight_decay, decoupled=True, **options)


def sparseadam(p, g, t, s, lr, betas=(0.9, 0.999), eps=1e-8):
    m, v, c1, c2 = moments(g, t, s, betas)
    return p - lr * math.sqrt(c2) / c1 * m / (np.sqrt(v) + eps)  # eps is added before the correction


def rmsprop(p, g, t, s, lr, alpha=0.99, eps=1e-8, momentum=0.0, centered=False, weight_decay=0.0):
    g = g + weight_decay * p
    s["v"] = alpha * s.get("v", 0.0) + (1 - alpha) * g * g
    v = s["v"]
    if centered:
        s["mean"] = alpha * s.get("mean", 0.0) + (1 - alpha) * g
        v = v - s["mean"] ** 2
    scaled = g / (np.sqrt(v) + eps)
    if momentum:
        s["b"] = scaled = momentum * s.get("b", 0.0) + scaled
    return p - lr * scaled


def adagrad(p, g, t, s, lr, lr_decay=0.0, eps=1e-10, initial_accumulator_value=0.0):
    s["sum"] = s.get("sum", initial_accumulator_value) + g * g
    return p - lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(s["sum"]) + eps)


def adadelta(p, g, t, s, lr, rho=0.9, eps=1e-6):
    s["v"] = rho * s.get("v", 0.0) + (1 - rho) * g * g
    delta = np.sqrt(s.get("d", 0.0) + eps) / np.sqrt(s["v"] + eps) * g
    s["d"] = rho * s.get("d", 0.0) + (1 - rho) * delta * delta
    return p - lr * delta


def adamax(p, g, t, s, lr, betas=(0.9, 0.999), eps=1e-8):
    s["m"] = betas[0] * s.get("m", 0.0) + (1 - betas[0]) * g
    s["u"] = np.maximum(betas[1] * s.get("u", 0.0), np.abs(g) + eps)
    return p - lr / (1 - betas[0] ** t) * s["m"] / s["u"]


def nadam(p, g, t, s, lr, betas=(0.9, 0.999), eps=1e-8, momentum_decay=4e-3):
    m, v, _, c2 = moments(g, t, s, betas)
    now = betas[0] * (1 - 0.5 * 0.96 ** (t * momentum_decay))
    soon = betas[0] * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
    s["product"] = s.get("product", 1.0) * now
    blend = (1 - now) / (1 - s["product"]) * g + soon / (1 - s["product"] * soon) * m
    return p - lr * blend / (np.sqrt(v / c2) + eps)


def radam(p, g, t, s, lr, betas=(0.9, 0.999), eps=1e-8):
    m, v, c1, c2 = moments(g, t, s, betas)
    longest = 2 / (1 - betas[1]) - 1
    length = longest - 2 * t * betas[1] ** t / c2
    if length <= 5:
        return p - lr * m / c1
    r = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    return p - lr * (m / c1) * r * math.sqrt(c2) / (np.sqrt(v) + eps)


def rprop(p, g, t, s, lr, etas=(0.5, 1.2), step_sizes=(1e-6, 50.0)):
    agreement = np.sign(g * s.get("previous", 0.0))
    factor = np.where(agreement > 0, etas[1], np.where(agreement < 0, etas[0], 1.0))
    s["size"] = np.clip(s.get("size", np.full(2, lr)) * factor, *step_sizes)
    s["previous"] = np.where(agreement < 0, 0.0, g)
    return p - np.sign(s["previous"]) * s["size"]


def asgd(p, g, t, s, lr, lambd=1e-4, alpha=0.75):
    rate = lr if t == 1 else lr / (1 + lambd * lr * (t - 1)) ** alpha
    return p * (1 - lambd * rate) - rate * g


def adafactor(p, g, t, s, lr, beta2_decay=-0.8, eps=1e-3, d=1.0, weight_decay=0.0):
    def rms(a):
        return math.sqrt(np.mean(a * a))

    keep = 1 - t**beta2_decay
    size = max(eps, rms(p)) * min(lr, 1 / math.sqrt(t))
    s["v"] = keep * s.get("v", 0.0) + (1 - keep) * g * g
    update = g / np.sqrt(np.maximum(s["v"], np.finfo(np.float64).eps ** 2))
    return p * (1 - lr * weight_decay) - size / max(1.0, rms(update) / d) * update


RULES = {
    "sgd": sgd,
    "adam": adam,
    "adamw": adamw,
    "rmsprop": rmsprop,
    "adagrad": adagrad,
    "adadelta": adadelta,
    "adamax": adamax,
    "nadam": nadam,
    "radam": radam,
    "rprop": rprop,
    "asgd": asgd,
    "adafactor": adafactor,
    "sparseadam": sparseadam,
}

# Optimizer, options, and the kind of rate that it needs: in units of 1/curvature, or of length. Rules with
# a short memory circle around a minimum once they are there, and then amplify rounding errors: "short"
# rates keep them on their way for all of the steps.
CASES = [
    ("sgd", {}, "slope"),
    ("sgd", {"momentum": 0.9}, "slope"),
    ("sgd", {"momentum": 0.9, "nesterov": True}, "slope"),
    ("sgd", {"momentum": 0.9, "dampening": 0.5}, "slope"),
    ("sgd", {"weight_decay": 0.5}, "slope"),
    ("sgd", {"momentum": 0.5, "weight_decay": 0.1, "nesterov": True}, "slope"),
    ("asgd", {}, "slope"),
    ("asgd", {"lambd": 0.01, "alpha": 0.5}, "slope"),
    ("radam", {}, "slope"),
    ("adam", {}, "length"),
    ("adam", {"betas": (0.5, 0.9), "eps": 1e-4}, "short"),
    ("adam", {"amsgrad": True}, "length"),
    ("adam", {"weight_decay": 0.1}, "length"),
    ("adamw", {}, "length"),
    ("adamw", {"weight_decay": 0.3, "amsgrad": True}, "length"),
    ("rmsprop", {}, "length"),
    ("rmsprop", {"alpha": 0.9, "momentum": 0.5}, "short"),
    ("rmsprop", {"centered": True, "eps": 0.01}, "length"),
    ("rmsprop", {"weight_decay": 0.1}, "length"),
    ("adagrad", {}, "length"),
    ("adagrad", {"lr_decay": 0.01, "initial_accumulator_value": 0.1}, "length"),
    ("adadelta", {"rho": 0.8}, "length"),
    ("adamax", {}, "length"),
    ("nadam", {}, "length"),
    ("nadam", {"betas": (0.8, 0.99), "momentum_decay": 0.1}, "length"),
    ("rprop", {}, "length"),
    ("rprop", {"etas": (0.4, 1.1)}, "length"),
    ("adafactor", {}, "short"),
    ("adafactor", {"d": 2.0, "weight_decay": 0.1}, "short"),
    ("sparseadam", {}, "length"),
]


def beale_slope(p):
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    return np.array(
        [
            2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1),
            2 * a * x + 4 * b * x * y + 6 * c * x * y**2,
        ]
    )


def rosenbrock_slope(p):
    x, y = p
    return np.array([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])


def himmelblau_slope(p):
    x, y = p
    a, b = x**2 + y - 11, x + y**2 - 7
    return np.array([4 * a * x + 2 * b, 2 * a + 4 * b * y])


def booth_slope(p):
    x, y = p
    a, b = x + 2 * y - 7, 2 * x + y - 5
    return np.array([2 * a + 4 * b, 4 * a + 2 * b])


def styblinski_tang_slope(p):
    return (4 * p**3 - 32 * p + 5) / 2


def saddle_slope(p):
    return np.array([2 * p[0], -2 * p[1]])


# Surface -> slope, start, rate for the "slope" kind, rate for the "length" kind.
SURFACES = {
    "booth": (booth_slope, (-6.0, 4.0), 0.02, 0.2),
    "rosenbrock": (rosenbrock_slope, (-1.2, 1.0), 2e-4, 0.02),
    "beale": (beale_slope, (1.0, 1.5), 5e-4, 0.05),
    "himmelblau": (himmelblau_slope, (0.0, -1.0), 1e-3, 0.05),
    "styblinski_tang": (styblinski_tang_slope, (1.0, -0.5), 3e-3, 0.05),
    "saddle": (saddle_slope, (1.0, 1e-3), 5e-3, 0.01),
}

# Every case on half of the surfaces, so that each surface has half of the cases and each class meets all six,
# as long as it has two cases or more.
MATRIX = [
    pytest.param(surface, *case, id=f"{surface}-{case[0]}-{'-'.join(case[1]) or 'plain'}")
    for at, surface in enumerate(SURFACES)
    for number, case in enumerate(CASES)
    if (at + number) % 2 == 0
]


def run_rule(name, options, lr, slope, start):
    """Descend with the NumPy rule along the NumPy gradient."""
    state, points = {}, [np.array(start)]
    for t in range(1, STEPS + 1):
        points.append(RULES[name](points[-1], slope(points[-1]), t, state, lr, **options))
    return np.array(points)


def as_text(name, options, lr):
    values = {"lr": lr, **options}

    def text(value):
        return "/".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()

    return f"{name}:" + ",".join(f"{key}={text(value)}" for key, value in values.items())


@pytest.mark.parametrize(("surface", "name", "options", "kind"), MATRIX)
def test_torch_agrees_with_the_rule(surface, name, options, kind):
    slope, start, slope_rate, length_rate = SURFACES[surface]
    lr = {"slope": slope_rate, "length": length_rate, "short": length_rate / 40}[kind]
    trajectory = descend(get(surface), as_text(name, options, lr), start, STEPS)
    expected = run_rule(name, options, lr, slope, start)
    assert np.isfinite(expected).all()
    assert (
        np.abs(expected[-1] - expected[0]).max() > 1e-3
    )  # a run that stands still would agree with anything
    np.testing.assert_allclose(trajectory.points, expected, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(
        trajectory.gradients, [slope(point) for point in trajectory.points], rtol=1e-8, atol=1e-8
    )


def test_maximize_climbs():
    slope, start, lr, _ = SURFACES["saddle"]
    trajectory = descend(get("saddle"), f"sgd:lr={lr},maximize=true,momentum=0.5", start, STEPS)
    options = {"maximize": True, "momentum": 0.5}
    np.testing.assert_allclose(
        trajectory.points, run_rule("sgd", options, lr, slope, start), rtol=1e-8, atol=1e-8
    )
    assert trajectory.losses[-1] > trajectory.losses[0]


def test_a_chaotic_path_follows_the_rule_step_by_step():
    # At this rate the steps amplify rounding errors, so two right answers part ways: each step is compared.
    trajectory = descend(get("ackley"), "sgd:lr=0.5,momentum=0.9", (2.5, 2.1), STEPS)
    state = {}
    for t in range(1, STEPS + 1):
        here, gradient = trajectory.points[t - 1], trajectory.gradients[t - 1]
        expected = sgd(here, gradient, t, state, 0.5, momentum=0.9)
        np.testing.assert_allclose(trajectory.points[t], expected, rtol=1e-12, atol=1e-12)
