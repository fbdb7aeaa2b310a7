"""How heights become bands."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis.extra.numpy import arrays

from descent.surfaces.errors import DescentError
from descent.surfaces.field import Field
from descent.viz.style.heights import SCALES, check_scale, scale

X, Y = np.meshgrid(np.linspace(-2, 2, 41), np.linspace(-1.5, 1.5, 31))


def field(z):
    z = np.asarray(z, dtype=np.float64)
    return Field(np.arange(z.shape[1], dtype=float), np.arange(z.shape[0], dtype=float), z)


SHAPES = {
    "bowl": X**2 + 3 * Y**2,
    "plane": X + Y,
    "valley": (1 - X) ** 2 + 100 * (Y - X**2) ** 2,
    "steep": np.exp(8 * X),
    "waves": np.sin(3 * X) * np.cos(3 * Y),
    "below zero": -200 + (X**2 + Y**2) ** 3,
    "tiny": 1e-12 * (X**2 + Y**2),
    "huge": 1e180 * (X**2 + Y**2) ** 4,
    "high": 1e9 + X**2 + Y**2,
}
LOGARITHMIC = {"valley", "steep", "below zero", "huge"}


def assert_sound(heights):
    levels = heights.levels
    assert np.isfinite(levels).all()
    assert (np.diff(levels) > 0).all()
    seen = heights.values[np.isfinite(heights.values)]
    slack = 1e-9 * max(1.0, abs(levels[0]), abs(levels[-1]))
    assert seen.min() >= levels[0] - slack
    assert seen.max() <= levels[-1] + slack
    places = [place for place, _ in heights.ticks]
    assert places == sorted(set(places))
    assert all(levels[0] - slack <= place <= levels[-1] + slack for place in places)
    texts = [text for _, text in heights.ticks]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("how", SCALES)
@pytest.mark.parametrize("shape", SHAPES)
def test_levels_and_ticks_of_known_shapes(shape, how):
    heights = scale(field(SHAPES[shape]), None, how)
    assert_sound(heights)
    assert len(heights.levels) == 23
    assert 2 <= len(heights.ticks) <= 9
    assert heights.log is (
        how == "log" or (how == "auto" and shape in ("valley", "steep", "below zero", "huge"))
    )


@pytest.mark.parametrize("name", ["beale", "rosenbrock", "goldstein_price"])
def test_deep_valleys_are_drawn_on_a_log_scale(name):
    import descent

    surface = descent.surfaces.get(name)
    heights = scale(descent.surfaces.sample(surface, resolution=(64, 64)), surface.minima[0].value)
    assert heights.log
    assert heights.base == pytest.approx(surface.minima[0].value)
    assert_sound(heights)


@pytest.mark.parametrize("name", ["rastrigin", "ackley", "sphere"])
def test_shallow_surfaces_are_drawn_on_a_linear_scale(name):
    import descent

    heights = scale(descent.surfaces.sample(descent.surfaces.get(name), resolution=(64, 64)))
    assert not heights.log
    assert_sound(heights)


def test_a_linear_scale_keeps_the_heights():
    heights = scale(field(SHAPES["bowl"]), None, "linear")
    assert np.array_equal(heights.values, SHAPES["bowl"])
    assert (heights.levels[0], heights.levels[-1]) == (0, SHAPES["bowl"].max())
    assert heights.label == "loss"


def test_a_log_scale_measures_from_the_known_minimum():
    z = SHAPES["valley"] + 5
    heights = scale(field(z), 5.0, "log")
    assert heights.base == 5.0
    above = z > 5 + 10 ** heights.levels[0]
    assert np.allclose(10 ** heights.values[above], z[above] - 5)
    assert heights.label == "loss − minimum, log scale"
    assert scale(field(SHAPES["valley"]), 0.0, "log").label == "loss, log scale"


def test_a_log_scale_never_measures_from_above_the_field():
    heights = scale(field(SHAPES["valley"]), 1e6, "log")
    assert heights.base == SHAPES["valley"].min()


@pytest.mark.parametrize("value", [0.0, -7.5, 1e-300, 1e190], ids=str)
@pytest.mark.parametrize("how", SCALES)
def test_a_flat_surface_is_one_band(value, how):
    heights = scale(field(np.full((3, 4), value)), None, how)
    assert heights.levels[0] <= value <= heights.levels[-1]
    assert [text for _, text in heights.ticks] == [f"{value:g}"]
    assert not heights.log


def test_a_flat_surface_above_its_known_minimum():
    assert_sound(scale(field(np.full((3, 4), 2.0)), 0.0))


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf, 1e300], ids=str)
@pytest.mark.parametrize("how", SCALES)
def test_holes_stay_holes(hole, how):
    z = SHAPES["bowl"].copy()
    z[3:7, 5:9] = hole
    heights = scale(field(z), 0.0, how)
    assert np.isnan(heights.values[3:7, 5:9]).all()
    assert np.isfinite(np.delete(heights.values, range(3, 7), axis=0)).all()
    assert_sound(heights)


@pytest.mark.parametrize("offset", [1e6, -1e9, 123456.789], ids=str)
def test_small_ranges_far_from_zero_are_labelled_from_there(offset):
    heights = scale(field(offset + 0.001 * SHAPES["bowl"]))
    assert_sound(heights)
    assert heights.label == f"loss − {heights.base:.12g}"
    assert heights.base == pytest.approx(offset, abs=1e-6)
    for place, text in heights.ticks:
        assert heights.base + float(text) == pytest.approx(place, rel=1e-12)


def test_no_finite_height_cannot_be_drawn():
    with pytest.raises(DescentError, match="not finite anywhere"):
        scale(field(np.full((3, 3), np.nan)))


@pytest.mark.parametrize("given", ["logg", "LOG", ""])
def test_unknown_scales(given):
    with pytest.raises(DescentError, match="Allowed: auto, linear, log"):
        check_scale(given)


def test_an_unknown_scale_names_the_nearest():
    with pytest.raises(DescentError, match="did you mean 'linear'"):
        check_scale("liner")


@settings(max_examples=150, deadline=None)
@given(
    arrays(np.float64, (3, 4), elements=st.floats()),
    st.none() | st.floats(-1e199, 1e199),
    st.sampled_from(SCALES),
)
def test_any_field_has_increasing_levels(z, floor, how):
    assume((np.abs(z) < 1e200).any())
    assert_sound(scale(field(z), floor, how))


@settings(max_examples=100, deadline=None)
@given(arrays(np.float64, (2, 3), elements=st.floats(-1e12, 1e12)), st.sampled_from(SCALES))
def test_any_ordinary_field_has_ticks(z, how):
    heights = scale(field(z), None, how)
    assert heights.ticks
    assert all(math.isfinite(place) for place, _ in heights.ticks)
