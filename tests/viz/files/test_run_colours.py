"""Small palettes: the colours that tell runs apart stay, and what is between them gives way."""

import itertools

import numpy as np
import pytest
from PIL import Image

import descent
from descent.viz.canvas.frames import whole
from descent.viz.canvas.stage import compile_scene
from descent.viz.files.encoders import gif
from descent.viz.files.formats import FORMATS
from descent.viz.files.order import Order
from descent.viz.files.run_colours import run_colours
from descent.viz.files.shrink import _PALETTES, fitted
from descent.viz.scenes.scene import compose
from descent.viz.style.distinct import trail_colour

SPECS = ("sgd:lr=0.01", "adam:lr=0.1", "rmsprop:lr=0.05")
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(rgb):
    """CIE L*a*b* of sRGB (..., 3) from 0 to 255, white D65; distances there are dE 1976."""
    share = np.asarray(rgb, dtype=float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    x, y, z = np.moveaxis(linear @ XYZ.T / XYZ.sum(axis=1), -1, 0)
    fx, fy, fz = (
        np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29) for t in (x, y, z)
    )
    return np.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], axis=-1)


def of_hex(colour):
    return lab([int(colour[k : k + 2], 16) for k in (1, 3, 5)])


@pytest.fixture(scope="module")
def recording():
    return descent.record("beale", SPECS, start=(1, 1.5), steps=120, resolution=(128, 128))


def last_frame(path):
    with Image.open(path) as image:
        image.seek(image.n_frames - 1)
        return lab(np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("size", [(960, 600), (480, 300), (320, 240)], ids=str)
@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_runs_are_as_far_apart_with_the_fewest_colours_as_they_were_drawn(recording, size, theme, tmp_path):
    stage = compile_scene(compose(recording, size=size, theme=theme, seconds=1))
    styles = stage.scene.styles

    gif(stage, tmp_path / "a.gif", Order("{}", colours=_PALETTES[-1]))
    drawn, decoded = lab(whole(stage, stage.scene.frames - 1)[..., :3]), last_frame(tmp_path / "a.gif")
    trails = [trail_colour(style.colour, stage.scene.theme) for style in styles]
    for colours in ([style.colour for style in styles], trails):
        spots = [np.linalg.norm(drawn - of_hex(colour), axis=-1) < 8 for colour in colours]
        assert min(spot.sum() for spot in spots) > 10
        before, after = ([image[spot].mean(axis=0) for spot in spots] for image in (drawn, decoded))
        for one, other in zip(before, after, strict=True):
            assert np.linalg.norm(one - other) < 4
        for i, j in itertools.combinations(range(len(styles)), 2):
            apart = np.linalg.norm(before[i] - before[j])
            assert np.linalg.norm(after[i] - after[j]) >= 0.9 * apart


def test_the_colours_of_heads_and_of_their_paler_trails_count(recording):
    stage = compile_scene(compose(recording, panels="surface3d,loss"))
    heads = [style.colour for style in stage.scene.styles]
    found = run_colours(stage)
    assert {
        *stage.scene.inks,
        *heads,
        *(trail_colour(each, stage.scene.theme) for each in heads),
    } <= {*found}
    assert len(found) == len(set(found)) <= 15


def test_many_runs_keep_a_palette_that_has_room_for_the_ground(tmp_path):
    specs = [
        f"{name}:lr={rate}" for name in ("sgd", "adam", "rmsprop", "adagrad") for rate in (0.001, 0.01, 0.02)
    ]
    many = descent.record("beale", specs, start=(1, 1.5), steps=30, resolution=(64, 64))
    tried = []

    def encode(stage, path, order):
        tried.append((order.colours, len(run_colours(stage))))
        path.write_bytes(bytes(1000))

    with pytest.raises(descent.DescentError, match="cannot be made smaller"):
        fitted(compile_scene(compose(many)), tmp_path / "a.gif", Order("{}"), encode, FORMATS[".gif"], 900)
    fewest, colours = min(tried)
    assert fewest > _PALETTES[-1]
    assert fewest >= 2 * colours > _PALETTES[-1]
