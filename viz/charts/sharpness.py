"""The panel of sharpness: the largest curvature that each run's steps meet, and where they are stable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...trajectories.results.network_runs import PRECONDITIONED
from ..canvas.headings import Sample, draw_heading
from .epoch_axis import label_epochs
from .scales import span, tame
from .traces import Trace, add_chart, draw_traces

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..canvas.axes import Scaled
    from ..canvas.parts import Growing, Moving
    from ..scenes.scene import Scene
    from ..style.layout import Rect

_BOUND: tuple[float, ...] = (4.0, 2.0)  # the dash of the lines up to which steps are stable


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw the largest eigenvalue of the Hessian along each run, and dashed the bound of its steps."""
    sharp, bounds = [], []
    for run, path, style in zip(scene.training.runs, scene.recording.trajectories, scene.styles, strict=True):
        sharp.append(
            Trace(
                path.at, run.sharpness, style.colour, style.dash, 1.7, style.marker, ghost=True, run=style.run
            )
        )
        bounds.append(Trace(path.at, run.stable_below, style.colour, _BOUND, 1.1, run=style.run))
    values = tame([trace.y for trace in sharp], [trace.y[:1] for trace in sharp], 10.0)
    met = np.concatenate([values, *(trace.y for trace in bounds)])
    scale = span(met)
    if not scale.log:
        scale = span(np.append(met, 0.0), log=False, low=0.0)
    axes = add_chart(figure, place, scene, ruler, scale)
    label_epochs(axes, scene, place, ruler)
    kinds = {run.spec.name in PRECONDITIONED for run in scene.runs}
    of = "(preconditioned) " if len(kinds) > 1 else "preconditioned " if True in kinds else ""
    log = ", log scale" if scale.log else ""
    known = any(np.isfinite(trace.y).any() for trace in bounds)  # of checkpoints no rate is known
    key: list[str | Sample] = [Sample(_BOUND, 1.1), "stable below"] if known else []
    draw_heading(
        axes,
        place,
        [
            [f"sharpness: largest eigenvalue of the {of}Hessian{log}", *key],
            [f"sharpness{log}", *key],
            ["sharpness"],
        ],
        scene.theme,
        ruler,
    )
    return draw_traces(axes, place, scene, ruler, scale, [*sharp, *bounds])
