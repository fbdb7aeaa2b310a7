"""Runs on problems are those of a plain loop of torch, bit for bit, and so are their singular values."""

import itertools

import numpy as np
import pytest
import torch

import descent
from descent.surfaces.networks.plane_axes import explained, pca
from descent.surfaces.problems.problem import network_of
from descent.surfaces.problems.resolve import get_problem
from descent.trajectories.problems.prepare import prepare
from descent.trajectories.problems.record import record_problem
from descent.trajectories.problems.singular_values import singular_values
from descent.trajectories.problems.solve import solve
from descent.trajectories.training.on_plane import project

PROBLEMS = ("factorization:rows=5,cols=4", "procrustes:dim=4", "memory:pairs=5,dim=6", "rosenbrock:dim=7")
SPECS = {
    "sgd:lr=0.001": lambda p: torch.optim.SGD(p, lr=0.001),
    "sgd:lr=0.001,momentum=0.9,nesterov=true": lambda p: torch.optim.SGD(
        p, lr=0.001, momentum=0.9, nesterov=True
    ),
    "adam:lr=0.02": lambda p: torch.optim.Adam(p, lr=0.02),
    "muon:lr=0.03,weight_decay=0.1": lambda p: torch.optim.Muon(p, lr=0.03, weight_decay=0.1),
    "lbfgs:lr=0.1,max_iter=3": lambda p: torch.optim.LBFGS(p, lr=0.1, max_iter=3),
}
STEPS = 12


def loop(problem, make, seed, steps=STEPS, accumulate=1, clip=None, dtype=torch.float64):
    """A plain loop: the parameters (steps + 1, P), the losses, and the parameters themselves at each step."""
    module = network_of(get_problem(problem), seed).module.to(dtype)
    optimizer = make(list(module.parameters()))
    rows, losses, matrices = [], [], []

    def closure():
        optimizer.zero_grad()
        loss = module()
        loss.backward()
        return loss

    for _ in range(steps):
        rows.append(torch.cat([each.detach().reshape(-1) for each in module.parameters()]))
        matrices.append([each.detach().clone() for each in module.parameters()])
        optimizer.zero_grad()
        for _ in range(accumulate):
            loss = module()
            loss.backward()
        losses.append(float(loss.detach()))
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(module.parameters(), clip)
        optimizer.step(closure) if isinstance(optimizer, torch.optim.LBFGS) else optimizer.step()
    rows.append(torch.cat([each.detach().reshape(-1) for each in module.parameters()]))
    matrices.append([each.detach().clone() for each in module.parameters()])
    return torch.stack(rows), np.array(losses), matrices


def solved(problem, spec, **more):
    prepared = prepare(problem, spec, steps=STEPS, **more)
    (one,) = prepared.specs
    return prepared, solve(
        prepared.network,
        one,
        prepared.recipe,
        seed=prepared.seed,
        device="cpu",
        stride=prepared.stride,
        matrix=prepared.matrix,
    )


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_path_is_that_of_a_plain_loop(problem, spec):
    if spec.startswith("muon") and "dim=7" in problem:
        pytest.skip("Muon moves matrices alone")
    _, run = solved(problem, spec, seed=3)
    rows, losses, matrices = loop(problem, SPECS[spec], 3)
    assert torch.equal(run.trained.tape.weights, rows)
    np.testing.assert_array_equal(run.trained.tape.batch_losses, losses)
    if matrices[0][0].ndim < 2:
        assert run.step_values.shape == run.weight_values.shape == (0, 0)
        return
    steps = [torch.linalg.svdvals(b[0] - a[0]) for a, b in itertools.pairwise(matrices)]
    np.testing.assert_array_equal(run.step_values[:-1], torch.stack(steps).numpy())
    assert np.isnan(run.step_values[-1]).all()
    own = torch.stack([torch.linalg.svdvals(each[0]) for each in matrices])
    np.testing.assert_array_equal(run.weight_values, own.numpy())


def test_gradients_that_add_up_and_are_clipped_are_those_of_a_plain_loop():
    _, run = solved("factorization", "sgd:lr=0.1,accumulate=3,clip=0.5", seed=1)
    rows, _, _ = loop("factorization", lambda p: torch.optim.SGD(p, lr=0.1), 1, accumulate=3, clip=0.5)
    assert torch.equal(run.trained.tape.weights, rows)
    assert run.trained.evaluations == 3 * STEPS


def test_single_precision_is_that_of_a_plain_loop():
    _, run = solved("memory", "muon:lr=0.03,weight_decay=0", dtype="float32")
    make = lambda p: torch.optim.Muon(p, lr=0.03, weight_decay=0)  # noqa: E731
    rows, _, _ = loop("memory", make, 0, dtype=torch.float32)
    assert run.trained.tape.weights.dtype == torch.float32
    assert torch.equal(run.trained.tape.weights, rows)


def test_schedules_step_after_each_step():
    _, run = solved("rosenbrock:dim=4", "sgd:lr=0.001@step:step_size=5,gamma=0.1")
    expected = [0.001] * 5 + [0.0001] * 5 + [0.00001] * 2
    np.testing.assert_allclose(run.trained.tape.learning_rates, expected)


def test_the_layer_says_whose_singular_values_are_kept():
    prepared, run = solved("factorization:rows=6,cols=3", "sgd:lr=0.1", layer="right")
    assert prepared.matrix == "right"
    _, _, matrices = loop("factorization:rows=6,cols=3", lambda p: torch.optim.SGD(p, lr=0.1), 0)
    own = torch.stack([torch.linalg.svdvals(right) for _, right in matrices])
    np.testing.assert_array_equal(run.weight_values, own.numpy())


def test_kept_steps_have_the_values_of_their_own_step():
    _, run = solved("memory:pairs=4,dim=4", "muon:lr=0.03", snapshots=5)
    _, _, matrices = loop("memory:pairs=4,dim=4", lambda p: torch.optim.Muon(p, lr=0.03), 0)
    at = run.trained.tape.at.tolist()
    assert at == [0, 3, 6, 9, 12]
    steps = [torch.linalg.svdvals(matrices[k + 1][0] - matrices[k][0]).numpy() for k in at[:-1]]
    np.testing.assert_array_equal(run.step_values[:-1], np.stack(steps))


def test_steps_of_muon_go_evenly_in_all_directions_and_those_of_gradient_descent_do_not():
    _, muon = solved("factorization", "muon:lr=0.02,weight_decay=0")
    _, plain = solved("factorization", "sgd:lr=0.2")
    largest, smallest = muon.step_values[:-1].T
    assert float((largest / smallest).max()) < 2
    largest, smallest = plain.step_values[:-1].T
    assert float((largest / smallest).max()) > 2


def test_a_run_that_loses_its_numbers_ends_there():
    recording = record_problem(prepare("rosenbrock:dim=6", "sgd:lr=1", steps=40), resolution=(5, 5))
    (run,) = recording.trajectories
    assert str(run.outcome).startswith("non-finite at step")
    assert run.steps < 40
    assert np.isnan(singular_values(torch.tensor([[1.0, float("nan")], [0.0, 1.0]]))).all()


def loss_at(module, row):
    torch.nn.utils.vector_to_parameters(row, module.parameters())
    return float(module().detach())


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_recording_shows_the_loops_path_on_the_plane(problem):
    recording = record_problem(prepare(problem, "adam:lr=0.02", steps=STEPS, seed=3), resolution=(7, 7))
    rows = loop(problem, SPECS["adam:lr=0.02"], 3)[0]
    plane = pca(rows)
    (path,) = recording.trajectories
    np.testing.assert_array_equal(path.points, project(plane, rows))
    module = network_of(get_problem(problem), 0).module
    np.testing.assert_allclose(path.losses, [loss_at(module, row) for row in rows], rtol=1e-12, atol=1e-14)
    nearest = plane.embed(torch.as_tensor(path.points))
    slices = [loss_at(module, row) for row in nearest]
    np.testing.assert_allclose(recording.training.runs[0].slice_losses, slices, rtol=1e-9, atol=1e-12)
    away = (rows - nearest).norm(dim=1).numpy()
    np.testing.assert_allclose(recording.training.runs[0].distances, away, rtol=1e-9, atol=1e-12)
    assert recording.training.plane.explained == pytest.approx(explained(plane, rows))
    spots = torch.as_tensor(
        np.stack(np.meshgrid(recording.field.x, recording.field.y), axis=-1).reshape(-1, 2)
    )
    heights = [loss_at(module, row) for row in plane.embed(spots)]
    np.testing.assert_allclose(recording.field.z.ravel(), heights, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("problem", "spec", "axes"),
    [
        ("sphere:dim=3", "sgd:lr=0.1", ("along the path", "random direction")),
        ("procrustes", "sgd:lr=1e300", ("random direction 1", "random direction 2")),
    ],
)
def test_a_path_that_is_a_line_or_none_is_drawn_too(problem, spec, axes):
    recording = record_problem(prepare(problem, spec, steps=5), resolution=(5, 5))
    assert recording.training.plane.axes == axes
    assert recording.training.plane.kind == "random"
    if problem.startswith("sphere"):
        assert recording.training.plane.explained == (pytest.approx(1), 0.0)
        np.testing.assert_allclose(recording.training.runs[0].distances, 0, atol=1e-12)


def test_a_random_plane_of_a_vector_is_through_the_start():
    recording = record_problem(prepare("rosenbrock:dim=5", plane="random", steps=5), resolution=(5, 5))
    assert recording.training.plane.axes == ("random direction 1", "random direction 2")
    assert recording.trajectories[0].points[0].tolist() == [0, 0]


def test_of_an_optimizer_with_two_points_the_evaluated_one_is_drawn():
    pytest.importorskip("schedulefree")
    from schedulefree import SGDScheduleFree

    prepared = prepare("factorization", "schedulefree.SGDScheduleFree:lr=0.2", steps=STEPS)
    recording = record_problem(prepared, resolution=(5, 5))
    (run,) = recording.trajectories
    module = network_of(get_problem("factorization"), 0).module
    optimizer = SGDScheduleFree(module.parameters(), lr=0.2)
    optimizer.train()
    for _ in range(STEPS):
        optimizer.zero_grad()
        module().backward()
        optimizer.step()
    optimizer.eval()
    assert run.losses[-1] == pytest.approx(float(module().detach()), rel=1e-12)
    there = torch.linalg.svdvals(module.get_parameter(recording.training.matrix).detach()).numpy()
    assert recording.training.runs[0].weight_values[-1] == pytest.approx(there, rel=1e-9)


def test_what_surprises_people_is_said_here_too():
    _, run = solved("factorization", "sgd:lr=0.1@onecycle:max_lr=0.5,total_steps=12")
    assert any("first rate" in fact for fact in run.trained.facts)


def test_each_run_of_a_sweep_is_the_run_by_itself():
    swept = descent.sweep(
        "factorization:rows=5,cols=4", ["sgd", "adam"], [0.01, 0.1, 1e200], steps=STEPS, seed=3
    )
    assert swept.losses.shape == (2, 3, STEPS + 1)
    assert (swept.unit, swept.loss_name, swept.length) == ("step", "loss", STEPS)
    for i, name in enumerate(("sgd", "adam")):
        for j, rate in enumerate((0.01, 0.1)):
            _, run = solved("factorization:rows=5,cols=4", f"{name}:lr={rate}", seed=3)
            np.testing.assert_array_equal(swept.losses[i, j, :-1], run.trained.tape.batch_losses)
            assert swept.losses[i, j, -1] == run.trained.epochs[-1, 1]
    assert str(swept.outcomes[0][2]).startswith("non-finite")
    assert swept.best[0] == 1
    assert swept.minimum == get_problem("factorization:rows=5,cols=4").minimum
    assert "above the minimum" in swept.good_means
