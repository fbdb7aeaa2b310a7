"""How pictures, and what pictures are made of, show themselves in notebooks: a player, a still, and words."""

from __future__ import annotations

import html as markup
import math
import sys
import tempfile
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

from ..surfaces.errors import DescentError

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from .canvas.stage import Stage
    from .files.order import Order
    from .scenes.scene import AbstractScene
    from .words.prose import Words

LARGEST = 1_000_000  # bytes of all that a cell of a notebook gets, unless ``max_size`` asks for more
_SHARE = 0.34  # of it for the still, which may be there twice: as itself, and in HTML
HTML, PNG, PLAIN = "text/html", "image/png", "text/plain"


def bundle(
    scene: AbstractScene,
    said: Words,
    stage: Callable[[], Stage],
    include: Container[str] | None = None,
    exclude: Container[str] | None = None,
    *,
    moves: bool,
) -> dict[str, str]:
    """Return what a notebook shows of a picture, by the kind of content; together at most LARGEST bytes.

    HTML is the player in a frame that may run scripts and nothing else, or an image. A player that is too
    large is replaced by a still and a sentence. There is never a GIF, which converters of notebooks write as
    text.

    Args:
        scene: What to show.
        said: Its words.
        stage: Compiles the scene, once.
        include: The only kinds of content that are wanted; None for all.
        exclude: Those that are not.
        moves: Whether a player is to play it.
    """
    wanted = [
        kind
        for kind in (HTML, PNG, PLAIN)
        if (include is None or kind in include) and (exclude is None or kind not in exclude)
    ]
    if not draws():
        return {}
    found = {PLAIN: said.alt}
    most = scene.wishes.limit or LARGEST
    try:
        png = b64encode(_png(scene, said, stage, int(most * _SHARE * 3 / 4))).decode()
    except DescentError as error:  # it cannot be drawn so small
        return {PLAIN: f"{said.alt} ({error})"} if PLAIN in wanted else {}
    found[PNG] = png
    if HTML in wanted:
        found[HTML] = _html(scene, said, stage, png, most - len(png) if moves and scene.frames > 1 else 0)
    return {kind: found[kind] for kind in wanted}


def draws() -> bool:
    """Say whether what asks can show more than text: IPython in a terminal asks for all, and shows none."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is None or set(shell.display_formatter.active_types) != {PLAIN}


def _html(scene: AbstractScene, said: Words, stage: Callable[[], Stage], png: str, most: int) -> str:
    """Return the player, or where it has more bytes than that an image and a sentence."""
    from .files.player import html
    from .files.player_size import room_below
    from .files.shrink import kilo

    caption = said.caption
    if most:
        page = _written(scene, said, stage, ".html", html).decode()
        width, height = scene.size
        # In single quotes, of which a page has few, for the many double quotes would each become six letters.
        inside = page.replace("&", "&amp;").replace("'", "&#39;")
        frame = (
            f'<iframe sandbox="allow-scripts" title="{_words(said.alt)}" width="{width}" '
            f'height="{height + room_below(scene.size, said.caption)}" '
            f"style=\"border: 0; max-width: 100%\" srcdoc='{inside}'></iframe>"
        )
        if len(frame.encode()) <= most:
            return frame
        enough = math.ceil(len(frame.encode()) / (1 - _SHARE) / 1e5) / 10
        caption += (
            f" The player is left out, for it has {kilo(len(frame))}: save it with .save('a.html'), or ask "
            f"for it with max_size='{enough:g}MB'."
        )
    source = f"data:image/png;base64,{png}"
    return (
        f'<figure style="margin: 0"><img src="{source}" alt="{_words(said.alt)}" '
        'style="max-width: 100%; height: auto">'
        f"<figcaption>{_words(caption)}</figcaption></figure>"
    )


def _words(text: str) -> str:
    return markup.escape(" ".join(text.split()))


def _png(scene: AbstractScene, said: Words, stage: Callable[[], Stage], most: int) -> bytes:
    """Return the last frame, smaller where it would have more bytes than that.

    Raises:
        NotPossibleError: It cannot be made so small.
    """
    from .files.encoders import png
    from .files.formats import FORMATS
    from .files.shrink import fitted

    def encode(stage: Stage, path: Path, order: Order) -> None:
        fitted(stage, path, order, png, FORMATS[".png"], most)

    return _written(scene, said, stage, ".png", encode)


def _written(
    scene: AbstractScene,
    said: Words,
    stage: Callable[[], Stage],
    suffix: str,
    encode: Callable[[Stage, Path, Order], None],
) -> bytes:
    from .files.order import Order
    from .files.saving import recipe_text

    with tempfile.TemporaryDirectory(prefix="descent-") as folder:
        path = Path(folder, f"a{suffix}")
        order = Order(recipe_text(scene), said.title, said.alt, said.caption)
        encode(stage(), path, order)
        return path.read_bytes()
