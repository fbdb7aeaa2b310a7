"""Golden files: names, sizes, bytes, and what is written when."""

from dataclasses import replace

import numpy as np
import pytest

import descent
from descent.surfaces.errors import DescentError
from descent.trajectories.regression import golden


@pytest.fixture(scope="module")
def recording():
    return descent.record("beale", ["sgd:lr=0.001", "adam:lr=0.1"], steps=20)


def test_names_are_safe_short_and_their_own():
    given = [
        ("test_a", "", ""),
        ("test_a", "x", ""),
        ("test_a", "X", ""),
        ("test_a", "", "x-y"),
        ("test_a", "x", "y"),
        ("test_a", "x-y", ""),
        ("test_a", "x/y", ""),
        ("test_a", "x\\y", ""),
        ("test_a", "ä", ""),
        ("test_a", "x" * 300, ""),
        ("test_a", "x" * 301, ""),
        ("A.test_a", "", ""),
        ("test_a", "..", ""),
    ]
    names = [golden.file_name(*each) for each in given]
    distinct = {name.casefold() for name in names}
    assert len(distinct) == len(given) - 1  # x-y as a name and as parameters, which one test cannot both have
    assert all(len(name) < 120 and name.isascii() and not name.startswith(".") for name in names)
    assert not any(set(name) & set('/\\:*?"<>| ') for name in names)


def test_a_golden_is_small_stable_and_can_be_looked_at(recording, tmp_path):
    path = tmp_path / "a.npz"
    assert golden.check(path, recording).state == golden.MISSING
    data = path.read_bytes()
    assert len(data) < 20_000
    assert golden.check(path, recording, preset="same-machine", regen=golden.REGEN_ALL).written
    assert path.read_bytes() == data
    kept = descent.load(path)
    assert kept.field.x[[0, -1]].tolist() == recording.field.x[[0, -1]].tolist()
    assert kept.recipe.resolution == (33, 33)
    descent.still(kept, size="320x240").save(tmp_path / "a.png")


def test_the_golden_that_it_was_compared_with_is_kept_for_the_picture(recording, tmp_path):
    golden.check(tmp_path / "a.npz", recording)
    other = descent.record("beale", ["sgd:lr=0.001", "adam:lr=0.2"], steps=20)
    found = golden.check(tmp_path / "a.npz", other, regen=golden.REGEN)
    assert (found.state, found.written) == (golden.DIFFERS, True)
    assert found.expected.recipe.specs != found.found.recipe.specs
    assert found.found.field.z.shape == (256, 256)
    assert "changed: resolution" not in found.message


def test_a_trajectory_alone(recording, tmp_path):
    alone = recording.trajectories[1]
    golden.check(tmp_path / "a.npz", alone)
    assert golden.check(tmp_path / "a.npz", alone, preset="same-machine").passed
    lost = replace(alone, points=alone.points * np.nan)
    assert not golden.check(tmp_path / "a.npz", lost).passed
    assert golden.check(tmp_path / "b.npz", lost).written
    assert golden.check(tmp_path / "b.npz", lost).passed


def test_a_network_keeps_what_is_compared(tmp_path):
    recording = descent.record("mlp:hidden=4", "sgd:lr=0.1", data="moons", epochs=2, resolution=(8, 8))
    golden.check(tmp_path / "a.npz", recording)
    assert (tmp_path / "a.npz").stat().st_size < 30_000
    assert golden.check(tmp_path / "a.npz", recording, preset="same-machine").passed
    thinner = replace(recording.trajectories[0], kept=recording.trajectories[0].at)
    with pytest.raises(DescentError, match="is checked in its recording, not alone"):
        golden.check(tmp_path / "b.npz", thinner)


def test_a_wrong_wish_writes_nothing(recording, tmp_path):
    with pytest.raises(DescentError, match="unknown tolerance"):
        golden.check(tmp_path / "a.npz", recording, preset="strict")
    with pytest.raises(DescentError, match="a Recording or a Trajectory can be checked, not a str"):
        golden.check(tmp_path / "a.npz", "beale")
    assert not list(tmp_path.iterdir())
