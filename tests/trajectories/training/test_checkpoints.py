"""A recording from checkpoints is that of the training which wrote them."""

import functools
import re
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import descent
from descent import DescentError, from_checkpoints
from descent.trajectories.results.rerunnable import check_named
from descent.trajectories.training import checkpoint_rows
from descent.trajectories.training.checkpoints import developed

torch.set_num_threads(1)
FINE = (7, 7)
SETTINGS = {
    "losses": None,
    "snapshots": 200,
    "memory": "2GB",
    "disk": "4GB",
    "plane": "auto",
    "layer": "",
    "view": None,
    "resolution": FINE,
}


def said(model, checkpoints, data=None, loss=None, **more):
    return developed(model, checkpoints, data, loss, **SETTINGS | more)


def plain():
    return nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1))


def normed():
    return nn.Sequential(nn.Linear(2, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 1))


def frozen():
    model = plain()
    model[0].requires_grad_(False)
    return model


def tied():
    model = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3), nn.Linear(3, 1))
    model[2].weight = model[0].weight
    return nn.Sequential(nn.Linear(2, 3), model)


MODELS = {"plain": plain, "normed": normed, "frozen": frozen, "tied": tied}


@functools.cache
def data():
    x = torch.randn(60, 2, generator=torch.Generator().manual_seed(1))
    return x, (x.norm(dim=1) > 1.2).float()[:, None]


def trained(name, folder=None, steps=8):
    """Film a training which keeps a checkpoint of each step; return film, checkpoints and model."""
    x, y = data()
    torch.manual_seed(0)
    model = MODELS[name]()
    optimizer = torch.optim.Adam([each for each in model.parameters() if each.requires_grad], lr=0.05)
    kept = []

    def keep(step):
        if folder is not None:
            whole = {
                "model_state_dict": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "epoch": step,
            }
            torch.save(whole, folder / f"epoch_{step}.pt")
        kept.append({path: each.clone() for path, each in model.state_dict().items()})

    with descent.recording(model, optimizer, (x, y), "bce_with_logits", resolution=FINE) as film:
        for step in range(steps):
            keep(step)
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x), y)
            loss.backward()
            optimizer.step()
            film.step(loss)
        keep(steps)
    return film, kept, model


@pytest.mark.parametrize("name", MODELS)
def test_path_losses_gradients_and_heights_are_those_of_the_film_of_the_training_to_the_bit(name, tmp_path):
    film, _, _ = trained(name, tmp_path, steps=11)
    one = film.recording
    other = from_checkpoints(MODELS[name](), tmp_path, data(), "bce_with_logits", resolution=FINE)
    (theirs,), (ours,) = one.trajectories, other.trajectories
    for part in ("points", "losses", "gradients", "at"):
        assert np.array_equal(getattr(theirs, part), getattr(ours, part), equal_nan=True), part
    assert np.array_equal(one.field.z, other.field.z)
    (theirs,), (ours,) = one.training.runs, other.training.runs
    for part in ("slice_losses", "distances", "moved", "gradient_norms", "heat", "epochs", "outputs"):
        assert np.array_equal(getattr(theirs, part), getattr(ours, part), equal_nan=True), part
    assert one.training.plane == other.training.plane


def test_losses_are_those_that_the_training_had():
    x, y = data()
    _, kept, model = trained("plain")
    made = from_checkpoints(model, kept, data(), F.binary_cross_entropy_with_logits, resolution=FINE)
    for state, loss in zip(kept, made.trajectories[0].losses, strict=True):
        model.load_state_dict(state)
        with torch.no_grad():
            assert float(F.binary_cross_entropy_with_logits(model(x), y)) == pytest.approx(loss, rel=1e-6)


def test_the_model_that_is_handed_over_and_random_numbers_stay_as_they_are():
    _, kept, _ = trained("normed")
    model = normed()
    before = {path: each.clone() for path, each in model.state_dict().items()}
    stream = torch.get_rng_state()
    from_checkpoints(model, kept, data(), "bce_with_logits", resolution=FINE)
    assert all(torch.equal(before[path], each) for path, each in model.state_dict().items())
    assert model.training
    assert torch.equal(stream, torch.get_rng_state())


def test_in_evaluation_mode_each_loss_is_with_the_statistics_of_its_own_checkpoint():
    x, y = data()
    _, kept, model = trained("normed")
    made, notes = said(model.eval(), kept, data(), "bce_with_logits")
    wanted = []
    for state in kept:
        model.load_state_dict(state)
        wanted.append(F.binary_cross_entropy_with_logits(model(x), y).item())
    assert made.trajectories[0].losses == pytest.approx(wanted, rel=1e-6)
    assert any("1.running_mean" in note and "gives with that of the last" in note for note in notes)
    assert made.training.notes == ("heights with the buffers of the last checkpoint",)
    last = made.training.runs[0].slice_losses[-1]
    assert last == pytest.approx(wanted[-1], abs=0.05)


def test_a_part_that_the_model_holds_fixed_and_that_moves_is_said():
    _, kept, _ = trained("plain")
    made, notes = said(frozen(), kept, data(), "bce_with_logits")
    film, _, _ = trained("plain")
    assert made.trajectories[0].losses == pytest.approx(film.recording.trajectories[0].losses, rel=1e-6)
    assert any(
        note.startswith("what the path leaves out differs between checkpoints (0.weight") for note in notes
    )


def test_numbers_tell_order_and_steps_whatever_order_the_files_have(tmp_path):
    _, kept, model = trained("plain", steps=12)
    for step in (2, 10, 12):
        torch.save(kept[step], tmp_path / f"net-step{step}.pth")
    made = from_checkpoints(model, tmp_path, data(), "bce_with_logits", resolution=FINE)
    files = [tmp_path / f"net-step{step}.pth" for step in (12, 2, 10)]
    other = from_checkpoints(model, files, data(), "bce_with_logits", resolution=FINE, losses=[3.0, 1.0, 2.0])
    for each in (made, other):
        assert each.trajectories[0].at.tolist() == [2, 10, 12]
        assert each.training.unit == "step"
    assert np.array_equal(made.trajectories[0].points, other.trajectories[0].points)


def test_without_numbers_in_names_the_checkpoints_own_tell(tmp_path):
    _, kept, model = trained("plain", steps=3)
    for name, step in (("a", 3), ("b", 0), ("c", 1)):
        torch.save({"state_dict": kept[step], "epoch": torch.tensor(step)}, tmp_path / f"{name}.ckpt")
    made, notes = said(model, tmp_path, data(), "bce_with_logits")
    assert made.trajectories[0].at.tolist() == [0, 1, 3]
    assert made.training.unit == "epoch"
    assert notes == ()
    straight = from_checkpoints(
        model, [kept[0], kept[1], kept[3]], data(), "bce_with_logits", resolution=FINE
    )
    assert np.array_equal(made.trajectories[0].losses, straight.trajectories[0].losses)
    assert np.array_equal(made.field.z, straight.field.z)


def test_state_dicts_without_numbers_count_in_the_order_given():
    _, kept, model = trained("plain", steps=3)
    made, notes = said(model, iter(kept), data(), "bce_with_logits")
    assert made.trajectories[0].at.tolist() == [0, 1, 2, 3]
    assert made.training.unit == "checkpoint"
    assert notes == ()


def test_a_number_that_is_a_date_does_not_become_a_step(tmp_path):
    _, kept, model = trained("plain", steps=2)
    for k, state in enumerate(kept):
        torch.save(state, tmp_path / f"step2026112{k}.pt")
    made, notes = said(model, tmp_path)
    assert made.trajectories[0].at.tolist() == [0, 1, 2]
    assert notes[0].startswith("numbers go up to 20,261,122")


def test_one_checkpoint_is_in_memory_at_a_time(tmp_path, monkeypatch):
    _, kept, model = trained("plain", steps=4)
    for step, state in enumerate(kept):
        torch.save({"model": state, "optimizer": torch.ones(5)}, tmp_path / f"epoch_{step}.pt")
    held, alive, read = [], [], checkpoint_rows.read

    def reading(source, name):
        alive.append(sum(each() is not None for each in held))
        found = read(source, name)
        held.extend(map(weakref.ref, found.tensors.values()))
        return found

    monkeypatch.setattr(checkpoint_rows, "read", reading)
    said(model, tmp_path, data(), "bce_with_logits")
    assert alive == [0] * 5
    assert len(held) == 5 * 4


def test_many_checkpoints_are_thinned_before_they_are_read(tmp_path):
    _, kept, model = trained("plain", steps=9)
    for step, state in enumerate(kept):
        torch.save(state, tmp_path / f"epoch_{step}.pt")
    for step in (1, 2, 4, 5, 7, 8):  # what need not be read may be no checkpoint at all
        (tmp_path / f"epoch_{step}.pt").write_bytes(b"")
    numbers = sum(each.numel() for each in model.parameters())
    for options in ({"snapshots": 4}, {"memory": 0, "disk": 8 * numbers * 4}):
        made, notes = said(model, tmp_path, **options)
        assert made.trajectories[0].at.tolist() == [0, 3, 6, 9]
        assert notes == ("4 of 10 checkpoints are read; the others are thinned out evenly",)
        assert made.training.notes == ("4 of 10 checkpoints",)
    with pytest.raises(DescentError, match=r"epoch_2.pt cannot be read: EOFError"):
        said(model, tmp_path, snapshots=5)


def test_losses_that_were_told_are_drawn_without_data_and_held_against_it():
    _, kept, model = trained("plain", steps=3)
    told = [0.9, 0.8, 0.7, 0.6]
    made, _ = said(model, kept, losses=told)
    assert made.trajectories[0].losses.tolist() == told
    assert np.isnan(made.field.z).all()
    right, _ = said(model, kept, data(), "bce_with_logits")
    _, notes = said(model, kept, data(), "bce_with_logits", losses=right.trajectories[0].losses)
    assert not any("losses" in note for note in notes)
    made, notes = said(model, kept, data(), "bce_with_logits", losses=told)
    first = right.trajectories[0].losses[0]
    words = f"at checkpoint 0 it said 0.9, and binary cross entropy on these samples is {first:.4g}"
    assert any(words in note for note in notes)
    assert made.training.notes[0].startswith("not the training's losses: 0.9 told at checkpoint 0, here")
    with pytest.raises(DescentError, match="there are 2 losses and 4 checkpoints; allowed: as many"):
        said(model, kept, losses=[1.0, 2.0])


def test_another_precision_is_said():
    _, kept, model = trained("plain", steps=2)
    fine = [{path: each.double() for path, each in state.items()} for state in kept]
    _, notes = said(model, fine, data(), "bce_with_logits")
    assert notes[0] == "checkpoints hold float64, and the model is float32"
    made, notes = said(model.double(), fine, data(), "bce_with_logits")
    assert made.recipe.dtype == "float64"
    assert not any("float32" in note for note in notes)


def test_dropout_is_off_and_that_is_said():
    model = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5), nn.Linear(3, 1))
    states = [{path: k * each for path, each in model.state_dict().items()} for k in (1, 2)]
    made, notes = said(model, states, data(), "bce_with_logits")
    assert made.training.notes == ("without dropout",)
    assert notes[-1] == "dropout is off where losses and heights are worked out"


@pytest.mark.parametrize(
    ("checkpoints", "words"),
    [
        ([], "there is 0 checkpoint, and a path needs two; allowed: a folder of checkpoints"),
        ({}, "a dict is no row of checkpoints; allowed: a folder of checkpoints, a list"),
        (3, "a int is no row of checkpoints; allowed"),
        ([3, 4], "a int is no checkpoint; allowed"),
        ("nosuch", "there is no folder nosuch"),
        (__file__, r"test_checkpoints.py is one checkpoint, and a path needs two"),
    ],
)
def test_what_is_no_row_of_checkpoints_is_one_sentence(checkpoints, words):
    with pytest.raises(DescentError, match=words):
        said(plain(), checkpoints)


def test_two_of_one_epoch_and_a_wrong_model_are_one_sentence(tmp_path):
    states = [{"state_dict": plain().state_dict(), "epoch": 4} for _ in range(2)]
    for name, state in zip("ab", states, strict=True):
        torch.save(state, tmp_path / f"{name}.pt")
    made, notes = said(plain(), tmp_path)
    assert made.trajectories[0].at.tolist() == [0, 1]
    assert notes == ("neither names nor checkpoints say numbers, so they count in the order of the files",)
    with pytest.raises(DescentError, match=r"checkpoint a.pt does not fit Sequential: it has no '1.weight'"):
        said(normed(), tmp_path)
    with pytest.raises(DescentError, match=r"the model is a torch.nn.Module"):
        said("Net", tmp_path)


def words_of(picture, folder):
    """Return the texts of a picture's last frame."""
    path = picture.save(folder / "words.svg")
    return set(re.findall(r"<!-- (.*?) -->", path.read_text()))


def test_pictures_say_what_they_are_made_of(tmp_path):
    _, kept, model = trained("plain", steps=4)
    for step in (1, 2, 4):
        torch.save(kept[step], tmp_path / f"epoch_{step}.pt")
    made = from_checkpoints(model, tmp_path, data(), "bce_with_logits", resolution=FINE)
    picture = descent.animate(made, panels="contour,loss,curves,layers,gradient,hinton", size=(800, 600))
    assert "3 checkpoints, epoch 1 to 4" in picture.alt
    assert "The training ends with training loss" in picture.alt
    made.save(tmp_path / "a.npz")
    again = descent.load(tmp_path / "a.npz")
    assert again.training.unit == "epoch"
    assert descent.animate(again, panels="contour", size=(800, 600)).caption == (
        descent.animate(made, panels="contour", size=(800, 600)).caption
    )
    picture.save(tmp_path / "a.gif")
    picture.still().save(tmp_path / "a.svg")
    drawn = (tmp_path / "a.svg").read_text()
    for words in ("3 checkpoints, straight lines between them", "first checkpoint", "epoch 4", "checkpoints"):
        assert words in drawn, words
    with pytest.raises(DescentError, match="the panel 'lr' needs learning rates"):
        descent.animate(made, panels="contour,lr")
    bare = from_checkpoints(model, tmp_path, losses=[3, 2, 1], resolution=FINE)
    with pytest.raises(DescentError, match="the panel 'layers' needs gradients, which"):
        descent.animate(bare, panels="contour,layers")
    assert "told loss" in words_of(descent.animate(bare, size=(800, 600)).still(), tmp_path)
    unknown = descent.animate(from_checkpoints(model, tmp_path, resolution=FINE), size=(800, 600))
    assert not {"nan", "told loss", "finished"}.intersection(words_of(unknown.still(), tmp_path))
    assert "The training is shown up to epoch 4." in unknown.alt
    away = from_checkpoints(model, tmp_path, data(), resolution=FINE, view=((5, 6), (5, 6)))
    assert "never in the view" in descent.animate(away, size=(800, 600)).alt
    x, y = made.trajectories[0].points[0]
    narrow = ((x - 1e-3, x + 1e-3), (y - 1e-3, y + 1e-3))
    left = descent.animate(
        from_checkpoints(model, tmp_path, data(), resolution=FINE, view=narrow), size=(800, 600)
    )
    assert "leaves the view at epoch 2" in left.alt
    assert "left the view at epoch 2" in words_of(left.still(), tmp_path)
    strip = words_of(descent.still(made, strip=3, size=(900, 400)), tmp_path)
    assert any("key frames at epochs 1, 2, 4" in words for words in strip)
    with pytest.raises(DescentError, match="it was made from checkpoints, which it does not hold"):
        check_named(made.recipe)


def test_a_file_cannot_say_what_is_no_unit():
    _, kept, model = trained("plain", steps=2)
    made = from_checkpoints(model, kept, resolution=FINE)
    with pytest.raises(DescentError, match="unknown unit 'furlong'"):
        replace(made.training, unit="furlong")
