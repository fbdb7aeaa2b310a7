"""The kinds of subjects: all tables that tell them apart know the same ones; what they name is there."""

import ast
from pathlib import Path

import pytest

import descent
from descent import DescentError
from descent.cli import cli
from descent.commands.of_subjects import subject_commands
from descent.surfaces.errors import NotPossibleError
from descent.surfaces.imports import own
from descent.viz.scenes.scene import compose
from descent.viz.scenes.subjects import SUBJECTS, kind_of_subject, made_again


def subjects():
    return {
        "recording": descent.record("sphere", "sgd:lr=0.1", steps=3, resolution=(4, 4)),
        "sweep": descent.sweep("sphere", "sgd", "0.01,0.1", steps=3, resolution=(4, 4)),
        "basins": descent.basins("sphere", "sgd:lr=0.1", steps=3, starts=4),
        "diagnosis": descent.diagnose("sgd", lr=0.1, tasks=["bowl"], references=[]),
    }


def test_each_kind_has_all_that_its_pictures_need():
    alone = {name for name, entry in SUBJECTS.items() if entry.scene}
    assert alone == subjects().keys()
    assert SUBJECTS.keys() - alone == {"exploration", "difference"}
    for entry in SUBJECTS.values():
        assert bool(entry.again) == (not entry.instead)
        assert entry.line or not entry.again


@pytest.mark.parametrize("name", SUBJECTS)
def test_what_an_entry_names_is_there(name):
    entry = SUBJECTS[name]
    assert isinstance(own("trajectories", entry.data), type)
    for room, path in (
        ("viz", entry.scene),
        ("viz", entry.check),
        ("viz", entry.words),
        ("trajectories", f"{entry.report}:as_table"),
        ("trajectories", f"{entry.report}:as_json"),
        ("trajectories", entry.again),
        ("commands", entry.line),
        ("commands", entry.command),
    ):
        assert not path or callable(own(room, path)), path


def test_the_command_line_has_the_commands_of_the_kinds():
    assert [command.name for command in subject_commands()] == [
        "sweep",
        "basins",
        "diagnose",
        "explore",
    ]
    assert all(cli.commands[command.name] is command for command in subject_commands())


# Where these two kinds are named: what is theirs, the public names, and their entries. A name in a new place
# is one more file to touch for a new kind.
THEIR_OWN = {
    "commands/command_line.py",
    "commands/many.py",
    "trajectories/reports/basins.py",
    "viz/scenes/scene.py",
    "viz/words/describe_many.py",
}
TABLES = {"__init__.py", "viz/scenes/subjects.py", "viz/scenes/wishes.py"}


def test_no_other_module_tells_kinds_apart():
    root = Path(descent.__file__).parent
    found = set()
    for path in root.rglob("*.py"):
        name = path.relative_to(root).as_posix()
        if name.startswith(("tests/", "benchmarks/", "docs/", "build/", ".")):
            continue
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if {node.value for node in nodes if isinstance(node, ast.Constant)} & {"sweep", "basins"}:
            found.add(name)
    assert found == THEIR_OWN | TABLES


def test_each_subject_is_known_and_makes_a_scene_of_its_kind():
    for name, subject in subjects().items():
        assert kind_of_subject(subject) == name
        assert compose(subject).kind == name


def test_a_kind_that_no_recipe_makes_again_says_what_to_do():
    with pytest.raises(NotPossibleError, match="made of two recordings; run `descent diff` on their files"):
        made_again("difference")
    with pytest.raises(NotPossibleError, match="run anew by `descent diagnose`"):
        made_again("diagnosis")
    with pytest.raises(DescentError, match="unknown kind of picture 'swep'; did you mean 'sweep'"):
        made_again("swep")


@pytest.mark.parametrize("other", [None, "beale.npz", 7, [1, 2]])
def test_nothing_else_makes_a_picture(other):
    with pytest.raises(
        DescentError, match="a picture is made of a recording, a sweep, basins or a diagnosis, not of"
    ):
        compose(other)
