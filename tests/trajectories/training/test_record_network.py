"""Recordings of networks: paths on planes, what planes hide, files, summaries and refusals."""

import dataclasses
import json
import math
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

import descent
from descent import DescentError
from descent.surfaces.data.resolve import get_data
from descent.surfaces.networks.objective import objective
from descent.surfaces.networks.plane import Plane
from descent.surfaces.networks.plane_axes import pca
from descent.surfaces.networks.resolve import get_network
from descent.surfaces.networks.weights import flatten
from descent.trajectories.experiments.plan import plan
from descent.trajectories.reports.runs import as_json, as_table
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.trajectories.training.assemble import assemble
from descent.trajectories.training.choose_plane import fitting
from descent.trajectories.training.on_plane import project, variance
from descent.trajectories.training.options import check_training
from descent.trajectories.training.record_network import steps_of
from descent.trajectories.training.train import train

SMALL = {"data": "moons:samples=60", "epochs": 3, "resolution": (5, 4)}


@pytest.fixture(scope="module")
def recording():
    return descent.record("mlp:hidden=4", ["sgd:lr=0.5", "adam:lr=0.05"], **SMALL)


@pytest.fixture(scope="module")
def by_parts():
    """The same in its parts: the network, the trained runs with all weights, and the recording."""
    network = get_network("mlp:hidden=4", get_data("moons:samples=60"))
    recipe = check_training({"epochs": 3}, network.name, network.data, network.loss_name)
    specs = ["sgd:lr=0.5", "adam:lr=0.05"]
    runs = [
        train(network, OptimizerSpec.parse(spec), recipe, seed=0, device="cpu", stride=1, per="epoch")
        for spec in specs
    ]
    made = assemble(network, specs, runs, recipe, seed=0, device="cpu", dtype="float32", resolution=(5, 4))
    return network, runs, made


def test_record_is_its_parts(recording, by_parts):
    for one, other in zip(recording.trajectories, by_parts[2].trajectories, strict=True):
        np.testing.assert_array_equal(one.points, other.points)
        np.testing.assert_array_equal(one.losses, other.losses)
    np.testing.assert_array_equal(recording.field.z, by_parts[2].field.z)


def test_the_path_is_the_projection_of_the_weights(by_parts):
    _, runs, made = by_parts
    weights = torch.cat([run.tape.weights for run in runs]).double()
    mean = weights.mean(0)
    _, values, vectors = torch.linalg.svd(weights - mean, full_matrices=False)
    for run, trajectory, trained in zip(runs, made.trajectories, made.training.runs, strict=True):
        inside = (run.tape.weights.double() - mean) @ vectors[:2].T
        np.testing.assert_allclose(np.abs(trajectory.points), inside.abs().numpy(), atol=1e-5)
        beside = run.tape.weights.double() - mean - inside @ vectors[:2]
        np.testing.assert_allclose(trained.distances, beside.norm(dim=1).numpy(), atol=1e-5)
    share = (values**2 / (values**2).sum())[:2].numpy()
    np.testing.assert_allclose(made.training.plane.explained, share, atol=1e-6)


def test_losses_are_those_of_the_whole_training_part(by_parts):
    network, runs, made = by_parts
    x, y = network.data.train.x, network.data.train.y
    plane = pca(torch.cat([run.tape.weights for run in runs]))
    import copy

    model = copy.deepcopy(network.module)

    def loss_at(weights):
        nn.utils.vector_to_parameters(weights, model.parameters())
        with torch.no_grad():
            return float(nn.functional.cross_entropy(model(x), y))

    for run, trajectory, trained in zip(runs, made.trajectories, made.training.runs, strict=True):
        for row in (0, 3, 6):
            assert trajectory.losses[row] == pytest.approx(loss_at(run.tape.weights[row]), rel=1e-5)
            near = plane.embed(plane.project(run.tape.weights[row]))
            assert trained.slice_losses[row] == pytest.approx(loss_at(near), rel=1e-4)
    x_axis, y_axis = made.field.x, made.field.y
    for i, j in ((0, 0), (4, 3), (2, 1)):
        spot = torch.tensor([x_axis[i], y_axis[j]], dtype=plane.origin.dtype)
        assert made.field.z[j, i] == pytest.approx(loss_at(plane.embed(spot).float()), rel=1e-4)


def test_gradients_are_slopes_along_the_axes(by_parts):
    _, runs, made = by_parts
    plane = pca(torch.cat([run.tape.weights for run in runs]))
    for run, trajectory in zip(runs, made.trajectories, strict=True):
        expected = run.tape.gradients.double() @ plane.directions.double().T
        np.testing.assert_allclose(trajectory.gradients[:-1], expected.numpy(), atol=1e-6)
        assert np.isnan(trajectory.gradients[-1]).all()


def test_all_runs_start_at_one_point(recording):
    first, second = recording.trajectories
    np.testing.assert_array_equal(first.points[0], second.points[0])
    assert recording.recipe.start == tuple(first.points[0])
    (x0, x1), (y0, y1) = recording.view
    points = np.concatenate([run.points for run in recording.trajectories])
    assert ((points > (x0, y0)) & (points < (x1, y1))).all()


def test_two_parameters_are_a_plane_of_their_own():
    made = descent.record("linear", "sgd", lr=[0.1, 1.2], epochs=5, resolution=(5, 5))
    assert made.training.plane.exact
    assert made.training.plane.axes == ("weight", "bias")
    data = get_data("line")
    x, y = data.train.x.double().numpy()[:, 0], data.train.y.double().numpy()[:, 0]
    points = made.trajectories[0].points
    point = points[0]
    for k in range(5):
        np.testing.assert_allclose(points[k], point, rtol=1e-4)
        error = point[0] * x + point[1] - y
        point = point - 0.1 * 2 * np.array([(error * x).mean(), error.mean()])
    (minimum,) = made.minima
    slope, intercept = np.polyfit(x, y, 1)
    np.testing.assert_allclose(minimum.point, (slope, intercept), rtol=1e-6)
    assert minimum.value == pytest.approx(np.mean((slope * x + intercept - y) ** 2))
    for run in made.training.runs:
        np.testing.assert_allclose(run.distances, 0.0, atol=1e-6)
    np.testing.assert_allclose(made.training.runs[0].slice_losses, made.trajectories[0].losses, rtol=1e-5)


def test_a_rate_above_the_bound_is_shown_leaving():
    made = descent.record("linear", "sgd", lr=[0.001, 0.1, 1.1], epochs=30, resolution=(5, 5))
    outcomes = [str(run.outcome) for run in made.trajectories]
    assert outcomes[:2] == ["finished", "finished"]
    assert outcomes[2].startswith("left the view at step")
    assert made.trajectories[2].outcome.step > 1  # overshooting is seen before it leaves


@pytest.mark.parametrize("kind", ["random", "hessian", "ends"])
def test_other_planes(kind):
    made = descent.record("mlp:hidden=4", ["sgd:lr=0.5", "adam:lr=0.05"], plane=kind, **SMALL)
    assert made.training.plane.kind == kind
    assert all(0 <= share <= 1 for share in made.training.plane.explained)
    # Paths are no dot in the view, not even on random axes, along which they move by little.
    spots = np.concatenate([run.points for run in made.trajectories])
    assert max(np.ptp(spots, axis=0) / np.ptp(made.view, axis=1)) > 0.7
    if kind == "ends":
        (line,) = made.training.lines
        ends = [made.training.runs[k].slice_losses[-1] for k in line.runs]
        at = [int(np.argmin(np.abs(line.positions - place))) for place in (0, 1)]
        np.testing.assert_allclose(line.train[at], ends, rtol=1e-4)
        assert made.training.plane.axes[0] == "the end of SGD lr 0.5 to the end of Adam lr 0.05"
        np.testing.assert_allclose(made.trajectories[0].points[-1], 0, atol=1e-5)


def test_a_run_that_fails_has_no_say_in_the_plane():
    made = descent.record("mlp:hidden=4", ["sgd:lr=0.5", "sgd:lr=5000", "adam:lr=0.05"], **SMALL)
    assert made.training.plane.fitted == (0, 2)
    assert made.trajectories[1].outcome.kind == "left the view"


def test_a_picture_fits_runs_that_came_some_of_the_way(by_parts):
    runs = [by_parts[1][0]] * 4
    falls = [np.array([1.0, 0.2]), np.array([1.0, 0.95]), np.array([1.0, 1.5]), np.array([1.0, np.nan])]
    assert fitting(runs, falls) == {0: 2}
    rising = np.array([1.0, 2.0, 4.0, 8.0, 9.0, 16.0])
    assert fitting(runs[:1], [rising]) == {0: 5}  # none fell: followed until ten times the first loss
    assert fitting(runs[:2], [rising, np.full(3, np.nan)]) == {0: 5, 1: 1}
    assert fitting(runs[:2], [np.full(3, np.nan)] * 2) == {0: 3, 1: 3}  # losses that nobody knows


@pytest.mark.parametrize("rates", [[1.1], [1.5, 3.0], [1e10], [1e30]])
def test_a_run_that_diverges_alone_is_shown_diverging(rates, tmp_path):
    made = descent.record("linear", "sgd", lr=rates, epochs=30, resolution=(9, 9))
    for run in made.trajectories:
        assert run.outcome.kind in ("left the view", "non-finite")
    (x0, x1), _ = made.view
    assert x1 - x0 < 100
    (minimum,) = made.minima
    assert x0 < minimum.point[0] < x1
    assert descent.still(made, size=(480, 300)).save(tmp_path / "a.png").stat().st_size > 0


@pytest.mark.parametrize("plane", ["auto", "random", "hessian"])
def test_networks_that_diverge_have_a_plane(plane):
    made = descent.record(
        "mlp", ["sgd:lr=1e3", "sgd:lr=1e30"], data="sine", plane=plane, epochs=3, resolution=(5, 5)
    )
    assert np.isfinite(made.field.z).any()
    assert [run.outcome.kind for run in made.trajectories] != ["finished", "finished"]


@pytest.fixture(scope="module")
def one_diverges():
    """Two runs that learn and one whose weights become huge, on the plane of the two."""
    return descent.record("mlp:hidden=4", ["sgd:lr=0.5", "adam:lr=0.05", "sgd:lr=60"], **SMALL)


def test_the_variance_that_a_plane_holds_is_that_of_all_that_is_drawn(one_diverges):
    plane = one_diverges.training.plane
    assert plane.fitted == (0, 1)
    two = descent.record("mlp:hidden=4", ["sgd:lr=0.5", "adam:lr=0.05"], **SMALL).training.plane
    assert sum(plane.explained) < sum(two.explained) - 0.01
    learned, alike, diverged = plane.held
    assert diverged < min(learned, alike) - 0.05


def test_a_path_counts_up_to_where_it_leaves_the_view():
    # Three weights, of which the plane is the first two; the second run leaves between its last rows.
    plane = Plane("pca", torch.zeros(3), torch.eye(3)[:2], ("x", "y"), "made")
    inside = torch.tensor([[0.0, 0, 0], [1, 1, 0], [-1, 0.5, 0.5]])
    leaves = torch.tensor([[0.0, 0, 0], [1, 0, 2], [5, 0, 6], [9, 9, 900]])
    still, lost = torch.zeros(2, 3), torch.tensor([[0.0, 0, 0], [math.nan] * 3])
    weights = [inside, leaves, still, lost]
    view = ((-2.0, 2.0), (-2.0, 2.0))
    shares, held = variance(plane, weights, [project(plane, each) for each in weights], view)
    drawn = [inside, torch.tensor([[0.0, 0, 0], [1, 0, 2], [2, 0, 3]]), still, lost[:1]]
    every = torch.cat(drawn).numpy()
    spread = ((every - every.mean(0)) ** 2).sum(0)
    np.testing.assert_allclose(shares, spread[:2] / spread.sum(), rtol=1e-6)
    alone = [((each - each.mean(0)) ** 2).sum(0).numpy() for each in drawn[:2]]
    np.testing.assert_allclose(held[:2], [each[:2].sum() / each.sum() for each in alone], rtol=1e-6)
    assert held[2:] == (None, None)
    # One that starts outside and stays there is not drawn at all.
    assert variance(plane, [inside + 9], [inside[:, :2].numpy() + 9], view) == ((0.0, 0.0), (None,))


def test_the_table_and_json_say_how_much_of_each_path_the_plane_holds(one_diverges):
    held = one_diverges.training.plane.held
    heading, *rows = as_table(one_diverges).splitlines()
    assert heading.endswith("variance on plane")
    for row, share in zip(rows, held, strict=True):
        assert row.endswith(f" {100 * share:.1f} %")
    assert [run["variance_on_plane"] for run in as_json(one_diverges)["runs"]] == list(held)
    assert "on plane" not in as_table(descent.record("linear", "sgd:lr=0.1", epochs=2, resolution=(3, 3)))


def test_steps_that_were_not_kept_are_not_claimed():
    every = descent.record("linear", ["sgd:lr=1.02", "sgd:lr=0.1"], epochs=100, resolution=(3, 3))
    some = descent.record(
        "linear", ["sgd:lr=1.02", "sgd:lr=0.1"], epochs=100, snapshots=10, resolution=(3, 3)
    )
    exact, by = every.trajectories[0].outcome, some.trajectories[0].outcome
    assert str(exact) == f"left the view at step {exact.step}"
    assert str(by) == f"left the view by step {by.step}"
    assert by.step % 10 == 0


class Curved(nn.Module):
    def __init__(self):
        super().__init__()
        self.only = nn.Linear(1, 1)

    def forward(self, x):
        return -self.only(x**2)


@pytest.mark.parametrize("module", [nn.Sequential(nn.Linear(1, 1), nn.Tanh()), Curved()])
def test_only_a_straight_line_has_a_known_minimum(module):
    x = torch.linspace(-1, 1, 40)[:, None]
    assert descent.record(module, "sgd:lr=0.1", data=(x, x**2), epochs=2, resolution=(3, 3)).minima == ()
    line = nn.Sequential(nn.Flatten(), nn.Linear(1, 1))
    assert descent.record(line, "sgd:lr=0.1", data=(x, x**2), epochs=2, resolution=(3, 3)).minima
    assert (
        descent.record(line, "sgd:lr=0.1", data=(x, x), epochs=2, field_of="val", resolution=(3, 3)).minima
        == ()
    )


def test_large_data_is_measured_on_samples_drawn_by_lot():
    x = torch.linspace(-2, 2, 5000)[:, None]
    made = descent.record("linear", "sgd:lr=0.1", data=(x, x + 1), epochs=2, val=0, test=0, resolution=(3, 3))
    assert made.training.measured == 2000
    assert made.training.sizes == (5000, 0, 0)
    assert np.ptp(made.training.samples.x) > 3
    whole = made.training.runs[0].epochs[-1, 1]
    assert made.trajectories[0].losses[-1] == pytest.approx(whole, rel=0.1)


def test_schedules_say_what_they_count():
    made = descent.record("mlp:hidden=4", "sgd:lr=0.1@linear@cosine:after=2", **SMALL)
    assert "LinearLR per epoch; after epoch 2: CosineAnnealingLR T_max 1 per epoch" in as_table(made)
    made = descent.record("mlp:hidden=4", "sgd:lr=0.1@onecycle", **SMALL)
    assert "per batch" in as_table(made)


def test_a_path_too_short_for_components_gets_a_random_plane():
    made = descent.record("mlp:hidden=4", "sgd:lr=0.1", **SMALL | {"epochs": 1, "batch_size": "all"})
    assert made.training.plane.kind == "random"


@pytest.mark.parametrize(("field_of", "low", "high"), [("val", 0.0, 10.0), ("metric", 0.0, 1.0)])
def test_other_heights(recording, field_of, low, high):
    made = descent.record("mlp:hidden=4", ["sgd:lr=0.5", "adam:lr=0.05"], field_of=field_of, **SMALL)
    assert not np.allclose(made.field.z, recording.field.z)
    assert (made.field.z >= low).all()
    assert (made.field.z <= high).all()
    np.testing.assert_array_equal(made.trajectories[0].points, recording.trajectories[0].points)
    if field_of == "val":
        network = get_network("mlp:hidden=4", get_data("moons:samples=60"))
        there = objective(network, network.data.val)
        assert float(there.values(flatten(network.module)[None])) > 0


def test_snapshots_bound_what_is_kept():
    made = descent.record(
        "mlp:hidden=4", ["sgd:lr=0.5", "sgd:lr=0.5,accumulate=3"], **SMALL | {"epochs": 30, "snapshots": 10}
    )
    first, second = made.trajectories
    assert first.at.tolist() == [*range(0, 60, 6), 60]
    assert second.at.tolist() == [0, 6, 12, 18, 20]
    assert first.steps == 60
    assert len(first.learning_rates) == 60
    assert made.kept.tolist() == first.at.tolist()


def test_every_kept_number_of_a_large_network_fits_in_a_file(tmp_path):
    made = descent.record("mlp784", ["sgd:lr=0.1"] * 1, epochs=1, batch_size=5, resolution=(2, 2))
    assert len(made.trajectories[0].at) > 100
    assert made.save(tmp_path / "a.npz").stat().st_size < 5e6


def test_the_largest_recordings_stay_small(tmp_path):
    specs = [f"sgd:lr={0.1 + 0.01 * k:g}" for k in range(6)]
    # Heights of the validation are found sooner; those of the finest field take ten seconds and are counted.
    options = {
        "data": "blobs:classes=5,samples=2000",
        "epochs": 4,
        "resolution": (32, 32),
        "field_of": "val",
    }
    made = descent.record("mlp", specs, **options)
    heights = 256 * 256 * made.field.z.itemsize
    assert made.save(tmp_path / "a.npz").stat().st_size + heights < 50e6


# --- determinism and files


def test_the_same_recipe_gives_the_same_bytes(tmp_path, recording):
    again = descent.record("mlp:hidden=4", ["sgd:lr=0.5", "adam:lr=0.05"], **SMALL)
    first, second = recording.save(tmp_path / "a.npz"), again.save(tmp_path / "b.npz")
    assert first.read_bytes() == second.read_bytes()
    other = descent.record("mlp:hidden=4", ["sgd:lr=0.5", "adam:lr=0.05"], seed=1, **SMALL)
    assert other.save(tmp_path / "c.npz").read_bytes() != first.read_bytes()


@pytest.mark.parametrize("plane", ["pca", "ends"])
def test_files_hold_everything(tmp_path, plane):
    made = descent.record("mlp:hidden=4", ["sgd:lr=0.5", "adam:lr=0.05"], plane=plane, **SMALL)
    path = made.save(tmp_path / "a.npz")
    back = descent.load(path)
    assert back.recipe == made.recipe
    assert_same(back.training, made.training)
    for one, other in zip(back.trajectories, made.trajectories, strict=True):
        assert_same(one, dataclasses.replace(other, kept=other.at))
    assert back.save(tmp_path / "b.npz").read_bytes() == path.read_bytes()


def assert_same(one, other):
    if dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    else:
        assert one == other


DAMAGES = {
    "no heat": (lambda names: names.remove("0.heat.npy"), "members do not fit"),
    "no kept": (lambda names: names.remove("1.kept.npy"), "members do not fit"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_with_a_part_missing_is_refused(tmp_path, recording, damage):
    change, words = DAMAGES[damage]
    path = recording.save(tmp_path / "a.npz")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = list(parts)
    change(names)
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        for name in names:
            archive.writestr(name, parts[name])
    with pytest.raises(DescentError, match=words):
        descent.load(tmp_path / "b.npz")


HEADERS = {
    "sizes": lambda header: header["training"].update(sizes=[1]),
    "explained": lambda header: header["training"]["plane"].update(explained=[1]),
    "epochs": lambda header: header["recipe"]["training"].update(epochs=-1),
    "too much": lambda header: header["recipe"]["training"].update(odd=1),
    "no recipe": lambda header: header["recipe"].update(training=None),
    "layers": lambda header: header["training"].update(layers=["one"]),
    "lines": lambda header: header["training"].update(lines=[[0]]),
    "axes": lambda header: header["training"]["plane"].update(axes=["x"]),
    "held": lambda header: header["training"]["plane"].update(held=[0.5]),
    "held by none": lambda header: header["training"]["plane"].update(held=["all", None]),
}


@pytest.mark.parametrize("damage", HEADERS)
def test_a_header_out_of_place_is_refused(tmp_path, recording, damage):
    path = recording.save(tmp_path / "a.npz")
    with np.load(path) as found:
        arrays = dict(found)
    header = json.loads(arrays["header"].tobytes())
    HEADERS[damage](header)
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    np.savez(tmp_path / "b.npz", **arrays)
    with pytest.raises(DescentError, match="is not a recording that can be read"):
        descent.load(tmp_path / "b.npz")


# --- what is said of the runs


def test_the_table_and_the_json_name_all_scores(recording):
    table = as_table(recording)
    for heading in ("train loss", "val loss", "test loss", "train accuracy", "val accuracy", "test accuracy"):
        assert heading in table
    found = as_json(recording)
    assert found["parameters"] == 22
    assert found["samples"] == {"train": 36, "val": 12, "test": 12}
    for run, trained in zip(found["runs"], recording.training.runs, strict=True):
        assert run["test_accuracy"] == trained.test[1]
        assert run["val_loss"] == trained.epochs[-1, 3]
        assert run["epochs"] == 3
    json.dumps(found, allow_nan=False)


def test_scores_that_are_not_finite_are_null_in_json():
    made = descent.record("linear", "sgd:lr=1e30", epochs=20, batch_size=30, resolution=(3, 3), test=0)
    found = as_json(made)["runs"][0]
    assert made.trajectories[0].outcome.kind == "non-finite"
    assert found["train_loss"] is None
    assert found["test_rmse"] is None
    assert "test loss" not in as_table(made)


def test_notes_say_which_rate_is_torchs_own():
    assert plan("mlp", "adam").notes == ("adam runs at torch's default rate 0.001; 0.01 suits mlp",)
    assert plan("mlp", "adam:lr=0.1").notes == ()


def test_defaults_are_three_optimizers():
    made = descent.record("logistic", epochs=2, resolution=(3, 3))
    assert [run.spec for run in made.trajectories] == ["sgd:lr=0.5", "adam:lr=0.1", "rmsprop:lr=0.05"]


# --- bad input


class Nothing(nn.Module):
    def forward(self, x):
        return x


REFUSED = {
    "no such data": ({"data": "mons"}, "unknown data set 'mons'; did you mean 'moons'"),
    "batch of 0": ({"batch_size": 0}, "batch_size must be a whole number from 1 to 36"),
    "batch above the data": ({"batch_size": 37}, "batch_size must be a whole number from 1 to 36"),
    "batch of text": ({"batch_size": "most"}, "batch_size must be .* or 'all', not 'most'"),
    "no epochs": ({"epochs": 0}, "epochs must be a whole number of at least 1"),
    "one snapshot": ({"snapshots": 1}, "snapshots must be a whole number of at least 2"),
    "plane": ({"plane": "pcs"}, "unknown plane 'pcs'; did you mean 'pca'"),
    "weights of many": ({"plane": "weights"}, "for networks of 2 parameters, and this one has 22"),
    "field": ({"field_of": "test"}, "unknown field 'test'"),
    "unit": ({"schedule_per": "step"}, "unknown unit of a schedule 'step'"),
    "patience without validation": ({"val": 0, "patience": 3}, "patience looks at the validation loss"),
    "field without validation": ({"val": 0, "field_of": "val"}, "needs validation data"),
    "loss": ({"loss": "mes"}, "mse"),
    "misspelt option": ({"epoch": 3}, "unknown option 'epoch'; did you mean 'epochs'"),
    "optimizer object": ({"optimizers": 3}, "optimizers are named by text"),
    "layer": ({"layer": "hidden2"}, "unknown layer 'hidden2'; did you mean 'hidden1'"),
    "too few batches": ({"optimizers": "sgd:lr=0.1,accumulate=100"}, "accumulate=100 needs as many batches"),
    "steps": ({"steps": 5}, "steps cannot be given for a network"),
    "start": ({"start": (0, 0)}, "start cannot be given for a network"),
    "noise": ({"noise": 0.1}, "noise cannot be given for a network"),
    "path too short": ({"epochs": 1, "batch_size": "all", "plane": "pca"}, "too short"),
    "one run has no line": ({"plane": "ends"}, "ends of two or three runs"),
    "closure refused": (
        {"optimizers": "sparseadam:lr=0.1"},
        "sparseadam on mlp:hidden=4 cannot run like this",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_one_sentence(case):
    wishes, words = REFUSED[case]
    options = SMALL | {"optimizers": "sgd:lr=0.1"} | wishes
    with pytest.raises(DescentError, match=words):
        descent.record("mlp:hidden=4", options.pop("optimizers"), **options)


def test_a_module_without_parameters_is_refused():
    with pytest.raises(DescentError, match="no parameters"):
        descent.record(Nothing(), data="moons")


def test_a_network_of_ones_own_needs_data():
    with pytest.raises(DescentError, match="a network of your own needs data"):
        descent.record(nn.Linear(2, 2))


def test_surfaces_take_no_epochs():
    with pytest.raises(DescentError, match="epochs cannot be given for a surface"):
        descent.record("beale", epochs=3)
    with pytest.raises(DescentError, match="'mlp' is a network, and here a surface is needed"):
        descent.surfaces.get("mlp")


def test_steps_count_batches():
    network = get_network("mlp:hidden=4", get_data("moons:samples=60"))
    recipe = check_training({"epochs": 3}, network.name, network.data, network.loss_name)
    assert steps_of(OptimizerSpec.parse("sgd:lr=1"), recipe, 36) == 6
    assert steps_of(OptimizerSpec.parse("sgd:lr=1,accumulate=4"), recipe, 36) == 1


# --- networks and data of one's own


class TwoHeads(nn.Module):
    """A module that is no Sequential, with batch norm and dropout."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 6)
        self.norm = nn.BatchNorm1d(6)
        self.drop = nn.Dropout(0.2)
        self.second = nn.Linear(6, 2)

    def forward(self, x):
        return self.second(self.drop(torch.tanh(self.norm(self.first(x)))))


def test_a_module_of_ones_own_is_copied_and_trained():
    x = torch.randn(80, 2, generator=torch.Generator().manual_seed(0))
    data = torch.utils.data.TensorDataset(x, (x.sum(1) > 0).long())
    module = TwoHeads()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    made = descent.record(module, ["sgd:lr=0.1", "adam:lr=0.02"], data=data, epochs=8, resolution=(5, 5))
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name])
    assert made.recipe.target == "TwoHeads"
    assert made.training.layers == ("first", "norm", "second")
    assert made.training.samples is None  # batch norm: what it gives for one point depends on the others
    assert all(run.test[1] > 0.6 for run in made.training.runs)
    assert np.isfinite(made.field.z).all()


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("plane", ["pca", "random", "hessian", "ends"])
def test_another_device_goes_much_the_same_way(plane):
    specs = ["sgd:lr=0.5", "adam:lr=0.05"]
    here = descent.record("mlp:hidden=4", specs, plane=plane, **SMALL)
    there = descent.record("mlp:hidden=4", specs, plane=plane, device="cuda", **SMALL)
    assert there.recipe.device == "cuda:0"
    for one, other in zip(here.trajectories, there.trajectories, strict=True):
        np.testing.assert_allclose(one.losses, other.losses, rtol=1e-3)


@pytest.mark.slow
def test_the_classic_network_learns_the_digits():
    made = descent.record("mlp784", ["adam:lr=0.001", "adam:lr=0.5"], epochs=10, resolution=(9, 9))
    good, bad = made.training.runs
    assert made.training.parameters == 101_770
    assert good.test[1] > 0.9
    assert bad.test[1] < 0.5
    assert "left the view" in str(made.trajectories[1].outcome)
    assert math.isclose(as_json(made)["runs"][0]["test_accuracy"], good.test[1])
