"""Values of every wrong type for every argument in Python: a DescentError that names it, and nothing else."""

import numpy as np
import pytest
import torch

import descent
from descent.surfaces.text import shown_value
from descent.viz.explore.saving import parse_limit, parse_parts
from descent.viz.scenes.wishes import WISHES

HUGE = 10**5000  # more digits than Python writes out
WRONG = [
    None,
    True,
    -1,
    0,
    2.5,
    float("nan"),
    float("inf"),
    10**400,
    HUGE,
    "",
    "x",
    "²",
    "x" * 5000,
    "a\0b",
    "\ud800",
    "9" * 400,
    b"x",
    [],
    [1],
    [None],
    [10**400],
    (1, 2, 3),
    {},
    {"a": 1},
    object(),
    np.array([1, 2]),
    np.float32(1.5),
    complex(1, 2),
    set(),
    torch.tensor(1.0),
    [[1, 2], [3, 4]],
    range(3),
]
RECORD = {"target": "sphere", "optimizers": "sgd:lr=0.1", "steps": 2, "resolution": (4, 4)}
NETWORK = {
    "target": "linear",
    "optimizers": "sgd:lr=0.1",
    "data": "moons:samples=20",
    "epochs": 1,
    "resolution": (4, 4),
}
SWEEP = {"target": "sphere", "optimizers": "sgd", "lr": "0.1,0.2", "steps": 2, "resolution": (4, 4)}
BASINS = {"target": "himmelblau", "optimizers": "sgd:lr=0.01", "starts": 3, "steps": 2}
EXPLORE = {"target": "sphere", "optimizers": "sgd", "lr": "0.1,0.2", "starts": 2, "steps": 2}
SHARED = ("target", "optimizers", "steps", "device", "dtype", "view", "progress")
CASES = {
    **{
        ("record", key): (descent.record, RECORD)
        for key in (*SHARED, "lr", "start", "seed", "noise", "stop_at")
    },
    **{("record", key): (descent.record, RECORD) for key in ("resolution", "near", "log")},
    **{
        ("network", key): (descent.record, NETWORK)
        for key in ("data", "epochs", "batch_size", "loss", "val", "test", "patience", "plane", "field_of")
    },
    **{
        ("network", key): (descent.record, NETWORK)
        for key in ("snapshots", "layer", "schedule_per", "data_dir", "resolution", "view")
    },
    **{
        ("sweep", key): (descent.sweep, SWEEP)
        for key in (*SHARED, "lr", "start", "seed", "seeds", "noise", "tolerance", "resolution", "memory")
    },
    **{("explore", key): (descent.explore, EXPLORE) for key in (*SHARED, "lr", "starts", "memory")},
    **{("basins", key): (descent.basins, BASINS) for key in (*SHARED, "starts", "tolerance", "memory")},
}


@pytest.fixture(scope="module")
def recording():
    return descent.record(**RECORD)


def refusal(function):
    """What a call is refused with, in one line; nothing where it is not."""
    sentence = ""
    try:
        function()
    except descent.DescentError as error:
        sentence = str(error)
    assert "\n" not in sentence
    assert len(sentence) < 3000
    return sentence


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES, ids=".".join)
def test_arguments_of_what_is_run(case):
    function, options = CASES[case]
    refused = [refusal(lambda value=value: function(**options | {case[1]: value})) for value in WRONG]
    assert sum(map(bool, refused)) > (5 if case[1] in ("layer", "data_dir", "near") else 12)


@pytest.mark.parametrize("name", WISHES)
def test_wishes(name, recording):
    refused = [refusal(lambda value=value: descent.animate(recording, **{name: value})) for value in WRONG]
    assert sum(map(bool, refused)) > 20 or WISHES[name].of == "still"
    for sentence, value in zip(refused, WRONG, strict=True):
        if sentence and not isinstance(value, str) and name not in ("theme", "size", "max_size"):
            assert name in sentence or "no argument" in sentence or WISHES[name].of == "still", sentence
    for value in WRONG:
        refusal(lambda value=value: descent.still(recording, **{name: value}))


def test_subjects_paths_and_frames(recording, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    animation = descent.animate(recording, size="320x240")
    for value in WRONG:
        assert refusal(lambda value=value: descent.animate(value))
        assert refusal(lambda value=value: descent.load(value))
        assert refusal(lambda value=value: recording.save(value))
        assert refusal(lambda value=value: animation.still().save(value))
        assert refusal(lambda value=value: animation.frame(value)) or value in (0, -1, True)
    assert not list(tmp_path.iterdir())


def test_pages_of_explorations(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = descent.explore(**EXPLORE)
    for value in WRONG:
        assert refusal(lambda value=value: found.save(value))
        if value is not None:
            refusal(lambda value=value: found.save("a.gif", max_size=value, hide=value))
            assert refusal(lambda value=value: parse_parts(value)) or value in ("", [])
            assert refusal(lambda value=value: parse_limit(value)) or value == "9" * 400
    assert not list(tmp_path.iterdir())


def test_specs_and_surfaces():
    for value in WRONG:
        assert refusal(lambda value=value: descent.OptimizerSpec.parse(value))
        assert refusal(lambda value=value: descent.OptimizerSpec(value))
        assert refusal(lambda value=value: descent.surfaces.get(value))
        refusal(lambda value=value: descent.OptimizerSpec("sgd", value))
        refusal(lambda value=value: descent.OptimizerSpec("sgd").with_lr(value))
        refusal(lambda value=value: descent.OptimizerSpec("sgd", (("momentum", value),)))
        refusal(lambda value=value: descent.surfaces.get("sphere", value))


@pytest.mark.parametrize(
    "text",
    [
        "sgd:lr=" + "9" * 400,
        "sgd:lr=" + "9" * 5000,
        "sgd:lr=0." + "0" * 400 + "1",
        "sgd:lr=1e400",
        "sgd:lr=²",
        "sgd:accumulate=" + "9" * 5000,
        "sgd:lr=0.1,momentum=" + "9" * 5000,
        "sgd:lr=0.1@step:step_size=" + "9" * 5000,
        "sgd:lr=0.1@step:step_size=2@linear:after=" + "9" * 5000,
        "x" * 100_000,
        "sgd:" + "lr=0.1," * 5000,
    ],
)
def test_numbers_of_very_many_digits(text):
    refusal(lambda: descent.record("sphere", text, steps=2, resolution=(4, 4)))
    assert refusal(lambda: descent.record("expr:" + "9" * 3900, text + "@", steps=2, resolution=(4, 4)))


@pytest.mark.parametrize(
    "formula",
    [
        "-" * 3900 + "x",
        "(" * 1900 + "x" + ")" * 1900,
        "x" + "**x" * 1300,
        "sin(" * 900 + "x" + ")" * 900,
        "9" * 3900,
        "x" + "[0]" * 1300,
        "not " * 900 + "x",
        "lambda:" * 500 + "x",
        "x²",
        "\ud800",
        "x\0",
        "1e999999999",
        "x**" + "9" * 3000,
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_deep_and_odd_formulas(formula):
    refusal(lambda: descent.record(f"expr:{formula}", "sgd:lr=0.1", steps=2, resolution=(4, 4)))


def test_any_value_can_be_shown():
    class Rude:
        def __repr__(self):
            raise RuntimeError

    assert shown_value(Rude()) == "a Rude"
    assert shown_value([HUGE]) == "a list"
    assert len(shown_value("\x1b" * 1000)) < 400
