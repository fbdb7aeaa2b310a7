"""The tables name every class that torch has."""

import inspect

import pytest
import torch
from torch.optim import lr_scheduler

from descent.trajectories.specs.tables import COMBINATIONS, OPTIMIZERS, SCHEDULES, find

NEWER = {"Muon"}  # classes that the oldest supported torch does not have


def classes(module, base):
    found = {name: value for name, value in vars(module).items() if inspect.isclass(value)}
    return {
        name
        for name, value in found.items()
        if issubclass(value, base) and value is not base and not name.startswith("_")
    }


def test_optimizers_are_those_of_torch():
    named = {entry.class_name for entry in OPTIMIZERS.values()}
    assert named - NEWER <= classes(torch.optim, torch.optim.Optimizer) <= named


def test_schedules_are_those_of_torch():
    named = {entry.class_name for entry in SCHEDULES.values()}
    assert not named & COMBINATIONS.keys()
    of_torch = classes(lr_scheduler, lr_scheduler.LRScheduler) | {"SWALR"}  # which is in swa_utils
    assert of_torch == named | COMBINATIONS.keys()


@pytest.mark.parametrize("table", [OPTIMIZERS, SCHEDULES], ids=["optimizers", "schedules"])
def test_every_spelling_finds_its_entry(table):
    for key, entry in table.items():
        spellings = [key, key.upper(), key.replace("_", "-"), entry.class_name, entry.class_name.lower()]
        assert {find(spelling, table) for spelling in spellings} == {key}
        assert entry.help
        assert not entry.help.endswith(".")


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("StepLR", "step"),
        ("cosine_annealing", "cosine"),
        ("cosine-annealing-lr", "cosine"),
        ("OneCycle", "onecycle"),
    ],
)
def test_schedule_spellings(spelling, key):
    assert find(spelling, SCHEDULES) == key


@pytest.mark.parametrize("name", ["", "lr", "stepp", "sgdd", "-", "adam.w"])
def test_other_names_find_nothing(name):
    assert find(name, SCHEDULES) is None
    assert find(name, OPTIMIZERS) is None
