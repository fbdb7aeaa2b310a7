"""What all tests share: pytest's own way to run pytest, and a guard for what must be refused in time."""

import gc
import os

import pytest

# What was found by trying classes is the user's, and tests are not to depend on it.
os.environ["DESCENT_CACHE"] = "off"

pytest_plugins = ["pytester"]

# Figures and graphs are full of circles. To look for them after every 700 new objects, among all that torch
# and matplotlib hold, takes a tenth of the time.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish():
    """What is there before the first test stays, and need not be looked at."""
    gc.freeze()


def pytest_collection_modifyitems(items):
    """Skip what is about classes that an older torch does not have: named in a marker or in the test's id."""
    import torch

    if hasattr(torch.optim, "Muon"):
        return
    for item in items:
        if item.get_closest_marker("muon") or "muon" in item.name.casefold():
            item.add_marker(pytest.mark.skip(reason=f"torch {torch.__version__} has no Muon"))


# What the commands call to run something: each is imported in the moment that it is called for.
RUNS = ("plan.Plan.run", "sweep.sweep", "basins.basins", "tuning.tuned", "rerun.run_again")


@pytest.fixture
def nothing_runs(monkeypatch):
    """Fail as soon as a command runs anything."""

    def never(*args, **options):
        pytest.fail("it was run")

    for name in RUNS:
        monkeypatch.setattr(f"descent.trajectories.experiments.{name}", never)
