"""The page around the panels: title, formula, step counter and fine print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.text import Text

from ..surfaces.catalogue import CATALOGUE
from .axes import fit, points
from .parts import MOVING_ZORDER, Moving
from .readout import Readout

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .layout import Layout
    from .scene import AbstractScene, Scene


def add_page(figure: Figure, scene: AbstractScene) -> Axes:
    """Add axes that cover the whole picture, with pixels as coordinates, above all panels."""
    page = figure.add_axes((0, 0, 1, 1), zorder=10)
    page.set_axis_off()
    page.patch.set_visible(False)
    page.set_xlim(0, scene.size[0])
    page.set_ylim(0, scene.size[1])
    return page


def draw_page(page: Axes, scene: Scene, layout: Layout) -> list[Moving]:
    """Write title, formula and fine print, and return the step counter."""
    recording, theme = scene.recording, scene.theme
    x, top = layout.title
    right = layout.bar.x - layout.px(10)
    title = Text(
        x,
        top - layout.px(15),
        title_of(recording.recipe.target),
        color=theme.text,
        size=points(layout.px(18)),
        weight="bold",
        parse_math=False,
    )
    page.add_artist(title)
    room = right - x - (layout.px(90) if recording.trajectories else 0)
    fit(title, room, layout.px(30))
    if recording.latex:
        formula = Text(
            x,
            (top - layout.px(20) + layout.contour.top + layout.px(3)) / 2,
            f"${recording.latex}$",
            va="center",
            color=theme.muted,
            size=points(layout.px(12)),
            math_fontfamily="dejavusans",
        )
        page.add_artist(formula)
        if fit(formula, layout.bar.x + layout.px(50) - x, layout.px(23)) < points(layout.px(7)):
            formula.set_visible(False)  # longer than can be read at this size
    notes = Text(
        *layout.footer,
        fine_print(scene, layout),
        color=theme.muted,
        size=points(layout.px(10)),
        parse_math=False,
    )
    page.add_artist(notes)
    fit(notes, scene.size[0] - 2 * layout.footer[0])
    if not recording.trajectories:
        return []
    counter = Readout(
        right,
        top - layout.px(15),
        "",
        color=theme.text,
        size=points(layout.px(13.5)),
        ha="right",
        zorder=MOVING_ZORDER,
    )
    page.add_artist(counter)
    steps = scene.timing.steps
    return [Moving(counter, lambda frame: counter.set_text(f"step {steps[frame]}"))]


def title_of(target: str) -> str:
    """Write a target spec as a title.

    >>> title_of("goldstein_price"), title_of("quadratic:condition=100"), title_of("expr:x**2 + y**2")
    ('Goldstein–Price', 'Quadratic, condition 100', 'x**2 + y**2')
    """
    if target.startswith("expr:"):
        return target.removeprefix("expr:").strip()
    name, _, options = target.partition(":")
    entry = CATALOGUE.get(name)
    words = name.replace("_", " ").strip()
    words = entry.title if entry and entry.title else words[:1].upper() + words[1:]
    return words + "".join(", " + part.replace("=", " ") for part in options.split(",") if part)


def fine_print(scene: Scene, layout: Layout) -> str:
    """Say in one line what the reader must know to trust the picture."""
    recipe = scene.recording.recipe
    runs = scene.recording.trajectories
    parts = []
    if runs:
        parts.append("○ start")
    if scene.recording.minima:
        parts.append("☆ known minimum")
    if not layout.to_scale:
        parts.append("x and y not to one scale")
    if runs:
        parts.append(f"{recipe.steps} steps from ({recipe.start[0]:g}, {recipe.start[1]:g})")
        if scene.timing.skips:
            parts.append(f"a frame every {scene.recording.steps / (scene.frames - 1):.3g} steps")
        if recipe.noise:
            parts.append(f"gradient noise {recipe.noise:g}, seed {recipe.seed}")
        torch = dict(recipe.versions).get("torch")
        parts.append(f"torch.optim {torch}" if torch else "torch.optim")
    parts.append(f"{recipe.dtype} on {recipe.device}")
    return "  ·  ".join(parts)
