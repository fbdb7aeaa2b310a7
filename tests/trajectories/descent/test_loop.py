"""The descent loop against plain loops written by hand, bit for bit, and what it does at the edges."""

import random

import numpy as np
import pytest
import torch

from descent import DescentError, record
from descent.surfaces import get
from descent.surfaces.surface import Surface
from descent.trajectories import descend
from descent.trajectories.descent.batching import why_alone
from descent.trajectories.results.recipe import BATCHED, ONE_BY_ONE
from descent.trajectories.results.trajectory import CONVERGED, FINISHED, LEFT_THE_VIEW, NON_FINITE
from descent.trajectories.specs.labels import label
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.trajectories.specs.tables import OPTIMIZERS

START = (1.0, 1.5)
STEPS = 50
BOX = ((-4.5, 4.5), (-4.5, 4.5))


def beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def surface_of(function, **facts):
    return Surface("by_hand", function, **{"domain": BOX, "view": BOX, "start": START, **facts})


BEALE = surface_of(beale)
SPHERE = get("sphere")


def parameter(dtype=torch.float64):
    return torch.tensor(START, dtype=dtype, requires_grad=True)


class Rows:
    """What a person would write down by hand."""

    def __init__(self):
        self.points, self.losses, self.gradients = [], [], []

    def add(self, point, loss, gradient):
        self.points.append(point.detach().clone().view(2))
        self.losses.append(loss.detach())
        self.gradients.append(gradient.clone().view(2))

    def equal(self, trajectory):
        for name in ("points", "losses", "gradients"):
            by_hand = torch.stack(getattr(self, name)).double().numpy()
            np.testing.assert_array_equal(getattr(trajectory, name), by_hand, err_msg=name)


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name not in ("lbfgs", "muon", "sparseadam")])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_class_equals_the_loop_people_learn(name, dtype):
    w = parameter(getattr(torch, dtype))
    optimizer = getattr(torch.optim, OPTIMIZERS[name].class_name)([w], lr=0.01)
    rows = Rows()
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = beale(w[0], w[1])
        loss.backward()
        rows.add(w, loss, w.grad)
        optimizer.step()
    optimizer.zero_grad()
    loss = beale(w[0], w[1])
    loss.backward()
    rows.add(w, loss, w.grad)

    trajectory = descend(BEALE, f"{name}:lr=0.01", START, STEPS, dtype=dtype)
    rows.equal(trajectory)
    assert trajectory.points.shape == (STEPS + 1, 2)
    assert (trajectory.learning_rates == 0.01).all()
    assert trajectory.evaluations == STEPS
    assert trajectory.outcome.kind == FINISHED


@pytest.mark.parametrize(
    "options", [{}, {"line_search_fn": "strong_wolfe"}, {"max_iter": 3, "history_size": 2}]
)
def test_lbfgs_equals_a_loop_with_a_closure(options):
    w = parameter()
    optimizer = torch.optim.LBFGS([w], lr=0.1, **options)
    calls = []

    def closure():
        optimizer.zero_grad()
        loss = beale(w[0], w[1])
        loss.backward()
        calls.append((w.detach().clone(), loss.detach(), w.grad.clone()))
        return loss

    rows = Rows()
    for _ in range(10):
        first = len(calls)
        optimizer.step(closure)
        rows.add(
            *calls[first]
        )  # the first thing that LBFGS computes belongs to the point where the step begins
    evaluations = len(calls)
    closure()
    rows.add(*calls[-1])

    text = "lbfgs:lr=0.1," + ",".join(f"{key}={value}" for key, value in options.items())
    trajectory = descend(BEALE, text.rstrip(","), START, 10)
    rows.equal(trajectory)
    assert trajectory.evaluations == evaluations > 10


def test_muon_equals_a_loop_over_a_matrix():
    w = torch.tensor([START], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Muon([w], lr=0.05)
    rows = Rows()
    for _ in range(STEPS + 1):
        optimizer.zero_grad()
        loss = beale(w[0, 0], w[0, 1])
        loss.backward()
        rows.add(w, loss, w.grad)
        optimizer.step()
    rows.equal(descend(BEALE, "muon:lr=0.05", START, STEPS))


def test_sparseadam_equals_a_loop_over_an_embedding():
    embedding = torch.nn.Embedding(1, 2, sparse=True, dtype=torch.float64)
    with torch.no_grad():
        embedding.weight.copy_(torch.tensor([START]))
    optimizer = torch.optim.SparseAdam(embedding.parameters(), lr=0.05)
    rows = Rows()
    for _ in range(STEPS + 1):
        optimizer.zero_grad()
        x, y = embedding(torch.tensor(0))
        loss = beale(x, y)
        loss.backward()
        rows.add(embedding.weight, loss, embedding.weight.grad.to_dense())
        optimizer.step()
    rows.equal(descend(BEALE, "sparseadam:lr=0.05", START, STEPS))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_class_runs_by_its_name_alone(name):
    trajectory = descend(get("booth"), name, (-2.0, 4.0), 20)
    default = trajectory.learning_rates[0]
    assert trajectory.spec.startswith(f"{name}:lr=")
    assert default > 0
    assert np.isfinite(trajectory.points).all()
    assert trajectory.losses[-1] < trajectory.losses[0]


# The teaching switches.


def loop(accumulate=1, zero_grad=True, noise=None, momentum=0.9):
    """Descend beale by hand for STEPS steps and a last row."""
    w = parameter()
    optimizer = torch.optim.SGD([w], lr=0.001, momentum=momentum)
    rows = Rows()
    for _ in range(STEPS + 1):
        if zero_grad:
            optimizer.zero_grad()
        for _ in range(accumulate):
            loss = beale(w[0], w[1])
            loss.backward()
            if noise is not None:
                w.grad += next(noise)
        rows.add(w, loss, w.grad)
        optimizer.step()
    return rows


@pytest.mark.parametrize("accumulate", [1, 2, 5])
@pytest.mark.parametrize("zero_grad", [True, False])
def test_accumulating_and_forgetting_zero_grad(accumulate, zero_grad):
    text = f"sgd:lr=0.001,momentum=0.9,accumulate={accumulate},zero_grad={str(zero_grad).lower()}"
    trajectory = descend(BEALE, text, START, STEPS)
    loop(accumulate, zero_grad).equal(trajectory)
    assert trajectory.evaluations == accumulate * STEPS


def test_accumulated_gradients_are_sums():
    once, thrice = (descend(SPHERE, f"sgd:lr=0.01,accumulate={k}", START, 5) for k in (1, 3))
    np.testing.assert_allclose(thrice.gradients[0], 3 * once.gradients[0], rtol=1e-15)
    assert thrice.losses[0] == once.losses[0]


def test_forgotten_gradients_pile_up():
    trajectory = descend(SPHERE, "sgd:lr=0.01,zero_grad=false", START, 5)
    np.testing.assert_allclose(trajectory.gradients, np.cumsum(2 * trajectory.points, axis=0), rtol=1e-12)


def test_clipping_equals_the_loop_people_learn():
    w = parameter()
    optimizer = torch.optim.SGD([w], lr=0.1)
    rows = Rows()
    for _ in range(STEPS + 1):
        optimizer.zero_grad()
        loss = beale(w[0], w[1])
        loss.backward()
        torch.nn.utils.clip_grad_norm_([w], 0.5)
        rows.add(w, loss, w.grad)
        optimizer.step()
    trajectory = descend(BEALE, "sgd:lr=0.1,clip=0.5", START, STEPS)
    rows.equal(trajectory)
    norms = np.hypot(*trajectory.gradients.T)
    assert norms.max() <= 0.5
    assert norms.max() > 0.499


def test_clipped_runs_are_made_alone_and_say_so():
    spec = OptimizerSpec.parse("sgd:lr=0.1,clip=0.5")
    assert label(spec).details == "clip 0.5"
    assert "clip=0.5 is a norm over all of its parameters" in why_alone(spec)
    recording = record("beale", ["sgd:lr=0.01,clip=0.5", "sgd:lr=0.01", "sgd:lr=0.02"], steps=5)
    assert recording.recipe.methods == (ONE_BY_ONE, BATCHED, BATCHED)


def test_lbfgs_accumulates_within_its_closure():
    plain, double = (descend(SPHERE, f"lbfgs:lr=0.5,accumulate={k}", START, 3) for k in (1, 2))
    np.testing.assert_allclose(double.gradients[0], 2 * plain.gradients[0], rtol=1e-15)
    assert double.evaluations % 2 == 0
    assert double.losses[-1] < 1e-6


# Noise.


def noise_by_hand(sigma, seed):
    generator = torch.Generator().manual_seed(seed)
    while True:
        for row in torch.randn(1024, 2, generator=generator, dtype=torch.float64):
            yield sigma * row


@pytest.mark.parametrize("accumulate", [1, 3])
def test_noise_is_added_after_each_backward_pass(accumulate):
    text = f"sgd:lr=0.001,momentum=0.9,accumulate={accumulate}"
    trajectory = descend(BEALE, text, START, STEPS, seed=7, noise=0.5)
    loop(accumulate, noise=noise_by_hand(0.5, 7)).equal(trajectory)


def noise_in(trajectory):
    return trajectory.gradients - 2 * trajectory.points


def test_noise_is_the_same_for_all_compared_runs_and_begins_the_same_for_longer_ones():
    one = descend(SPHERE, "sgd:lr=0.01", START, STEPS, seed=3, noise=1.0)
    other = descend(SPHERE, "adam:lr=0.1", START, STEPS, seed=3, noise=1.0)
    longer = descend(SPHERE, "sgd:lr=0.01", START, 2000, seed=3, noise=1.0)
    single = descend(SPHERE, "sgd:lr=0.01", START, STEPS, seed=3, noise=1.0, dtype="float32")
    np.testing.assert_allclose(noise_in(one), noise_in(other), rtol=0, atol=1e-12)
    np.testing.assert_allclose(noise_in(one), noise_in(single), rtol=0, atol=1e-5)
    np.testing.assert_array_equal(one.points, longer.points[: STEPS + 1])
    assert 0.9 < noise_in(longer).std() < 1.1
    assert len(np.unique(noise_in(longer).round(9))) == 4002  # no block of noise comes twice


def test_seeds_matter_only_with_noise():
    runs = [descend(SPHERE, "sgd:lr=0.01", START, 5, seed=seed, noise=0.1).points for seed in (0, 1, 0)]
    np.testing.assert_array_equal(runs[0], runs[2])
    assert not np.array_equal(runs[0], runs[1])
    quiet = [descend(SPHERE, "sgd:lr=0.01", START, 5, seed=seed).points for seed in (0, 1)]
    np.testing.assert_array_equal(*quiet)


def test_global_random_numbers_are_left_alone():
    torch.manual_seed(11)
    random.seed(11)
    before = torch.get_rng_state(), random.getstate()
    descend(SPHERE, "sgd:lr=0.01", START, 5, seed=5, noise=1.0)
    with pytest.raises(DescentError):
        descend(SPHERE, "sgd:lr=0.01,nesterov=true", START, 5)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]


# Non-finite runs.


def test_a_diverging_run_goes_on_and_says_so():
    trajectory = descend(SPHERE, "sgd:lr=1000000", START, 200)
    assert trajectory.points.shape == (201, 2)
    assert trajectory.outcome.kind == NON_FINITE
    step = trajectory.outcome.step
    assert np.isfinite(trajectory.points[:step]).all()
    assert np.isfinite(trajectory.losses[:step]).all()
    assert not np.isfinite(trajectory.losses[step])
    assert np.isnan(trajectory.points[-1]).all()
    assert trajectory.evaluations == 200
    assert np.abs(trajectory.points[np.isfinite(trajectory.points)]).max() > 1e100  # nothing was clipped


def test_a_run_that_leaves_the_view_says_when():
    trajectory = descend(SPHERE, "sgd:lr=1.1", START, 20)
    assert trajectory.outcome.kind == LEFT_THE_VIEW
    step = trajectory.outcome.step
    assert np.abs(trajectory.points[step - 1]).max() < 5.12 < np.abs(trajectory.points[step]).max()
    wide = ((-1e6, 1e6), (-1e6, 1e6))
    assert descend(SPHERE, "sgd:lr=1.1", START, 20, view=wide).outcome.kind == FINISHED


def test_infinite_losses_are_kept():
    cliff = surface_of(lambda x, y: torch.log(x) + y)
    trajectory = descend(cliff, "sgd:lr=2", (1.0, 0.0), 5)
    assert trajectory.outcome.kind == NON_FINITE
    assert np.isfinite(trajectory.points[1]).all()
    assert np.isnan(trajectory.losses[1])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_class_survives_nan(name):
    nowhere = surface_of(lambda x, y: torch.sqrt(x - 0.9) + y * torch.nan)
    trajectory = descend(nowhere, f"{name}:lr=0.5", START, 10)
    assert trajectory.points.shape == (11, 2)
    assert (trajectory.outcome.kind, trajectory.outcome.step) == (NON_FINITE, 0)


@pytest.mark.parametrize("options", ["", ",line_search_fn=strong_wolfe"])
def test_lbfgs_survives_a_cliff(options):
    # Past the cliff the loss is NaN, on which the line search of strong_wolfe fails with an IndexError.
    cliff = surface_of(lambda x, y: torch.log(x) + y**2)
    trajectory = descend(cliff, f"lbfgs:lr=0.5{options}", (0.5, 0.4), 20)
    assert trajectory.points.shape == (21, 2)
    assert (trajectory.outcome.kind, trajectory.outcome.step) == (NON_FINITE, 1)


class GivesUp(torch.optim.SGD):
    """Raises when it is handed a gradient that is not finite, as some third-party optimizers do."""

    def step(self, closure=None):
        for group in self.param_groups:
            for each in group["params"]:
                if not torch.isfinite(each.grad).all():
                    raise RuntimeError("gradient is not finite")
        return super().step(closure)


class Stubborn(torch.optim.SGD):
    def step(self, closure=None):
        raise RuntimeError("never\nready")


@pytest.fixture
def third_party(monkeypatch):
    import sys
    from types import ModuleType

    module = ModuleType("third_party_optimizers")
    module.__dict__.update(GivesUp=GivesUp, Stubborn=Stubborn, Lucky=Lucky, Bare=Bare, number=3)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


class Lucky(torch.optim.Optimizer):
    """Steps at random, with a rate that it insists on."""

    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for each in self.param_groups[0]["params"]:
            each.sub_(self.param_groups[0]["lr"] * torch.randn_like(each))


class Bare(torch.optim.Optimizer):
    """Knows no learning rate at all."""

    def __init__(self, params, factor=0.5, **more):
        super().__init__(params, {"factor": factor, **more})

    @torch.no_grad()
    def step(self):
        for each in self.param_groups[0]["params"]:
            each.mul_(self.param_groups[0]["factor"])


def test_an_optimizer_that_gives_up_on_nan_leaves_nan_rows(third_party):
    trajectory = descend(SPHERE, f"{third_party}.GivesUp:lr=1e200", START, 10)
    assert trajectory.points.shape == (11, 2)
    assert trajectory.outcome.kind == NON_FINITE
    assert np.isnan(trajectory.points[-1]).all()
    assert np.isnan(trajectory.learning_rates[-1])
    assert trajectory.evaluations < 10


def test_an_optimizer_that_fails_for_another_reason_is_an_error(third_party):
    with pytest.raises(DescentError, match=r"Stubborn cannot run like this: never ready$") as caught:
        descend(SPHERE, f"{third_party}.Stubborn:lr=1", START, 10)
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_third_party_optimizers_repeat_by_their_seed(third_party):
    runs = [descend(SPHERE, f"{third_party}.Lucky:lr=0.1", START, 5, seed=seed).points for seed in (0, 1, 0)]
    np.testing.assert_array_equal(runs[0], runs[2])
    assert not np.array_equal(runs[0], runs[1])
    with pytest.raises(DescentError, match="has no learning rate of its own"):
        descend(SPHERE, f"{third_party}.Lucky", START, 5)


def test_an_optimizer_without_a_rate(third_party):
    trajectory = descend(SPHERE, f"{third_party}.Bare:factor=0.25,extra=1", START, 2)
    assert trajectory.spec == f"{third_party}.Bare:factor=0.25,extra=1"
    np.testing.assert_array_equal(trajectory.points[2], np.array(START) / 16)
    assert np.isnan(trajectory.learning_rates).all()


# Stopping.


def test_stopping_at_a_small_gradient():
    full = descend(SPHERE, "sgd:lr=0.1", START, 200)
    norms = np.linalg.norm(full.gradients, axis=1)
    stopped = descend(SPHERE, "sgd:lr=0.1", START, 200, stop_at=1e-3)
    assert stopped.outcome.kind == CONVERGED
    assert stopped.outcome.step == stopped.steps == stopped.evaluations == int(np.argmax(norms <= 1e-3))
    np.testing.assert_array_equal(stopped.points, full.points[: stopped.steps + 1])
    assert len(stopped.learning_rates) == stopped.steps


def test_stopping_where_the_start_is_already_good():
    stopped = descend(SPHERE, "lbfgs:lr=1", (0.0, 0.0), 200, stop_at=0)
    assert (stopped.outcome.kind, stopped.outcome.step, stopped.evaluations) == (CONVERGED, 0, 0)
    assert stopped.points.shape == (1, 2)
    assert stopped.learning_rates.shape == (0,)


def test_a_run_that_never_meets_the_rule_finishes():
    assert descend(SPHERE, "sgd:lr=0.001", START, 5, stop_at=1e-9).outcome.kind == FINISHED
    assert descend(SPHERE, "sgd:lr=1e200", START, 5, stop_at=1e-9).outcome.kind == NON_FINITE


# Arguments.


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"start": (1.0,)}, "a start is two numbers"),
        ({"start": 3}, "a start is two numbers"),
        ({"start": ("a", "b")}, "a start is two numbers"),
        ({"start": (1.0, float("nan"))}, "must be finite, not 1,nan"),
        ({"start": (float("inf"), 1.0)}, "must be finite"),
        ({"steps": 0}, "steps must be a whole number of at least 1, not 0"),
        ({"steps": -3}, "at least 1, not -3"),
        ({"steps": 2.0}, "at least 1, not 2.0"),
        ({"steps": True}, "at least 1, not True"),
        ({"steps": "10"}, "at least 1, not '10'"),
        ({"seed": -1}, "seed must be a whole number of at least 0, not -1"),
        ({"seed": 2**64}, "at most"),
        ({"noise": -0.1}, "noise must be a finite number of at least 0"),
        ({"noise": float("nan")}, "noise must be a finite number"),
        ({"noise": "loud"}, "noise must be a finite number"),
        ({"stop_at": -1}, "stop_at must be a finite number"),
        ({"dtype": "float16"}, "unknown dtype 'float16'; did you mean 'float64'? Allowed: float64, float32."),
        ({"device": "gpu"}, "unknown device 'gpu'"),
        ({"device": "cud"}, "did you mean 'cuda'?"),
        ({"spec": 3}, "is text"),
    ],
)
def test_bad_arguments_are_met_with_one_sentence(changes, sentence):
    arguments = {"surface": SPHERE, "spec": "sgd", "start": START, "steps": 5, **changes}
    with pytest.raises(DescentError) as caught:
        descend(**arguments)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_loss_without_a_gradient():
    with pytest.raises(DescentError, match="has no gradient"):
        descend(surface_of(lambda x, y: torch.ones_like(x)), "sgd:lr=1", START, 5)


def test_a_surface_that_fails_says_where():
    def picky(x, y):
        if x.item() < 0.5:
            raise ValueError("too small")
        return x

    with pytest.raises(DescentError, match=r"surface 'by_hand' failed at 0.4,1.5: too small"):
        descend(surface_of(picky), "sgd:lr=0.2", START, 5)


def test_a_start_may_be_of_numpy_and_steps_too():
    trajectory = descend(SPHERE, "sgd:lr=0.1", np.array(START, dtype=np.float32), np.int64(3))
    assert trajectory.steps == 3


def test_it_runs_where_gradients_are_switched_off():
    with torch.no_grad():
        assert descend(SPHERE, "sgd:lr=0.1", START, 3).losses[-1] < 3.25


# Devices.


def test_auto_finds_a_device():
    trajectory = descend(SPHERE, "sgd:lr=0.1", START, 3, device="AUTO")
    assert trajectory.steps == 3


def test_absent_devices_are_said(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    for device, kind in (("cuda", "CUDA"), ("cuda:3", "CUDA"), ("mps", "MPS")):
        with pytest.raises(DescentError) as caught:
            descend(SPHERE, "sgd:lr=0.1", START, 3, device=device)
        assert (
            str(caught.value)
            == f"no {kind} device is available to torch {torch.__version__}; use cpu or auto"
        )


def test_which_device_and_precision_a_word_means(monkeypatch):
    from descent.trajectories.descent.machine import resolve_device, resolve_dtype

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    words = ["cpu", "cuda", "cuda:1", "mps", "auto"]
    assert [resolve_device(word) for word in words] == ["cpu", "cuda:0", "cuda:1", "mps", "cuda:0"]
    with pytest.raises(DescentError, match="there is no cuda:2: torch sees 2, cuda:0 to cuda:1"):
        resolve_device("cuda:2")
    with pytest.raises(DescentError, match="mps has no float64"):
        resolve_dtype("float64", "mps")
    assert resolve_dtype("torch.float32", "cpu") == "float32"


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_cuda_follows_the_cpu(name):
    state = torch.cuda.get_rng_state()
    runs = [
        descend(BEALE, f"{name}:lr=0.01", START, 20, device=device, noise=0.01) for device in ("cpu", "cuda")
    ]
    # Muon rounds to bfloat16 inside, so that the last bit of a sum shows.
    tolerance = 1e-2 if name == "muon" else 1e-9
    np.testing.assert_allclose(runs[0].points, runs[1].points, rtol=tolerance, atol=tolerance)
    assert torch.equal(torch.cuda.get_rng_state(), state)
