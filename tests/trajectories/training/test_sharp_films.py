"""Sharpness of films and of checkpoints: that of the loop's own loss, held against whole Hessians."""

import copy

import numpy as np
import pytest
import torch
from matplotlib.text import Text
from torch import nn
from torch.nn import functional as F

import descent
from descent import DescentError
from descent.viz.canvas.stage import compile_scene

X = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
Y = (X.norm(dim=1) > 1.2).float()[:, None]
SMALL = {"resolution": (3, 3), "sharpness": True}


def small():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1)).double()


def whole_hessian(model, loss_of):
    names, parts = zip(*model.named_parameters(), strict=True)
    sizes = [part.numel() for part in parts]

    def of(flat):
        cut = [each.view_as(part) for each, part in zip(flat.split(sizes), parts, strict=True)]
        return loss_of(torch.func.functional_call(model, dict(zip(names, cut, strict=True)), (X.double(),)))

    return torch.autograd.functional.hessian(of, torch.cat([part.detach().reshape(-1) for part in parts]))


def filmed(model, optimizer, steps, loss_of, seen=lambda: None, **more):
    with descent.recording(model, optimizer, (X.double(), Y.double()), loss_of, **SMALL | more) as film:
        for _ in range(steps):
            optimizer.zero_grad()
            loss_of(model(X.double()), Y.double()).backward()
            optimizer.step()
            seen()
    return film


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_sharpness_of_a_film_is_that_of_the_whole_hessian_and_its_line_is_that_of_the_rule(momentum):
    model, found = small(), []
    loss_of = F.binary_cross_entropy_with_logits

    def top():
        found.append(
            float(torch.linalg.eigvalsh(whole_hessian(model, lambda out: loss_of(out, Y.double())))[-1])
        )

    top()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=momentum)
    film = filmed(model, optimizer, 6, loss_of, top)
    (run,) = film.recording.training.runs
    np.testing.assert_allclose(run.sharpness, found, rtol=2e-3)
    np.testing.assert_allclose(run.stable_below, 2 * (1 + momentum) / 0.5)


def test_the_sharpness_that_adam_meets_is_that_of_the_hessian_between_what_its_steps_were_divided_by():
    model, found = small(), []
    loss_of, optimizer = F.mse_loss, torch.optim.Adam(model.parameters(), lr=0.02)
    before = [whole_hessian(model, lambda out: loss_of(out, Y.double()))]

    def seen():
        step, scales = 0, []
        for each in model.parameters():
            state = optimizer.state[each]
            step = float(state["step"])
            root = (state["exp_avg_sq"] / (1 - 0.999**step)).sqrt() + 1e-8
            scales.append((root * (1 - 0.9**step)).reshape(-1))
        half = torch.cat(scales) ** -0.5
        found.append(float(torch.linalg.eigvalsh(half[:, None] * before[-1] * half)[-1]))
        before.append(whole_hessian(model, lambda out: loss_of(out, Y.double())))

    film = filmed(model, optimizer, 5, loss_of, seen)
    (run,) = film.recording.training.runs
    np.testing.assert_allclose(run.sharpness[:-1], found, rtol=2e-3)
    assert np.isnan(run.sharpness[-1])  # no step was made there
    np.testing.assert_allclose(run.stable_below, 2 * 1.9 / (0.1 * 0.02))


def test_checkpoints_have_the_sharpness_of_the_film_of_the_same_weights_and_no_line():
    model, saved = small(), []
    saved.append(copy.deepcopy(model.state_dict()))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    film = filmed(model, optimizer, 4, F.mse_loss, lambda: saved.append(copy.deepcopy(model.state_dict())))
    made = descent.from_checkpoints(small(), saved, (X.double(), Y.double()), F.mse_loss, **SMALL)
    (run,) = made.training.runs
    np.testing.assert_allclose(run.sharpness, film.recording.training.runs[0].sharpness, rtol=2e-3)
    assert np.isnan(run.stable_below).all()
    for recording, line in ((made, False), (film.recording, True)):
        scene = descent.still(recording, panels="sharpness,contour").scene
        said = [text.get_text() for text in compile_scene(scene).figure.findobj(Text)]
        assert any(each.startswith("sharpness") for each in said)
        assert ("stable below" in said) == line


def test_without_the_wish_there_is_none():
    model = small()
    film = filmed(model, torch.optim.SGD(model.parameters(), lr=0.1), 2, F.mse_loss, sharpness=False)
    assert film.recording.training.runs[0].sharpness.size == 0


class Once(torch.autograd.Function):
    """Twice as much, with a gradient that has none itself."""

    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        return 2 * gradient


class Rough(nn.Module):
    """Can be differentiated once."""

    def __init__(self):
        super().__init__()
        self.inner = small()

    def forward(self, x):
        return Once.apply(self.inner(x))


def test_a_model_that_cannot_be_differentiated_twice_is_filmed_without_and_that_is_said():
    model = Rough()
    film = filmed(model, torch.optim.SGD(model.parameters(), lr=0.1), 3, F.mse_loss)
    assert film.recording.training.runs[0].sharpness.size == 0
    assert any(
        "no sharpness is worked out: the module cannot be differentiated twice" in note for note in film.notes
    )


def test_several_optimizers_at_once_have_no_sharpness_and_that_is_said():
    model = small()
    both = [torch.optim.SGD(part.parameters(), lr=0.1) for part in (model[0], model[2])]
    with descent.recording(model, both, (X.double(), Y.double()), F.mse_loss, **SMALL) as film:
        for _ in range(2):
            F.mse_loss(model(X.double()), Y.double()).backward()
            for each in both:
                each.step()
                each.zero_grad()
    assert film.recording.training.runs[0].sharpness.size == 0
    assert any("several optimizers make each step together" in note for note in film.notes)


def test_the_wish_is_a_truth_value():
    model = small()
    with pytest.raises(DescentError, match="sharpness must be True or False"):
        descent.recording(model, torch.optim.SGD(model.parameters(), lr=0.1), sharpness="yes")
