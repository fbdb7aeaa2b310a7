"""Recordings made by hand, so that pictures are tested without running an optimizer."""

from functools import cache

import numpy as np
import pytest
from matplotlib.text import Text

from descent.surfaces.field import Field
from descent.surfaces.surface import Minimum
from descent.trajectories.results.network_runs import (
    Line,
    PlaneFacts,
    Samples,
    TrainedRun,
    Training,
    TrainingRecipe,
)
from descent.trajectories.results.recipe import Recipe
from descent.trajectories.results.recording import Recording
from descent.trajectories.results.trajectory import Outcome, Trajectory, judge

VIEW = ((-2.0, 2.0), (-1.5, 1.5))
START = (1.5, 1.0)
STEPS = 24


def bowl(points):
    with np.errstate(over="ignore", invalid="ignore"):
        return points[..., 0] ** 2 + 3 * points[..., 1] ** 2


def shrinking(factor_x, factor_y, steps=STEPS, start=START):
    k = np.arange(steps + 1)
    return np.column_stack([start[0] * factor_x**k, start[1] * factor_y**k])


def growing_past_all_numbers(steps=STEPS):
    """From the start out of the view, to 1e300, to infinity, to NaN."""
    points = shrinking(0.9, 0.8, steps)
    points[5:, 0] = 10.0 ** np.linspace(1, 300, steps - 4)
    points[5:, 1] = -(10.0 ** np.linspace(1, 150, steps - 4))
    points[-4:-2] = np.inf
    points[-2:] = np.nan
    return points


def changed(points, first, last, value):
    points = points.copy()
    points[first:last] = value
    return points


PATHS = {
    "inside": lambda: shrinking(0.9, 0.8),
    "wavy": lambda: shrinking(0.95, -0.9),
    "leaves": lambda: np.linspace(START, (3.5, -0.2), STEPS + 1),
    "far": lambda: changed(shrinking(0.9, 0.8), 10, None, (1e9, -1e12)),
    "huge": growing_past_all_numbers,
    "to infinity": lambda: changed(shrinking(0.9, 0.8), 8, None, np.inf),
    "to nan": lambda: changed(shrinking(0.9, 0.8), 8, None, np.nan),
    "nan between": lambda: changed(shrinking(0.9, 0.8), 8, 10, np.nan),
    "comes back": lambda: changed(shrinking(0.9, 0.8), 5, 9, (2.6, 0.3)),
    "short": lambda: shrinking(0.8, 0.7, steps=9),
    "still": lambda: np.tile(START, (STEPS + 1, 1)),
}


def make_run(path, spec="adam:lr=0.1", view=VIEW, losses=None, outcome=None):
    """Build a trajectory from a name in PATHS or from points (steps + 1, 2)."""
    points = np.asarray(PATHS[path]() if isinstance(path, str) else path, dtype=np.float64)
    losses = bowl(points) if losses is None else np.asarray(losses, dtype=np.float64)
    outcome = outcome or judge(points, losses, np.zeros_like(points), view)
    steps = len(points) - 1
    return Trajectory(spec, points, losses, np.zeros_like(points), np.full(steps, 0.1), outcome, steps)


def make_recording(
    *runs, view=VIEW, start=None, minima=((0.0, 0.0),), latex="x^2 + 3y^2", target="made_up", z=None, **recipe
):
    """Build a recording on a bowl from trajectories."""
    x, y = np.linspace(*view[0], 41), np.linspace(*view[1], 31)
    heights = bowl(np.stack(np.meshgrid(x, y), axis=-1)) if z is None else z
    begin = START if not runs else tuple(runs[0].points[0].tolist())
    facts = {
        "target": target,
        "specs": tuple(run.spec for run in runs),
        "start": begin if start is None else start,
        "steps": max((run.steps for run in runs), default=0),
        "seed": 0,
        "device": "cpu",
        "dtype": "float64",
        "view": view,
        "resolution": (41, 31),
        "versions": (("descent-viz", "0.1.0"), ("torch", "2.13.0")),
    }
    return Recording(
        Field(x, y, heights),
        tuple(runs),
        Recipe(**{**facts, **recipe}),
        tuple(Minimum(point, 0.0) for point in minima),
        latex,
    )


SPECS = ("sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=0.05", "sgd:lr=0.1")

RECORDINGS = {
    "two runs": ("inside", "wavy"),
    "one leaves": ("inside", "leaves"),
    "one comes back": ("comes back", "inside"),
    "diverging": ("inside", "far", "huge"),
    "to infinity": ("to infinity", "inside"),
    "to nan": ("to nan", "inside"),
    "nan between": ("nan between", "inside"),
    "all gone": ("huge", "far", "to nan", "leaves"),
    "unequal lengths": ("short", "inside", "wavy"),
    "standing still": ("still",),
}


def named(name):
    """Build one of RECORDINGS, or one whose start lies outside the view."""
    if name == "start outside":
        path = np.linspace((3.0, 2.0), (0.1, 0.1), STEPS + 1)
        return make_recording(make_run(path))
    if name == "never in view":
        return make_recording(make_run(np.linspace((3.0, 2.0), (9.0, 9.0), STEPS + 1)))
    if name == "one step":
        return make_recording(make_run(shrinking(0.5, 0.5, steps=1)))
    if name == "no runs":
        return make_recording()
    return make_recording(*(make_run(path, spec) for path, spec in zip(RECORDINGS[name], SPECS)))  # noqa: B905


# --- recordings of networks: really trained, by hand, so that their pictures look like pictures


def moons(rng, count):
    angle, upper = np.pi * rng.random(count), rng.random(count) < 0.5
    x = np.where(upper, np.cos(angle), 1 - np.cos(angle)), np.where(upper, np.sin(angle), 0.5 - np.sin(angle))
    return np.column_stack(x) + 0.15 * rng.normal(size=(count, 2)), (~upper).astype(int)


def blobs(rng, count):
    y = rng.integers(0, 3, count)
    centres = np.array([(-1.2, -0.8), (1.3, -0.6), (0.1, 1.3)])
    return centres[y] + 0.6 * rng.normal(size=(count, 2)), y


def waves(rng, count):
    x = np.sort(rng.uniform(-2, 2, (count, 1)), axis=0)
    return x, np.sin(2.5 * x[:, 0]) + 0.15 * rng.normal(size=count)


def line(rng, count):
    x = rng.normal(size=(count, 1))
    return x, 0.8 * x[:, 0] - 0.3 + 0.2 * rng.normal(size=count)


class Tiny:
    """One hidden layer of tanh, or a straight line; classes by softmax, else squared errors."""

    def __init__(self, data, hidden):
        rng = np.random.default_rng(5)
        self.x, self.y = data(rng, 90)
        self.others = [data(rng, 60), data(rng, 60)]  # for validation and test
        self.classes = 0 if self.y.dtype == float else int(self.y.max()) + 1
        width, out = self.x.shape[1], max(self.classes, 1)
        self.shapes = [(out, width), (out,)]
        if hidden:
            self.shapes = [(hidden, width), (hidden,), (out, hidden), (out,)]
        self.first = np.concatenate([rng.normal(size=shape).ravel() for shape in self.shapes]) * 0.7

    def split(self, w):
        ends = np.cumsum([np.prod(shape) for shape in self.shapes])[:-1].astype(int)
        return [part.reshape(shape) for part, shape in zip(np.split(w, ends), self.shapes, strict=True)]

    def __call__(self, w, x):
        *layers, weight, bias = self.split(w)
        hidden = np.tanh(x @ layers[0].T + layers[1]) if layers else x
        z = hidden @ weight.T + bias
        if self.classes:
            z = np.exp(z - z.max(axis=1, keepdims=True))
            z /= z.sum(axis=1, keepdims=True)
        return z, hidden

    def loss(self, w, x=None, y=None):
        x, y = (self.x, self.y) if x is None else (x, y)
        with np.errstate(over="ignore", invalid="ignore"):
            p = self(w, x)[0]
            if self.classes:
                return float(-np.log(np.maximum(p[np.arange(len(y)), y], 1e-12)).mean())
            return float(((p[:, 0] - y) ** 2).mean())

    def metric(self, w, x, y):
        p = self(w, x)[0]
        return float((p.argmax(1) == y).mean() if self.classes else np.sqrt(((p[:, 0] - y) ** 2).mean()))

    def gradient(self, w, x, y):
        p, hidden = self(w, x)
        *layers, weight, _ = self.split(w)
        back = (p - np.eye(self.classes)[y]) / len(y) if self.classes else 2 * (p - y[:, None]) / len(y)
        parts = [back.T @ hidden, back.sum(0)]
        if layers:
            inner = (back @ weight) * (1 - hidden**2)
            parts = [inner.T @ x, inner.sum(0), *parts]
        return np.concatenate([part.ravel() for part in parts])


NETWORKS = {
    "moons": ("mlp:hidden=8,activation=tanh", moons, 8),
    "blobs": ("mlp:hidden=6,activation=tanh", blobs, 6),
    "waves": ("mlp:hidden=10,activation=tanh", waves, 10),
    "line": ("linear", line, 0),
}
BATCH = 15


def descend(tiny, spec, steps):
    rng, w = np.random.default_rng(1), tiny.first.copy()
    name, _, rest = spec.partition(":")
    rate = float(rest.partition("@")[0].partition("lr=")[2].partition(",")[0])
    first, second, weights, gradients = 0.0, 0.0, [w], []
    order = np.concatenate([rng.permutation(len(tiny.x)) for _ in range(steps * BATCH // len(tiny.x) + 1)])
    for k in range(steps):
        rows = order[k * BATCH : (k + 1) * BATCH]
        with np.errstate(over="ignore", invalid="ignore"):
            g = tiny.gradient(w, tiny.x[rows], tiny.y[rows])
            step = g
            if name == "adam":
                first, second = 0.9 * first + 0.1 * g, 0.99 * second + 0.01 * g * g
                step = first / (1 - 0.9 ** (k + 1)) / (np.sqrt(second / (1 - 0.99 ** (k + 1))) + 1e-8)
            w = w - rate * step
        gradients.append(g)
        weights.append(w)
    return np.array(weights), np.array([*gradients, np.full_like(w, np.nan)]), rate


def make_network(
    kind="moons",
    specs=("sgd:lr=0.2", "adam:lr=0.05"),
    steps=60,
    every=1,
    fitted=None,
    stop=None,
    view=None,
    **recipe,
):
    """Train a tiny network by each spec, and record it on the plane of its paths."""
    target, data, hidden = NETWORKS[kind]
    tiny = Tiny(data, hidden)
    ran = [descend(tiny, spec, stop if stop and k == 0 else steps) for k, spec in enumerate(specs)]
    exact = tiny.first.size == 2
    fitted = tuple(range(len(specs))) if fitted is None else fitted
    seen = np.concatenate([ran[k][0][np.abs(ran[k][0]).max(axis=1) < 1e3] for k in fitted])
    origin = np.zeros(2) if exact else seen.mean(axis=0)
    _, s, axes = np.linalg.svd(seen - origin, full_matrices=False)
    directions = np.eye(2) if exact else axes[:2]
    explained = (1.0, 0.0) if exact else tuple((s**2 / (s**2).sum())[:2].tolist())
    spots = (seen - origin) @ directions.T
    low, high = spots.min(axis=0), spots.max(axis=0)
    pad = 0.2 * (high - low).max()
    view = view or ((low[0] - pad, high[0] + pad), (low[1] - pad, high[1] + pad))
    x, y = np.linspace(*view[0], 31), np.linspace(*view[1], 25)
    z = np.array([[tiny.loss(origin + np.array([a, b]) @ directions) for a in x] for b in y])
    inputs = tiny.x.shape[1]
    edges = [(tiny.x[:, k].min() - 0.4, tiny.x[:, k].max() + 0.4) for k in range(inputs)]
    grid = tuple(np.linspace(*edge, 33) for edge in edges)
    places = np.stack(np.meshgrid(*grid, indexing="ij"), axis=-1).reshape(-1, inputs)
    runs, trained, per_epoch = [], [], len(tiny.x) // BATCH

    def single(values):
        with np.errstate(over="ignore"):
            return values.astype(np.float32)

    for spec, (weights, gradients, rate) in zip(specs, ran, strict=True):
        count = len(weights) - 1
        kept = np.unique([*range(0, count + 1, every), count])
        points = (weights[kept] - origin) @ directions.T
        losses = np.array([tiny.loss(w) for w in weights[kept]])
        flat = gradients[kept] @ directions.T
        outcome = Outcome("stopped early", count) if stop and count == stop else None
        outcome = outcome or judge(points, losses, np.nan_to_num(flat), view)
        runs.append(Trajectory(spec, points, losses, flat, np.full(count, rate), outcome, count, kept))
        nearest = origin + points @ directions
        at = np.arange(0, count + 1, per_epoch)
        table = [
            [k]
            + [
                f(weights[k], *part)
                for part in ((tiny.x, tiny.y), tiny.others[0])
                for f in (tiny.loss, tiny.metric)
            ]
            for k in at
        ]
        parts = [
            np.stack([tiny.split(g)[k].ravel() for g in gradients[kept]])
            for k in range(0, len(tiny.shapes), 2)
        ]
        moves = np.vstack([np.diff(weights, axis=0), np.full_like(weights[:1], np.nan)])[kept]
        sizes = [
            [
                np.linalg.norm(tiny.split(m)[k]) / np.linalg.norm(tiny.split(w)[k])
                for k in range(0, len(tiny.shapes), 2)
            ]
            for m, w in zip(moves, weights[kept], strict=True)
        ]
        shown = np.stack([tiny(w, places)[0].T.reshape(-1, *(33,) * inputs) for w in weights[kept]])
        test = (tiny.loss(weights[-1], *tiny.others[1]), tiny.metric(weights[-1], *tiny.others[1]))
        trained.append(
            TrainedRun(
                batch_losses=np.zeros(count),
                slice_losses=np.array([tiny.loss(w) for w in nearest]),
                distances=np.linalg.norm(weights[kept] - nearest, axis=1) * (not exact),
                moved=np.linalg.norm(weights[kept] - weights[0], axis=1),
                gradient_norms=np.stack([np.linalg.norm(part, axis=1) for part in parts], axis=1),
                update_ratios=np.array(sizes),
                epochs=np.array(table),
                test=np.array(test),
                heat=single(np.stack([tiny.split(g)[0] for g in gradients[kept]])),
                outputs=single(shown[:, 1:2] if tiny.classes == 2 else shown),
            )
        )
    lines = []
    for one, other in ((0, 1),) if len(specs) > 1 else ():
        a, (first, second) = np.linspace(0, 1, 21), (ran[one][0][-1], ran[other][0][-1])
        between = [(1 - t) * first + t * second for t in a]
        lines.append(
            Line(
                (one, other),
                a,
                np.array([tiny.loss(w) for w in between]),
                np.array([tiny.loss(w, *tiny.others[0]) for w in between]),
            )
        )
    names = ("weight", "bias") if exact else ("PC 1", "PC 2")
    meaning = (
        "The axes are the network's two parameters, so the plane hides nothing."
        if exact
        else "The axes are the two directions in which the paths spread most (principal components)."
    )
    training = Training(
        plane=PlaneFacts("weights" if exact else "pca", names, meaning, explained, () if exact else fitted),
        layers=("hidden", "output") if hidden else ("linear",),
        parameters=tiny.first.size,
        sizes=(90, 60, 60),
        measured=90,
        metric="accuracy" if tiny.classes else "RMSE",
        runs=tuple(trained),
        lines=tuple(lines),
        samples=Samples(tiny.x, tiny.y.astype(float), tiny.classes, ("x", "y")[:inputs], grid),
    )
    facts = {
        "target": target,
        "specs": tuple(specs),
        "start": tuple(runs[0].points[0].tolist()),
        "steps": steps,
        "seed": 0,
        "device": "cpu",
        "dtype": "float32",
        "view": view,
        "resolution": (31, 25),
        "versions": (("descent-viz", "0.1.0"), ("torch", "2.13.0")),
        "training": TrainingRecipe(
            data=kind,
            loss="cross entropy" if tiny.classes else "MSE",
            epochs=-(-steps // per_epoch),
            batch_size=BATCH,
            val=0.2,
            test=0.2,
            patience=None,
            plane="auto",
            field_of="train",
            snapshots=500,
            layer="hidden",
            schedule_per="epoch",
        ),
    }
    return Recording(Field(x, y, z), tuple(runs), Recipe(**{**facts, **recipe}), training=training)


@pytest.fixture(name="make_network", scope="session")
def _make_network():
    return cache(make_network)


def remembered(make):
    """The same thing for the same arguments, where they can be keys; what is drawn of it can be shared."""
    kept = {}

    def made(*arguments, **options):
        key = (arguments, *sorted(options.items()))
        try:
            known = key in kept
        except TypeError:  # arrays, lists
            return make(*arguments, **options)
        if not known:
            kept[key] = make(*arguments, **options)
        return kept[key]

    return made


@pytest.fixture(name="make_run", scope="session")
def _make_run():
    return remembered(make_run)


@pytest.fixture(name="make_recording", scope="session")
def _make_recording():
    return remembered(make_recording)


@pytest.fixture(name="named", scope="session")
def _named():
    return cache(named)


@pytest.fixture(scope="session")
def shown_texts():
    """Lists all texts that a stage draws; of the numbers at ticks, those within their axes' limits."""

    def shown(stage):
        hidden = set()
        for axes in stage.figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                low, high = sorted(axis.get_view_interval())
                slack = 1e-9 * (high - low)
                for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                    if not axes.axison or not low - slack <= tick.get_loc() <= high + slack:
                        hidden |= {id(tick.label1), id(tick.label2)}
        return [
            text
            for text in stage.figure.findobj(Text)
            if text.get_visible() and text.get_text().strip() and id(text) not in hidden
        ]

    return shown


@pytest.fixture(name="shrinking", scope="session")
def _shrinking():
    return shrinking
