"""Checkpoints as other programs write them are read as plain data, put in order and held against a module."""

import argparse
import builtins
import importlib.util
import itertools
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from descent import DescentError
from descent.surfaces.networks.checkpoint_names import alike, in_folder, numbers_in
from descent.surfaces.networks.checkpoints import fitted, read


def net():
    return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))


@pytest.mark.parametrize(
    ("names", "numbers", "unit"),
    [
        (["epoch_10.pt", "epoch_2.pt"], [10, 2], "epoch"),
        (["Epoch-1.pth.tar", "Epoch-12.pth.tar"], [1, 12], "epoch"),
        (["epoch=0-step=50.ckpt", "epoch=0-step=75.ckpt"], [50, 75], "step"),
        (["step1000_epoch1.pt", "step2000_epoch1.pt"], [1000, 2000], "step"),
        (["checkpoint-500", "checkpoint-1000"], [500, 1000], "checkpoint"),
        (["iter_0000010.pt", "iter_0000200.pt"], [10, 200], "step"),
        (["resnet18_3.pt", "resnet18_12.pt"], [3, 12], "checkpoint"),
        (["net-epoch=3-val_loss=0.52.ckpt", "net-epoch=4-val_loss=0.41.ckpt"], [3, 4], "epoch"),
        (["timestep5.pt", "timestep6.pt"], [5, 6], "checkpoint"),
    ],
)
def test_the_numbers_in_names_are_found_whatever_else_stands_there(names, numbers, unit):
    assert numbers_in(names) == (numbers, unit)


def test_names_without_numbers_of_one_row_tell_nothing():
    assert numbers_in(["best.pt", "last.pt"]) is None
    assert numbers_in(["a1.pt", "b2.pt"]) is None
    assert numbers_in(["a1.pt", "a1.pth"]) is None


def test_copies_beside_a_row_are_left_out_and_twins_are_an_error():
    assert alike(["best.pt", "epoch_1.pt", "epoch_2.pt", "last-v1.ckpt"]) == [1, 2]
    assert alike(["net5.pt", "net10.pt", "other.pt"]) == [0, 1]
    assert alike(["best.pt", "last.pt"]) == [0, 1]
    with pytest.raises(
        DescentError, match=r"epoch=1-step=9.ckpt and epoch=1-step=9-v1.ckpt have one number, 9"
    ):
        alike(["epoch=0-step=5.ckpt", "epoch=1-step=9.ckpt", "epoch=1-step=9-v1.ckpt"])


def test_folders_that_are_checkpoints_themselves_are_found(tmp_path):
    for name in ("checkpoint-5", "checkpoint-10"):
        (tmp_path / name).mkdir()
        for file in ("pytorch_model.bin", "optimizer.pt"):
            torch.save(net().state_dict(), tmp_path / name / file)
    assert in_folder(tmp_path) == [
        tmp_path / "checkpoint-10" / "pytorch_model.bin",
        tmp_path / "checkpoint-5" / "pytorch_model.bin",
    ]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DescentError, match=r"empty holds no checkpoints; allowed: files ending in .pt"):
        in_folder(tmp_path / "empty")


PREFIXES = [
    "",
    "module.",
    "_orig_mod.",
    "model.",
    "_forward_module.",
    "module._orig_mod.",
    "model._orig_mod.",
]


@pytest.mark.parametrize(
    ("prefix", "holder"), list(itertools.product(PREFIXES, ["", "model_state_dict", "model"]))
)
def test_whatever_wraps_a_state_dict_is_taken_off(prefix, holder, tmp_path):
    model = net()
    state = {f"{prefix}{name}": each for name, each in model.state_dict().items()}
    torch.save({holder: state, "epoch": 3} if holder else state, tmp_path / "a.pt")
    found, beside = fitted(read(tmp_path / "a.pt"), net())
    assert beside == ()
    assert found.keys() == model.state_dict().keys()
    assert all(torch.equal(found[name], each) for name, each in model.state_dict().items())


def test_a_part_that_was_compiled_has_its_own_prefix():
    state = {name.replace("0.", "0._orig_mod."): each for name, each in net().state_dict().items()}
    assert fitted(read(state), net())[0].keys() == net().state_dict().keys()


def test_what_lightning_keeps_beside_the_model_is_left_out():
    state = {f"model.{name}": each for name, each in net().state_dict().items()}
    state["loss.weight"] = torch.ones(2)
    checkpoint = read(
        {"state_dict": state, "epoch": 2, "global_step": 40, "pytorch-lightning_version": "2.5"}
    )
    assert checkpoint.numbers == {"step": 40, "epoch": 2}
    assert fitted(checkpoint, net())[1] == ("loss.weight",)


def test_a_module_within_another_is_found_by_its_paths_unless_it_is_there_twice():
    state = {f"student.net.{name}": each for name, each in net().state_dict().items()}
    whole = {"state_dict": state | {"head.weight": torch.ones(2)}}
    assert fitted(read(whole), net())[1] == ("head.weight",)
    twice = state | {name.replace("student", "teacher"): each for name, each in state.items()}
    with pytest.raises(
        DescentError, match=r"more than once, under 'student.net.' and 'teacher.net.'; allowed"
    ):
        fitted(read(twice, "a"), net())


def changed(**more):
    state = dict(net().state_dict())
    for name, value in more.items():
        state.pop(name.replace("_", ".", 1))
        if value is not None:
            state[name.replace("_", ".", 1)] = value
    return state


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            {"0.weight": torch.ones(4, 2)} | changed(**{"0_weight": None}),
            r"does not fit Sequential: '0.weight' has the shape \(4, 2\) there and \(3, 2\) in the model",
        ),
        (changed(**{"2_bias": None}), "a.pt does not fit Sequential: it has no '2.bias'"),
        (
            changed() | {"3.bias": torch.ones(1)},
            "a.pt does not fit Sequential: it has '3.bias', which the model",
        ),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_one_sentence_with_file_and_path(state, words, tmp_path):
    torch.save(state, tmp_path / "a.pt")
    with pytest.raises(DescentError, match=words) as caught:
        fitted(read(tmp_path / "a.pt"), net())
    assert "\n" not in str(caught.value)


class Harmful:
    """Runs something where it is unpickled."""

    def __reduce__(self):
        return builtins.print, ("run",)


@pytest.mark.parametrize("thing", [Harmful(), net(), {"model": net()}, random.Random(0)])
def test_a_file_with_objects_is_refused_and_nothing_in_it_is_run(thing, tmp_path, capsys):
    torch.save({"state_dict": net().state_dict(), "thing": thing}, tmp_path / "a.pt")
    with pytest.raises(DescentError, match=r"checkpoint a.pt holds objects of Python, such as [\w.]+, which"):
        read(tmp_path / "a.pt")
    assert capsys.readouterr().out == ""


def test_numbers_of_numpy_and_options_of_a_program_beside_the_weights_do_no_harm(tmp_path):
    whole = {
        "model": net().state_dict(),
        "best": np.float64(0.5),
        "args": argparse.Namespace(lr=0.1),
        "epoch": 4,
    }
    torch.save(whole, tmp_path / "a.pt")
    assert read(tmp_path / "a.pt").numbers == {"epoch": 4}
    torch.save(whole, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    assert read(tmp_path / "old.pt").numbers == {"epoch": 4}


@pytest.mark.parametrize(
    ("whole", "words"),
    [
        (
            {"optimizer": {}, "epoch": 3},
            "checkpoint a.pt holds no state_dict, but 'optimizer', 'epoch'; allowed",
        ),
        ({}, "checkpoint a.pt holds no state_dict, but nothing; allowed"),
        (torch.ones(3), "checkpoint a.pt is a Tensor and no state_dict; allowed"),
    ],
)
def test_a_file_without_a_state_dict_says_what_it_holds(whole, words, tmp_path):
    torch.save(whole, tmp_path / "a.pt")
    with pytest.raises(DescentError, match=words):
        read(tmp_path / "a.pt")


def test_a_damaged_file_is_one_sentence(tmp_path):
    torch.save(net().state_dict(), tmp_path / "a.pt")
    whole = (tmp_path / "a.pt").read_bytes()
    for part in (b"", b"text", whole[: len(whole) // 2]):
        (tmp_path / "a.pt").write_bytes(part)
        with pytest.raises(DescentError, match=r"^checkpoint a.pt cannot be read: [^\n]+$"):
            read(tmp_path / "a.pt")
    with pytest.raises(DescentError, match=r"there is no checkpoint .*none.pt"):
        read(tmp_path / "none.pt")


def test_safetensors_are_read_where_the_package_is_there_and_else_it_is_named(tmp_path, monkeypatch):
    path = tmp_path / "a.safetensors"
    if importlib.util.find_spec("safetensors"):
        from safetensors.torch import save_file

        save_file(net().state_dict(), path)
        assert fitted(read(path), net())[0].keys() == net().state_dict().keys()
    Path(path).write_bytes(b"")
    monkeypatch.setattr("descent.surfaces.networks.checkpoints.find_spec", lambda name: None)
    with pytest.raises(
        DescentError, match=r"a.safetensors needs the package safetensors: pip install safetensors"
    ):
        read(path)
