"""Recordings made by hand, so that pictures are tested without running an optimizer."""

import numpy as np
import pytest

from descent.surfaces.field import Field
from descent.surfaces.surface import Minimum
from descent.trajectories.recording import Recipe, Recording
from descent.trajectories.trajectory import Trajectory, judge

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
        "grid": (41, 31),
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


@pytest.fixture(name="make_run", scope="session")
def _make_run():
    return make_run


@pytest.fixture(name="make_recording", scope="session")
def _make_recording():
    return make_recording


@pytest.fixture(name="named", scope="session")
def _named():
    return named


@pytest.fixture(name="shrinking", scope="session")
def _shrinking():
    return shrinking
