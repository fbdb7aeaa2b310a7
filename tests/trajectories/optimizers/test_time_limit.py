"""What takes too long is given up, and does not go on in the background."""

import threading
import time

import pytest

from descent import DescentError
from descent.trajectories.optimizers import time_limit
from descent.trajectories.optimizers.time_limit import in_time


def test_what_is_in_time_is_returned_or_raised():
    assert in_time(lambda: 3, "three") == 3
    with pytest.raises(ZeroDivisionError):
        in_time(lambda: 1 / 0, "a division")


def test_what_loops_for_ever_is_stopped(monkeypatch):
    monkeypatch.setattr(time_limit, "SECONDS", 0.1)
    turns = []

    def loop():
        while True:
            try:
                turns[:] = [time.perf_counter()]
            except Exception:
                continue

    before = threading.active_count()
    with pytest.raises(DescentError, match=r"a loop did not end within 0.1 seconds, so it is not run"):
        in_time(loop, "a loop")
    assert threading.active_count() == before


def test_what_never_returns_is_left_behind(monkeypatch):
    monkeypatch.setattr(time_limit, "SECONDS", 0.05)
    monkeypatch.setattr(time_limit, "_TO_STOP", 0.05)
    let_go = threading.Event()
    with pytest.raises(DescentError, match="did not end within"):
        in_time(let_go.wait, "waiting")
    let_go.set()
