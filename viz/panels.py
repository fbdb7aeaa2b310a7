"""The panels that a picture of a network can have beside its contour; loads no library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..surfaces.messages import DescentError, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..trajectories.training import Training


@dataclass(frozen=True, slots=True)
class PanelEntry:
    """What can be said about a panel without drawing it."""

    drawer: str  # module:function, called with (figure, scene, place, ruler); returns what grows and moves
    shape: tuple[float, float]  # the least and the largest width, in heights, that it makes use of
    help: str
    storeys: int = 1  # how many charts stand above each other where there is room for them


TWO_STOREYS = 112.0  # pixels at text scale 1: a plot lower than this has one storey only

PANELS: dict[str, PanelEntry] = {
    "loss": PanelEntry(
        ".network_loss:draw", (1.0, 2.6), "true training loss, loss on the plane, distance from the plane", 2
    ),
    "fit": PanelEntry(".fit:draw", (0.9, 1.6), "the data, and each run's curve or decision boundary"),
    "curves": PanelEntry(
        ".curves:draw", (1.0, 2.6), "accuracy or RMSE in training and validation, and the learning rate", 2
    ),
    "line": PanelEntry(".line:draw", (1.0, 2.6), "loss along the straight line between the ends of two runs"),
    "layers": PanelEntry(".layers:draw", (1.0, 2.6), "gradient norm and relative step of each layer", 2),
    "gradients": PanelEntry(
        ".hinton:draw", (0.8, 3.0), "one layer's gradients as squares: red raises the loss, blue lowers it"
    ),
}


def parse_panels(panels: str | Sequence[str]) -> tuple[str, ...]:
    """Read the names of panels, apart by commas where they are one text.

    Raises:
        DescentError: An unknown name, or one that is given twice.

    >>> parse_panels("loss, Curves"), parse_panels(["fit"]), parse_panels("")
    (('loss', 'curves'), ('fit',), ())
    """
    names = panels.split(",") if isinstance(panels, str) else list(panels)
    found: list[str] = []
    for name in names:
        key = str(name).strip().casefold()
        if not key and len(names) == 1:
            continue
        if key not in PANELS:
            raise unknown("panel", str(name).strip(), PANELS)
        if key in found:
            raise DescentError(f"the panel {key!r} is named twice")
        found.append(key)
    return tuple(found)


def _lacks(name: str, training: Training, losses: bool) -> str:
    """Say what a panel needs that a recording does not have; empty when nothing is missing."""
    if name == "loss" and not losses:
        return "losses"
    if name == "fit" and (training.samples is None or not all(run.outputs.ndim > 1 for run in training.runs)):
        if training.batch_norm:
            return "a network without batch norm"
        return "data with one input and numbers, or two inputs and classes"
    if name == "curves" and not training.measured:
        return "data to measure the network on"
    if name == "line" and not training.lines:
        return "a recording of two or more runs with the losses between their ends"
    if name == "gradients" and not any(run.heat.ndim == 3 for run in training.runs):
        return "a recording with the gradients of one layer"
    return ""


def choose_panels(
    wish: tuple[str, ...] | None, training: Training | None, *, losses: bool = True
) -> tuple[str, ...]:
    """Return the panels to draw: those wished for, or those that suit the recording.

    Args:
        wish: Names as `parse_panels` returns them; None for those that suit.
        training: What only recordings of networks have; None for a recording of a surface.
        losses: Whether any loss at the weights is known.

    Raises:
        DescentError: A panel that the recording has nothing for.
    """
    if training is None:
        others = [name for name in wish or () if name != "loss"]
        if others:
            raise DescentError(
                f"the panel {others[0]!r} is for recordings of networks; "
                "a recording of a surface has the panel 'loss' only"
            )
        return ("loss",)
    if wish is None:
        return tuple(name for name in ("loss", "fit", "curves", "line") if not _lacks(name, training, losses))
    for name in wish:
        if missing := _lacks(name, training, losses):
            raise DescentError(f"the panel {name!r} needs {missing}, which this recording has not")
    return wish
