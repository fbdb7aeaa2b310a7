"""A cluster of Dask makes the same bytes, also where one of its workers is killed in the middle."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from descent.courses.building import build
from descent.courses.cluster import dask_executor
from descent.surfaces.errors import NotPossibleError

pytest.importorskip("distributed")


@pytest.fixture(name="workers")
def _workers(tmp_path):
    """A scheduler and two workers, processes of their own: its address, and the workers by their numbers."""
    log = (tmp_path / "log.txt").open("w")
    place = ["--no-dashboard", "--scheduler-file", str(tmp_path / "scheduler.json")]
    commands = [
        ["scheduler", "--host", "127.0.0.1", "--port", "0"],
        *[["worker", "--no-nanny", "--nthreads", "1"]] * 2,
    ]
    started = []
    try:
        for name, *more in commands:
            words = [sys.executable, "-m", f"distributed.cli.dask_{name}", *more, *place]
            child = subprocess.Popen(words, stderr=log, stdout=log, cwd=tmp_path)
            started.append(child)
        yield address_in(tmp_path / "scheduler.json"), started[1:]
    finally:
        for each in started:
            each.kill()
            each.wait()
        log.close()


def address_in(path):
    import json

    until = time.monotonic() + 60
    while time.monotonic() < until:
        if path.exists() and path.read_text().strip():
            return json.loads(path.read_text())["address"]
        time.sleep(0.1)
    raise AssertionError("the scheduler did not start")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_cluster_gives_the_same_bytes_when_a_worker_is_killed(course, change, workers):
    more = "".join(
        f'\n[figures.more-{k}]\ntarget = "sphere"\noptimizers = "sgd:lr=0.{k}"\n' for k in range(1, 6)
    )
    change(("[figures.bowl]", f"{more}\n[figures.bowl]"))
    folder = course.parent / "figures"
    address, (first, _) = workers
    done = []
    executor = dask_executor(address)

    def kill_one(line):
        done.append(line)
        if len(done) == 1:
            threading.Timer(0.2, lambda: os.kill(first.pid, signal.SIGKILL)).start()

    try:
        built = build(course, executor=executor, say=kill_one)
    finally:
        executor.shutdown()
    assert built.failed == {}
    assert len(built.made) == 7
    there = {path.name: path.read_bytes() for path in folder.glob("*.png")}
    assert first.poll() is not None
    for path in folder.iterdir():
        path.unlink()
    build(course, jobs=1)
    assert {path.name: path.read_bytes() for path in folder.glob("*.png")} == there


def test_a_scheduler_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr("descent.courses.cluster._PATIENCE", 0.5)
    for address in ("tcp://127.0.0.1:1", "nonsense"):
        with pytest.raises(NotPossibleError, match="no scheduler of Dask answers at"):
            dask_executor(address)


def test_without_dask_a_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NotPossibleError, match=r"pip install 'descent-viz\[cluster\]'"):
        dask_executor("tcp://127.0.0.1:8786")
