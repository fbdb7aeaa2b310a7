"""The panels that a picture of a recording can have; loads no library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...surfaces.catalogue import CURVE, KINDS, NETWORK, PROBLEM, SURFACE
from ...surfaces.errors import DescentError, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ...trajectories.results.network_runs import Training
    from ...trajectories.results.recording import Recording


@dataclass(frozen=True, slots=True)
class PanelEntry:
    """What can be said about a panel without drawing it."""

    drawer: str  # module:function in viz: (figure, scene, place, ruler) -> what grows, what moves
    shape: tuple[float, float]  # the least and the largest width, in heights, that it makes use of
    help: str
    storeys: int = 1  # how many charts stand above each other where there is room for them
    of: tuple[str, ...] = KINDS  # the recordings that have it
    hero: bool = False  # whether it shows the descent itself: the first such panel is the largest


TWO_STOREYS = 165.0  # pixels at text scale 1: a plot lower than this has one storey only

PANELS: dict[str, PanelEntry] = {
    "contour": PanelEntry(
        "contour.panel:draw",
        (0.8, 1.8),
        "the paths on the heights",
        of=(SURFACE, NETWORK, PROBLEM),
        hero=True,
    ),
    "surface3d": PanelEntry(
        "relief.panel:draw",
        (1.0, 2.2),
        "the surface in three dimensions, hidden parts of the paths dimmed",
        of=(SURFACE, NETWORK, PROBLEM),
        hero=True,
    ),
    "curve": PanelEntry(
        "charts.curve:draw",
        (0.9, 2.4),
        "the loss of one parameter, with ball, tangent and step",
        of=(CURVE,),
        hero=True,
    ),
    "loss": PanelEntry(
        "charts.plane_loss:draw", (1.0, 2.6), "loss against step; of networks also the loss on the plane", 2
    ),
    "lr": PanelEntry("charts.rates:draw_rates", (1.0, 2.6), "the learning rate of each step"),
    "sharpness": PanelEntry(
        "charts.sharpness:draw",
        (1.0, 2.6),
        "the largest curvature along the path, and up to where steps are stable",
        of=(NETWORK, PROBLEM),
    ),
    "rising": PanelEntry(
        "charts.rising:draw",
        (1.0, 2.6),
        "the loss against the learning rate, where that rises with every step",
        of=(NETWORK,),
    ),
    "gradient": PanelEntry("charts.rates:draw_gradients", (1.0, 2.6), "the norm of the gradient"),
    "fit": PanelEntry(
        "charts.fit:draw", (0.9, 1.6), "the data, and each run's curve or decision boundary", of=(NETWORK,)
    ),
    "curves": PanelEntry(
        "charts.learning_curves:draw",
        (1.0, 2.6),
        "accuracy or RMSE in training and validation, and the learning rate",
        2,
        (NETWORK,),
    ),
    "line": PanelEntry(
        "charts.between_ends:draw",
        (1.0, 2.6),
        "loss along the straight line between the ends of two runs",
        of=(NETWORK, PROBLEM),
    ),
    "layers": PanelEntry(
        "charts.layers:draw",
        (1.0, 2.6),
        "gradient norm and relative step of each layer",
        2,
        (NETWORK, PROBLEM),
    ),
    "hinton": PanelEntry(
        "charts.gradients:draw",
        (0.8, 3.0),
        "one layer's gradients as squares: red raises the loss, blue lowers it",
        of=(NETWORK, PROBLEM),
    ),
    "singular_values": PanelEntry(
        "charts.singular_values:draw",
        (1.0, 2.6),
        "the largest and the median singular value of each step, and of the matrix that it changes",
        2,
        (PROBLEM,),
    ),
}
GRIDS: dict[str, str] = {
    "optimizer": "a row or column for each optimizer",
    "lr": "a row or column for each learning rate",
    "run": "a panel for each run, side by side",
    "field": "a panel for each of a network's fields, with all runs on each",
}


def parse_panels(panels: str | Sequence[str]) -> tuple[str, ...]:
    """Read the names of panels, apart by commas where they are one text.

    Raises:
        DescentError: An unknown name, or one that is given twice.

    >>> parse_panels("contour, Loss"), parse_panels(["fit"]), parse_panels("")
    (('contour', 'loss'), ('fit',), ())
    """
    return parse_names(panels, "panel", PANELS)


def parse_names(names: str | Sequence[str], kind: str, known: Mapping[str, object]) -> tuple[str, ...]:
    """Read names of a kind, apart by commas where they are one text.

    Raises:
        DescentError: An unknown name, or one that is given twice.
    """
    given = names.split(",") if isinstance(names, str) else list(names)
    found: list[str] = []
    for name in given:
        key = str(name).strip().casefold()
        if not key and len(given) == 1:
            continue
        if key not in known:
            raise unknown(kind, str(name).strip(), known)
        if key in found:
            raise DescentError(f"the {kind} {key!r} is named twice")
        found.append(key)
    return tuple(found)


def kind_of(recording: Recording) -> str:
    """Say what a recording is of: one of KINDS."""
    if recording.training is not None:
        return PROBLEM if recording.problem else NETWORK
    return SURFACE if len(recording.field.y) > 1 else CURVE


def _lacks(name: str, recording: Recording, training: Training, losses: bool) -> str:
    """Say what a panel needs that a network's recording does not have; empty when nothing is missing."""
    if name == "rising" and not (losses and _tests_rates(recording)):
        return "losses, and learning rates that rise with every step (record it with --rising)"
    if name == "loss" and not losses:
        return "losses"
    if name == "surface3d" and not training.measured:
        return "heights"
    if name == "fit" and (training.samples is None or not all(run.outputs.ndim > 1 for run in training.runs)):
        if training.batch_norm:
            return "a network without batch norm"
        return "data with one input and numbers, or two inputs and classes"
    if name == "curves" and not training.measured:
        return "data to measure the network on"
    if name == "curves" and not training.metric:
        return "a loss that accuracy or RMSE goes with"
    if name == "line" and not training.lines:
        return "a recording of two or more runs with the losses between their ends"
    if name == "sharpness" and not any(run.sharpness.size for run in training.runs):
        return "the sharpness along the path (record it with --sharpness, in Python sharpness=True)"
    if name == "singular_values" and not training.matrix:
        return "a matrix among its parameters"
    if name == "hinton" and not any(run.heat.ndim == 3 for run in training.runs):
        return "a recording with the gradients of one layer"
    if name in ("gradient", "layers", "hinton") and not _known(run.gradient_norms for run in training.runs):
        return "gradients"
    return ""


def _known(values: Iterable[NDArray[np.float64]]) -> bool:
    """Whether any of some numbers is finite."""
    import numpy as np  # not before a recording is there: the command line reads this table first

    return any(np.isfinite(each).any() for each in values)


def _tests_rates(recording: Recording) -> bool:
    from ...trajectories.results.rising import all_rise  # not before a recording is there, for NumPy

    return all_rise(recording)


def check_panels(names: Sequence[str], kind: str) -> None:
    """Raise DescentError for a panel that recordings of a kind, one of KINDS, never have."""
    for name in names:
        if kind not in PANELS[name].of:
            having = [each for each, entry in PANELS.items() if kind in entry.of]
            raise DescentError(
                f"the panel {name!r} is for recordings of {' or '.join(PANELS[name].of)}; "
                f"a recording of {kind} has {', '.join(having)}"
            )


def choose_panels(
    wish: tuple[str, ...] | None, recording: Recording, *, losses: bool = True
) -> tuple[str, ...]:
    """Return the panels to draw: those wished for, or those that suit the recording.

    Args:
        wish: Names as `parse_panels` returns them; None for those that suit, none at all for the hero alone.
        recording: What is to be drawn.
        losses: Whether any loss at the weights is known.

    Raises:
        DescentError: A panel that the recording has nothing for.
    """
    kind, training = kind_of(recording), recording.training
    hero = "curve" if kind == CURVE else "contour"
    suit = {NETWORK: ("loss", "fit", "curves", "line"), PROBLEM: ("loss", "singular_values", "line")}
    if wish is None and not recording.trajectories:
        return (hero,)
    if wish is None and kind == NETWORK and losses and _tests_rates(recording):
        return ("rising",)
    if wish is None:
        some = [
            name
            for name in suit.get(kind, ("loss",))
            if training is None or not _lacks(name, recording, training, losses)
        ]
        return (hero, *some)
    check_panels(wish, kind)
    for name in wish:
        if not recording.trajectories and not PANELS[name].hero:
            raise DescentError(f"the panel {name!r} shows runs, and this recording has none")
        if training is not None and (missing := _lacks(name, recording, training, losses)):
            raise DescentError(f"the panel {name!r} needs {missing}, which this recording has not")
        rates = (run.learning_rates for run in recording.trajectories)
        if name == "lr" and training is not None and not _known(rates):
            raise DescentError("the panel 'lr' needs learning rates, which this recording has not")
    return wish or (hero,)
