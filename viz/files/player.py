"""The page with a player: one HTML file that shows an animation in any browser, without a network."""

from __future__ import annotations

import html as markup
import io
import json
import re
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from ...surfaces.errors import DescentError
from ..canvas.stage import default_style
from ..scenes.difference import DifferenceScene
from ..style.layout import DPI
from ..words.long_description import long_description
from .data_uris import film, uri

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from ..canvas.stage import Stage
    from ..style.themes import Theme
    from ..words.long_description import LongDescription
    from .order import Order

_NARROW, _PORTRAIT = 599, (360, 640)  # pixels: screens up to a width have a drawing of their own, of a size
_FRAMES = 60  # that such a drawing has at most
_SHARP = 2  # pixels of the static part to one of the page, for screens that have as many
_FEW, _FEWER = 160, 64  # colours of the static part, and of the still for readers without scripts


def html(stage: Stage, path: Path, order: Order) -> None:
    """Write every frame as a page with a player.

    What follows a # in its address says how it opens: ``#frame=12`` or ``#frame=-1`` at rest at that frame,
    ``#paused`` at rest at the first, ``#hide=0,2`` without the first and the third run. Where there are stops
    it waits at each; a page around it sends ``{descent: "forward"}`` or ``"back"`` as a message.

    Raises:
        NotPossibleError: The picture draws something that cannot be drawn again by a page.
    """
    from ..canvas.frames import whole_rgba

    scene, theme = stage.scene, stage.scene.theme
    display = _display(stage, lambda done: order.done(done, scene.frames))
    upright = _portrait(stage)
    portrait: dict[str, Any] | None = None
    if upright is not None and not display["films"]:  # films are large, and a page holds them once
        portrait = _display(upright, lambda done: None)
        portrait |= {"backdrop": uri(_static(upright), _FEWER), "rows": _rows(upright)}
    words = {
        "title": markup.escape(order.title or "Gradient descent"),
        "alt": markup.escape(order.alt or order.title or "Gradient descent"),
        "caption": f"<figcaption>{markup.escape(order.caption)}</figcaption>" if order.caption else "",
        "told": _told(long_description(scene)),
        "recipe": _inside_script(order.recipe),
        "display": _inside_script(json.dumps(display, separators=(",", ":"))),
        "portrait": _inside_script(json.dumps(portrait, separators=(",", ":"))),
        "backdrop": uri(_static(stage), min(_FEW, order.colours)),
        "still": uri(whole_rgba(stage, scene.frames - 1), _FEWER),
        "rows": _rows(stage),
        "width": str(scene.size[0]),
        "height": str(scene.size[1]),
        "last": str(scene.frames - 1),
        **_colours(theme),
    }
    template = files(__package__).joinpath("player.html").read_text(encoding="utf-8")
    page = re.sub(rf"@({'|'.join(words)})@", lambda match: words[match[1]], template)
    path.write_text(page, encoding="utf-8", newline="\n")


def _display(stage: Stage, tell: Callable[[int], None]) -> dict[str, Any]:
    """Return all that a page needs to draw the frames of a stage, as plain JSON values."""
    from ..canvas.display_list import record

    display, timing = record(stage, tell), stage.scene.timing
    display["films"] = [film(pictures) for pictures in display["films"]]
    return display | {
        "steps": timing.steps.tolist(),
        "durations": timing.durations.tolist(),
        "loops": 1 if timing.stops else stage.scene.loops,
        "stops": timing.pages if timing.stops else [],
    }


def _portrait(stage: Stage) -> Stage | None:
    """Return the same scene drawn for a narrow screen; None where that needs none, or has no room for it.

    What is drawn for a wide one has letters there of half their size and less. It has fewer frames, so that
    the page stays small.
    """
    from ..canvas.stage import compile_scene

    scene = stage.scene
    if scene.timing.stops or scene.wishes.limit is not None or isinstance(scene, DifferenceScene):
        return None
    if scene.size[0] <= _NARROW:
        return None
    try:
        return compile_scene(replace(scene, size=_PORTRAIT, timing=scene.timing.thinned(_FRAMES)))
    except DescentError:
        return None


def _inside_script(text: str) -> str:
    """Write JSON so that nothing in it ends the script element; it remains the same JSON."""
    return text.replace("<", "\\u003c")


def _colours(theme: Theme) -> dict[str, str]:
    # A page in a frame is transparent only where it has the colour scheme of the page around it.
    scheme = "" if theme.transparent else f"color-scheme: {'dark' if theme.dark else 'light'};"
    return {
        "canvas": "transparent" if theme.transparent else theme.background,
        "scheme": scheme,
        "background": theme.background,
        "text": theme.text,
        "muted": theme.muted,
        "frame": theme.frame,
    }


def _static(stage: Stage) -> NDArray[np.uint8]:
    """Draw what never changes, sharply; returns RGBA pixels (height, width, 4)."""
    pixels = io.BytesIO()
    stage.set_changing_visible(False)
    theme, (width, height) = stage.scene.theme, stage.scene.size
    with default_style(theme.font):
        stage.figure.savefig(pixels, format="rgba", dpi=_SHARP * DPI, facecolor=theme.background)
    stage.set_changing_visible(True)
    found: NDArray[np.uint8] = np.frombuffer(pixels.getvalue(), np.uint8)
    return found.reshape(_SHARP * height, _SHARP * width, 4)


def _told(told: LongDescription) -> str:
    """Write what the picture shows in words and numbers, closed until somebody asks for it."""
    if not told.html:
        return ""
    name = "In words and numbers"
    return (
        f'<details class="told"><summary>{name}</summary>'
        f'<div class="wide" role="region" aria-label="{name}" tabindex="0">{told.html}</div></details>'
    )


def _rows(stage: Stage) -> str:
    """Write a button over each row of the legend that hides the run and shows it again."""
    from ..canvas.pens import Hotspot

    width, height = stage.scene.size
    buttons = []
    for spot in stage.figure.findobj(Hotspot):
        assert isinstance(spot, Hotspot)
        sides: dict[str, Any] = {
            "left": spot.place.x / width,
            "top": 1 - spot.place.top / height,
            "width": spot.place.width / width,
            "height": spot.place.height / height,
        }
        style = ";".join(f"{side}:{share:.2%}" for side, share in sides.items())
        name = markup.escape(f"Hide {spot.name}")
        buttons.append(
            f'<button class="row" type="button" data-run="{spot.run}" aria-pressed="false" '
            f'aria-label="{name}" style="{style}"></button>'
        )
    return "\n".join(buttons)
