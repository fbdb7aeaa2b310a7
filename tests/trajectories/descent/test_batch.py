"""Batched runs against single ones: bit for bit where arithmetic is exact, else within a stated bound."""

import numpy as np
import pytest
import torch

from descent import DescentError
from descent.surfaces import get, names
from descent.surfaces.surface import Surface
from descent.trajectories import descend, descend_ends, descend_many
from descent.trajectories.descent.batch import choose_methods
from descent.trajectories.descent.batching import why_alone
from descent.trajectories.descent.exactness import compare, gives_the_same, takes_many
from descent.trajectories.descent.torch_optim import complete
from descent.trajectories.results.trajectory import CONVERGED, NON_FINITE
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.trajectories.specs.tables import OPTIMIZERS, SCHEDULES

STEPS = 30
PARTS = ("points", "losses", "gradients", "learning_rates")
ALONE = ("adafactor", "lbfgs", "muon", "sparseadam")
ELEMENTWISE = [name for name in OPTIMIZERS if name not in ALONE]
OPTIONS = [
    *(f"{name}:lr=0.01" for name in ELEMENTWISE),
    "sgd:lr=0.001,momentum=0.9,nesterov=true,weight_decay=0.1",
    "sgd:lr=0.001,momentum=0.9,dampening=0.3,maximize=true",
    "adam:lr=0.05,amsgrad=true,weight_decay=0.1,betas=0.5/0.9",
    "adamw:lr=0.05,foreach=true",
    "rmsprop:lr=0.01,centered=true,momentum=0.5",
    "nadam:lr=0.01,decoupled_weight_decay=true,weight_decay=0.1",
    "adagrad:lr=0.1,lr_decay=0.1",
]
TURNS = [
    "",
    "@step:step_size=7,gamma=0.5",
    "@cosine",
    "@onecycle",
    "@cyclic:base_lr=0.001,max_lr=0.01,step_size_up=5,cycle_momentum=false",
    "@exponential:gamma=0.95@multistep:milestones=5/20",
    "@linear:total_iters=5@cosine:after=5",
    "@lambda:lr_lambda=math:exp2",
]


def box(half):
    return ((-half, half), (-half, half))


def surface_of(function, **facts):
    return Surface("by_hand", function, **{"domain": box(2), "view": box(2), "start": (1, 1), **facts})


def equal(one, other):
    assert (one.spec, one.outcome, one.evaluations) == (other.spec, other.outcome, other.evaluations)
    for name in PARTS:
        mine, theirs = getattr(one, name), getattr(other, name)
        np.testing.assert_array_equal(mine, theirs, err_msg=f"{name} of {one.spec}")
        assert mine.flags.c_contiguous


def singles(surface, specs, starts, steps, seed=0, **options):
    seeds = seed if isinstance(seed, list) else [seed] * len(starts)
    pairs = list(zip(starts, seeds, strict=True))
    return [descend(surface, s, start, steps, seed=each, **options) for s in specs for start, each in pairs]


# The matrix: every elementwise class, every kind of schedule, both precisions.


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("beale", "float64"), ("beale", "float32"), ("rosenbrock", "float32"), ("himmelblau", "float64")],
)
def test_exact_surfaces_are_equal_bit_for_bit(name, dtype):
    surface = get(name)
    assert gives_the_same(surface, torch.empty(0, dtype=getattr(torch, dtype)))
    specs = [f"{option}{TURNS[number % len(TURNS)]}" for number, option in enumerate(OPTIONS)]
    specs += [f"adam:lr=0.05{turns}" for turns in TURNS]
    many = descend_many(surface, specs, [surface.start], STEPS, dtype=dtype)
    for one, other in zip(many, singles(surface, specs, [surface.start], STEPS, dtype=dtype), strict=True):
        equal(one, other)


# Without exact arithmetic torch may use another approximation for a whole vector than for what is left over,
# one unit in the last place apart. These rates are small enough for paths not to amplify it.
@pytest.mark.parametrize(("dtype", "bound"), [("float64", 1e-10), ("float32", 1e-2)])
@pytest.mark.parametrize("name", ["ackley", "rastrigin", "zakharov", "michalewicz", "de_jong_5", "shubert"])
def test_other_surfaces_agree_within_a_bound(name, dtype, bound):
    surface = get(name)
    rates = dict(surface.rates)
    specs = [f"{each}:lr={rates[each] * part}" for each in rates for part in (0.1, 0.2, 0.5)]
    many = descend_many(surface, specs, [surface.start], STEPS, dtype=dtype)
    for one, other in zip(many, singles(surface, specs, [surface.start], STEPS, dtype=dtype), strict=True):
        assert one.outcome == other.outcome
        moved = np.abs(other.points - other.points[0]).max()
        assert np.abs(one.points - other.points).max() <= bound * max(moved, 1e-3), one.spec


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_many_starts_are_rows_of_one_tensor(dtype):
    surface = get("himmelblau")
    starts = np.random.default_rng(1).uniform(-6, 6, (13, 2)).tolist()
    specs = [option for option in OPTIONS if "fused" not in option]
    many = descend_many(surface, specs, starts, 10, dtype=dtype)
    for one, other in zip(many, singles(surface, specs, starts, 10, dtype=dtype), strict=True):
        equal(one, other)


def test_fused_updates_agree_within_rounding():
    surface, starts = get("beale"), np.random.default_rng(1).uniform(-1, 1, (9, 2)).tolist()
    specs = ["adam:lr=0.01,fused=true", "sgd:lr=0.001,fused=true,momentum=0.9"]
    for one, other in zip(
        descend_many(surface, specs, starts, STEPS), singles(surface, specs, starts, STEPS), strict=True
    ):
        np.testing.assert_allclose(one.points, other.points, rtol=1e-10, atol=1e-12)


def test_options_of_the_descent():
    surface = get("beale")
    specs = [
        f"{name}:lr={lr},accumulate={times},zero_grad={clear}"
        for name in ("sgd", "adam")
        for lr in (1e-4, 1e-2)
        for times in (1, 2)
        for clear in ("true", "false")
    ]
    starts, seeds = [(1.0, 1.5), (1.0, 1.5), (0.5, -1.0)], [4, 5, 4]
    for options in ({"noise": 0.3}, {"stop_at": 1.0}, {"noise": 0.2, "stop_at": 2.0, "dtype": "float32"}):
        many = descend_many(surface, specs, starts, STEPS, seed=seeds, **options)
        other = singles(surface, specs, starts, STEPS, seed=seeds, **options)
        for one, two in zip(many, other, strict=True):
            equal(one, two)
    assert len({one.steps for one in other}) > 2  # some runs stopped early, at different steps


def test_stopping_early_when_every_run_has():
    surface, starts = get("sphere"), [(1.0, 1.0), (3.0, -2.0), (0.0, 0.0)]
    many = descend_many(surface, ["sgd:lr=0.1", "sgd:lr=0.2"], starts, 5000, stop_at=1e-3)
    for one, other in zip(
        many, singles(surface, ["sgd:lr=0.1", "sgd:lr=0.2"], starts, 5000, stop_at=1e-3), strict=True
    ):
        equal(one, other)
        assert one.outcome.kind == CONVERGED


def test_the_view_decides_the_outcome():
    specs, view = ["sgd:lr=1.01", "sgd:lr=0.1"], box(1.5)
    many = descend_many(get("sphere"), specs, [(1.0, 1.0)], 40, view=view)
    assert [one.outcome for one in many] == [
        one.outcome for one in singles(get("sphere"), specs, [(1.0, 1.0)], 40, view=view)
    ]


# Diverged runs and their neighbours.


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_diverged_run_disturbs_nobody(name):
    # The loss is NaN left of zero, so the first start is lost at once, and huge rates are lost later.
    cliff = surface_of(lambda x, y: torch.sqrt(x) * x + y**2)
    starts = [(-1.0, 1.0), (40.0, 1.0), (30.0, -1.0)]
    specs = [f"{name}:lr={lr}" for lr in (1e200, 0.01, 1e3, 0.02)]
    many = descend_many(cliff, specs, starts, STEPS)
    kinds = [one.outcome.kind for one in many]
    assert kinds[0] == kinds[3] == kinds[6] == kinds[9] == NON_FINITE
    assert kinds.count(NON_FINITE) < len(kinds)
    for one, other in zip(many, singles(cliff, specs, starts, STEPS), strict=True):
        equal(one, other)


# What cannot be batched.


@pytest.mark.parametrize("name", ALONE)
def test_optimizers_that_mix_elements_run_one_by_one(name):
    surface, starts = get("booth"), [(-2.0, 4.0), (1.0, 0.0)]
    specs = [f"{name}:lr=0.05", "adam:lr=0.1"]
    full = [complete(OptimizerSpec.parse(spec), 10) for spec in specs]
    assert choose_methods(surface, full, "cpu", "float64") == ("one by one", "batched")
    for one, other in zip(
        descend_many(surface, specs, starts, 10), singles(surface, specs, starts, 10), strict=True
    ):
        equal(one, other)


def test_why_runs_are_alone():
    assert [name for name in SCHEDULES if SCHEDULES[name].alone] == ["plateau"]
    assert why_alone(OptimizerSpec.parse("adam@plateau")).startswith("ReduceLROnPlateau must run alone")
    assert "only torch's own schedules" in why_alone(OptimizerSpec.parse("adam@some.package.Schedule"))
    assert not why_alone(OptimizerSpec.parse("sgd:lr=1@step:step_size=3"))


def test_a_plateau_looks_at_its_own_run():
    surface, starts = get("booth"), [(-2.0, 4.0), (9.0, 9.0)]
    specs = ["sgd:lr=0.1@plateau:patience=1", "sgd:lr=0.12@plateau:patience=1"]
    for one, other in zip(
        descend_many(surface, specs, starts, 40), singles(surface, specs, starts, 40), strict=True
    ):
        equal(one, other)


def norm(xy):
    return xy.pow(2).sum(-1)


def first_row(xy):
    return xy[0] ** 2 + xy[1] ** 2  # right for one point, nonsense for many


def branch(x, y):
    return x**2 if x > y else y**2


def scaled(x, y):
    return (x**2 + y**2) / (1 + (x * 0 + x).max() ** 2)


@pytest.mark.parametrize("function", [first_row, branch, scaled])
def test_surfaces_that_mix_points_run_one_by_one(function):
    surface = get(function)
    assert not takes_many(surface, torch.empty(0, dtype=torch.float64))
    starts, specs = [(1.0, 2.0), (2.0, 1.0), (-1.0, 0.5)], ["sgd:lr=0.1", "adam:lr=0.1"]
    for one, other in zip(
        descend_many(surface, specs, starts, 5), singles(surface, specs, starts, 5), strict=True
    ):
        equal(one, other)


# Which surfaces are sure to give the same numbers.


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_surfaces_said_to_be_exact_are(dtype):
    like = torch.empty(0, dtype=dtype)
    exact = [name for name in names() if gives_the_same(get(name), like)]
    assert {"sphere", "beale", "rosenbrock", "himmelblau", "goldstein_price"} <= set(exact)
    assert not {"ackley", "zakharov", "michalewicz", "langermann"} & set(exact)
    for name in exact:
        surface = get(name)
        (x0, x1), (y0, y1) = surface.view
        some = np.random.default_rng(2).uniform((x0, y0), (x1, y1), (33, 2))
        assert compare(surface, torch.tensor(some, dtype=dtype)) == 0, name


@pytest.mark.parametrize(
    ("formula", "exact"),
    [
        ("x**2 + 3*y**2", True),
        ("(x - 1)**3 / 7 + abs(y)", True),
        ("max(x, y)**2 + sqrt(x*x + 1)", True),
        ("relu(x) + min(x, 2*y)", True),
        ("x**4 + y**2", False),
        ("sin(x) + y**2", False),
        ("x**2.5 + y**2", False),
        ("exp(-x*x) + y", False),
    ],
)
def test_formulas(formula, exact):
    assert gives_the_same(get(f"expr:{formula}"), torch.empty(0, dtype=torch.float64)) == exact


def test_hidden_mixing_is_not_exact():
    like = torch.empty(0, dtype=torch.float32)
    assert not gives_the_same(surface_of(lambda x, y: x**2 + torch.sin(y).detach() * x), like)
    assert not gives_the_same(surface_of(lambda x, y: x**2 + torch.rand_like(y)), like)
    wide = torch.tensor(0.1, dtype=torch.float64)  # makes a single point float64, but not many
    assert not gives_the_same(surface_of(lambda x, y: (x * wide).to(x.dtype) + y**2), like)
    assert not gives_the_same(get(norm), like)


# Chunks, seeds and bad input.


def test_chunks_give_the_same_numbers():
    surface = get("beale")
    starts = np.random.default_rng(3).uniform(-2, 2, (7, 2))
    specs = ["sgd:lr=0.001", "sgd:lr=0.002", "adam:lr=0.1", "rmsprop:lr=0.01"]
    whole = descend_many(surface, specs, starts, STEPS, seed=range(7), noise=0.1)
    for memory in (1e5, 2e5):
        pieces = descend_many(surface, specs, starts, STEPS, seed=range(7), noise=0.1, memory=memory)
        for one, other in zip(whole, pieces, strict=True):
            equal(one, other)


def test_progress_counts_runs():
    calls = []
    descend_many(
        get("sphere"), ["sgd", "lbfgs"], [(1, 1), (2, 2)], 3, progress=lambda *now: calls.append(now)
    )
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_threads_are_given_back():
    before = torch.get_num_threads()
    state = torch.get_rng_state()
    descend_many(get("sphere"), ["sgd", "adam"], [(1, 1)], 3, noise=1.0)
    assert torch.get_num_threads() == before
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"starts": [(1, 2, 3)]}, "starts need shape"),
        ({"starts": []}, "starts need shape"),
        ({"starts": "here"}, "starts need shape"),
        ({"starts": [(1, float("nan"))]}, "starts must be finite"),
        ({"steps": 0}, "steps must be a whole number of at least 1"),
        ({"seed": [1, 2]}, "1 starts need one seed, or 1 seeds, not 2"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"noise": -1}, "noise must be a finite number"),
        ({"specs": ["adamm"]}, "did you mean 'adam'"),
        ({"specs": ["sgd:nesterov=true"]}, "Nesterov momentum requires"),
        ({"specs": ["sgd:differentiable=true"]}, "option differentiable of sgd takes false here"),
        ({"memory": 1e4}, "1 paths of 200 steps need 16.1 kB of memory, and 10 kB are allowed"),
    ],
)
def test_bad_input(change, sentence):
    given = {"specs": ["sgd:lr=0.1"], "starts": [(1.0, 1.0)], "steps": 200, **change}
    with pytest.raises(DescentError) as caught:
        descend_many(get("sphere"), given.pop("specs"), given.pop("starts"), given.pop("steps"), **given)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


# Ends.


@pytest.mark.parametrize(
    "spec", ["adam:lr=0.1", "sgd:lr=0.03", "sgd:lr=0.01,accumulate=2", "lbfgs:lr=0.5,max_iter=5"]
)
def test_ends_are_those_of_the_paths(spec, monkeypatch):
    from descent.trajectories.descent import ends as module

    monkeypatch.setattr(module, "AT_ONCE", 8)
    surface = get("himmelblau")
    starts = np.random.default_rng(4).uniform(-6, 6, (20, 2))
    found = descend_ends(surface, [spec], starts, 40, tolerance=0.1)
    for n, start in enumerate(starts.tolist()):
        path = descend(surface, spec, start, 40)
        state, since = settled(path, surface, 0.1)
        assert (found.state[0, n], found.since[0, n]) == (state, since)
        np.testing.assert_array_equal(found.points[0, n], path.points[-1])
        np.testing.assert_array_equal(found.losses[0, n], path.losses[-1])


def settled(path, surface, tolerance):
    """Say in plain Python where a run ends, and since when it has been there without a break."""
    (x0, x1), (y0, y1) = surface.view
    states = []
    for (x, y), loss in zip(path.points.tolist(), path.losses.tolist(), strict=True):
        near = [
            m
            for m, each in enumerate(surface.minima)
            if np.hypot(x - each.point[0], y - each.point[1]) <= tolerance
        ]
        inside = abs(x - (x0 + x1) / 2) <= 5 * (x1 - x0) and abs(y - (y0 + y1) / 2) <= 5 * (y1 - y0)
        states.append(-1 if not (inside and np.isfinite(loss)) else near[0] if near else -2)
    since = len(states) - 1
    while since and states[since - 1] == states[-1]:
        since -= 1
    return states[-1], since


def test_too_many_minima():
    with pytest.raises(DescentError, match="at most 100 minima"):
        descend_ends(get("sphere"), ["sgd"], [(1, 1)], 3, minima=get("sphere").minima * 101)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@pytest.mark.parametrize("spec", ["sgd:lr=0.01", "adam:lr=0.1@cosine", "rmsprop:lr=0.01"])
def test_cuda(spec):
    surface = get("himmelblau")
    starts = np.random.default_rng(5).uniform(-5, 5, (6, 2)).tolist()
    many = descend_many(surface, [spec], starts, STEPS, device="cuda", noise=0.1)
    for one, other in zip(
        many, singles(surface, [spec], starts, STEPS, device="cuda", noise=0.1), strict=True
    ):
        np.testing.assert_allclose(one.points, other.points, rtol=1e-9, atol=1e-9)
    ends = descend_ends(surface, [spec], starts, STEPS, device="cuda", noise=0.1)
    np.testing.assert_allclose(ends.points[0], [one.points[-1] for one in many], rtol=1e-9, atol=1e-9)
