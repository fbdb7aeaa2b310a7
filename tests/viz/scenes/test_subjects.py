"""The kinds of subjects: all tables that tell them apart know the same ones; what they name is there."""

import pytest

import descent
from descent import DescentError
from descent.commands.command_line import OF_KIND as AS_A_LINE
from descent.surfaces.imports import own
from descent.trajectories.experiments.rerun import OF_KIND as AGAIN
from descent.viz.scenes.scene import compose
from descent.viz.scenes.subjects import SUBJECTS, kind_of_subject


def subjects():
    return {
        "recording": descent.record("sphere", "sgd:lr=0.1", steps=3, grid=(4, 4)),
        "sweep": descent.sweep("sphere", "sgd", "0.01,0.1", steps=3, grid=(4, 4)),
        "basins": descent.basins("sphere", "sgd:lr=0.1", steps=3, starts=4),
    }


def test_the_tables_agree():
    alone = {name for name, entry in SUBJECTS.items() if entry.scene}
    assert alone == AGAIN.keys() == AS_A_LINE.keys() == subjects().keys()
    assert SUBJECTS.keys() - alone == {"difference"}


@pytest.mark.parametrize("name", SUBJECTS)
def test_what_an_entry_names_is_there(name):
    entry = SUBJECTS[name]
    assert isinstance(own("trajectories", entry.data), type)
    assert callable(own("viz", entry.words))
    assert callable(own("trajectories", f"{entry.report}:as_table"))
    assert callable(own("trajectories", f"{entry.report}:as_json"))


def test_each_subject_is_known_and_makes_a_scene_of_its_kind():
    for name, subject in subjects().items():
        assert kind_of_subject(subject) == name
        assert compose(subject).kind == name


@pytest.mark.parametrize("other", [None, "beale.npz", 7, [1, 2]])
def test_nothing_else_makes_a_picture(other):
    with pytest.raises(DescentError, match="a picture is made of a recording, a sweep or basins, not of"):
        compose(other)
