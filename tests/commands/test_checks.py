"""The commands `descent diff`, `descent check` and `descent test`."""

import json
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

import descent
from descent.cli import cli


def run(*arguments, code):
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == code, (result.output, result.exception)
    return result


@pytest.fixture(scope="module")
def made():
    small = {"steps": 20, "resolution": (16, 16)}
    return {
        "a": descent.record("beale", ["sgd:lr=0.001", "adam:lr=0.1"], **small),
        "b": descent.record("beale", ["sgd:lr=0.001", "adam:lr=0.1,eps=1e-4"], **small),
        "single": descent.record("beale", ["sgd:lr=0.001", "adam:lr=0.1"], dtype="float32", **small),
    }


@pytest.fixture(autouse=True)
def files(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, recording in made.items():
        recording.save(f"{name}.npz")
    return tmp_path


def drifted(recording):
    """The recording as another torch might have made it: its last points are off."""
    first = recording.trajectories[0]
    points = first.points.copy()
    points[-3:] *= 1.001
    versions = tuple(
        (name, "1.0" if name == "torch" else version) for name, version in recording.recipe.versions
    )
    recipe = replace(recording.recipe, versions=versions)
    return replace(
        recording, recipe=recipe, trajectories=(replace(first, points=points), *recording.trajectories[1:])
    )


# --- diff


def test_the_same_is_the_same():
    assert run("diff", "a.npz", "a.npz", "--tolerance", "same-machine", code=0).stdout == (
        "all 2 runs are the same within tolerance same-machine\n"
    )


def test_a_difference_names_step_and_quantity_and_ends_with_1():
    lines = run("diff", "a.npz", "b.npz", code=1).stdout.splitlines()
    assert lines[0] == (
        "adam:lr=0.1,eps=0.0001, against adam:lr=0.1, differs from step 1 on, "
        "first in the update: it leads elsewhere"
    )
    assert "changed: spec 1: adam:lr=0.1 -> adam:lr=0.1,eps=0.0001" in lines


def test_a_preset_fits_what_changed():
    run("diff", "a.npz", "single.npz", code=1)
    assert (
        "changed: dtype: float64 -> float32"
        in run("diff", "a.npz", "single.npz", "--tolerance", "float32", code=0).stdout.splitlines()
    )


def test_json_is_strict():
    def no_constants(text):
        raise AssertionError(text)

    found = json.loads(run("diff", "a.npz", "b.npz", "--json", code=1).stdout, parse_constant=no_constants)
    assert not found["same"]
    assert [each["same"] for each in found["runs"]] == [True, False]
    assert found["runs"][1]["first"]["quantity"] == "update"
    assert found["files"] == []


@pytest.mark.parametrize("other", ["b.npz", "a.npz"])
def test_the_picture_is_drawn(other, files):
    result = run("diff", "a.npz", other, "--out", "d.png", "--size", "640x400", code=int(other == "b.npz"))
    assert result.stdout.endswith("wrote d.png\n")
    with Image.open("d.png") as picture:
        assert picture.size == (640, 400)
        assert any('"expected"' in text for text in picture.text.values())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("a.npz", "nowhere.npz"), 2, "there is no file nowhere.npz"),
        (("a.npz", "b.npz", "--tolerance", "tight"), 2, "unknown tolerance 'tight'"),
        (("a.npz", "b.npz", "--out", "d.gif"), 2, ".gif moves, and this picture is a still"),
        (("a.npz",), 2, "Missing argument 'FOUND'"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(arguments, code, words, files):
    assert words in run("diff", *arguments, code=code).stderr
    assert not list(files.glob("d.*"))


# --- check


def test_goldens_that_are_reproduced(files):
    result = run("check", ".", "--tolerance", "same-machine", code=0)
    assert [line.split()[:3] for line in result.stdout.splitlines()[1:]] == [
        ["a.npz", "2", "same"],
        ["b.npz", "2", "same"],
        ["single.npz", "2", "same"],
    ]


def test_drift_is_reported_and_rewritten_when_asked_for(made, files):
    folder = files / "goldens" / "deep"
    folder.mkdir(parents=True)
    shutil.copy("b.npz", folder / "b.npz")
    whole = drifted(made["a"]).save(folder / "a.npz").read_bytes()
    line = run("check", "goldens", code=1).stdout.splitlines()[1]
    assert "differs" in line
    assert "sgd:lr=0.001: from step 18 on, first in the update" in line
    assert (folder / "a.npz").read_bytes() == whole
    found = json.loads(run("check", "goldens", "--json", code=1).stdout)
    assert found["recordings"][0]["difference"]["changed"]["version of torch"][0] == "1.0"
    stamp = (folder / "b.npz").stat().st_mtime_ns
    assert "differs, rewritten" in run("check", "goldens", "--regen", code=0).stdout
    assert (folder / "b.npz").stat().st_mtime_ns == stamp
    run("check", "goldens", code=0)


def test_what_cannot_be_run_again_is_said(made, files):
    unknown = replace(made["a"], recipe=replace(made["a"].recipe, target="my_surface"))
    unknown.save("goldens/unknown.npz")
    (files / "goldens" / "broken.npz").write_bytes(b"nothing")
    lines = run("check", "goldens", code=1).stdout.splitlines()
    assert [line.split()[-3:] for line in lines[1:3]] == [["not", "run", "-"]] * 2
    assert "goldens/broken.npz: the golden recording cannot be read" in lines[3]
    assert "goldens/unknown.npz: its target 'my_surface' was handed over as an object of Python" in lines[4]


def test_a_trajectory_alone_is_no_fault(made, files):
    from descent.trajectories.regression import golden

    golden.check(files / "goldens" / "alone.npz", made["a"].trajectories[0])
    assert "only its test can check it" in run("check", "goldens", code=0).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nowhere",), 2, "there is no folder nowhere"),
        (("a.npz",), 2, "a.npz is not a folder"),
        (("empty",), 2, "there is no recording (.npz) in empty"),
        ((".", "--tolerance", "cpu_gpu"), 2, "did you mean 'cpu-gpu'"),
    ],
)
def test_folders_that_cannot_be_checked(arguments, code, words, files):
    (files / "empty").mkdir()
    assert words in run("check", *arguments, code=code).stderr


# --- check --against


@pytest.fixture
def other(files):
    """Another Python: this one, with no more of the processor's instructions than torch needs."""
    path = files / "other-python"
    path.write_text(f'#!/bin/sh\nATEN_CPU_CAPABILITY=default exec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    return path


@pytest.mark.slow
def test_another_python_runs_goldens_and_is_named(made, files, other):
    made["a"].save("goldens/a.npz")
    made["single"].save("goldens/single.npz")
    lines = run("check", "goldens", "--against", other, code=0).stdout.splitlines()
    assert f"run again with torch {torch.__version__}, NumPy {np.__version__}" in lines[0]
    assert lines[0].endswith(("instructions DEFAULT", "instructions NO AVX"))  # as older versions call them
    assert lines[1].split()[:4] == ["optimizer", "runs", "same", "bits"]
    assert {line.split()[0]: line.split()[1] for line in lines[2:]} == {
        "sgd:lr=0.001": "2",
        "adam:lr=0.1": "2",
    }


@pytest.mark.slow
def test_what_drifts_in_another_python_is_reported_by_optimizer(made, files):
    drifted(made["a"]).save("goldens/a.npz")
    replace(made["a"], recipe=replace(made["a"].recipe, target="my_surface")).save("goldens/b.npz")
    found = json.loads(run("check", "goldens", "--against", sys.executable, "--json", code=1).stdout)
    sgd, adam = found["optimizers"]
    assert (sgd["optimizer"], sgd["beyond"], sgd["same_bits"]) == ("sgd:lr=0.001", 1, 0)
    assert 1e-4 < sgd["largest"]["points"] < 1e-2
    assert sgd["first"] == "a: from step 18 on, first in the update: it leads elsewhere"
    assert (adam["beyond"], adam["same_bits"], adam["first"]) == (0, 1, None)
    assert found["made_with_torch"] == ["1.0"]
    assert "handed over as an object of Python" in found["recordings"][1]["reason"]


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("nowhere/python", "nowhere/python cannot be run as a Python: no such file or directory"),
        ("./bare-python", "cannot run the recordings: ModuleNotFoundError: No module named 'numpy'"),
        ("./no-python", "cannot run the recordings: not today"),
    ],
)
def test_what_is_no_python_with_torch_is_a_sentence(files, python, words):
    for name, body in (
        ("bare-python", f'exec "{sys.executable}" -I -S "$@"'),
        ("no-python", "echo not today >&2; exit 3"),
    ):
        (files / name).write_text(f"#!/bin/sh\n{body}\n")
        (files / name).chmod(0o755)
    assert words in run("check", ".", "--against", python, code=2).stderr


def test_another_python_writes_no_goldens(files):
    assert "leave out --against" in run("check", ".", "--regen", "--against", "python", code=2).stderr


# --- test


def test_an_optimizer_is_tested_at_the_shell(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import torch\n\nclass Deaf(torch.optim.SGD):\n"
        "    def step(self, closure=None):\n        super().step()\n"
    )
    done = run("test", "mine.Deaf", "--lr", "0.01", "--report", "report.html", code=1)
    assert "Deaf: closure: step does not call its closure" in done.stdout.splitlines()
    assert "wrote report.html" in done.stdout
    assert "<table>" in (tmp_path / "report.html").read_text()
    found = json.loads(run("test", "torch.optim.SGD", "--json", code=0).stdout)
    assert found["sound"]
    assert len(found["findings"]) > 20


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["torch.optim.Adm"], "did you mean 'Adam'"),
        (["nowhere"], "neither a package nor package.Class"),
        (["torch.optim.SGD", "--report", "a.pdf"], ".md"),
        (
            ["torch.optim.SGD", "--reference", "json.JSONDecoder"],
            "does not derive from torch.optim.Optimizer",
        ),
    ],
)
def test_what_cannot_be_tested_is_wrong_usage(arguments, words):
    assert words in run("test", *arguments, code=2).stderr
