"""The page as text: words, colours, images, paths and scripts put together in one file."""

from __future__ import annotations

import html as markup
import json
import re
from base64 import b64encode
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from ...trajectories.specs.labels import label, titles
from ...trajectories.specs.optimizer_spec import OptimizerSpec
from ..style.run_styles import run_styles
from ..style.themes import THEMES
from ..words.prose import landscape
from ..words.titles import title_of
from .landscape import heights_of, image, shape_of
from .packing import QUANTA, floor_of, pack
from .presets import presets
from .rules import rule_of
from .sentences import about, key, lead, measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...trajectories.results.exploration import Exploration
    from ..style.themes import Theme

_MODULES = (
    "format",
    "unpack",
    "tape",
    "rules",
    "state",
    "draw",
    "numbers",
    "main",
)  # each after what it needs


def page(
    exploration: Exploration,
    hide: Sequence[str] = (),
    look: tuple[str, str] | None = None,
    quanta: int = QUANTA,
) -> tuple[str, tuple[str, str]]:
    """Return the page as text, and the two images of its map.

    Args:
        exploration: What it plays.
        hide: Parts to leave out.
        look: The images, where a larger page of the same exploration was made before.
        quanta: How finely points are kept, see `pack`.
    """
    floor = floor_of(exploration)
    heights = heights_of(exploration, floor)
    if look is None:
        look = image(exploration, heights, THEMES["light"]), image(exploration, heights, THEMES["dark"])
    packed = pack(exploration, floor, quanta)
    specs = list(map(OptimizerSpec.parse, exploration.specs))
    found = presets(exploration, floor)
    ratio, to_scale = shape_of(exploration)
    facts = packed.facts | _facts(exploration, specs, floor) | {"presets": [each.plain for each in found]}
    name = measured(floor, known=bool(exploration.minima))
    words = {
        "title": markup.escape(f"{title_of(exploration.target)}: explore"),
        "heading": markup.escape(title_of(exploration.target)),
        "lead": markup.escape(lead(exploration)),
        "maplabel": markup.escape(f"Map of {landscape(exploration.target)}; choose where the runs start"),
        "key": key(exploration, to_scale=to_scale, log=heights.log),
        "losslabel": markup.escape(name),
        "keys": "On the map, arrow keys move the start (with Shift by four), and Home goes to the usual one. "
        "Space plays; comma and full stop make one step.",
        "about": markup.escape(about(exploration, specs, quanta)),
        "presets": "".join(
            f'<button type="button" aria-pressed="false">{markup.escape(each.name)}</button>'
            for each in found
        ),
        "nopresets": "" if found else ' data-empty hidden=""',
        "runs": "".join(
            _row(k, spec, facts["optimizers"][k]["name"], len(exploration.rates))
            for k, spec in enumerate(specs)
        ),
        "hide": ",".join(hide),
        "ratio": f"{ratio:.6g}",
        "light": look[0],
        "dark": look[1],
        "steps": str(exploration.steps),
        "lastrate": str(len(exploration.rates) - 1),
        "recipe": _inside_script(json.dumps(recipe(exploration, hide))),
        "facts": _inside_script(json.dumps(facts, separators=(",", ":"))),
        "paths": b64encode(packed.data).decode(),
        "style": _style(specs),
        "script": script("alone"),
    }
    pattern = re.compile(rf"@({'|'.join(words)})@")
    return pattern.sub(lambda match: words[match[1]], _read("page.html")), look


def recipe(exploration: Exploration, hide: Sequence[str]) -> dict[str, Any]:
    """Return what makes the page again, as every picture carries it."""
    return {
        "made_with": "descent-viz",
        "kind": "exploration",
        "recipe": exploration.recipe | ({"hide": list(hide)} if hide else {}),
        "look": {},
    }


def script(last: str) -> str:
    """Return all modules as one, the last of them by name, each after what it imports."""
    joined = "\n".join(_read(f"{name}.js") for name in (*_MODULES, last))
    return re.sub(r"^import .*\n|^export ", "", joined, flags=re.MULTILINE)


def module(text: str) -> str:
    """Return a page as one ES module whose default export has `render({model, el})`, as anywidget asks.

    Args:
        text: The page, as `page` returns it.
    """
    style, markup = text.index("<style>"), text.index("<main ")
    parts = {
        "@style@": text[style + len("<style>") : text.index("</style>")],
        "@markup@": text[markup : text.index('<script type="module">')] + "</main>",
    }
    made = script("widget")
    for name, part in parts.items():
        made = made.replace(name, json.dumps(part))
    return f"{made}\nexport default {{ render }};\n"


def _facts(exploration: Exploration, specs: Sequence[OptimizerSpec], floor: float) -> dict[str, Any]:
    markers = run_styles(specs, THEMES["light"])
    optimizers = []
    for spec, text, style in zip(specs, exploration.specs, markers, strict=True):
        rule, why = rule_of(spec)
        optimizers.append(
            {"spec": text, "name": _name(spec, specs), "marker": style.marker, "rule": rule, "why": why}
        )
    tape = exploration.tape
    why = (
        "runs in float32 are not computed again"
        if exploration.dtype != "float64"
        else ("this page cannot evaluate the surface by itself")
    )
    return {
        "view": [list(side) for side in exploration.view],
        "x": exploration.x.tolist(),
        "y": exploration.y.tolist(),
        "rates": exploration.rates.tolist(),
        "steps": exploration.steps,
        "home": list(exploration.nearest(*exploration.home)),
        "firstRates": [_first_rate(exploration, floor)] * len(specs),
        "minima": [list(minimum.point) for minimum in exploration.minima],
        "optimizers": optimizers,
        "tape": None
        if tape is None
        else {
            "operations": [[name, list(k)] for name, k in tape.operations],
            "constants": list(tape.constants),
        },
        "whyNoTape": f"No numbers are shown: {why}.",
    }


def _first_rate(exploration: Exploration, floor: float) -> int:
    """Return the number of the rate at which the runs from the usual start end lowest, taken together."""
    row, column = exploration.nearest(*exploration.home)
    ends = exploration.losses[:, :, row, column, -1] - floor
    sound = (exploration.non_finite_at < 0)[:, :, row, column] & (exploration.left_at < 0)[:, :, row, column]
    start = max(float(exploration.losses[0, 0, row, column, 0]) - floor, 1e-12)
    with np.errstate(all="ignore"):
        share = np.where(sound, np.clip(ends / start, 1e-6, 1e3), 1e6)
    return int(np.log(share).sum(axis=0).argmin())


def _name(spec: OptimizerSpec, specs: Sequence[OptimizerSpec]) -> str:
    words = label(spec, title=titles(specs)[list(specs).index(spec)])
    return f"{words.title}, {words.details}" if words.details else words.title


def _row(number: int, spec: OptimizerSpec, name: str, rates: int) -> str:
    escaped = markup.escape(name)
    return (
        f'<li><label><input type="checkbox" checked><svg viewBox="-9 -9 18 18" aria-hidden="true"></svg>'
        f"<b>{escaped}</b><small></small></label>"
        f'<input class="ownrate" type="range" min="0" max="{rates - 1}" step="1" value="0" hidden '
        f'aria-label="Learning rate of {escaped}">'
        f'<div class="at"><span class="loss"></span><span class="how"></span></div></li>'
    )


def _style(specs: Sequence[OptimizerSpec]) -> str:
    style = _read("page.css")
    for name in ("light", "dark"):
        theme = THEMES[name]
        style = style.replace(f"@{name}colours@", _colours(theme, specs))
    return style


def _colours(theme: Theme, specs: Sequence[OptimizerSpec]) -> str:
    named = {
        "page": theme.background,
        "text": theme.text,
        "muted": theme.muted,
        "frame": theme.frame,
        "edge": f"{theme.frame}80",
        "hover": f"{theme.muted}1f",
        **{f"run{k}": style.colour for k, style in enumerate(run_styles(specs, theme))},
    }
    return " ".join(f"--{name}: {value};" for name, value in named.items())


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _inside_script(text: str) -> str:
    """Write JSON so that nothing in it ends the script element; it remains the same JSON."""
    return text.replace("<", "\\u003c")
