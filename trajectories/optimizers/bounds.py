"""What the classes of torch take besides what their signatures say."""

from __future__ import annotations

from ...surfaces.option_types import Bound

# Where these are passed over, they divide by zero.
_FROM_1 = Bound(lambda value: value >= 1, "of at least 1", 10)
_ABOVE_0 = Bound(lambda value: value > 0, "greater than 0", 25)
BOUNDS: dict[str, dict[str, Bound]] = {
    "lbfgs": {"history_size": Bound(lambda value: 1 <= value <= 1e6, "from 1 to a million", 100)},
    "constant": {"factor": Bound(lambda value: 0 < value <= 1, "greater than 0 and at most 1", 0.5)},
    "cosine": {"T_max": _FROM_1},
    "cyclic": {"step_size_up": _FROM_1, "step_size_down": _FROM_1},
    "linear": {"total_iters": _FROM_1},
    "onecycle": {"div_factor": _ABOVE_0, "final_div_factor": _ABOVE_0},
    "polynomial": {"power": Bound(lambda value: value >= 0, "of at least 0", 1)},
    "step": {"step_size": _FROM_1},
    "warm_restarts": {"T_mult": Bound(lambda value: 1 <= value <= 1e6, "from 1 to a million", 2)},
}
