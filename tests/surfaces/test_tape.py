"""Tapes: what torch says a surface's function does, evaluated without torch, gives torch's own gradients."""

import numpy as np
import pytest
import torch

from descent.surfaces import get, names
from descent.surfaces.surface import Surface
from descent.surfaces.tape import Tape, record

WITHOUT = {"de_jong_5", "langermann", "shubert"}  # they sum over a dimension of their own


def planes():
    return [surface for surface in map(get, names()) if surface.parameters == 2]


def test_the_catalogue_has_tapes_but_for_three():
    assert {surface.name for surface in planes() if record(surface) is None} == WITHOUT


def test_a_tape_gives_the_losses_and_gradients_of_torch():
    rng = np.random.default_rng(0)
    for surface in planes():
        if surface.name in WITHOUT:
            continue
        places = np.array([rng.uniform(*side, 100) for side in surface.view]).T
        at = torch.tensor(places, requires_grad=True)
        losses = surface(at)
        (slopes,) = torch.autograd.grad(losses.sum(), at)
        loss, *found = record(surface).evaluate(*places.T)
        steep = np.abs(slopes.numpy()).max()
        assert np.abs(np.stack(found, axis=1) - slopes.numpy()).max() < 1e-13 * steep, surface.name
        assert np.allclose(loss, losses.detach().numpy(), rtol=1e-13, atol=1e-9), surface.name


OPERATIONS = {
    "a kink": lambda x, y: torch.abs(x) + torch.relu(-y) + torch.maximum(x, y),
    "a case": lambda x, y: torch.where(x > 0.1, x**2, torch.exp(-y)) + torch.sqrt(x * x + 1),
    "constants": lambda x, y: (2 - x) ** 2 + torch.tensor(3.0) * y**4 / (1 + x.square()) + 1 / (2 + y * y),
    "waves": lambda x, y: torch.sin(x) * torch.cos(y) + torch.tanh(x) - torch.atan(y) + torch.sigmoid(x + y),
}


def surface_of(function):
    box = ((-2.0, 2.0), (-2.0, 2.0))
    return Surface("own", function, box, box, (1.0, 1.0))


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"a kink"}))
def test_functions_of_ones_own_have_tapes(name):
    surface = surface_of(OPERATIONS[name])
    places = np.random.default_rng(1).uniform(-2, 2, (50, 2))
    at = torch.tensor(places, requires_grad=True)
    (slopes,) = torch.autograd.grad(surface(at).sum(), at)
    _, *found = record(surface).evaluate(*places.T)
    assert np.allclose(np.stack(found, axis=1), slopes.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: torch.stack([x, y]).square().sum(dim=0),
        lambda x, y: x * 0 + float(torch.linspace(0, 1, 3).sum()) + torch.erf(y),
        lambda x, y: x if bool(x.sum() > 0) else y,
        lambda x, y: x * torch.tensor([1.0, 2.0, 3.0]),
        lambda x, y: x,
        lambda x, y: 1 / 0,
        OPERATIONS["a kink"],
    ],
    ids=["sums", "erf", "a case of Python", "points told apart", "nothing", "an error", "relu"],
)
def test_what_is_more_than_arithmetic_has_no_tape(function):
    assert record(surface_of(function)) is None


def test_a_constant_has_no_slope():
    # x ** 2 with the exponent as a constant: its slope along the exponent is NaN for negative x.
    tape = Tape((("pow", (0, -1)),), (2.0,))
    loss, x, y = tape.evaluate(np.array(-3.0), np.array(1.0))
    assert (float(loss), float(x), float(y)) == (9.0, -6.0, 0.0)
