"""State of other packages' classes is drawn where the run's steps follow from it, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

import descent
from descent import DescentError
from descent.viz.scenes.arrow_vectors import push, scaling
from descent.viz.scenes.scene import compose

SPECS = ("sgd:lr=0.001,momentum=0.9", "adam:lr=0.05", "rmsprop:lr=0.01")


@pytest.fixture(scope="module")
def runs():
    return descent.record("beale", SPECS, steps=40, resolution=(16, 16)).trajectories


def stranger(run, **state):
    """The same run, of a class that nobody knows, which may hold other things."""
    return replace(run, spec="some.package.Class:lr=0.05", state={**run.state, **state})


def drawn(vectors):
    return bool(np.isfinite(vectors).all(axis=1).any())


def test_what_a_stranger_holds_is_drawn_where_its_steps_follow_from_it(runs):
    sgd, adam, rmsprop = (stranger(run) for run in runs)
    assert [drawn(push(run)) for run in (sgd, adam, rmsprop)] == [True, True, False]
    assert [drawn(scaling(run)) for run in (sgd, adam, rmsprop)] == [False, True, True]
    np.testing.assert_array_equal(push(sgd), push(runs[0]))
    np.testing.assert_array_equal(scaling(adam), scaling(runs[1]))


def test_a_position_under_the_name_of_momentum_is_not_drawn(runs):
    sgd, adam, _ = runs
    assert not drawn(push(stranger(sgd, momentum_buffer=sgd.points)))
    assert not drawn(push(stranger(adam, exp_avg=adam.points)))
    assert not drawn(push(stranger(sgd, momentum_buffer=-sgd.state["momentum_buffer"])))


@pytest.mark.parametrize("power", [0.5, 2.0])
def test_squares_that_steps_are_not_divided_by_are_not_drawn(runs, power):
    _, adam, rmsprop = runs
    assert not drawn(scaling(stranger(adam, exp_avg_sq=adam.state["exp_avg_sq"] ** power)))
    assert not drawn(scaling(stranger(rmsprop, square_avg=rmsprop.state["square_avg"] ** power)))


def test_the_refusal_says_why(runs):
    made = descent.record("beale", SPECS[0], steps=40, resolution=(16, 16))
    run = stranger(made.trajectories[0], momentum_buffer=made.trajectories[0].points)
    odd = replace(made, trajectories=(run,), recipe=replace(made.recipe, specs=(run.spec,)))
    with pytest.raises(
        DescentError, match="holds momentum_buffer; of other packages' classes only what their steps"
    ):
        compose(odd, arrows="momentum")


KNOWN = {
    "AccSGD:lr=0.001": (False, False),
    "Adam:lr=0.05": (True, True),
    "PAdam:lr=0.05": (True, False),
    "LaProp:lr=0.05": (True, False),
    "CAME:lr=0.05": (False, False),
    "ADOPT:lr=0.05": (False, False),
    "RMSprop:lr=0.01": (False, True),
}


@pytest.mark.parametrize("spec", KNOWN)
def test_classes_in_use(spec):
    pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
    (run,) = descent.record("beale", f"pytorch_optimizer.{spec}", steps=60, resolution=(8, 8)).trajectories
    assert (drawn(push(run)), drawn(scaling(run))) == KNOWN[spec]
