"""Whether heights are linear or logarithmic: by what runs meet and where minima are."""

import numpy as np
import pytest
from matplotlib.contour import QuadContourSet
from matplotlib.path import Path

import descent
from descent.surfaces.catalogue import CATALOGUE
from descent.surfaces.field import Field
from descent.trajectories.experiments.bare_surface import survey
from descent.viz.canvas.stage import compile_scene
from descent.viz.scenes.scaled import recording_heights, sweep_heights
from descent.viz.scenes.scene import compose
from descent.viz.style.heights import scale

# With the default view, start and optimizers: the other surfaces of two parameters are linear.
LOGARITHMIC = {
    *(
        "quadratic",
        "booth",
        "matyas",
        "zakharov",
        "rosenbrock",
        "leon",
        "beale",
        "dixon_price",
        "dekkers_aarts",
    ),
    *("himmelblau", "goldstein_price", "branin", "six_hump_camel", "three_hump_camel", "mccormick"),
    *("styblinski_tang", "levy"),
}
FLAT = [name for name, entry in CATALOGUE.items() if entry.kind != "one parameter"]


@pytest.mark.slow
@pytest.mark.parametrize("name", FLAT)
def test_the_scale_of_every_surface_with_its_default_runs(name):
    assert recording_heights(descent.record(name), "auto").log == (name in LOGARITHMIC)


def loops(figure):
    """Return the closed contour lines."""
    (lines,) = (
        each
        for axes in figure.axes
        for each in axes.collections
        if isinstance(each, QuadContourSet) and not each.filled
    )
    return [
        Path(line)
        for path in lines.get_paths()
        for line in np.split(path.vertices, np.flatnonzero(path.codes == Path.MOVETO))[1:]
        if np.allclose(line[0], line[-1])
    ]


@pytest.mark.parametrize("runs", [True, False], ids=["with runs", "alone"])
def test_both_wells_of_dekkers_aarts_have_lines_of_their_own(runs):
    surface = descent.surfaces.get("dekkers_aarts")
    recording = descent.record("dekkers_aarts", steps=50) if runs else survey(surface)
    found = loops(compile_scene(compose(recording, zoom=False)).figure)
    around = np.array([line.contains_points([each.point for each in surface.minima]) for line in found])
    alone = around[around.sum(axis=1) == 1]
    assert (alone.sum(axis=0) >= 1).all()


def test_linear_bands_are_kept_where_runs_cross_them():
    bowl = descent.record("sphere", "sgd:lr=0.1", steps=30)
    assert not recording_heights(bowl, "auto").log
    near = descent.record("sphere", "sgd:lr=0.1", steps=30, start=(0.5, 0.5))
    assert recording_heights(near, "auto").log
    assert not recording_heights(near, "linear").log


def test_a_sweep_and_a_recording_of_the_same_runs_agree():
    sweep = descent.sweep("dekkers_aarts", "adam", lr=(0.1, 0.2), steps=30)
    assert sweep_heights(sweep, "auto").log


def test_two_minima_in_one_linear_band_make_the_scale_logarithmic():
    x, y = np.linspace(-2, 2, 41), np.linspace(-2, 2, 41)
    z = (x**2 - 1) ** 2 + 100 * np.abs(y[:, None])
    field, minima = Field(x, y, z), [(-1.0, 0.0), (1.0, 0.0)]
    assert not scale(field, 0.0).log
    assert scale(field, 0.0, minima=minima).log
    assert not scale(field, 0.0, minima=minima[:1]).log
    assert not scale(field, 0.0, minima=[*minima[:1], (5.0, 0.0)]).log
    assert not scale(field, 0.0, "linear", minima=minima).log
    waves = Field(x, y, np.cos(np.pi * x) + np.abs(y[:, None]))
    assert not scale(waves, -1.0, minima=minima).log


def test_runs_that_are_lost_have_no_say():
    field = survey(descent.surfaces.get("sphere")).field
    assert not scale(field, 0.0, met=np.array([np.nan, np.inf])).log
    assert scale(field, 0.0, met=np.array([np.nan, 0.01, 0.001, 0.002])).log
