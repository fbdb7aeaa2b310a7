"""Oscillations too fast for a line: bands, and what stays visible beside them."""

import numpy as np
import pytest

import descent
from descent.viz.canvas.frames import backdrop, stream, whole_rgba
from descent.viz.canvas.stage import compile_scene
from descent.viz.charts.oscillation import find_oscillation, steps_in_a_column
from descent.viz.scenes.scene import compose

UNIT = (1.0, 100.0)  # points a step and points a unit of the axis, where a pixel is a point


def zigzag(rows=101, reach=0.5):
    k = np.arange(rows)
    return np.column_stack([k, 2 + reach * (-1.0) ** k + 0.001 * k])


@pytest.mark.parametrize(("per_step", "steps"), [(1.6, 2), (1.49, 4), (1.0, 4), (0.3, 10), (0.05, 60)])
def test_a_column_is_an_even_number_of_steps_and_no_wider_than_it_must(per_step, steps):
    assert steps_in_a_column(per_step, 1.0) == steps


@pytest.mark.parametrize("rows", [64, 101, 103])
def test_a_band_holds_every_value_of_its_steps_and_ends_with_them(rows):
    curve = zigzag(rows)
    found = find_oscillation(curve, UNIT, 1.0)
    assert len(found.bands) == rows // 4 + (rows % 4 == 3)
    for row, outline in found.bands:
        (left, low), (right, high) = outline.vertices.min(axis=0), outline.vertices.max(axis=0)
        there = curve[(curve[:, 0] > left) & (curve[:, 0] < right) | (curve[:, 0] == row)]
        assert there[-1, 0] == row
        assert (low, high) == (there[:, 1].min(), there[:, 1].max())


def test_the_line_in_a_band_is_the_median_and_favours_no_side():
    found = find_oscillation(zigzag(100), UNIT, 1.0)
    ends = found.line[3::4]
    assert np.allclose(ends[:, 1], 2 + 0.001 * ends[:, 0], atol=0.002)
    # It waits until a column is complete.
    assert np.array_equal(found.line[4:7], found.line[[3, 3, 3]])


@pytest.mark.parametrize(
    ("curve", "unit"),
    [
        (zigzag(), (2.0, 100.0)),
        (zigzag(reach=0.015), UNIT),
        (np.column_stack([np.arange(400), np.sin(np.arange(400) / 10)]), UNIT),
        (np.column_stack([np.arange(400), np.exp(-np.arange(400) / 3)]), UNIT),
        (np.column_stack([np.arange(400), np.isin(np.arange(400), [50, 51, 200])]), UNIT),
        (np.column_stack([np.arange(400), np.full(400, np.nan)]), UNIT),
        (zigzag(1), UNIT),
    ],
    ids=["room for each", "low", "slow", "falls", "spikes", "nowhere", "a point"],
)
def test_other_curves_remain_lines(curve, unit):
    found = find_oscillation(curve.astype(float), unit, 1.0)
    assert not found.bands
    assert np.array_equal(found.line, curve, equal_nan=True)


def bouncing(**wishes):
    """Draw a run that jumps between losses of 0.02 and 0.14 over one that goes slowly from 0.14 to 0.08."""
    recording = descent.record(
        "abs", ["sgd:lr=3e-05", "sgd:lr=0.08"], steps=900, start=(0.07, 0.07), resolution=(32, 32)
    )
    return compile_scene(compose(recording, **wishes))


def loss_panel(stage):
    return next(axes for axes in stage.figure.axes if axes.get_title(loc="left").startswith("loss"))


def test_the_panel_says_what_a_band_is():
    stage = bouncing()
    assert "band: range, line: median of 14 steps" in loss_panel(stage).get_title(loc="left")
    wide = loss_panel(bouncing(size=(1600, 800))).get_title(loc="left")
    assert wide == "loss; band: lowest to highest of 10 steps, line: median"
    calm = compile_scene(compose(descent.record("parabola", "sgd:lr=0.1", steps=40)))
    assert "band" not in " ".join(axes.get_title(loc="left") for axes in calm.figure.axes)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_band_hides_no_other_run(theme):
    stage = bouncing(theme=theme)
    panel = loss_panel(stage)
    pixels = whole_rgba(stage, stage.scene.frames - 1)
    run, style = stage.scene.runs[0].trajectory, stage.scene.styles[0]
    colour, apart = np.array(bytearray.fromhex(style.colour[1:])), []
    for x, y in panel.transData.transform(np.column_stack([run.at, run.losses])[60:840]).astype(int):
        line = pixels[-y - 3 : -y + 3, x, :3].astype(int)
        apart.append(np.abs(line - colour).max(axis=1).min())
    assert np.quantile(apart, 0.9) < 60


def test_bands_drawn_as_they_grow_are_those_drawn_at_once():
    stage = bouncing(seconds=1, fps=10)
    grown = [pixels.copy() for pixels in stream(stage, backdrop(stage))]
    for frame in (4, 7, stage.scene.frames - 1):
        assert np.array_equal(grown[frame], whole_rgba(stage, frame))
