"""Pictures inside a page, as data URIs: WebP, which is smaller than PNG and known to all browsers."""

from __future__ import annotations

import base64
import io
import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .order import COLOURS
from .palette import Palette

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_MANY = 1 << 22  # new pixels: a film of more would be large without loss
_SHEET = 1 << 22  # pixels of a sheet on which pictures lie
_QUALITY = 78  # of pictures with a little loss, in percent
_EFFORT = 80  # spent on making those without loss small, in percent


def uri(pixels: NDArray[np.uint8], colours: int = COLOURS) -> str:
    """Write a picture with so many colours at most, and nothing else lost.

    Args:
        pixels: RGBA, (height, width, 4).
        colours: How many, at most 255; a picture with half transparent pixels keeps all it has.
    """
    alpha = pixels[..., 3]
    if ((alpha == 0) | (alpha == 255)).all():
        packed = np.ascontiguousarray(pixels).view("<u4")[..., 0]
        seen = alpha == 255
        palette = Palette([packed[seen] if seen.any() else packed[:1, :1]], colours)
        pixels = np.dstack([palette.colours[palette.indices(packed)], alpha])
    return _webp(pixels, lossless=True, quality=_EFFORT)


def film(pictures: Sequence[NDArray[np.uint8]]) -> dict[str, Any]:
    """Write pictures of one size that follow each other, as plain JSON values.

    Pictures with nothing transparent hold only what changed since the one before. Where that is very much,
    as on a surface that turns, every picture is whole and a little is lost.

    Args:
        pictures: RGBA, (height, width, 4) each.
    """
    height, width = pictures[0].shape[:2]
    facts = {"width": width, "height": height}
    new = [np.ones((height, width), bool)]
    changes = all((each[..., 3] == 255).all() for each in pictures)
    for before, after in pairwise(pictures):
        new.append((before != after).any(axis=-1) if changes else new[0])
    if sum(int(each.sum()) for each in new) > _MANY:
        sheets = [_webp(each, quality=_QUALITY) for each in pictures]
        return facts | {"each": 1, "across": 1, "changes": False, "sheets": sheets}
    each = min(len(pictures), max(1, _SHEET // (width * height)))
    across = math.ceil(math.sqrt(each * height / width))
    sheets = []
    for first in range(0, len(pictures), each):
        sheet = np.zeros((math.ceil(each / across) * height, across * width, 4), np.uint8)
        for k, (picture, fresh) in enumerate(
            zip(pictures[first : first + each], new[first : first + each], strict=True)
        ):
            row, column = k // across * height, k % across * width
            sheet[row : row + height, column : column + width][fresh] = picture[fresh]
        sheets.append(uri(sheet))
    return facts | {"each": each, "across": across, "changes": changes, "sheets": sheets}


def _webp(pixels: NDArray[np.uint8], **options: Any) -> str:
    from PIL import Image

    size = pixels.shape[1], pixels.shape[0]
    image = Image.frombytes("RGBA", size, np.ascontiguousarray(pixels).tobytes())
    file = io.BytesIO()
    (image if pixels[..., 3].min() < 255 else image.convert("RGB")).save(file, "WEBP", method=4, **options)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
