"""Lines of equal height: those that are there, and no others."""

from dataclasses import replace

import numpy as np
import pytest
from contourpy import contour_generator
from matplotlib.contour import QuadContourSet
from matplotlib.path import Path

import descent
from descent.surfaces.catalogue import CATALOGUE
from descent.surfaces.field import Field
from descent.trajectories.experiments.bare_surface import survey
from descent.viz.canvas.stage import compile_scene
from descent.viz.contour.finer import between, finer
from descent.viz.scenes.scaled import recording_heights
from descent.viz.scenes.scene import compose

FINE = 1501  # points a side from which the lines are drawn that should be there
SEEN = 4.0  # pixels: a line counts as drawn too many, or as missing, if it is longer
SPARED = 1.5  # pixels: if one is there that is longer than this, it is the same line
THIN = 1.0  # pixels: what a closed line goes around may be missing where it is thinner on the average
NEAR = 0.02  # bands: which sides a line joins at a pass may be as at a level so much higher or lower
# Ridges without any width, along its axes: of lines beside them, dashes are drawn.
CREASED = {"cross_in_tray"}
FLAT = [name for name, entry in CATALOGUE.items() if entry.kind != "one parameter"]


def lengths(lines, axes):
    """Return the longer side of each line's box in pixels, and whether it is a thin loop."""
    found = []
    for line in lines:
        place = axes.transData.transform(line)
        closed = np.allclose(place[0], place[-1])
        x, y = (place - place[0]).T
        area = abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
        around = np.hypot(*np.diff(place, axis=0).T).sum()
        found.append((np.ptp(place, axis=0).max(), closed and 2 * area < THIN * around))
    return np.array(found, dtype=float).reshape(-1, 2)


def drawn_lines(axes):
    """Return the level and the lines (n, 2) of each contour line drawn."""
    (lines,) = (each for each in axes.collections if isinstance(each, QuadContourSet) and not each.filled)
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        yield level, np.split(path.vertices, np.flatnonzero(path.codes == Path.MOVETO))[1:]


def invented_and_missing(surface, how="auto", pixels=960):
    """Return how many of the lines drawn are not there, and how many that are there are not drawn."""
    recording = survey(surface)
    stage = compile_scene(compose(recording, size=(pixels, round(pixels / 1.6)), heights=how))
    axes = next(
        each for each in stage.figure.axes if any(isinstance(one, QuadContourSet) for one in each.collections)
    )
    heights = recording_heights(recording, how)
    true = descent.surfaces.sample(surface, resolution=(FINE, FINE))
    z = np.log10(np.maximum(true.z - heights.base, 10 ** heights.levels[0] / 10)) if heights.log else true.z
    lines = contour_generator(true.x, true.y, z)
    invented = missing = 0
    near = NEAR * (heights.levels[1] - heights.levels[0])
    for level, found in drawn_lines(axes):
        drawn = lengths(found, axes)
        there = [lengths(lines.lines(level + off), axes) for off in (0, -near, near)]
        most = max((each[:, 0] > SPARED).sum() for each in there)
        least = min(((each[:, 0] > SEEN) & (each[:, 1] == 0)).sum() for each in there)
        invented += max(0, (drawn[:, 0] > SEEN).sum() - most)
        missing += max(0, least - (drawn[:, 0] > SPARED).sum())
    return int(invented), int(missing)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in FLAT if name not in CREASED])
def test_every_line_that_can_be_seen_is_there_and_none_is_invented(name):
    assert invented_and_missing(descent.surfaces.get(name)) == (0, 0)


@pytest.mark.parametrize("name", ["rosenbrock", "leon", "beale"])
@pytest.mark.parametrize(("pixels", "wider"), [(480, 1), (960, 2), (1920, 3)])
def test_narrow_valleys_are_not_cut_into_islands(name, pixels, wider):
    surface = descent.surfaces.get(name)
    view = tuple(
        ((a + b) / 2 - wider * (b - a) / 2, (a + b) / 2 + wider * (b - a) / 2) for a, b in surface.view
    )
    assert invented_and_missing(replace(surface, view=view), pixels=pixels)[0] == 0


def fields(z):
    z = np.asarray(z, dtype=float)
    return Field(np.arange(z.shape[1], dtype=float), np.arange(z.shape[0], dtype=float), z)


def test_a_finer_field_keeps_the_heights_that_are_known():
    z = np.random.default_rng(0).normal(size=(9, 12))
    fine = finer(fields(z), (24.0, 18.0))
    assert fine.z.shape == (17, 23)
    assert np.array_equal(fine.z[::2, ::2], z)
    assert np.array_equal(fine.x[::2], np.arange(12.0))


def test_cells_are_no_larger_than_pixels():
    fine = finer(fields(np.zeros((5, 51))), (468.0, 30.0))
    assert fine.x.size == 401
    assert fine.y.size == 33
    assert finer(fields(np.zeros((5, 51))), (1.0, 1.0)).z.shape == (9, 101)


@pytest.mark.parametrize("places", [np.arange(9.0), np.array([0.0, 1.0, 1.5, 3.0, 3.1, 4.0, 6.0, 7.0, 7.5])])
def test_a_cubic_valley_is_met_exactly(places):
    def height(x):
        return (x - 3.3) ** 2 + 0.02 * (x - 3.3) ** 3

    middles = (places[:-1] + places[1:]) / 2
    found = between(places, height(places))
    assert np.allclose(found[1:-1], height(middles)[1:-1], atol=1e-12)


@pytest.mark.parametrize(
    "values",
    [[0, 0, 0, 1, 1, 1], [0, 0, 0, 1e300, 1e300, 1e300], [2, 1, 0, 1, 2, 3], [9, 9, 0, 9, 9, 9]],
    ids=str,
)
def test_cliffs_kinks_and_spikes_make_no_waves(values):
    values = np.array(values, dtype=float)
    found = between(np.arange(6.0), values)
    assert (found >= np.minimum(values[:-1], values[1:])).all()
    assert (found <= np.maximum(values[:-1], values[1:])).all()


def test_beside_a_cliff_a_valley_is_no_deeper_than_its_slopes_run_on():
    found = between(np.arange(4.0), np.array([5.0, 2.0, 10.0, 1e300]))
    assert found[1] >= 0.5


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_holes_do_not_grow(hole):
    z = np.add.outer(np.arange(8.0) ** 2, np.arange(8.0) ** 2)
    z[3, 4] = hole
    fine = finer(fields(z), (1.0, 1.0)).z
    rows, columns = np.nonzero(~np.isfinite(fine))
    assert set(rows) <= {5, 6, 7}
    assert set(columns) <= {7, 8, 9}
