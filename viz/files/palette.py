"""One palette for a whole animation, and the nearest of its colours for every pixel.

Pixels are packed: RGBA bytes read as one little-endian 32-bit number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .order import COLOURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_RGB = np.uint32(0xFFFFFF)
# So much of a palette is the colours that must be kept, then those that cover most pixels, as they are: flat
# areas stay true, unbanded.
_EXACT = 160 / COLOURS


class Palette:
    """At most 255 colours, or fewer where that is wished; index 255 stays free for "unchanged".

    Every distinct colour is looked up once, exactly, and remembered in a table over all 24-bit colours. The
    table's memory is only touched where colours occur.
    """

    def __init__(
        self, samples: Sequence[NDArray[np.uint32]], colours: int = COLOURS, kept: Sequence[str] = ()
    ) -> None:
        """Choose the colours.

        Args:
            samples: Sample frames, each of packed pixels (height, width).
            colours: The palette has at most so many.
            kept: Hex colours that stay as they are, the most important first: even where no sample has
                them, for a thin line has only blends of its colour, and without it they go to another's.
        """
        first, *others = samples
        # Of the other samples only what differs is counted: it is what moves, and it is little.
        pixels = [first.ravel(), *(other[other != first] for other in others)]
        self.colours = _choose(np.concatenate(pixels) & _RGB, colours, kept)  # (n, 3), uint8
        self._table = np.zeros(1 << 24, np.uint16)  # colour -> index + 1; 0 where it was not met yet

    def indices(self, pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Return the index of the nearest palette colour for packed pixels of any shape."""
        colour = pixels & _RGB
        found = self._table[colour]
        if not found.all():
            new = np.unique(colour[found == 0])
            self._table[new] = _nearest(_split(new), self.colours) + 1
            found = self._table[colour]
        indices: NDArray[np.uint8] = (found - 1).astype(np.uint8)
        return indices


def _split(key: NDArray[np.uint32]) -> NDArray[np.int32]:
    return np.stack([key & 255, key >> 8 & 255, key >> 16 & 255], axis=-1).astype(np.int32)


def _choose(key: NDArray[np.uint32], most: int, kept: Sequence[str]) -> NDArray[np.uint8]:
    from PIL import Image

    colours, counts = np.unique(key, return_counts=True)
    packed = [int.from_bytes(bytes.fromhex(each[1:]), "little") for each in dict.fromkeys(kept)][:most]
    seen = ~np.isin(colours, packed)
    colours, counts = colours[seen], counts[seen]
    order = np.argsort(-counts, kind="stable")
    sure = max(round(_EXACT * most), len(packed))
    common = order[: sure - len(packed)]
    exact, rest = (
        np.concatenate([np.array(packed, np.uint32), colours[common]]),
        colours[order[len(common) :]],
    )
    if len(rest) <= most - sure or sure == most:
        return _split(np.concatenate([exact, rest[: most - sure]])).astype(np.uint8)
    # The rest are edges of lines and glyphs: median cut, each weighted a little by how often it occurs.
    weight = np.minimum(counts[order[len(common) :]], 8)
    image = Image.fromarray(np.repeat(_split(rest).astype(np.uint8), weight, axis=0)[None])
    cut = image.quantize(most - sure, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    others = np.array(cut.getpalette("RGB"), np.uint8).reshape(-1, 3)[: most - sure]
    return np.concatenate([_split(exact).astype(np.uint8), others])


def _nearest(colours: NDArray[np.int32], palette: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return for each colour (n, 3) the index of the palette colour at the smallest squared distance."""
    # The squared distance less what all have in common, as one product of matrices: (r, g, b, 1) by the
    # centres and their lengths. All sums are whole numbers under 2**24: float32 is exact.
    centres = palette.astype(np.float32)
    weights = np.concatenate([-2 * centres.T, (centres**2).sum(axis=1)[None]])
    nearest = np.empty(len(colours), np.uint16)
    for first in range(0, len(colours), 1024):  # bounded memory however many colours are new
        part = np.ones((len(colours[first : first + 1024]), 4), np.float32)
        part[:, :3] = colours[first : first + 1024]
        nearest[first : first + 1024] = (part @ weights).argmin(axis=1)
    return nearest
