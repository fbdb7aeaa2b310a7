"""What was found by trying is kept on disk, and nothing depends on that."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from descent import OptimizerSpec
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.descent import batch_proof, needs, seen
from descent.trajectories.descent.torch_optim import complete
from descent.trajectories.optimizers import remembered
from descent.trajectories.optimizers.remembered import folder, key_of, recall, remember, write

OWN = (("descent-viz", "1"), ("torch", "2"), ("numpy", "2"), ("python", "3"))
ADAM = complete(OptimizerSpec.parse("adam:lr=0.1"), 5)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A folder of one's own, and a memory that is empty."""
    monkeypatch.setenv("DESCENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(remembered, "_new", {})
    forget()
    yield tmp_path / "cache"
    forget()


def forget():
    """As in a new process."""
    remembered._new.clear()
    remembered._kept.cache_clear()
    needs._tried.cache_clear()
    seen.seen_by_trying.cache_clear()
    batch_proof.apart_by.cache_clear()
    batch_proof._groups.cache_clear()


def test_the_folder_is_where_users_and_systems_want_it(monkeypatch, tmp_path):
    for name in ("DESCENT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    assert folder() == tmp_path / ".cache" / "descent-viz"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert folder() == tmp_path / "xdg" / "descent-viz"
    monkeypatch.setenv("DESCENT_CACHE", str(tmp_path / "mine"))
    assert folder() == tmp_path / "mine"
    monkeypatch.setenv("DESCENT_CACHE", "Off")
    assert folder() is None
    assert key_of("way", ["sgd"], OWN) == ""
    for name in ("DESCENT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert folder() == tmp_path / "Library" / "Caches" / "descent-viz"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert folder() == tmp_path / "local" / "descent-viz" / "Cache"


def test_a_key_is_of_all_that_a_finding_depends_on(cache, monkeypatch):
    known = (*OWN, ("schedulefree", "1.4.1"))
    key = key_of("way", ["schedulefree.SGD"], known, "lr=0.1")
    assert key
    others = {
        key_of("way", ["schedulefree.SGD"], (*OWN, ("schedulefree", "1.4.2")), "lr=0.1"),
        key_of("way", ["schedulefree.SGD"], known, "lr=0.2"),
        key_of("seen", ["schedulefree.SGD"], known, "lr=0.1"),
        key_of("way", ["schedulefree.Adam"], known, "lr=0.1"),
    }
    assert len(others | {key}) == 5
    monkeypatch.setattr(remembered, "_code", lambda: "another")
    assert key_of("way", ["schedulefree.SGD"], known, "lr=0.1") != key
    assert key_of("way", ["mine.Own"], OWN) == ""  # what it does may change at any time
    assert needs.key_of("way", OptimizerSpec(factory=lambda p: p, label="A")) == ""


def test_a_finding_is_written_once_and_read_by_the_next(cache):
    key = key_of("way", ["sgd"], OWN)
    assert recall(key) is None
    remember(key, [1, "a"])
    assert recall(key) == [1, "a"]
    write()
    remembered._new.clear()
    other = key_of("way", ["adam"], OWN)
    remember(other, 2)
    write()
    remembered._new.clear()
    assert (recall(key), recall(other)) == ([1, "a"], 2)
    assert [each.name for each in cache.iterdir()] == ["tried.json"]


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "\x00\xff", '{"a": 1}'])
def test_a_broken_file_is_none(cache, text):
    cache.mkdir()
    (cache / "tried.json").write_bytes(text.encode("latin-1"))
    key = key_of("way", ["sgd"], OWN)
    assert recall(key) is None
    remember(key, 1)
    write()
    assert json.loads((cache / "tried.json").read_text())[key] == 1


def test_a_folder_that_cannot_be_written_is_none(cache):
    cache.write_text("a file")
    remember(key_of("way", ["sgd"], OWN), 1)
    write()
    assert cache.read_text() == "a file"


def test_values_of_another_form_are_tried_again(cache, monkeypatch):
    for wrong in (3, "abcde", ["parameters", 1, False, False, []], ["what", *[False] * 3, []], None):
        assert needs._from_json(wrong) is None
    monkeypatch.setattr(remembered, "recall", lambda key: {"not": "a number"})
    assert batch_proof.apart_by(ADAM, torch.float64, "cpu") == 0.0


def test_a_second_process_tries_nothing(cache, monkeypatch):
    package = pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
    spec = complete(OptimizerSpec.parse("pytorch_optimizer.Lion:lr=0.01"), 5)
    assert package
    dtype = torch.float64
    first = (
        needs.way_of(spec, dtype),
        seen.seen_by_trying(spec, needs.way_of(spec, dtype), dtype),
        batch_proof.apart_by(spec, dtype, "cpu"),
        batch_proof.share_groups(spec, dtype, torch.device("cpu")),
        batch_proof.apart_by(complete(OptimizerSpec.parse("adafactor"), 5), dtype, "cpu"),
    )
    assert first[-1] > 1e-6
    write()
    forget()

    def never(*_):
        pytest.fail("it was tried")

    for module in (needs, seen, batch_proof):
        monkeypatch.setattr(module, "in_time", never, raising=False)
    monkeypatch.setattr("descent.trajectories.optimizers.time_limit.in_time", never)
    assert first == (
        needs.way_of(spec, dtype),
        seen.seen_by_trying(spec, needs.way_of(spec, dtype), dtype),
        batch_proof.apart_by(spec, dtype, "cpu"),
        batch_proof.share_groups(spec, dtype, torch.device("cpu")),
        batch_proof.apart_by(complete(OptimizerSpec.parse("adafactor"), 5), dtype, "cpu"),
    )


def test_runs_are_the_same_with_and_without(cache):
    pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
    runs = []
    for _ in range(2):
        runs.append(descend(get("beale"), "pytorch_optimizer.Lion:lr=0.01", (1.0, 1.5), 5))
        write()
        forget()
    np.testing.assert_array_equal(runs[0].points, runs[1].points)
    assert runs[0].facts == runs[1].facts


@pytest.mark.slow
def test_a_program_writes_it_when_it_ends(tmp_path):
    line = (
        "from descent.surfaces import get; from descent.trajectories.descent.batch import choose_methods;"
        "from descent.trajectories.descent.torch_optim import complete; from descent import OptimizerSpec;"
        "specs = [complete(OptimizerSpec.parse(t), 5) for t in ('sgd:lr=0.1', 'adam:lr=0.1')];"
        "print(choose_methods(get('beale'), specs, 'cpu', 'float64', exact=True))"
    )
    environment = {**os.environ, "DESCENT_CACHE": str(tmp_path / "new" / "cache")}
    subprocess.run([sys.executable, "-c", line], env=environment, check=True, capture_output=True)
    assert len(json.loads((tmp_path / "new" / "cache" / "tried.json").read_text())) >= 2
