"""The panel of rising rates: the loss against the learning rate of each step, which rises within the run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ...trajectories.results.rising import rising
from ..canvas.axes import points
from ..canvas.headings import Sample, draw_heading
from ..canvas.parts import MOVING_ZORDER, Moving, appear
from ..canvas.pens import Mark, Marks
from ..style.heights import power_of_ten
from .scales import span, tame
from .traces import Trace, add_chart, draw_traces

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..canvas.axes import Scaled
    from ..canvas.parts import Growing
    from ..scenes.scene import Scene
    from ..style.layout import Rect

_FAR = 3.0  # times the loss at the start: what rises higher runs off the panel
FASTEST, ABOVE = "o", "X"  # marks: where the loss falls fastest, and from where on it is above its start


def draw(figure: Figure, scene: Scene, place: Rect, ruler: Scaled) -> tuple[list[Growing], list[Moving]]:
    """Draw the loss of all measured samples before each kept step against the rate of that step."""
    found = [rising(run) for run in scene.recording.trajectories]
    traces = [
        Trace(np.log10(one.rates), one.losses, style.colour, style.dash, 1.8, style.marker, ghost=True,
              run=style.run, at=one.steps)
        for one, style in zip(found, scene.styles, strict=True)
    ]  # fmt: skip
    values = tame([one.losses for one in found], [one.losses[:1] for one in found], _FAR)
    scale = span(values, log=False)
    axes = add_chart(figure, place, scene, ruler, scale)
    low = min(float(trace.x[0]) for trace in traces)
    high = max(float(trace.x[-1]) for trace in traces)
    _dress(axes, low, high, scene, ruler)
    colour = scene.theme.muted
    key: list[str | Sample] = [
        Sample(marker=FASTEST, colour=colour, hollow=True),
        "falls fastest",
        Sample(marker=ABOVE, colour=colour),
        "above its start",
    ]
    draw_heading(
        axes,
        place,
        [["training loss while the learning rate rises", *key], ["training loss", *key], ["training loss"]],
        scene.theme,
        ruler,
    )
    growing, moving = draw_traces(axes, place, scene, ruler, scale, traces)
    width = points(ruler.px(1.8))
    for one, trace, style in zip(found, traces, scene.styles, strict=True):
        heights = np.clip(scale.place(np.nan_to_num(trace.y, nan=np.inf)), scale.low, scale.high)
        for row, mark in (
            (one.steepest, Mark(FASTEST, points(ruler.px(14)), None, style.colour, width, style.run)),
            (
                one.above,
                Mark(ABOVE, points(ruler.px(11)), style.colour, scene.theme.background, points(1), style.run),
            ),
        ):
            if row is not None:
                artist = Marks(axes, MOVING_ZORDER + 0.2, [mark], clip=False)
                artist.places = np.array([[trace.x[row], heights[row]]])
                moving.append(Moving(artist, appear(artist, int(one.steps[row]), scene)))
    return growing, moving


def _dress(axes: Axes, low: float, high: float, scene: Scene, ruler: Scaled) -> None:
    """Label the horizontal axis with rates, of which it has the logarithms."""
    pad = 0.02 * (high - low)
    axes.set_xlim(low - pad, high + pad)
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    places = list(range(first, last + 1, max(1, math.ceil((last - first) / 7))))
    axes.set_xticks(places, [power_of_ten(k) for k in places])
    fine = [k + math.log10(m) for k in range(first - 1, last + 1) for m in range(2, 10)]
    axes.set_xticks([x for x in fine if low - pad <= x <= high + pad], minor=True)
    axes.tick_params(which="minor", color=scene.theme.frame, length=points(ruler.px(2)))
    axes.set_xlabel(
        "learning rate of the step", color=scene.theme.muted, size=points(ruler.px(11)), labelpad=1.0
    )
