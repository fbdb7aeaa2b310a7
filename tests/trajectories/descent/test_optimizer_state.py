"""What optimizers hold between steps: against torch by hand, batched against single, on disk and back."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch

import descent
from descent import DescentError
from descent.surfaces import get
from descent.trajectories import descend, descend_many
from descent.trajectories.descent.optimizer_state import States, of_run
from descent.trajectories.regression.golden import thinned
from descent.trajectories.results.recipe import BATCHED
from descent.trajectories.results.recording import load

STEPS = 12
HELD = {
    "sgd:lr=0.001,momentum=0.9": {"momentum_buffer"},
    "adam:lr=0.05": {"exp_avg", "exp_avg_sq"},
    "adam:lr=0.05,amsgrad=true": {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"},
    "rmsprop:lr=0.01": {"square_avg"},
    "rmsprop:lr=0.01,centered=true,momentum=0.5": {"square_avg", "grad_avg", "momentum_buffer"},
    "adagrad:lr=0.1": {"sum"},
    "adadelta:lr=1": {"square_avg", "acc_delta"},
    "adamax:lr=0.01": {"exp_avg", "exp_inf"},
    "rprop:lr=0.01": {"prev", "step_size"},
    "asgd:lr=0.001": {"ax"},
    "sgd:lr=0.001": set(),
}
ALONE = {"muon:lr=0.01": {"momentum_buffer"}, "sparseadam:lr=0.01": {"exp_avg", "exp_avg_sq"}}


def by_hand(cls, steps=STEPS, **options):
    """A plain loop on beale, and what its optimizer's state says after each step."""
    surface = get("beale")
    parameter = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
    optimizer = cls([parameter], **options)
    rows = []
    for k in range(steps + 1):
        held = optimizer.state.get(parameter, {})
        rows.append({name: value.tolist() for name, value in held.items() if value.numel() == 2})
        if k < steps:
            optimizer.zero_grad()
            surface(parameter).backward()
            optimizer.step()
    return rows


@pytest.mark.parametrize(("spec", "names"), [*HELD.items(), *ALONE.items()])
def test_every_tensor_of_the_parameters_size_is_kept(spec, names):
    run = descend(get("beale"), spec, (1.0, 1.5), STEPS, state=True)
    assert set(run.state) == names
    for array in run.state.values():
        assert array.shape == (STEPS + 1, 2)
        assert array.dtype == np.float64
        assert np.isfinite(array[1:]).all()


@pytest.mark.parametrize(
    ("cls", "options", "spec"),
    [
        (torch.optim.SGD, {"lr": 0.001, "momentum": 0.9}, "sgd:lr=0.001,momentum=0.9"),
        (torch.optim.Adam, {"lr": 0.05}, "adam:lr=0.05"),
        (torch.optim.Adagrad, {"lr": 0.1}, "adagrad:lr=0.1"),
    ],
)
def test_row_k_is_what_a_plain_loop_holds_after_k_steps(cls, options, spec):
    run = descend(get("beale"), spec, get("beale").start, STEPS, state=True)
    for k, held in enumerate(by_hand(cls, **options)):
        for name, array in run.state.items():
            np.testing.assert_array_equal(array[k], held.get(name, (np.nan, np.nan)))


def test_nothing_is_held_before_the_first_step_but_by_adagrad():
    for spec, first in (
        ("sgd:lr=0.001,momentum=0.9", np.nan),
        ("adagrad:lr=0.1,initial_accumulator_value=0.5", 0.5),
    ):
        (array,) = descend(get("beale"), spec, (1.0, 1.5), 2, state=True).state.values()
        np.testing.assert_array_equal(array[0], [first, first])


@pytest.mark.parametrize("options", [{}, {"stop_at": 4.0}, {"noise": 0.3, "seed": 5}, {"dtype": "float32"}])
def test_batched_state_equals_that_of_single_runs_bit_for_bit(options):
    surface, starts = get("beale"), [(1.0, 1.5), (3.0, 0.4), (-2.0, 1.0)]
    specs = [*HELD, "adam:lr=0.1", "sgd:lr=0.002,momentum=0.9"]  # the last two share an optimizer with others
    many = descend_many(surface, specs, starts, STEPS, methods=[BATCHED] * len(specs), state=True, **options)
    singles = (
        descend(surface, spec, start, STEPS, state=True, **options) for spec in specs for start in starts
    )
    for one, other in zip(many, singles, strict=True):
        assert list(one.state) == list(other.state), one.spec
        for name, array in one.state.items():
            np.testing.assert_array_equal(array, other.state[name], err_msg=f"{name} of {one.spec}")
            assert array.flags.c_contiguous


def test_recordings_keep_it_whichever_way_they_run_and_nobody_else_does():
    recording = descent.record(
        "beale", ["adam:lr=0.1", "sgd:lr=0.001,momentum=0.9"], steps=5, resolution=(4, 4)
    )
    alone = descent.record("beale", "adam:lr=0.1", steps=5, resolution=(4, 4))
    assert recording.recipe.methods[0] != alone.recipe.methods[0]
    for name in ("exp_avg", "exp_avg_sq"):
        np.testing.assert_array_equal(
            recording.trajectories[0].state[name], alone.trajectories[0].state[name]
        )
    assert descend(get("beale"), "adam", (1.0, 1.5), 3).state == {}
    assert descend_many(get("beale"), ["adam"], [(1.0, 1.5)], 3)[0].state == {}


def test_a_run_that_diverges_holds_what_torch_holds():
    run = descend(get("rosenbrock"), "sgd:lr=0.1,momentum=0.9", (-1.2, 1.0), 20, state=True)
    assert not np.isfinite(run.state["momentum_buffer"]).all()


def test_the_start_alone_holds_nothing():
    run = descend(get("sphere"), "adam:lr=0.1", (0.0, 0.0), 4, stop_at=1.0, state=True)
    assert (run.steps, run.state) == (0, {})


def test_what_is_held_of_several_parameters_changes_without_a_trace():
    one, two = torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.SGD([one, two])
    states = States(3)
    states.write(0, [one, two], [optimizer, optimizer])
    optimizer.state[two] = {"a": torch.ones(2), "count": torch.tensor(1.0), "whole": torch.ones(2).long()}
    states.write(1, [one, two], [optimizer, optimizer])
    optimizer.state[two] |= {"b": torch.full((1, 2), 3.0), "../b": torch.ones(2), "none": None}
    states.write(2, [one, two], [optimizer, optimizer])
    assert states.arrays(0) == {}
    held = of_run(states.arrays(1), 2)
    nan = np.nan
    assert {name: array.tolist() for name, array in held.items()}.keys() == {"a", "b"}
    np.testing.assert_array_equal(held["a"], [[nan, nan], [1, 1], [1, 1]])
    np.testing.assert_array_equal(held["b"], [[nan, nan], [nan, nan], [3, 3]])
    assert not optimizer.state.get(one)


# On disk.


@pytest.fixture(scope="module")
def recording():
    return descent.record("beale", ["adam:lr=0.1", "sgd:lr=0.01"], steps=3, resolution=(4, 4))


def test_a_round_trip_keeps_it_and_the_bytes(recording, tmp_path):
    path = recording.save(tmp_path / "a.npz")
    again = load(path)
    for one, other in zip(recording.trajectories, again.trajectories, strict=True):
        assert list(one.state) == list(other.state)
        for name, array in one.state.items():
            np.testing.assert_array_equal(array, other.state[name])
    assert again.save(tmp_path / "b.npz").read_bytes() == path.read_bytes()


def rewritten(path, edit, changes=()):
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    header = json.loads(np.lib.format.read_array(io.BytesIO(contents["header.npy"])).tobytes())
    edit(header)
    contents["header.npy"] = as_npy(np.frombuffer(json.dumps(header).encode(), np.uint8))
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**contents, **dict(changes)}.items():
            if data is not None:
                archive.writestr(name, data)
    return path


def as_npy(array):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=(1, 0))
    return buffer.getvalue()


def test_a_file_from_before_there_was_any_state_is_read(recording, tmp_path):
    def forget(header):
        for run in header["runs"]:
            del run["state"]

    path = recording.save(tmp_path / "a.npz")
    rewritten(path, forget, {f"0.state.{name}.npy": None for name in recording.trajectories[0].state})
    assert [run.state for run in load(path).trajectories] == [{}, {}]


@pytest.mark.parametrize(
    ("names", "changes", "sentence"),
    [
        (["exp_avg"], {}, "its members do not fit its header: 0.state.exp_avg_sq.npy"),
        (["exp_avg", "exp_avg_sq", "more"], {}, "its members do not fit its header: 0.state.more.npy"),
        (["exp_avg", "exp_avg", "exp_avg_sq"], {}, "'state' in its header has names"),
        (["exp_avg", "../x"], {}, "'state' in its header has names"),
        (["exp_avg", 3], {}, "'text' in its header is missing"),
        ("exp_avg", {}, "'state' in its header is missing or no list"),
        (None, {}, "'state' in its header is missing or no list"),
        (
            ["exp_avg", "exp_avg_sq"],
            {"0.state.exp_avg.npy": as_npy(np.zeros((3, 2)))},
            "state exp_avg of trajectory",
        ),
        (["exp_avg", "exp_avg_sq"], {"0.state.exp_avg.npy": as_npy(np.zeros(8))}, "must be float64 with 2"),
    ],
)
def test_files_that_lie_about_it_are_refused(recording, tmp_path, names, changes, sentence):
    def lie(header):
        header["runs"][0]["state"] = names

    path = rewritten(recording.save(tmp_path / "a.npz"), lie, changes)
    with pytest.raises(DescentError) as caught:
        load(path)
    assert sentence in str(caught.value)


def test_a_trajectory_checks_its_shape(recording):
    with pytest.raises(
        DescentError, match=r"state exp_avg of trajectory .* must be float64 of shape \(4, 2\)"
    ):
        replace(recording.trajectories[0], state={"exp_avg": np.zeros((3, 2))})


def test_goldens_do_without(recording):
    assert [run.state for run in thinned(recording).trajectories] == [{}, {}]
