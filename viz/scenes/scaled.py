"""Which heights are drawn: scaled so that what the runs do and where the minima are can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...trajectories.results.trajectory import outside
from ..style.heights import scale

if TYPE_CHECKING:
    from ...surfaces.field import Field
    from ...trajectories.results.recording import Recording
    from ...trajectories.results.sweep import Sweep
    from ..style.heights import Heights


def recording_heights(
    recording: Recording, how: str, floor: float | None = None, ground: Field | None = None
) -> Heights:
    """Scale the heights of a recording.

    Args:
        recording: What is drawn. Of a surface, losses met in the view and minima have a say in "auto";
            the losses of a network are not those of its plane.
        how: "auto", "linear" or "log".
        floor: The least that a network's heights can be, if that is known; a surface has its minimum.
        ground: The heights that are drawn; when None all that the recording has.

    Raises:
        DescentError: No height is finite.
    """
    field = recording.field if ground is None else ground
    if recording.training is not None:
        return scale(field, floor, how)
    met = [run.losses[~outside(run.points, recording.view)] for run in recording.trajectories]
    return scale(
        field,
        recording.minima[0].value if recording.minima else None,
        how,
        np.concatenate(met) if met else np.empty(0),
        [minimum.point for minimum in recording.minima],
    )


def sweep_heights(sweep: Sweep, how: str) -> Heights:
    """Scale the heights of a sweep; the losses of the runs that stay in view have a say in "auto"."""
    return scale(
        sweep.field,
        sweep.minima[0].value if sweep.minima else None,
        how,
        sweep.losses[sweep.usable].ravel(),
        [minimum.point for minimum in sweep.minima],
    )
