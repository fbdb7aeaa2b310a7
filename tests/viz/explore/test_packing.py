"""Paths as a page has them: exact to less than half a pixel, and true where a run goes far away."""

import numpy as np
import pytest

from descent.viz.explore import packing
from descent.viz.explore.packing import COARSE, MARGIN, QUANTA, floor_of, loss_levels, pack, quantized

from .conftest import paths_of

PIXELS = 1600  # a map as wide as a large screen
DECODE = """
const bytes = await inflate(given.paths), data = decode(bytes, given.facts);
answer({ points: data.points, losses: data.losses, broken: data.brokenAt, left: data.leftAt });
"""


@pytest.fixture(name="decoded")
def _decoded(beale, text, facts, in_node):
    found = in_node(DECODE, {"paths": paths_of(text), "facts": facts})
    runs = beale.left_at.shape
    return {
        "points": np.array(found["points"]).reshape(*runs, beale.steps + 1, 2),
        "losses": np.array(found["losses"]).reshape(*runs, beale.steps + 1),
        "broken": np.array(found["broken"]).reshape(runs),
        "left": np.array(found["left"]).reshape(runs),
    }


def test_the_page_reads_back_what_was_packed(beale, decoded):
    assert np.array_equal(decoded["points"], quantized(beale))
    assert np.array_equal(decoded["losses"], loss_levels(beale.losses, floor_of(beale)))
    assert np.array_equal(decoded["broken"], beale.non_finite_at)
    assert np.array_equal(decoded["left"], beale.left_at)


def test_a_coarser_page_is_exact_to_less_than_half_a_pixel_too(beale):
    fine, coarse = quantized(beale) / QUANTA, quantized(beale, COARSE) / COARSE
    assert 0 < np.abs(fine - coarse).max() <= 0.5 / QUANTA + 0.5 / COARSE
    assert 0.5 / COARSE * PIXELS < 0.5
    assert len(pack(beale, 0.0, COARSE).data) < 0.97 * len(pack(beale, 0.0).data)


def test_points_near_the_view_are_exact_to_less_than_half_a_pixel(beale, decoded):
    low, high = np.array(beale.view).T
    with np.errstate(all="ignore"):
        shares = (beale.points - low) / (high - low)
        near = (np.abs(shares - 0.5) < 0.5 + MARGIN - 1e-3).all(axis=-1)
    apart = np.abs(decoded["points"] / QUANTA - shares)[near] * PIXELS
    assert near.mean() > 0.5
    assert apart.max() <= 0.5 * PIXELS / QUANTA * (1 + 1e-9) < 0.5


def test_losses_are_exact_to_half_a_percent_of_their_height(beale, decoded):
    heights = beale.losses - floor_of(beale)
    with np.errstate(all="ignore"):
        kept = np.isfinite(heights) & (heights > packing.LOWEST) & (heights < packing.HIGHEST)
        found = np.exp(decoded["losses"] * packing.LOSS_STEP)
        assert np.abs(found / heights - 1)[kept].max() < 0.005


def test_what_leaves_the_map_leaves_it_in_its_true_direction(beale, decoded):
    low, high = np.array(beale.view).T
    with np.errstate(all="ignore"):
        exact = (beale.points - low) / (high - low) * QUANTA
        border = np.abs(decoded["points"] / QUANTA - 0.5).max(axis=-1) >= 0.5 + MARGIN
    seen = 0
    for run in np.ndindex(beale.left_at.shape):
        first = int(np.argmax(border[run]))
        if not border[run].any() or not np.isfinite(exact[run][first]).all():
            continue
        before, beyond = exact[run][first - 1], exact[run][first]
        way = decoded["points"][run][first] - before
        across = way[0] * (beyond - before)[1] - way[1] * (beyond - before)[0]
        assert abs(across) / np.hypot(*(beyond - before)) < 1  # quanta beside the line
        assert (way @ (beyond - before)) > 0
        seen += 1
    assert seen > 20


def test_a_run_that_comes_back_is_where_it_is():
    class Away:
        points = np.array([[[0.5, 0.5], [9.0, 0.5], [1.7e308, 7.0], [np.nan, 0.0], [0.25, 0.75]]])
        view = ((0.0, 1.0), (0.0, 1.0))

    found = quantized(Away()) / QUANTA
    assert found.tolist() == [[[0.5, 0.5], [2.0, 0.5], [2.0, 0.5], [2.0, 0.5], [0.25, 0.75]]]


def test_large_jumps_are_packed_in_two_bytes(beale, in_node):
    class Jumps:
        rng = np.random.default_rng(0)
        x = y = np.array([0.25, 0.75])
        view = ((0.0, 1.0), (0.0, 1.0))
        points = rng.uniform(-0.999, 1.999, (1, 2, 2, 2, 31, 2))
        losses = 10.0 ** rng.uniform(-20, 20, (1, 2, 2, 2, 31))
        non_finite_at = left_at = np.full((1, 2, 2, 2), -1)

    for k in range(2):
        for j in range(2):
            Jumps.points[:, :, k, j, 0] = Jumps.x[j], Jumps.y[k]
            Jumps.losses[:, :, k, j, 0] = k + j + 1
    from base64 import b64encode

    packed = pack(Jumps(), 0.0)
    facts = packed.facts | {"optimizers": [0], "rates": [0, 1], "steps": 30}
    found = in_node(DECODE, {"paths": b64encode(packed.data).decode(), "facts": facts})
    assert np.array_equal(np.array(found["points"]).reshape(Jumps.points.shape), quantized(Jumps()))
    assert np.array_equal(
        np.array(found["losses"]).reshape(Jumps.losses.shape), loss_levels(Jumps.losses, 0.0)
    )
