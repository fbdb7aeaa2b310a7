"""From a target and specs to a recording: what is run, what the recipe says, and what is worth a note."""

import numpy as np
import pytest
import torch

import descent
from descent import DescentError
from descent.surfaces import get
from descent.surfaces.surface import Surface
from descent.trajectories.descent.default_optimizers import default_specs
from descent.trajectories.experiments.plan import plan
from descent.trajectories.specs.optimizer_spec import OptimizerSpec

SMALL = {"steps": 5, "resolution": (8, 6)}
BOX = ((-2.0, 2.0), (-1.0, 1.0))


def bowl(x, y):
    return 3 * x**2 + y**2


PLAIN = Surface("plain", bowl, domain=BOX, view=BOX, start=(1.0, 0.5))


def specs_of(recording):
    return list(recording.recipe.specs)


def test_a_recording_says_everything():
    calls = []
    recording = descent.record(
        "beale",
        ["sgd:lr=0.01", OptimizerSpec("adam", (("lr", 0.1),))],
        steps=20,
        start=(1, 1.5),
        seed=4,
        noise=0.01,
        stop_at=1e-12,
        dtype="float32",
        view=((-1, 4), (-2, 2)),
        resolution=(9, 7),
        progress=lambda done, total: calls.append((done, total)),
    )
    recipe = recording.recipe
    assert (recipe.target, recipe.specs) == ("beale", ("sgd:lr=0.01", "adam:lr=0.1"))
    assert (recipe.start, recipe.steps, recipe.seed) == ((1.0, 1.5), 20, 4)
    assert (recipe.noise, recipe.stop_at) == (0.01, 1e-12)
    assert (recipe.device, recipe.dtype, recipe.resolution) == ("cpu", "float32", (9, 7))
    assert recipe.view == recording.view == ((-1.0, 4.0), (-2.0, 2.0))
    assert dict(recipe.versions).keys() == {"descent-viz", "torch", "numpy", "python"}
    assert dict(recipe.versions)["torch"] == torch.__version__
    assert recording.minima[0].point == (3.0, 0.5)
    assert "x" in recording.latex
    assert recording.field.z.shape == (7, 9)
    assert (recording.field.x[0], recording.field.x[-1]) == (-1.0, 4.0)
    assert [trajectory.steps for trajectory in recording.trajectories] == [20, 20]
    assert calls == [(1, 2), (2, 2)]


def test_heights_are_those_of_the_surface_in_float64_even_for_float32_runs():
    recording = descent.record(PLAIN, "sgd:lr=0.1", dtype="float32", **SMALL)
    x, y = np.meshgrid(recording.field.x, recording.field.y)
    np.testing.assert_allclose(recording.field.z, bowl(x, y), rtol=1e-14)
    assert recording.trajectories[0].points.dtype == np.float64
    assert (recording.trajectories[0].points == recording.trajectories[0].points.astype(np.float32)).all()


def test_the_recipe_makes_the_same_again():
    first = descent.record(
        "himmelblau", ["sgd@cosine", "adam", "lbfgs"], steps=10, noise=0.1, resolution=(4, 4)
    )
    recipe = first.recipe
    again = descent.record(
        recipe.target,
        recipe.specs,
        steps=recipe.steps,
        start=recipe.start,
        seed=recipe.seed,
        noise=recipe.noise,
        stop_at=recipe.stop_at,
        device=recipe.device,
        dtype=recipe.dtype,
        view=recipe.view,
        resolution=recipe.resolution,
        near=recipe.near,
    )
    assert again.recipe == recipe
    for one, other in zip(first.trajectories, again.trajectories, strict=True):
        np.testing.assert_array_equal(one.points, other.points)


def test_rates_cross_with_every_spec_and_nothing_runs_twice():
    crossed = descent.record(PLAIN, ["sgd", "adam:lr=9"], lr=[0.1, 0.2, 0.1], **SMALL)
    assert specs_of(crossed) == ["sgd:lr=0.1", "sgd:lr=0.2", "adam:lr=0.1", "adam:lr=0.2"]
    assert specs_of(descent.record(PLAIN, "sgd", lr=0.5, **SMALL)) == ["sgd:lr=0.5"]
    assert specs_of(descent.record(PLAIN, ["adam", "Adam", "adam:lr=1e-3"], **SMALL)) == ["adam:lr=0.001"]
    assert specs_of(descent.record(PLAIN, (text for text in ["sgd"]), lr=np.array([0.5, 0.25]), **SMALL)) == [
        "sgd:lr=0.5",
        "sgd:lr=0.25",
    ]


def test_rates_are_named_when_torch_chose_them():
    assert specs_of(descent.record(PLAIN, ["sgd", "rmsprop"], **SMALL)) == ["sgd:lr=0.001", "rmsprop:lr=0.01"]


def test_defaults_are_the_rates_that_the_surface_states():
    stated = Surface("stated", bowl, BOX, BOX, (1.0, 0.5), rates={"sgd": 0.25, "adam": 0.5, "rmsprop": 0.125})
    assert specs_of(descent.record(stated, **SMALL)) == ["sgd:lr=0.25", "adam:lr=0.5", "rmsprop:lr=0.125"]
    assert specs_of(descent.record(stated, lr=[1, 2], **SMALL))[:2] == ["sgd:lr=1", "sgd:lr=2"]


def test_defaults_come_from_the_scale_where_the_surface_states_none():
    # The shorter side is 2, the slope at the start (6, 1): 2/50/6.08 = 0.0066.
    assert list(map(str, default_specs(PLAIN))) == ["sgd:lr=0.007", "adam:lr=0.02", "rmsprop:lr=0.02"]
    first_step = descent.record(PLAIN, **SMALL).trajectories[0].points[:2]
    assert 0.5 < np.linalg.norm(np.diff(first_step, axis=0)) / (2 / 50) < 1.5
    flat = list(map(str, default_specs(PLAIN, (0.0, 0.0))))
    assert flat[0] == "sgd:lr=0.01"


def test_a_function_is_a_target_too():
    recording = descent.record(bowl, "sgd:lr=0.1", **SMALL)
    assert recording.recipe.target == "bowl"
    assert recording.minima == ()


# What record calls to measure the surface, and to run: both are imported when they are called for.
WORK = ("descent.surfaces.field.sample", "descent.trajectories.descent.batch.descend_many")


def began(*_, **__):
    pytest.fail("something was run")


@pytest.mark.parametrize("name", WORK)
def test_good_arguments_begin_the_work(name, monkeypatch):
    monkeypatch.setattr(name, began)
    with pytest.raises(pytest.fail.Exception, match="something was run"):
        descent.record("beale", ["sgd:lr=0.1"], **SMALL)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"target": "beal"}, "did you mean 'beale'?"),
        ({"optimizers": "adamm"}, "did you mean 'adam'?"),
        ({"optimizers": []}, "no optimizer is named"),
        ({"optimizers": [None]}, "is text"),
        ({"lr": -1}, "greater than 0, not -1"),
        ({"lr": [0.1, 0]}, "greater than 0, not 0"),
        ({"lr": "fast"}, "greater than 0, not 'fast'"),
        ({"lr": "0.1,0.2"}, "greater than 0, not '0.1,0.2'"),
        ({"steps": 0}, "steps must be"),
        ({"steps": True}, "steps must be"),
        ({"steps": 1.5}, "steps must be"),
        ({"start": (1, 2, 3)}, "two numbers"),
        ({"start": (1, float("nan"))}, "must be finite"),
        ({"seed": -1}, "seed must be"),
        ({"seed": 0.5}, "seed must be"),
        ({"noise": -1}, "noise must be"),
        ({"stop_at": float("inf")}, "stop_at must be"),
        ({"device": "cpuu"}, "did you mean 'cpu'?"),
        ({"dtype": "float"}, "did you mean 'float64'?"),
        ({"view": ((1, 0), (0, 1))}, "X0 < X1"),
        ({"resolution": (1, 5)}, "the resolution's width must be"),
        ({"resolution": 7}, "a resolution is two whole numbers"),
        ({"resolution": (5, 2.5)}, "the resolution's height must be"),
    ],
)
def test_bad_arguments_are_met_with_one_sentence_before_anything_runs(changes, sentence, monkeypatch):
    for name in WORK:
        monkeypatch.setattr(name, began)
    with pytest.raises(DescentError) as caught:
        descent.record(**{"target": "beale", "optimizers": ["sgd:lr=0.1"], **changes})
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_to_note(monkeypatch):
    assert plan("beale", "adam:lr=0.1").notes == ()
    monkeypatch.setattr(torch.optim.Adagrad, "__init__", lambda self, params: None)
    assert plan("beale", "adagrad").notes == ()  # an optimizer that knows no rate runs at none


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"start": (99, 0)}, "the start 99,0 lies outside the domain of beale, -4.5 to 4.5 by -4.5 to 4.5"),
        (
            {"start": (4, 4), "view": ((0, 1), (0, 1))},
            "the start 4,4 lies outside the view, 0 to 1 by 0 to 1",
        ),
        ({"optimizers": "adam"}, "adam runs at torch's default rate 0.001"),
        ({"target": bowl}, "no minimum of bowl is known, so no distance to one is given"),
        ({"target": "abs"}, "the gradient of abs is not defined everywhere"),
    ],
)
def test_notes(arguments, sentence):
    found = plan(**{"target": "beale", "optimizers": "adam:lr=0.1", **arguments}).notes
    assert len(found) == 1
    assert found[0].startswith(sentence)


def test_notes_on_rates_and_precision():
    surface = Surface(
        "picky", bowl, BOX, BOX, (1.0, 0.5), get("beale").minima, rates={"adam": 0.5}, float32="it overflows"
    )
    assert list(plan(surface, "adam", dtype="float32").notes) == [
        "adam runs at torch's default rate 0.001; 0.5 suits picky",
        "picky is not reliable in float32: it overflows",
    ]
    assert plan(surface, "adam", lr=[0.1, 0.2]).notes == ()
    assert plan(surface).notes == ()


# Which way runs are made.


@pytest.mark.muon
def test_methods_are_in_the_recipe_and_change_no_number(tmp_path):
    from descent.trajectories import descend

    specs = ["sgd", "lbfgs", "adam@onecycle", "adam@plateau", "muon", "sgd@lambda:lr_lambda=math:exp2"]
    for target, batched in (("beale", "batched"), ("ackley", "one by one")):
        recording = descent.record(
            target, specs, lr=[0.001, 0.01], steps=25, noise=0.05, seed=3, stop_at=1e-3, resolution=(4, 4)
        )
        expected = {"sgd": batched, "adam@onecycle": batched}
        for run, method in zip(recording.trajectories, recording.recipe.methods, strict=True):
            bare = run.spec.partition(":")[0] + ("@onecycle" if "onecycle" in run.spec else "")
            plain = "plateau" not in run.spec and "lambda" not in run.spec
            assert method == (expected.get(bare, "one by one") if plain else "one by one"), run.spec
            alone = descend(
                descent.surfaces.get(target),
                run.spec,
                recording.recipe.start,
                25,
                noise=0.05,
                seed=3,
                stop_at=1e-3,
            )
            assert (run.outcome, run.evaluations) == (alone.outcome, alone.evaluations)
            for name in ("points", "losses", "gradients", "learning_rates"):
                np.testing.assert_array_equal(getattr(run, name), getattr(alone, name))
        assert descent.load(recording.save(tmp_path / "a.npz")).recipe == recording.recipe


def test_a_run_alone_is_not_batched():
    assert descent.record("beale", "sgd:lr=0.01", steps=2, resolution=(2, 2)).recipe.methods == (
        "one by one",
    )


@pytest.mark.parametrize("start", [(100.0, 0.0), (0.0, -7.0), (9.0, 9.0)], ids=str)
def test_a_view_that_nobody_chose_is_widened_to_hold_the_start(start):
    recording = descent.record("beale", "sgd:lr=1e-6", start=start, steps=1, resolution=(8, 8))
    usual = descent.surfaces.get("beale").view
    for value, (low, high), (x0, x1) in zip(start, recording.view, usual, strict=True):
        assert low <= min(x0, value)
        assert high >= max(x1, value)
        assert (low == x0) == (value >= x0)
        assert (high == x1) == (value <= x1)
    assert recording.field.x[-1] == recording.view[0][1]
    chosen = descent.record("beale", "sgd:lr=1e-6", start=start, steps=1, resolution=(8, 8), view=usual)
    assert chosen.view == usual
    assert str(chosen.trajectories[0].outcome) == "never in the view"
