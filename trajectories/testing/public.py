"""Tests of optimizers: a class of one's own against a reference, over a table of ways to run it.

    from descent import testing

    testing.assert_matches(MyAdam, torch.optim.Adam, options={"lr": 0.1})
    testing.assert_matches(MySGD, lambda point, gradient, state, step, lr: (point - lr * gradient, state))
    testing.assert_matches(MyAdam, "tests/goldens/adam.npz")
    testing.assert_sound(MyAdam, options={"lr": 0.1})
    test_optimizers = testing.test_of([MyAdam, MySGD])

`surfaces`, `starts` and `specs` are strategies for property tests with hypothesis.
"""

from __future__ import annotations

from ..matching.cells import PATHS
from ..matching.layouts import LAYOUTS
from ..matching.match import assert_matches, match
from ..matching.match_results import CellResult, Match
from ..regression.tolerances import PRESETS
from .candidates import Candidate, Case, cases, test_of
from .conformance import Conformance, conformance
from .soundness import CHECKS, Finding, Soundness, assert_sound, sound
from .strategies import specs, starts, surfaces

__all__ = [
    "CHECKS",
    "LAYOUTS",
    "PATHS",
    "PRESETS",
    "Candidate",
    "Case",
    "CellResult",
    "Conformance",
    "Finding",
    "Match",
    "Soundness",
    "assert_matches",
    "assert_sound",
    "cases",
    "conformance",
    "match",
    "sound",
    "specs",
    "starts",
    "surfaces",
    "test_of",
]
