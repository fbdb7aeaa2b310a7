"""The runs of a scene: each is looked at once, and everything that draws or says takes what was found."""

import ast
from pathlib import Path

import numpy as np
import pytest

import descent
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.viz.scenes import runs as module
from descent.viz.scenes.runs import scene_runs
from descent.viz.scenes.scene import compose
from descent.viz.style.themes import THEMES
from descent.viz.words.describe import words

VIZ = Path(descent.__file__).parent / "viz"


def test_a_run_is_looked_at_once(named, monkeypatch, tmp_path):
    """A picture in every file format, and its words, ask nothing of a run again."""
    recording = named("one leaves")
    asked = []
    for name in ("exit_step", "outside", "summarize", "find_exit", "label"):
        asked_of(module, name, asked, monkeypatch)
    parse = OptimizerSpec.parse
    monkeypatch.setattr(OptimizerSpec, "parse", lambda text: asked.append("parse") or parse(text))
    scene = compose(recording, size=(480, 360))
    first = sorted(asked)
    runs = len(recording.trajectories)
    assert first == sorted(
        [*["parse", "exit_step", "outside", "label"] * runs, "summarize", *["find_exit"] * left(recording)]
    )
    asked.clear()
    descent.animate(recording, size=(480, 360)).save(tmp_path / "a.gif")
    words(scene, moving=True)
    assert sorted(asked) == first


def asked_of(owner, name, asked, monkeypatch):
    function = getattr(owner, name)

    def noted(*args, **kwargs):
        asked.append(name)
        return function(*args, **kwargs)

    monkeypatch.setattr(owner, name, noted)


def left(recording):
    return sum(run.outcome.kind == "left the view" for run in recording.trajectories)


@pytest.mark.parametrize("name", ["exit_step", "summarize", "find_exit"])
def test_nothing_else_in_the_room_looks_at_runs(name):
    """A sweep's small panels have paths alone, so that they look themselves."""
    users = {
        path.relative_to(VIZ).as_posix()
        for path in VIZ.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id == name
    }
    assert users <= {"scenes/runs.py", "pages/small_panel.py"}
    assert "scenes/runs.py" in users


def test_a_path_ends_where_it_left_for_good(make_recording, make_run):
    inside, leaves, never = scene_runs(
        make_recording(make_run("inside"), make_run("leaves"), make_run([(9.0, 9.0), (8.0, 8.0)])),
        THEMES["light"],
    )
    assert np.array_equal(inside.path, inside.trajectory.points)
    assert (inside.left, inside.exit) == (None, None)
    assert leaves.left == 7
    assert len(leaves.path) == 8
    assert leaves.exit.text == "left the view at step 7"
    assert np.isnan(leaves.shown[7:]).all()
    assert np.array_equal(leaves.shown[:7], leaves.trajectory.points[:7])
    assert (never.left, never.exit, len(never.path)) == (0, None, 1)


def test_a_run_that_has_ended_stays_at_its_last_row(make_recording, make_run):
    (run,) = compose(make_recording(make_run("short"))).runs
    last = len(run.trajectory.points) - 1
    assert [run.row(0), run.row(last), run.row(last + 100)] == [0, last, last]
