"""The panel beside two paths: how far apart they are at every step, and its legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from ...trajectories.regression.deviation import deviations
from ..canvas.axes import add_axes, fit, fit_or_cut, points
from ..style.heights import power_of_ten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..scenes.difference import DifferenceScene
    from ..style.layout import Rect, Ruler
    from ..style.themes import Theme

FAINT = 0.45  # how much the wide expected path covers
_LINES = (("points", "-"), ("losses", "--"), ("gradients", ":"))
_FLOOR = 1e-17  # shares below it are drawn at the lower edge: they are no difference


def pair(theme: Theme) -> tuple[str, str]:
    """Return the colours of the expected run and of the found one; lightness and width differ as well."""
    if theme.chroma == 0.0:
        return theme.muted, theme.text
    return ("#7db4f0", "#ff8a5c") if theme.dark else ("#2f6fb3", "#c2410c")


def draw_shares(figure: Figure, scene: DifferenceScene, place: Rect, ruler: Ruler) -> None:
    """Draw how far apart both runs are, as a share of the size so far, on a log scale."""
    theme = scene.theme
    axes = add_axes(figure, place, scene, ruler)
    expected, found = scene.pair
    last = min(expected.steps, found.steps)
    trained = scene.trained
    by_name = deviations(expected, found, scene.difference.tolerance, last, trained)
    with np.errstate(divide="ignore"):
        curves = {
            name: (each.steps, np.log10(np.clip(each.share, _FLOOR, 10.0))) for name, each in by_name.items()
        }
    tops = [float(values.max()) for name, _ in _LINES if (values := curves[name][1]).size]
    low, high = np.log10(_FLOOR), max(*tops, -15.0) + 0.8
    axes.set_xlim(0, max(last, 1))
    axes.set_ylim(low, high)
    exponents = [k for k in range(-16, int(np.floor(high)) + 1) if k % 4 == 0]
    axes.set_yticks(exponents, [power_of_ten(k) for k in exponents])
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 2.5, 5, 10]))
    axes.grid(axis="y", color=theme.frame, alpha=0.35, linewidth=points(ruler.px(0.7)))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for name, dash in _LINES:
        axes.plot(*curves[name], color=theme.text, linestyle=dash, linewidth=points(ruler.px(1.5)))
    tolerance = scene.difference.tolerance.points
    if tolerance > _FLOOR:
        axes.axhline(np.log10(tolerance), color=theme.muted, linewidth=points(ruler.px(1.0)))
        _note(axes, last, np.log10(tolerance), "allowed for points", theme.muted, ruler)
    first = scene.difference.runs[scene.place].first
    if first is not None:
        axes.axvline(first.step, color=pair(theme)[1], linewidth=points(ruler.px(1.2)))
    axes.set_xlabel("step", color=theme.muted, size=points(ruler.px(11)), labelpad=points(ruler.px(2)))
    for words in (
        "difference, as a share of the size so far, log scale",
        "difference, share of size, log scale",
        "difference, log scale",
    ):
        title = axes.set_title(
            words, loc="left", color=theme.muted, size=points(ruler.px(11)), pad=points(ruler.px(7))
        )
        if fit(title, place.width):
            break


def _note(axes: Axes, x: float, y: float, words: str, colour: str, ruler: Ruler) -> None:
    axes.text(x, y, words, color=colour, size=points(ruler.px(10)), ha="right", va="bottom")


def draw_legend(page: Axes, scene: DifferenceScene, place: Rect, ruler: Ruler) -> None:
    """Say which line is which, above the panel of shares."""
    text = scene.theme.text
    top = place.top - ruler.px(10)
    for k, (words, colour, width) in enumerate(
        zip(("expected", "found"), pair(scene.theme), (5.0, 1.4), strict=True)
    ):
        x, alpha = place.x + k * place.width / 3, FAINT if k == 0 else 1.0
        page.plot(
            [x, x + ruler.px(24)],
            [top, top],
            color=colour,
            linewidth=points(ruler.px(width)),
            alpha=alpha,
        )
        _word(page, x, top, words, scene, place.width / 3, ruler)
    for k, (words, dash) in enumerate(_LINES):
        x = place.x + k * place.width / 3
        page.plot(
            [x, x + ruler.px(24)],
            [top - ruler.px(19)] * 2,
            color=text,
            linestyle=dash,
            linewidth=points(ruler.px(1.5)),
        )
        _word(page, x, top - ruler.px(19), words, scene, place.width / 3, ruler)


def _word(
    page: Axes, x: float, y: float, words: str, scene: DifferenceScene, room: float, ruler: Ruler
) -> None:
    size = points(ruler.px(11))
    text = Text(x + ruler.px(28), y, words, color=scene.theme.text, size=size, va="center")
    page.add_artist(text)
    fit_or_cut(text, room - ruler.px(30))
