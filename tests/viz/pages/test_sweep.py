"""Pictures of sweeps: curves, small multiples, and what they say."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from descent.surfaces.errors import DescentError
from descent.surfaces.field import Field
from descent.surfaces.surface import Minimum
from descent.trajectories.results.network_runs import TrainingRecipe
from descent.trajectories.results.network_sweep import NetworkSweep
from descent.trajectories.results.sweep import Sweep
from descent.trajectories.results.trajectory import FINISHED, NON_FINITE, Outcome, judge
from descent.viz.canvas.frames import backdrop, stream, whole
from descent.viz.canvas.pens import Lines, Marks
from descent.viz.canvas.stage import compile_scene
from descent.viz.pages.multiples import chosen
from descent.viz.pages.sweep_curves import choose_axis, choose_held_axis
from descent.viz.scenes.scene import compose
from descent.viz.words.describe import words
from descent.viz.words.sweep_words import fine_print, result

VIEW = ((-2.0, 2.0), (-2.0, 2.0))
STEPS, START = 12, (1.5, 1.0)
RATES = np.array([0.01, 0.1, 0.4, 1.2])


def bowl(points):
    with np.errstate(over="ignore", invalid="ignore"):
        return (points**2).sum(axis=-1)


def make_sweep(specs=("sgd", "adam"), seeds=(0,), keep=True, minima=((0.0, 0.0),), bound=1.0):
    """Plain gradient descent on x*x + y*y; the second optimizer is half as fast. The last rate diverges."""
    k = np.arange(STEPS + 1)
    factors = np.array([[1 - 2 * rate / (1 + row) for rate in RATES] for row in range(len(specs))])
    factors[:, -1] = -30.0
    points = factors[:, :, None, None] ** k[:, None] * np.array(START)
    losses = bowl(points)
    outcomes = tuple(tuple(judge(p, bowl(p), p, VIEW) for p in row) for row in points)
    near = np.linalg.norm(points, axis=-1) <= 0.5
    grid = np.linspace(-2, 2, 21)
    return Sweep(
        target="sphere",
        specs=specs,
        rates=RATES,
        losses=losses,
        points=points if keep else None,
        ends=np.repeat(points[:, :, -1:], len(seeds), axis=2),
        spread=np.stack([losses * 0.5, losses * 2]) if len(seeds) > 1 else None,
        outcomes=outcomes,
        steps_to_minimum=np.where(near.any(axis=-1), near.argmax(axis=-1), -1),
        stability_bounds=(bound, *[None] * (len(specs) - 1)),
        methods=("batched",) * len(specs),
        start=START,
        steps=STEPS,
        seeds=seeds,
        noise=0.1 if len(seeds) > 1 else 0.0,
        tolerance=0.5,
        device="cpu",
        dtype="float64",
        view=VIEW,
        field=Field(grid, grid, bowl(np.stack(np.meshgrid(grid, grid), axis=-1))),
        minima=tuple(Minimum(point, 0.0) for point in minima),
        latex="x^2 + y^2",
        versions=(("torch", "2.13.0"),),
    )


def artists(stage, kind):
    return [artist for artist in stage.changing if isinstance(artist, kind)]


def texts(stage):
    return [text.get_text() for text in stage.figure.findobj(Text)]


SIZES, NAMES = [(640, 480), (960, 600), (720, 1280)], ["light", "dark", "print"]
KINDS = itertools.product([False, True], [(0,), (0, 1, 2)])
# Every two of size, theme, kind and number of seeds meet in one of these.
CASES = {
    f"{size[0]}x{size[1]}-{theme}-{'multiples' if multiples else 'curves'}-{len(seeds)}": (
        size,
        theme,
        multiples,
        seeds,
    )
    for shift, (multiples, seeds) in enumerate(KINDS)
    for size, theme in zip(SIZES, NAMES[shift % 3 :] + NAMES[: shift % 3], strict=True)
}


@pytest.mark.parametrize(("size", "theme", "multiples", "seeds"), CASES.values(), ids=CASES)
def test_fast_frames_equal_frames_drawn_whole(size, theme, multiples, seeds) -> None:
    stage = compile_scene(
        compose(make_sweep(seeds=seeds), size=size, theme=theme, grid="optimizer,lr" if multiples else None)
    )
    kept = [pixels[..., :3].copy() for pixels in stream(stage, backdrop(stage))]
    for frame in (0, 1, STEPS // 2, STEPS):
        assert np.abs(whole(stage, frame).astype(int) - kept[frame]).max() <= 2
    assert (kept[0] != kept[-1]).any()


def test_the_curves_are_the_losses_of_the_step() -> None:
    sweep = make_sweep()
    stage = compile_scene(compose(sweep))
    lines, _ = [
        pen for pen in artists(stage, Lines) if pen.axes.get_xlabel() == "" and pen.axes.get_title("left")
    ]  # the other one holds the bars of the good rates
    for step in (0, 5, STEPS):
        stage.show(step)
        low, high = lines.axes.get_ylim()
        for row, stroke in enumerate(lines.strokes):
            drawn, kept = stroke.path.vertices, sweep.usable[row]  # the diverging rate is only a mark
            np.testing.assert_allclose(drawn[:, 0], np.log10(RATES[kept]))
            floor = choose_axis(sweep).low  # what is lower rests on the edge
            expected = np.clip(np.log10(sweep.losses[row, :, step]), floor, 2 * high - low)
            np.testing.assert_allclose(drawn[:, 1], expected[kept])


@pytest.mark.parametrize("count", [25, 100, 1500])
def test_a_curve_has_its_colour_however_many_rates_there_are(count) -> None:
    factors = 1 - 2 * np.geomspace(0.001, 0.4, count)
    points = (factors[:, None] ** np.arange(STEPS + 1))[None, :, :, None] * np.array(START)
    done = tuple(Outcome(FINISHED) for _ in range(count))
    many = {
        "specs": ("sgd",),
        "rates": np.geomspace(0.001, 0.4, count),
        "losses": bowl(points),
        "points": points,
        "ends": points[:, :, -1:],
        "outcomes": (done,),
        "steps_to_minimum": np.full((1, count), -1),
        "stability_bounds": (1.0,),
        "methods": ("batched",),
    }
    sweep = replace(make_sweep(specs=("sgd",)), **many)
    scene = compose(sweep, size=(800, 500))
    stage = compile_scene(scene)
    pixels = whole(stage, STEPS)[..., :3].astype(int)
    axes = next(pen.axes for pen in artists(stage, Lines) if pen.axes.get_title("left"))
    (left, right), top = np.log10(sweep.rates[[0, -1]]), axes.get_ylim()[1]
    corners = axes.transData.transform([(left, choose_axis(sweep).low), (right, top)]).round().astype(int)
    panel = pixels[len(pixels) - corners[1, 1] : len(pixels) - corners[0, 1], corners[0, 0] : corners[1, 0]]
    near = np.abs(panel - 255 * np.array(to_rgb(scene.styles[0].colour))).max(axis=-1) < 60
    assert near.any(axis=0).mean() > 0.85


def test_losses_beyond_the_panel_rest_on_its_edge() -> None:
    stage = compile_scene(compose(make_sweep()))
    stage.show(STEPS)
    for marks in artists(stage, Marks):
        low, high = sorted(marks.axes.get_ylim())
        y = marks.places[:, 1]
        assert ((y >= low - 1e-9) & (y <= high + 1e-9) | np.isnan(y)).all()


def test_the_best_rate_is_ringed_at_the_end_only() -> None:
    sweep = make_sweep()
    stage = compile_scene(compose(sweep))
    (rings,) = [
        pen
        for pen in artists(stage, Marks)
        if all(mark.fill is None for mark in pen.marks) and len(pen.marks) == 2
    ]
    stage.show(STEPS - 1)
    assert not rings.get_visible()
    stage.show(STEPS)
    assert rings.get_visible()
    np.testing.assert_allclose(rings.places[:, 0], np.log10(RATES[list(sweep.best)]))


def test_a_bar_at_the_top_is_over_rates_that_are_lost_and_covers_no_other_curve() -> None:
    stage = compile_scene(compose(make_sweep()))
    panel = stage.figure.axes[0]
    spans = [patch for patch in panel.patches if patch.get_alpha() == 0.4]
    assert len(spans) == 2  # one rate, two optimizers
    for span in spans:
        left, _ = panel.transData.inverted().transform(span.get_extents().p0)
        assert np.log10(RATES[2]) < left < np.log10(RATES[3])
        assert span.get_extents().height < 0.05 * panel.get_window_extent().height
    assert spans[0].get_extents().y0 > spans[1].get_extents().y1  # a row each


@pytest.mark.parametrize(("bound", "shown"), [(1.0, True), (None, False), (50.0, False)])
def test_the_stability_bound_is_drawn_where_it_is_known_and_in_range(bound, shown) -> None:
    stage = compile_scene(compose(make_sweep(bound=bound)))
    assert any("stable below" in text for text in texts(stage)) == shown


@pytest.mark.parametrize("bound", [0.011, 0.03, 0.3, 1.1])
@pytest.mark.parametrize("size", [(480, 300), (640, 400), (960, 600)])
def test_the_stability_bound_stands_clear_of_the_heading(bound, size) -> None:
    stage = compile_scene(compose(make_sweep(bound=bound), size=size))
    (words,) = [text for text in stage.figure.findobj(Text) if "stable below" in text.get_text()]
    heading = next(text for text in stage.figure.findobj(Text) if text.get_text().startswith("loss"))
    assert not words.get_window_extent().overlaps(heading.get_window_extent())
    assert words.get_window_extent().x1 <= size[0]


def test_the_legend_says_the_best_rate_and_the_good_range() -> None:
    sweep = make_sweep()
    first, second = result(sweep, 0)
    assert first == f"best lr 0.4: loss {sweep.final[0, 2]:.3g}"
    assert second == "good 0.4 only"
    assert result(sweep, 1)[1] == "good 0.4 only"
    shown = texts(compile_scene(compose(sweep)))
    assert first in shown
    assert second in shown


def good_bars(stage):
    # What is drawn in the panel of losses and appears at the last step: rings are marks, bars are lines.
    stage.show(0)
    hidden = [pen for pen in artists(stage, Lines) if not pen.get_visible()]
    stage.show(STEPS)
    return [stroke for pen in hidden if pen.get_visible() for stroke in pen.strokes], hidden


def test_a_bar_below_the_curves_marks_each_good_range() -> None:
    sweep = make_sweep()
    sweep.losses[0, 1, -1] = 5 * sweep.losses[0, 2, -1]
    assert sweep.good_ranges == ((1, 2), (2, 2))
    stage = compile_scene(compose(sweep))
    strokes, (pen,) = good_bars(stage)
    low, high = pen.axes.get_ylim()
    for stroke, (first, last), style in zip(strokes, sweep.good_ranges, stage.scene.styles, strict=True):
        (x0, y0), (x1, y1) = stroke.path.vertices
        assert stroke.colour == style.colour
        np.testing.assert_allclose([x0, x1], np.log10(RATES[[first, last]]), atol=0.01)
        assert x0 < x1
        assert low < y0 == y1
    dots = np.concatenate([marks.places for marks in artists(stage, Marks) if marks.axes is pen.axes])
    assert max(stroke.path.vertices[:, 1].max() for stroke in strokes) < dots[:, 1].min() < high
    assert "bars below: good rates, " in fine_print(sweep)
    assert good_bars(compile_scene(compose(make_sweep(minima=()))))[0]


def test_a_narrow_legend_leaves_out_how_wide_a_range_is_before_it_cannot_be_read() -> None:
    sweep = make_sweep()
    object.__setattr__(sweep, "rates", np.array([0.01234, 0.1234, 0.4321, 1.234]))
    sweep.losses[0, 1, -1] = 5 * sweep.losses[0, 2, -1]
    assert "good 0.1234 to 0.4321" in texts(compile_scene(compose(sweep, size=(480, 300))))
    assert "good 0.1234 to 0.4321, 0.54 decades" in texts(compile_scene(compose(sweep, size=(1920, 1080))))


def test_a_sweep_of_diverging_rates_says_so() -> None:
    sweep = make_sweep()
    gone = sweep.outcomes[0][-1]
    object.__setattr__(sweep, "outcomes", ((gone,) * len(RATES), sweep.outcomes[1]))
    assert result(sweep, 0)[0] == "no rate stayed finite and in view"
    whole(compile_scene(compose(sweep)), STEPS)


def test_steps_to_the_minimum_appear_when_it_is_reached() -> None:
    sweep = make_sweep()
    stage = compile_scene(compose(sweep))
    (marks,) = [
        pen for pen in artists(stage, Marks) if pen.axes.get_ylim() == (0, STEPS) and len(pen.marks) == 8
    ]
    for step in range(STEPS + 1):
        stage.show(step)
        there = (sweep.steps_to_minimum >= 0) & (sweep.steps_to_minimum <= step)
        assert (np.isfinite(marks.places[:, 1]) == there.ravel()).all()


def test_without_known_minima_there_is_no_panel_of_steps() -> None:
    stage = compile_scene(compose(make_sweep(minima=())))
    assert not any("steps until" in text for text in texts(stage))
    whole(stage, STEPS)


def test_multiples_have_a_panel_for_each_optimizer_and_rate() -> None:
    sweep = make_sweep()
    stage = compile_scene(compose(sweep, grid="optimizer,lr", size=(960, 600)))
    shown = texts(stage)
    for rate in RATES:
        assert shown.count(f"lr {rate:.2g}") == 2
    panels = [axes for axes in stage.figure.axes if axes.get_xlim() == sweep.view[0]]  # not the colour bar
    assert len(panels) == 2 * len(RATES)
    for axes in panels:
        box = axes.get_window_extent()
        assert box.width == pytest.approx(box.height)  # the view is square: drawn to one scale
    assert sum(text.startswith("out at") for text in shown) == 2


def test_on_a_tall_page_the_rates_of_an_optimizer_stand_in_several_rows() -> None:
    sweep = make_sweep()
    again = {name: np.repeat(getattr(sweep, name), 2, axis=1) for name in ("losses", "points")}
    again |= {"rates": np.geomspace(0.01, 1.2, 8), "outcomes": tuple(row * 2 for row in sweep.outcomes)}
    for name, values in again.items():
        object.__setattr__(sweep, name, values)
    for size, rows in (((960, 600), 2), ((720, 1280), 4)):
        stage = compile_scene(compose(sweep, grid="optimizer,lr", size=size))
        panels = [axes for axes in stage.figure.axes if axes.get_zorder() == 0]
        assert len({round(axes.get_window_extent().y0) for axes in panels}) == rows
        shown = texts(stage)
        assert shown.count("SGD") == shown.count("Adam") == 1
        assert any(f"{len(panels) // 2} of 8 rates" in text for text in shown)


def test_captions_of_tiny_panels_stay_apart() -> None:
    specs = ("sgd", "adam", "rmsprop", "nadam", "adagrad", "adamax")
    stage = compile_scene(compose(make_sweep(specs), grid="optimizer,lr", size=(640, 960)))
    stage.show(STEPS)
    stage.figure.draw_without_rendering()
    words = [text for text in stage.figure.findobj(Text) if text.get_text() and text.get_visible()]
    words = [text for text in words if text.axes is not None and text in text.axes.texts]  # no tick's number
    rates = [text for text in words if text.get_text().startswith("lr ")]
    losses = [text for text in words if re.fullmatch(r"[-+.e\d]+|out at \d+", text.get_text())]
    assert len(rates) == len(losses)
    for rate in rates:
        box = rate.get_window_extent()
        assert not any(box.overlaps(loss.get_window_extent()) for loss in losses)


def test_panels_too_small_to_read_are_refused() -> None:
    specs = ("sgd", "adam", "rmsprop", "nadam", "adagrad", "adamax")
    with pytest.raises(
        DescentError, match=r"panels of 6 optimizers and 4 learning rates would be .* 640x400"
    ):
        compile_scene(compose(make_sweep(specs), grid="optimizer,lr", size=(640, 400)))


@pytest.mark.parametrize("usable", ["all", "some", "none"])
def test_the_fine_print_explains_only_what_is_drawn(usable) -> None:
    sweep = make_sweep()
    fine, gone = Outcome(FINISHED), sweep.outcomes[0][-1]
    kinds = {"all": (fine,) * len(RATES), "some": sweep.outcomes[0], "none": (gone,) * len(RATES)}
    object.__setattr__(sweep, "outcomes", (kinds[usable],) * 2)
    said = fine_print(sweep)
    assert ("bars above" in said) == (usable != "all")
    assert ("ring" in said) == (usable != "none")
    assert ("of the others" in said) == (usable == "some")


def test_multiples_need_paths() -> None:
    with pytest.raises(DescentError, match="kept no paths"):
        compile_scene(compose(make_sweep(keep=False), grid="optimizer,lr"))


@pytest.mark.parametrize("count", [1, 2, 5, 25, 1000])
@pytest.mark.parametrize("columns", [1, 3, 6, 10])
def test_chosen_rates_include_both_ends(count, columns) -> None:
    found = chosen(count, columns)
    assert found == sorted(set(found))
    assert len(found) <= columns
    assert found[0] == 0
    if columns > 1:
        assert found[-1] == count - 1


@pytest.mark.parametrize("multiples", [False, True], ids=["curves", "multiples"])
def test_the_start_is_seen_in_the_first_frame_although_every_head_is_there(multiples) -> None:
    stage = compile_scene(compose(make_sweep(), grid="optimizer,lr" if multiples else None))
    stage.show(0)
    checked = 0
    for axes in stage.figure.axes:
        there = [pen for pen in artists(stage, Marks) if pen.axes is axes and len(pen.places)]
        there = [pen for pen in there if (pen.places == START).all()]
        rings = [pen for pen in there if pen.marks[0].fill is None]
        for head in (pen for pen in there if pen not in rings):
            (ring,) = rings
            assert ring.get_zorder() > head.get_zorder()
            assert ring.marks[0].size > max(mark.size for mark in head.marks)
            checked += 1
    assert checked == (2 * len(RATES) if multiples else 1)


def make_network_sweep(held=True, last=np.nan):
    """Losses that fall to 0.5, 0.05 and rise to 20 times the first; the last is lost."""
    epochs = 4
    ends = np.array([0.5, 0.05, 20.0, last])
    losses = np.array([[np.linspace(1.0, end, epochs + 1) for end in ends]])
    kinds = [Outcome(FINISHED) if np.isfinite(end) else Outcome(NON_FINITE, 7) for end in ends]
    recipe = TrainingRecipe(
        *("moons", "cross entropy", epochs, 32, 0.2, 0.2, None, "auto", "train", 200, "", ""),
    )
    return NetworkSweep(
        target="mlp",
        specs=("adam",),
        rates=RATES,
        losses=losses,
        held=2 * losses if held else np.full_like(losses, np.nan),
        outcomes=(tuple(kinds),),
        methods=("batched",),
        steps=(40,),
        sizes=(300, 100 if held else 0),
        seeds=(0,),
        device="cpu",
        dtype="float32",
        training=recipe,
    )


def test_a_networks_sweep_draws_training_losses_above_validation_losses() -> None:
    sweep = make_network_sweep()
    stage = compile_scene(compose(sweep, size=(960, 600)))
    stage.show(4)
    upper, lower = [
        pen for pen in artists(stage, Lines) if any(len(one.path.vertices) == 3 for one in pen.strokes)
    ]  # the third one holds the bar of the good rates
    titles = {axes.get_title("left") for axes in stage.figure.axes}
    assert {"training loss", "validation loss"} <= {title.split(",")[0] for title in titles}
    assert upper.axes is not lower.axes
    for epoch in (0, 2, 4):
        stage.show(epoch)
        for pen, values in ((upper, sweep.losses), (lower, sweep.held)):
            (stroke,) = pen.strokes
            low, high = pen.axes.get_ylim()
            axis = choose_axis(sweep) if pen is upper else choose_held_axis(sweep)
            expected = np.clip(axis.place(values[0, :3, epoch]), axis.low, 2 * high - low)
            np.testing.assert_allclose(stroke.path.vertices[:, 1], expected)
    assert "epoch 4" in texts(stage)


@pytest.mark.parametrize("held", [True, False])
def test_a_networks_sweep_says_what_its_losses_are_and_what_is_beyond(held) -> None:
    sweep = make_network_sweep(held)
    assert choose_axis(sweep).high < np.log10(20)  # what is thrown far above the start rests on the edge
    stage = compile_scene(compose(sweep, size=(1280, 720)))
    said = " ".join(texts(stage))
    assert "MLP" in said
    assert "best lr 0.1: loss 0.05" in said
    assert "4 epochs each from the same weights, on the same batches" in said
    assert "bars above: lost (not finite)" in said
    assert "on the upper edge: higher still" in said
    assert "as low as the best by half of the epochs" in said
    assert ("100 validation samples" in said) == held
    assert ("validation loss" in said) == held
    told = words(compose(sweep), moving=False).alt
    assert "stayed finite; of equals" in told
    assert "1 of 4 rates diverges" in told
    assert "view" not in told


def test_fast_frames_of_a_networks_sweep_equal_frames_drawn_whole() -> None:
    stage = compile_scene(compose(make_network_sweep(), size=(640, 480), theme="dark"))
    kept = [pixels[..., :3].copy() for pixels in stream(stage, backdrop(stage))]
    assert len(kept) == 5
    for frame in range(5):
        assert np.abs(whole(stage, frame).astype(int) - kept[frame]).max() <= 2
