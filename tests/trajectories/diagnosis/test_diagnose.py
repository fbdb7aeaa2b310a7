"""What is known of optimizers comes out, and what cannot be diagnosed is said in a sentence."""

import json

import numpy as np
import pytest
import torch

import descent
from descent import DescentError
from descent.surfaces.errors import NotPossibleError
from descent.trajectories.diagnosis.diagnose import RATES
from descent.trajectories.reports.diagnosis import as_json, as_table
from descent.trajectories.specs.rates import parse_rates


class SignSGD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.sub_(group["lr"] * parameter.grad.sign())


@pytest.fixture(scope="module")
def known():
    own = ["sgd", "sgd:momentum=0.9", "adam", "adagrad", SignSGD]
    return descent.diagnose(own, references=[])


@pytest.fixture
def passes(known):
    names = dict(zip(("sgd", "momentum", "adam", "adagrad", "sign"), range(5), strict=True))
    tasks = {task.name: number for number, task in enumerate(known.tasks)}
    return lambda name, task: bool(known.passes[names[name], tasks[task]])


@pytest.fixture
def left(known):
    names = dict(zip(("sgd", "momentum", "adam", "adagrad", "sign"), range(5), strict=True))
    tasks = {task.name: number for number, task in enumerate(known.tasks)}
    return lambda name, task: float(known.left[names[name], tasks[task]])


def test_gradient_descent_is_too_slow_in_a_ravine_and_momentum_is_not(passes):
    assert passes("sgd", "ravine 10")
    for name in ("ravine 100", "ravine 1000", "turned ravine 100", "turned ravine 1000"):
        assert not passes("sgd", name)
        assert passes("momentum", name)


def test_what_looks_at_each_number_alone_depends_on_the_axes(left):
    assert left("sgd", "turned ravine 1000") == pytest.approx(left("sgd", "ravine 1000"), rel=1e-6)
    assert left("momentum", "turned ravine 1000") == pytest.approx(left("momentum", "ravine 1000"), rel=1e-3)
    for name in ("adam", "adagrad", "sign"):
        assert left(name, "turned ravine 1000") > 100 * left(name, "ravine 1000")


def test_adam_does_not_see_the_scale_of_a_loss_and_gradient_descent_does(passes):
    assert passes("adam", "scaled loss")
    assert passes("adagrad", "scaled loss")
    assert passes("sign", "scaled loss")
    assert not passes("sgd", "scaled loss")
    assert not passes("momentum", "scaled loss")


def test_gradient_descent_does_not_see_how_far_it_is_and_signs_do(passes):
    assert passes("sgd", "scaled lengths")
    assert not passes("sign", "scaled lengths")


def test_heavy_tails_and_cliffs_harm_what_follows_the_size_of_gradients(passes, left):
    for name in ("heavy tails", "cliff"):
        assert passes("sign", name)
        assert not passes("sgd", name)
        assert not passes("momentum", name)
    assert left("sgd", "heavy tails") > 3 * left("adam", "heavy tails")


def test_lopsided_noise_leads_signs_astray(passes):
    assert passes("sgd", "lopsided noise")
    assert passes("adam", "lopsided noise")
    assert not passes("sign", "lopsided noise")


def test_momentum_turns_a_game_away_from_its_equilibrium(passes):
    assert passes("sgd", "minimax")
    assert not passes("momentum", "minimax")
    assert not passes("adam", "minimax")


def test_adagrad_is_for_rare_features(passes):
    assert passes("adagrad", "rare features")
    assert not passes("sgd", "rare features")
    assert not passes("momentum", "rare features")


def test_saddles_and_plateaus_hold_gradient_descent(passes):
    for name in ("saddle", "plateau"):
        assert not passes("sgd", name)
        assert passes("momentum", name)
        assert passes("adam", name)


def test_no_task_is_passed_by_all_or_by_none(known):
    passed = known.passes.sum(axis=0)
    some = [task.name for task, count in zip(known.tasks, passed, strict=True) if 0 < count < 5]
    assert len(some) >= 18
    assert (passed > 0).all()


def test_reports_say_the_same(known):
    plain = as_json(known)
    json.dumps(plain, allow_nan=False)
    assert [each["name"] for each in plain["tasks"]] == [task.name for task in known.tasks]
    sgd = plain["optimizers"]["sgd"]
    assert sgd["passed"] == int(known.passes[0].sum())
    assert len(sgd["tasks"]["bowl"]["left_at_each_rate"]) == len(parse_rates(RATES))
    assert f"SGD passes {sgd['passed']} of 29 tasks" in as_table(known)


def test_one_rate_and_the_own_rate_are_run_alone():
    one = descent.diagnose("adam", lr=0.1, tasks=["bowl"], references=["sgd"])
    assert one.specs == ("adam:lr=0.1", "sgd:lr=0.1")
    assert one.rates == ((0.1,), (0.1,))
    own = descent.diagnose("adam:lr=0.2", lr="own", tasks=["bowl"], references=["sgd"])
    assert own.rates == ((0.2,), (0.001,))
    assert own.best.tolist() == [[0], [0]]
    some = descent.diagnose("sgd", lr="0.01,0.5", tasks=["bowl"], references=[])
    assert some.rates == ((0.01, 0.5),)
    assert some.rates_that_pass.tolist() == [[1]]
    assert some.at_one_rate(0) == (0.5, 1)


@pytest.mark.muon
def test_matrices_alone_are_given_to_what_takes_no_vectors():
    found = descent.diagnose("muon", lr=0.05, tasks=["bowl", "matrix factors"], references=[])
    assert found.suited.tolist() == [[False, True]]
    assert np.isnan(found.left[0, 0])
    assert "takes matrices only, and the other 1 have none" in as_table(found)


def test_what_has_two_points_is_judged_where_it_is_evaluated():
    schedulefree = pytest.importorskip("schedulefree", reason="schedulefree is not installed")
    found = descent.diagnose(
        schedulefree.SGDScheduleFree, lr=1.0, tasks=["bowl", "white noise"], references=[]
    )
    weights = [torch.tensor([0.5, -1.0, 1.5, -2.0], dtype=torch.float64).requires_grad_()]
    optimizer = schedulefree.SGDScheduleFree(weights, lr=1.0)
    optimizer.train()
    for _ in range(100):
        weights[0].grad = weights[0].detach().clone()
        optimizer.step()
    optimizer.eval()
    assert found.left[0, 0] == pytest.approx(float(weights[0].detach().square().sum()) / 7.5)


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        ("lbfgs", "LBFGS asks for the loss again within a step"),
        ("sparseadam", "SparseAdam cannot be diagnosed: sparse gradients"),
    ],
)
def test_what_needs_more_than_a_gradient_is_refused(optimizer, message):
    with pytest.raises(NotPossibleError, match=message):
        descent.diagnose(optimizer, tasks=["bowl"], references=[])


def test_what_is_no_optimizer_alone_is_refused():
    class Inner(torch.optim.SGD):
        pass

    for given, message in (
        (Inner, "Inner is defined within .*; define it at the top of its module"),
        ("adam@cosine", "leave schedules and switches out of adam@cosine"),
        ("adam:clip=1", "leave schedules and switches out of adam:clip=1"),
        (["sgd", lambda params: torch.optim.SGD(params)], "'<lambda>'"),
        ("adm", "unknown optimizer 'adm'; did you mean 'adam'"),
    ):
        with pytest.raises(DescentError, match=message):
            descent.diagnose(given, tasks=["bowl"], references=[])
    with pytest.raises(DescentError, match="unknown task 'bowls'; did you mean 'bowl'"):
        descent.diagnose("sgd", tasks=["bowls"])
    with pytest.raises(DescentError, match="a learning rate must be"):
        descent.diagnose("sgd", lr=-1.0, tasks=["bowl"])


def test_the_same_twice_is_the_same():
    one, other = (
        descent.diagnose("rmsprop", lr="0.01,0.1", tasks=["white noise", "rare features"], references=[])
        for _ in range(2)
    )
    np.testing.assert_array_equal(one.shares[0], other.shares[0])
