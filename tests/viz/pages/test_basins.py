"""Basin maps: colours, the map filling in, the counts in the legend."""

import itertools

import numpy as np
import pytest
from matplotlib.image import AxesImage
from matplotlib.text import Text

from descent.surfaces.field import Field
from descent.surfaces.surface import Minimum
from descent.trajectories.results.basins import Basins
from descent.viz.canvas.frames import backdrop, stream, whole
from descent.viz.canvas.pens import Lines
from descent.viz.canvas.stage import compile_scene
from descent.viz.pages.basins import colour_table, fine_print, minimum_hue, paint, special_colours
from descent.viz.scenes.scene import compose
from descent.viz.style.numbers import percent_of
from descent.viz.style.themes import THEMES
from descent.viz.words.describe import words as described

VIEW = ((-2.0, 2.0), (-1.0, 1.0))
GRID, BUDGET = 16, 20


DOMAIN = ((-1.5, 1.0), (-1.5, 0.75))  # its upper, left and right sides pass the view


def make_basins(specs=("sgd:lr=0.1", "adam:lr=0.1"), minima=((-1.0, 0.0), (1.0, 0.0)), domain_only=False):
    """Left half to the first minimum, right half to the second; a corner diverges and a row never settles.

    With a minimum on the domain only, another corner ends outside the domain.
    """
    x, y = np.linspace(*VIEW[0], GRID), np.linspace(*VIEW[1], GRID)
    index = np.tile((x > 0).astype(np.int16), (len(specs), GRID, 1))
    index[:, 0] = -2
    index[:, -3:, -3:] = -1
    if domain_only:
        index[:, -4:, :5] = -3
    distance = np.abs(np.abs(x) - 1)[None, None] + np.abs(y)[None, :, None]
    steps = np.where(index >= 0, np.round(distance * 8), -1).astype(np.int32)
    gone = np.where(index == -1, 7, -1).astype(np.int32)
    fine = np.linspace(-2, 2, 31), np.linspace(-1, 1, 21)
    heights = np.abs(np.abs(fine[0]) - 1)[None] ** 2 + fine[1][:, None] ** 2
    return Basins(
        target="made_up",
        specs=specs,
        x=x,
        y=y,
        index=index,
        steps=steps,
        diverged_at=gone,
        outside_at=np.where(index == -3, 4, -1).astype(np.int32),
        methods=("batched",) * len(specs),
        budget=BUDGET,
        tolerance=0.1,
        device="cpu",
        dtype="float64",
        view=VIEW,
        field=Field(*fine, heights),
        minima=tuple(Minimum(point, 0.0, domain_only and point[0] == 1.0) for point in minima),
        domain=DOMAIN,
        versions=(("torch", "2.13.0"),),
    )


SIZES, NAMES = [(640, 480), (960, 600), (720, 1280)], ["light", "dark", "print"]
# Every two of size, theme and number of maps meet in one of these.
CASES = {
    f"{size[0]}x{size[1]}-{theme}-{count}": (size, theme, count)
    for count in (1, 2, 3)
    for size, theme in zip(SIZES, NAMES[count - 1 :] + NAMES[: count - 1], strict=True)
}


@pytest.mark.parametrize(("size", "theme", "count"), CASES.values(), ids=CASES)
def test_fast_frames_equal_frames_drawn_whole(size, theme, count) -> None:
    specs = tuple(f"sgd:lr=0.{k + 1}" for k in range(count))
    stage = compile_scene(compose(make_basins(specs), size=size, theme=theme))
    kept = [pixels[..., :3].copy() for pixels in stream(stage, backdrop(stage))]
    for frame in (0, 5, 10, BUDGET):
        assert np.abs(whole(stage, frame).astype(int) - kept[frame]).max() <= 2


@pytest.mark.parametrize("theme", THEMES.values(), ids=sorted(THEMES, key=list(THEMES).index))
def test_colour_tells_the_minimum_and_shade_the_speed(theme) -> None:
    basins = make_basins()
    pixels = paint(basins, 0, theme).astype(int)
    special = {
        kind: [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        for kind, colour in special_colours(theme).items()
    }
    assert (pixels[basins.index[0] == -1] == special[-1]).all()
    assert (pixels[basins.index[0] == -2] == special[-2]).all()
    brightness = pixels.sum(axis=-1)
    for minimum in (0, 1):
        there = basins.index[0] == minimum
        soon = there & (basins.steps[0] <= np.quantile(basins.steps[0][there], 0.2))
        late = there & (basins.steps[0] >= np.quantile(basins.steps[0][there], 0.8))
        assert brightness[soon].min() > brightness[late].max()
    if theme.chroma:
        table = colour_table(basins, theme)
        assert np.abs(table[0] - table[1]).max(axis=-1).min() > 0.15


@pytest.mark.parametrize("count", [2, 4, 6])
def test_without_hues_no_two_minima_share_a_grey(count) -> None:
    minima = tuple((k / 4 - 1.0, 0.0) for k in range(count))
    table = colour_table(make_basins(minima=minima), THEMES["print"]).mean(axis=-1)
    for one, other in itertools.pairwise(table):
        assert one.min() > other.max() + 0.02
    assert 0.98 > table.max() > table.min() > 0.02  # white and black are what settled nowhere or diverged


def test_the_map_fills_in_as_steps_go_by() -> None:
    basins = make_basins()
    stage = compile_scene(compose(basins))
    images = [artist for artist in stage.changing if isinstance(artist, AxesImage)]
    assert len(images) == 2
    finished = paint(basins, 0, THEMES["light"])
    for step in (0, 6, 7, 12, BUDGET):
        stage.show(step)
        shown = np.asarray(images[0].get_array())
        known = (basins.steps[0] >= 0) & (basins.steps[0] <= step)
        known |= (basins.index[0] == -1) & (step >= 7)
        known |= (basins.index[0] == -2) & (step == BUDGET)
        assert (shown[known] == finished[known]).all()
        assert (shown[~known] == 255).all()


def test_row_zero_is_drawn_at_the_lowest_y() -> None:
    stage = compile_scene(compose(make_basins()))
    stage.show(BUDGET)
    (image, _) = [artist for artist in stage.changing if isinstance(artist, AxesImage)]
    assert image.origin == "lower"
    x0, x1, y0, y1 = image.get_extent()
    cell = (VIEW[0][1] - VIEW[0][0]) / (GRID - 1)
    assert (x0, x1) == pytest.approx((VIEW[0][0] - cell / 2, VIEW[0][1] + cell / 2))
    assert y0 < VIEW[1][0] < VIEW[1][1] < y1


def test_the_legend_counts_every_start_once() -> None:
    basins = make_basins()
    total = basins.counts.sum(axis=1) + basins.diverged + basins.unsettled
    assert (total == GRID**2).all()
    stage = compile_scene(compose(basins))
    stage.show(BUDGET)
    words = [text.get_text() for text in stage.figure.findobj(Text)]
    for count in (*basins.counts[0], basins.diverged[0], basins.unsettled[0]):
        assert percent_of(int(count), GRID**2) in words
    assert "diverged" in words


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_ends_outside_the_domain_have_a_colour_words_and_counts(theme) -> None:
    basins = make_basins(domain_only=True)
    outside = basins.index[0] == -3
    pixels = paint(basins, 0, THEMES[theme]).astype(int)
    (colour,) = {tuple(each) for each in pixels[outside].tolist()}
    others = [pixels[basins.index[0] == kind] for kind in (-2, -1, 0, 1)]
    assert min(np.abs(each - colour).max(axis=-1).min() for each in others) >= 40
    stage = compile_scene(compose(basins, theme=theme))
    stage.show(BUDGET)
    words = [text.get_text() for text in stage.figure.findobj(Text)]
    assert "outside the domain" in words
    assert percent_of(int(outside.sum()), GRID**2) in words
    (image, _) = [artist for artist in stage.changing if isinstance(artist, AxesImage)]
    for step, shown in ((3, False), (4, True)):
        stage.show(step)
        assert (np.asarray(image.get_array())[outside] == colour).all() == shown


def test_the_border_of_the_domain_is_drawn_where_a_minimum_is_one_on_it_only() -> None:
    stage = compile_scene(compose(make_basins(domain_only=True)))
    borders = [artist for artist in stage.figure.findobj(Lines) if artist.strokes]
    assert len(borders) == 2  # one a map
    for border in borders:
        edge, dashed = border.strokes
        assert not edge.dash
        assert dashed.dash
        for axis in (0, 1):
            assert set(np.asarray(dashed.path.vertices)[:, axis].tolist()) == set(DOMAIN[axis])
    words = fine_print(make_basins(domain_only=True))
    assert "☆ known minimum" in words  # the other one
    assert "☆ minimum on the domain" in words
    assert "dashed: domain" in words
    assert "outside the domain: at the end" in words
    assert "diverged: not finite" in words
    assert "far" not in words


def test_maps_of_other_surfaces_say_nothing_of_a_domain() -> None:
    basins = make_basins()
    stage = compile_scene(compose(basins))
    assert not any("domain" in text.get_text() for text in stage.figure.findobj(Text))
    assert not any(artist.strokes for artist in stage.figure.findobj(Lines))
    assert "domain" not in described(compose(basins), moving=False).alt


def test_alt_text_says_how_many_end_outside_the_domain() -> None:
    basins = make_basins(domain_only=True)
    said = described(compose(basins), moving=False).alt
    assert f"{percent_of(int(basins.outside[0]), GRID**2)} end outside the domain" in said


def test_a_map_with_the_border_is_drawn_fast_as_it_is_drawn_whole() -> None:
    stage = compile_scene(compose(make_basins(domain_only=True), size=(640, 480), theme="print"))
    kept = [pixels[..., :3].copy() for pixels in stream(stage, backdrop(stage))]
    for frame in (0, 4, BUDGET):
        assert np.abs(whole(stage, frame).astype(int) - kept[frame]).max() <= 2


def test_nothing_diverged_needs_no_line_in_the_legend() -> None:
    basins = make_basins()
    object.__setattr__(basins, "index", np.maximum(basins.index, 0))
    words = [text.get_text() for text in compile_scene(compose(basins)).figure.findobj(Text)]
    assert "diverged" not in words
    assert "not settled" in words


def test_hues_of_many_minima_differ() -> None:
    assert len({minimum_hue(number) % 360 for number in range(24)}) == 24
