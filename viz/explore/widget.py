"""The page as a widget of a notebook: what the grid does not have is computed when it is asked for."""

from __future__ import annotations

import math
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError, NotPossibleError
from ...surfaces.imports import own
from .packing import floor_of, loss_levels, quantized
from .page import module
from .saving import fitted
from .shown import MOST

if TYPE_CHECKING:
    from ...trajectories.results.exploration import Exploration

_FINE = 1 << 24  # steps of the grid on which computed points are told, along each side of the view
MISSING = "a live page needs anywidget, which is not installed; `pip install 'descent-viz[widget]'` brings it"


def widget(exploration: Exploration, situation: str = "") -> Any:
    """Return the widget; see `Exploration.widget`."""
    if find_spec("anywidget") is None:
        raise NotPossibleError(MISSING)
    import anywidget
    import traitlets

    kinds = {
        "_esm": module(fitted(exploration, round(MOST * 0.97))[0]),
        "live": traitlets.Bool(True).tag(sync=True),
        "situation": traitlets.Unicode("").tag(sync=True),
    }
    made = type("Explorable", (anywidget.AnyWidget,), kinds)(situation=situation)
    made.on_msg(lambda shown, wish, _: shown.send(*answer(exploration, wish)))
    return made


def answer(exploration: Exploration, wish: Any) -> tuple[dict[str, Any], list[bytes]]:
    """Run the optimizers as a page asks, and return what it is told.

    Args:
        exploration: What the page shows.
        wish: An ``id``, ``start`` (x, y) and ``rates`` (O,), of a page, and so not to be trusted.

    Returns:
        The id with the steps at which runs end, or with what was wrong, in words; and shares of the view's
        sides (O, steps + 1, 2) and levels of the losses (O, steps + 1), as float64.
    """
    said = {"id": str(wish.get("id", ""))[:40] if isinstance(wish, dict) else ""}
    try:
        start = _numbers(wish, "start", 2)
        rates = _numbers(wish, "rates", len(exploration.specs))
        if min(rates) <= 0:
            raise DescentError("a rate is a number above 0")
        run = own("trajectories", "experiments.explore:from_point")(exploration, tuple(start), rates)
    except DescentError as error:
        return said | {"error": str(error)}, []
    shares = quantized(run, _FINE)[:, 0, 0, 0] / _FINE
    levels = loss_levels(run.losses[:, 0, 0, 0], floor_of(exploration)).astype(np.float64)
    ends = {"brokenAt": run.non_finite_at.ravel().tolist(), "leftAt": run.left_at.ravel().tolist()}
    return said | ends, [np.ascontiguousarray(shares).tobytes(), levels.tobytes()]


def _numbers(wish: Any, name: str, count: int) -> list[float]:
    found = wish.get(name) if isinstance(wish, dict) else None
    numbers = isinstance(found, list) and all(
        isinstance(each, int | float) and not isinstance(each, bool) and math.isfinite(each) for each in found
    )
    if not isinstance(found, list) or not numbers or len(found) != count:
        raise DescentError(f"{name} must be {count} finite numbers")
    return [float(each) for each in found]
