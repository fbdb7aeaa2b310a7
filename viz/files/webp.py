"""Animated WebP without loss: the colours of the GIF, in a smaller file."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np

from ...surfaces.errors import NotPossibleError
from ..canvas.frames import backdrop
from .changes import UNCHANGED, coloured, indexed
from .encoders import boxed, palette

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image

    from ..canvas.stage import Stage
    from .changes import Change
    from .order import Order

# Measured on pages of 960x600: more effort makes files 2 % smaller at best, and some pages take minutes.
_EFFORT = {"method": 4, "quality": 50}
_NO_KEY_FRAMES = {"kmin": 0, "kmax": 0}  # nothing but the first page is stored whole: half the size and time

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<xmp:CreatorTool>descent-viz</xmp:CreatorTool>
{words}</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def webp(stage: Stage, path: Path, order: Order) -> None:
    """Write every frame as an animated WebP, without loss.

    Pages have the colours of one palette, or where the theme is transparent all RGBA colours. Only the
    compressed file is held in memory, and the page.

    Raises:
        NotPossibleError: Pillow cannot write WebP.
    """
    from PIL import features

    if not features.check("webp"):
        raise NotPossibleError(
            "the installed Pillow was built without WebP; `pip install --force-reinstall pillow` "
            "brings one that has it"
        )
    static = backdrop(stage)
    frames = boxed(stage, static, order)
    if stage.scene.theme.transparent:
        pages = _pages(coloured(frames), None)
    else:
        colours = palette(stage, static, order)
        pages = _pages(indexed(frames, colours), colours.colours)
    others = _Pages(pages, stage.scene.frames - 1)
    first = others.convert()
    with path.open("wb") as file:
        first.save(
            file,
            format="WEBP",
            save_all=True,
            append_images=[others],
            # Pages that equal the one before are not stored again: libwebp lets that one stay longer.
            duration=stage.scene.timing.durations.tolist(),
            loop=stage.scene.loops,
            lossless=True,
            xmp=xmp(order).encode(),
            **_EFFORT,
            **_NO_KEY_FRAMES,
        )
    for _ in pages:  # so that the last page is reported as well
        pass


class _Pages:
    """What Pillow takes for an image of many pages; each is made when it is asked for, and then forgotten."""

    mode = ""  # none that WebP knows, so that Pillow asks for a conversion, which is the page
    has_transparency_data = False

    def __init__(self, pages: Iterator[Image], n_frames: int) -> None:
        self.n_frames = n_frames  # without the first page, which is there from the beginning
        self._pages = pages
        self._page = next(pages)

    def seek(self, frame: int) -> None:
        """Go to the next page: they are asked for in order, each once."""
        self._page = next(self._pages)

    def convert(self, mode: str = "") -> Image:
        """Return the page."""
        return self._page


def _pages(changes: Iterator[Change | None], colours: NDArray[np.uint8] | None) -> Iterator[Image]:
    """Yield a page for each change: RGB where changes are indices of colours (n, 3), else RGBA."""
    from PIL import Image

    page = np.empty((0, 0, 3), np.uint8)
    for number, change in enumerate(changes):
        if change is not None:
            part = change.part
            if not number:
                page = np.empty((*part.shape[:2], 4 if colours is None else 3), np.uint8)
            height, width = part.shape[:2]
            box = page[change.top : change.top + height, change.left : change.left + width]
            if colours is None:
                box[...] = part
            else:
                new = part != UNCHANGED
                box[new] = colours[part[new]]
        yield Image.fromarray(page)


def xmp(order: Order) -> str:
    """Write the words of a file as an XMP packet: the recipe is its description."""
    words = {"title": order.title, "description": order.recipe}
    written = "".join(
        f'<dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(text, {chr(13): "&#13;"})}</rdf:li>'
        f"</rdf:Alt></dc:{name}>\n"
        for name, text in words.items()
        if text
    )
    return _XMP.format(words=written)
