"""Matrix problems: their losses against plain algebra, and their minima against SciPy's and NumPy's."""

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import torch

from descent.surfaces.errors import DescentError
from descent.surfaces.networks.objective import objective
from descent.surfaces.networks.weights import flatten, load
from descent.surfaces.problems.problem import loss_of, network_of
from descent.surfaces.problems.resolve import get_problem

SPECS = (
    "factorization",
    "factorization:rows=5,cols=3,rank=3,seed=4",
    "procrustes",
    "procrustes:dim=3,points=2",
)
EVERY = (*SPECS, "memory", "memory:pairs=4,dim=7,power=0.5,seed=2")


def arrays(module):
    return {name: each.detach().numpy() for name, each in module.state_dict().items()}


@pytest.mark.parametrize("seed", [0, 1, 7])
@pytest.mark.parametrize("shape", [(8, 8, 2), (6, 4, 3), (3, 9, 1), (4, 4, 4)], ids=str)
def test_no_factorization_is_better_than_the_largest_singular_parts(shape, seed):
    rows, columns, rank = shape
    problem = get_problem(f"factorization:rows={rows},cols={columns},rank={rank},seed={seed}")
    network = network_of(problem, 0)
    wanted = arrays(network.module)["wanted"]
    assert wanted.shape == (rows, columns)
    u, values, vh = np.linalg.svd(wanted)
    best = u[:, :rank] * values[:rank] @ vh[:rank]
    assert problem.minimum == pytest.approx(0.5 * np.sum((best - wanted) ** 2), abs=1e-14)
    np.testing.assert_allclose(values, 1 / np.arange(1, min(rows, columns) + 1), rtol=1e-12)
    true = objective(network, network.data.train)
    assert float(true.values(problem.minimizer[None])) == pytest.approx(problem.minimum, abs=1e-14)
    assert float(true.gradient(problem.minimizer).abs().max()) < 1e-14


@pytest.mark.parametrize(
    "spec", ["procrustes", "procrustes:dim=3,points=2,noise=2", "procrustes:dim=4,noise=3,seed=5"]
)
def test_no_rotation_is_better_than_that_of_scipy(spec):
    problem = get_problem(spec)
    module = network_of(problem, 0).module
    here = arrays(module)
    cloud, wanted = here["points"], here["wanted"]
    matrix, _ = scipy.linalg.orthogonal_procrustes(cloud.T, wanted.T)
    if np.linalg.det(matrix) < 0:  # a reflection is better still, which no exponential is
        u, _, vh = np.linalg.svd(wanted @ cloud.T)
        flip = np.diag([*[1.0] * (len(cloud) - 1), -1.0])
        matrix = (u @ flip @ vh).T
    lowest = 0.5 * np.sum((cloud.T @ matrix - wanted.T) ** 2) / cloud.shape[1]
    assert problem.minimum == pytest.approx(lowest, abs=1e-13)
    turn = scipy.linalg.logm(matrix.T).real / 2
    load(module, torch.as_tensor(np.ascontiguousarray(turn)).reshape(-1))
    assert float(loss_of(module).detach()) == pytest.approx(problem.minimum, abs=1e-12)


def test_procrustes_begins_at_the_identity_and_its_loss_is_that_of_the_cloud():
    module = network_of(get_problem("procrustes"), 3).module
    here = arrays(module)
    np.testing.assert_array_equal(module.rotation().detach().numpy(), np.eye(6))
    plain = 0.5 * np.mean(np.sum((here["points"] - here["wanted"]) ** 2, axis=0))
    assert float(loss_of(module).detach()) == pytest.approx(plain)


@pytest.mark.parametrize("power", [0, 1, 1.5])
def test_a_memory_is_a_cross_entropy_weighted_by_frequency(power):
    problem = get_problem(f"memory:pairs=5,dim=8,power={power}")
    module = network_of(problem, 0).module
    here = arrays(module)
    for name in ("keys", "values"):
        np.testing.assert_allclose(here[name] @ here[name].T, np.eye(5), atol=1e-14)
    shares = np.arange(1, 6) ** -float(power)
    np.testing.assert_allclose(here["shares"], shares / shares.sum())
    weight = np.random.default_rng(1).normal(size=(8, 8))
    load(module, torch.as_tensor(weight).reshape(-1))
    plain = 0.0
    for key, share, k in zip(here["keys"], shares / shares.sum(), range(5), strict=True):
        scores = here["values"] @ weight @ key
        plain -= share * (scores[k] - np.log(np.sum(np.exp(scores))))
    assert float(loss_of(module).detach()) == pytest.approx(plain)


def test_a_memory_approaches_its_infimum_and_says_how_well_it_recalls():
    problem = get_problem("memory:pairs=4,dim=4")
    module = network_of(problem, 0).module
    assert (problem.minimum, problem.attained) == (0.0, False)
    assert problem.judge(module) == "right answers have probabilities from 0.25 to 0.25"
    here = arrays(module)
    for size, below in ((5, 0.1), (20, 1e-7)):
        load(module, torch.as_tensor(size * here["values"].T @ here["keys"]).reshape(-1))
        assert 0 < float(loss_of(module).detach()) < below
    assert problem.judge(module) == "right answers have probabilities from more than 0.999 to more than 0.999"


def test_gradient_descent_by_another_program_ends_at_the_minimum():
    network = network_of(get_problem("factorization:rows=4,cols=4"), 0)
    true = objective(network, network.data.train)

    def fall(point):
        spot = torch.as_tensor(point)
        return float(true.values(spot[None])), true.gradient(spot).numpy()

    found = scipy.optimize.minimize(fall, flatten(network.module).numpy(), jac=True, method="BFGS")
    assert found.fun == pytest.approx(get_problem("factorization:rows=4,cols=4").minimum, abs=1e-8)


@pytest.mark.parametrize("spec", EVERY)
def test_many_parameters_at_once_are_evaluated_as_one_by_one(spec):
    network = network_of(get_problem(spec), 0)
    true = objective(network, network.data.train)
    assert true.batched
    some = torch.randn(3, network.parameters, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for one, loss in zip(some, true.values(some), strict=True):
        load(network.module, one)
        assert float(loss) == pytest.approx(float(loss_of(network.module).detach()), rel=1e-12)


@pytest.mark.parametrize("spec", EVERY)
def test_a_spec_makes_the_same_problem_again_and_leaves_random_numbers_alone(spec):
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    once, twice = (network_of(get_problem(get_problem(spec).name), 3).module.state_dict() for _ in range(2))
    assert all(torch.equal(once[name], twice[name]) for name in once)
    assert torch.equal(before, torch.random.get_rng_state())
    assert get_problem(spec).name == spec


def test_the_seed_of_the_run_draws_the_start_and_that_of_the_spec_the_problem():
    one, other = (network_of(get_problem("factorization"), seed).module.state_dict() for seed in (0, 1))
    assert torch.equal(one["wanted"], other["wanted"])
    assert not torch.equal(one["left"], other["left"])
    another = network_of(get_problem("factorization:seed=1"), 0).module.state_dict()
    assert not torch.equal(one["wanted"], another["wanted"])
    assert torch.equal(one["left"], another["left"])


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("factorization:rank=9", "at most 8, the smaller of rows and cols, not 9"),
        ("factorization:rows=2,cols=9,rank=3", "at most 2"),
        (
            "factorization:rows=0",
            "rows of problem 'factorization' must be a whole number from 1 to 256, not 0",
        ),
        ("factorization:rows=1e9", "from 1 to 256, not 1000000000.0"),
        ("factorization:rank=true", "rank of problem"),
        ("factorization:seed=-1", "seed of problem 'factorization' must be a whole number of at least 0"),
        ("factorization:ranks=2", "did you mean 'rank'"),
        ("procrustes:dim=1", "dim of problem 'procrustes' must be a whole number from 2 to 64, not 1"),
        ("procrustes:noise=-1", "noise of problem 'procrustes' must be a number from 0 to 10"),
        ("procrustes:noise=big", "noise of problem"),
        ("memory:pairs=17", "at most dim=16, not pairs=17"),
        ("memory:power=6", "power of problem 'memory' must be a number from 0 to 5, not 6"),
        ("memory:pairs=1", "from 2 to 256, not 1"),
        ("memory:pairs", "is not an option"),
        ("memories", "did you mean 'memory'"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(spec, words):
    with pytest.raises(DescentError) as error:
        get_problem(spec)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
