"""The page around the panels: title, formula, step counter and fine print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.text import Text

from ..surfaces.catalogue import CATALOGUE
from ..surfaces.options import format_value, parse_named
from ..surfaces.surface import inside
from .axes import fit, points
from .layout import Rect
from .parts import MOVING_ZORDER, Moving
from .readout import Readout

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .axes import Scaled
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
    """Write title, formula and fine print of a comparison, and return the step counter."""
    recording = scene.recording
    (x, top), right = layout.title, layout.bar.x - layout.px(10)
    place = Rect(x, layout.contour.top, right - x, top - layout.contour.top)
    draw_fine_print(page, fine_print(scene, layout), scene, layout)
    return draw_header(
        page,
        scene,
        layout,
        place,
        (title_of(recording.recipe.target), recording.latex),
        counts=bool(recording.trajectories),
    )


def draw_header(
    page: Axes, scene: AbstractScene, layout: Scaled, place: Rect, words: tuple[str, str], *, counts: bool
) -> list[Moving]:
    """Write a title with a formula under it and a step counter at its right, and return the counter.

    Args:
        page: Where to, in pixels.
        scene: Gives the colours, and the steps to count.
        layout: Gives the text scale.
        place: The header's place; the formula may run a little past its right edge.
        words: Title and formula.
        counts: Whether there is a step counter.
    """
    theme, line = scene.theme, place.top - layout.px(15)
    title = Text(
        place.x,
        line,
        words[0],
        color=theme.text,
        size=points(layout.px(18)),
        weight="bold",
        parse_math=False,
    )
    page.add_artist(title)
    fit(title, place.width - (layout.px(90) if counts else 0), layout.px(30))
    if words[1]:
        formula = Text(
            place.x,
            (line - layout.px(5) + place.y + layout.px(3)) / 2,
            f"${words[1]}$",
            va="center",
            color=theme.muted,
            size=points(layout.px(12)),
            math_fontfamily="dejavusans",
        )
        page.add_artist(formula)
        try:
            legible = fit(formula, place.width + layout.px(60), layout.px(23)) >= points(layout.px(7))
        except ValueError:  # matplotlib cannot set it, which a formula in a file may be
            legible = False
        formula.set_visible(legible)
    if not counts:
        return []
    counter = Readout(
        place.right,
        line,
        "",
        color=theme.text,
        size=points(layout.px(13.5)),
        ha="right",
        zorder=MOVING_ZORDER,
    )
    page.add_artist(counter)
    steps = scene.timing.steps
    return [Moving(counter, lambda frame: counter.set_text(f"step {steps[frame]}"))]


def draw_fine_print(page: Axes, words: str, scene: AbstractScene, layout: Scaled) -> None:
    """Write a line of small print at the foot of the page."""
    x, y = layout.px(18), layout.px(10)
    notes = Text(x, y, words, color=scene.theme.muted, size=points(layout.px(10)), parse_math=False)
    page.add_artist(notes)
    fit(notes, scene.size[0] - 2 * x)


def title_of(target: str) -> str:
    """Write a target spec as a title.

    >>> title_of("goldstein_price"), title_of("quadratic:condition=100"), title_of("expr:x**2 + y**2")
    ('Goldstein–Price', 'Quadratic, condition 100', 'x**2 + y**2')
    """
    target = " ".join(target.split())
    if target.startswith("expr:"):
        return target.removeprefix("expr:").strip()
    name, _, options = target.partition(":")
    entry = CATALOGUE.get(name)
    if entry is None and options and "=" not in options:  # a function by its path
        return target
    words = name.replace("_", " ").strip()
    words = entry.title if entry and entry.title else words[:1].upper() + words[1:]
    for key, value in parse_named(target, "target")[1] if options else ():
        words += f", {key} {value:g}" if isinstance(value, float) else f", {key} {format_value(value)}"
    return words


def counted(number: int, thing: str) -> str:
    """Write a number of things.

    >>> counted(1, "step"), counted(20, "step")
    ('1 step', '20 steps')
    """
    return f"{number} {thing}{'s' * (number != 1)}"


def fine_print(scene: Scene, layout: Layout) -> str:
    """Say in one line what the reader must know to trust the picture."""
    recipe = scene.recording.recipe
    runs = scene.recording.trajectories
    parts = []
    if runs and inside(recipe.start, scene.recording.view):
        parts.append("○ start")
    if any(inside(minimum.point, scene.recording.view) for minimum in scene.recording.minima):
        parts.append("☆ known minimum")
    if not layout.to_scale:
        parts.append("x and y not to one scale")
    if runs:
        parts.append(f"{counted(recipe.steps, 'step')} from ({recipe.start[0]:g}, {recipe.start[1]:g})")
        if scene.timing.skips:
            parts.append(f"a frame every {scene.recording.steps / (scene.frames - 1):.3g} steps")
        if recipe.noise:
            parts.append(f"gradient noise {recipe.noise:g}, seed {recipe.seed}")
        if recipe.stop_at is not None:
            parts.append(f"runs end at gradient norm {recipe.stop_at:g}")
        if recipe.protocol:
            parts.append(recipe.protocol)
    return join_notes(parts, recipe.versions if runs else (), recipe.dtype, recipe.device)


def join_notes(parts: list[str], versions: tuple[tuple[str, str], ...], dtype: str, device: str) -> str:
    """Join the notes of a picture, and add whose optimizers ran, how precisely and on what."""
    torch = dict(versions).get("torch")
    made = [f"torch.optim {torch}"] if torch else []
    return "  ·  ".join([*parts, *made, f"{dtype} on {device}"])
