"""Targets of one parameter: the paths of torch.optim on a tensor with one number, and what comes of them."""

import math

import numpy as np
import pytest
import torch

import descent
from descent import DescentError
from descent.surfaces import get, sample
from descent.surfaces.surface import Surface
from descent.trajectories import descend
from descent.trajectories.arguments import check_resolution, check_start
from descent.trajectories.descent.ends import descend_ends
from descent.trajectories.experiments.bare_surface import survey
from descent.trajectories.experiments.plan import plan
from descent.trajectories.experiments.rerun import again
from descent.trajectories.experiments.stability import stability_bound
from descent.trajectories.experiments.sweep import sweep
from descent.trajectories.matching import match as matching
from descent.trajectories.regression import golden
from descent.trajectories.reports.facts import as_text, facts
from descent.trajectories.results.recipe import ONE_BY_ONE
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.trajectories.specs.tables import OPTIMIZERS

STEPS = 40
SHAPES = {"muon": (1, 1), "sparseadam": (1, 1)}
FUNCTIONS = {
    "parabola": lambda x: 0.5 * x**2,
    "double_well": lambda x: (x**2 - 1) ** 2 + 0.3 * x,
    "abs1d": lambda x: x.abs(),
}


def by_hand(function, start, make, schedule=None, noise=0.0, seed=0, dtype=torch.float64):
    """Run the loop people learn on one number; returns points, losses and gradients."""
    w = torch.tensor([start], dtype=dtype, requires_grad=True)
    optimizer = make([w])
    scheduler = schedule(optimizer) if schedule else None
    drawn = noise * torch.randn((1024, 1), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    rows = []
    for k in range(STEPS + 1):
        optimizer.zero_grad()
        loss = function(w[0])
        loss.backward()
        if noise:
            w.grad.add_(drawn[k].to(dtype))
        rows.append((w.item(), loss.item(), w.grad.item()))
        if k < STEPS:
            optimizer.step()
            if scheduler:
                scheduler.step()
    return np.array(rows).T


def equal(run, expected):
    for got, wanted in zip((run.points[:, 0], run.losses, run.gradients[:, 0]), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)
    assert not run.points[:, 1].any()
    assert not run.gradients[:, 1].any()


CASES = {
    "sgd:lr=0.1": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgd:lr=2.1": lambda p: torch.optim.SGD(p, lr=2.1),
    "sgd:lr=0.05,momentum=0.9": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "sgd:lr=0.05,momentum=0.9,nesterov=true": lambda p: torch.optim.SGD(
        p, lr=0.05, momentum=0.9, nesterov=True
    ),
    "adam:lr=0.1": lambda p: torch.optim.Adam(p, lr=0.1),
    "rmsprop:lr=0.05": lambda p: torch.optim.RMSprop(p, lr=0.05),
    "adagrad:lr=0.5": lambda p: torch.optim.Adagrad(p, lr=0.5),
    "adafactor:lr=0.1": lambda p: torch.optim.Adafactor(p, lr=0.1),
    "rprop:lr=0.1": lambda p: torch.optim.Rprop(p, lr=0.1),
}


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("spec", CASES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_run_equals_the_loop_people_learn(name, spec, dtype, noise):
    surface = get(name)
    run = descend(surface, spec, surface.start, STEPS, noise=noise, seed=5, dtype=dtype)
    x = surface.start[0]
    precision = getattr(torch, dtype)
    equal(run, by_hand(FUNCTIONS[name], x, CASES[spec], noise=noise, seed=5, dtype=precision))


@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        (
            "@step:step_size=7,gamma=0.5",
            lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=7, gamma=0.5),
        ),
        ("@cosine", lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=STEPS)),
    ],
)
@pytest.mark.parametrize("spec", ["sgd:lr=0.1", "adam:lr=0.1", "adafactor:lr=0.1"])
def test_schedules(spec, schedule, make):
    run = descend(get("double_well"), spec.replace("0.1", "0.02") + schedule, 1.5, STEPS, noise=0.1)
    plain = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adafactor": torch.optim.Adafactor}
    optimizer = plain[spec.partition(":")[0]]
    expected = by_hand(FUNCTIONS["double_well"], 1.5, lambda p: optimizer(p, lr=0.02), make, noise=0.1)
    equal(run, expected)


def test_lbfgs():
    run = descend(get("double_well"), "lbfgs:lr=0.3", 1.5, 10)
    w = torch.tensor([1.5], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([w], lr=0.3)

    def closure():
        optimizer.zero_grad()
        loss = FUNCTIONS["double_well"](w[0])
        loss.backward()
        return loss

    for k in range(11):
        assert run.points[k].tolist() == [w.item(), 0.0]
        optimizer.step(closure)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_class_steps_on_one_number(name):
    sizes = []

    def function(x):
        sizes.append(tuple(x.shape))
        return (x**2 - 1) ** 2

    box = ((-2.0, 2.0), (-1.0, 1.0))
    surface = Surface("made_up", function, box, box, (1.5, 0.0), parameters=1)
    run = descend(surface, f"{name}:lr=0.01", 1.5, 5, state=True)
    assert set(sizes) == {()}
    assert np.isfinite(run.points).all()
    assert 0 < run.points[-1, 0] < 1.5
    for held in run.state.values():
        assert held.shape == (6, 2)
        assert not np.nan_to_num(held[:, 1]).any()


@pytest.mark.parametrize("name", ["muon", "sparseadam"])
def test_what_wants_a_matrix_gets_one_of_one_number(name):
    run = descend(get("parabola"), f"{name}:lr=0.1", -3, 3)
    w = torch.tensor([[-3.0]], dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, OPTIMIZERS[name].class_name)([w], lr=0.1)
    for k in range(4):
        assert run.points[k, 0] == w.item()
        w.grad = w.detach().clone()
        if name == "sparseadam":
            w.grad = w.grad.to_sparse(1)
        optimizer.step()


# --- recordings


@pytest.fixture(scope="module")
def recording():
    specs = ["sgd:lr=0.1", "sgd:lr=2.1", "adam:lr=0.2@step:step_size=3"]
    return descent.record("parabola", specs, steps=20, start=-3, noise=0.1, resolution=(33, 20))


def test_a_recording_has_one_row_of_heights(recording):
    field, recipe = recording.field, recording.recipe
    assert (field.x.shape, field.y.tolist(), field.z.shape) == ((33,), [0.0], (1, 33))
    np.testing.assert_array_equal(field.z[0], 0.5 * field.x**2)
    assert (recipe.resolution, recipe.start, recipe.view) == (
        (33, 1),
        (-3.0, 0.0),
        ((-5.0, 5.0), (-1.0, 1.0)),
    )
    assert recording.parameters == 1
    assert descent.record("sphere", "sgd:lr=0.1", steps=1, resolution=(2, 2)).parameters == 2
    assert set(recipe.methods) == {ONE_BY_ONE}
    kinds = [run.outcome.kind for run in recording.trajectories]
    assert kinds == ["finished", "left the view", "finished"]


def test_what_is_compared_shares_its_noise(recording):
    assert len({run.gradients[0, 0] for run in recording.trajectories}) == 1


def test_files_and_recipes_give_it_again(recording, tmp_path):
    path = recording.save(tmp_path / "a.npz")
    kept = descent.load(path)
    assert (kept.recipe, kept.minima, kept.parameters) == (recording.recipe, recording.minima, 1)
    for other in (kept, again(recording.recipe)):
        np.testing.assert_array_equal(other.field.z, recording.field.z)
        for one, two in zip(other.trajectories, recording.trajectories, strict=True):
            np.testing.assert_array_equal(one.points, two.points)
            assert one.outcome == two.outcome
            assert one.state.keys() == two.state.keys()
    assert path.read_bytes() == kept.save(tmp_path / "b.npz").read_bytes()


def test_golden_files_and_differences(recording, tmp_path):
    path = tmp_path / "golden.npz"
    assert golden.check(path, recording).state == golden.MISSING
    assert golden.check(path, recording, preset="same-machine").state == golden.SAME
    assert descent.load(path).recipe.resolution == (33, 1)
    other = descent.record("parabola", recording.recipe.specs, steps=20, start=-3, noise=0.1, seed=1)
    assert golden.check(path, other).state == golden.DIFFERS


def test_distances_are_to_the_minimum(recording):
    np.testing.assert_array_equal(recording.distances(0), np.abs(recording.trajectories[0].points[:, 0]))


@pytest.mark.parametrize("start", [-3, -3.0, (-3,), (-3, 0), [-3.0, -0.0], np.array([-3.0]), np.float64(-3)])
def test_starts(start):
    assert check_start(start, 1) == (-3.0, 0.0)
    recording = descent.record("parabola", "sgd:lr=0.1", steps=1, start=start, resolution=(2, 1))
    assert recording.recipe.start == (-3.0, 0.0)


@pytest.mark.parametrize("start", [(-3, 1), (1, 2, 3), (), "x", None, (1, math.nan), math.inf, [[1]]])
def test_starts_that_are_none(start):
    with pytest.raises(DescentError, match=r"one number X as start|must be finite"):
        check_start(start, 1)


def test_a_surface_of_two_parameters_wants_two():
    with pytest.raises(DescentError, match="two numbers X,Y, not 3"):
        descent.record("sphere", "sgd:lr=0.1", start=3)
    with pytest.raises(DescentError, match=r"\(\(x0, x1\), \(y0, y1\)\)"):
        descent.record("sphere", "sgd:lr=0.1", view=(0, 3))


def test_views():
    flat = (-1.0, 1.0)
    assert get("parabola", view=(-2, 3)).view == ((-2.0, 3.0), flat)
    assert get("parabola", view=((-2, 3), (-1, 1))).view == ((-2.0, 3.0), flat)
    widened = descent.record("parabola", "sgd:lr=0.1", steps=1, start=-9, resolution=(2, 1)).view
    assert widened[0][0] < -9
    assert widened[1] == flat
    for view in (((-2, 3), (0, 9)), 3, (1,), (3, 1), ("a", "b")):
        with pytest.raises(DescentError, match="view"):
            get("parabola", view=view)


def test_grids():
    assert check_resolution((64, 64), 1) == check_resolution((64, 1), 1) == (64, 1)
    assert sample(get("abs1d")).z.shape == (1, 256)
    for points in ((1, 1), (64, 0), 64):
        with pytest.raises(DescentError, match="resolution"):
            check_resolution(points, 1)
        with pytest.raises(DescentError, match="resolution"):
            sample(get("abs1d"), resolution=points)
    with pytest.raises(DescentError, match="at least 2"):
        check_resolution((64, 1))


def test_a_start_outside_the_domain_is_noted():
    (note,) = plan("parabola", "sgd:lr=0.1", start=-9).notes
    assert note == "the start -9 lies outside the domain of parabola, -5 to 5"


# --- what is made of many runs


@pytest.mark.parametrize(("curvature", "bound"), [(1, 2.0), (4, 0.5), (100, 0.02)])
def test_the_stability_bound_of_a_parabola(curvature, bound):
    surface = get(f"parabola:curvature={curvature}")
    assert stability_bound(surface, OptimizerSpec.parse("sgd")) == pytest.approx(bound, rel=1e-12)
    for rate, grows in ((0.95 * bound, False), (1.05 * bound, True)):
        points = descend(surface, f"sgd:lr={rate!r}", -3, 30).points[:, 0]
        assert (abs(points[-1]) > 3) == grows


@pytest.mark.parametrize("name", ["double_well", "abs1d"])
def test_others_have_none(name):
    assert stability_bound(get(name), OptimizerSpec.parse("sgd")) is None


def test_a_sweep():
    swept = sweep("parabola", ["sgd", "adam"], "0.5,1,1.9,2.1", steps=30, start=-3)
    assert swept.stability_bound == 2.0
    assert swept.losses.shape == (2, 4, 31)
    assert swept.best[0] == 1
    assert swept.outcomes[0][3].kind == "left the view"
    alone = descend(get("parabola"), "sgd:lr=0.5", -3, 30)
    np.testing.assert_array_equal(swept.points[0, 0], alone.points)


def test_no_basins():
    with pytest.raises(DescentError, match="basins need a plane of starts, and parabola has one parameter"):
        descent.basins("parabola")
    with pytest.raises(DescentError, match="one parameter"):
        descend_ends(get("parabola"), ["sgd:lr=0.1"], [(1.0, 0.0)], 3)


def test_an_implementation_is_held_to_torch_on_one_parameter():
    options = {"lr": 0.1, "momentum": 0.9}
    same = {"surfaces": ["double_well"], "paths": ["single-tensor"], "options": options}
    found = matching.match(torch.optim.SGD, torch.optim.SGD, groups=(1,), steps=5, **same)
    assert found
    with pytest.raises(DescentError, match="groups=\\(1,\\)"):
        matching.match(torch.optim.SGD, torch.optim.SGD, groups=(2,), steps=5, **same)


# --- what is said of them


def test_facts():
    found = facts(get("double_well"))
    assert found["parameters"] == 1
    assert (found["domain"], found["view"], found["start"]) == ([-2.0, 2.0], [-1.8, 1.8], 1.65)
    assert found["minima"][0]["point"] == pytest.approx(-1.0355787)
    lines = as_text(found).splitlines()
    assert "domain           (-2, 2)" in lines
    assert "start            1.65" in lines
    assert "parameters" not in facts(get("sphere"))


def test_a_survey():
    recording = survey(get("abs1d"))
    assert (recording.recipe.resolution, recording.parameters) == ((256, 1), 1)


def test_a_loss_that_does_not_depend_on_x():
    box = ((-1.0, 1.0), (-1.0, 1.0))
    surface = Surface("level", lambda x: torch.zeros_like(x), box, box, (0.5, 0.0), parameters=1)
    with pytest.raises(DescentError, match="does not depend on x by torch"):
        descent.record(surface, "sgd:lr=0.1", steps=1)


def test_a_surface_has_one_or_two_parameters():
    box = ((-1.0, 1.0), (-1.0, 1.0))
    with pytest.raises(DescentError, match="1 or 2 parameters, not 3"):
        Surface("three", lambda x: x, box, box, (0.5, 0.0), parameters=3)
