"""The notes in the files of pictures: every text in which a recipe may be, format by format.

Anybody may have made the file. Each is read once from its beginning, and no more than `LARGEST` bytes of text
come out of it, however they are packed.

References:
    Portable Network Graphics, chunks tEXt, zTXt and iTXt, https://www.w3.org/TR/png-3/#11textinfo
    Graphics Interchange Format 89a, comment extension, https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    WebP container, chunk XMP, RFC 9649
"""

from __future__ import annotations

import mmap
import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO
from xml.parsers import expat

from ...surfaces.errors import NotPossibleError
from ...surfaces.reading import open_regular
from ...surfaces.text import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LARGEST = 2**22  # bytes of text in a file: more than the recipe of a sweep of a hundred thousand rates
_CHUNKS = 1_000_000  # in a PNG or a WebP: more than any animation has
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PAGE = b'<script type="application/json" id="descent-recipe">'


def in_gif(path: Path) -> Iterator[str]:
    """Yield the comments of a GIF that stand before its first frame."""
    with open_regular(path) as file:
        head = file.read(13)
        if len(head) < 13 or head[:6] not in (b"GIF87a", b"GIF89a"):
            raise damaged(path, "GIF")
        if head[10] & 0x80:
            file.seek(3 * 2 ** ((head[10] & 7) + 1), 1)
        left = LARGEST
        while (begin := file.read(1)) == b"!":
            label = file.read(1)
            comment = bytearray()
            while size := int.from_bytes(file.read(1)):
                block = file.read(size)
                if label == b"\xfe":
                    comment += block
                check_size(path, len(comment), left)
            left -= len(comment)
            if label == b"\xfe":
                yield comment.decode("utf-8", errors="replace")
        if begin != b",":
            raise damaged(path, "GIF")


def in_webp(path: Path) -> Iterator[str]:
    """Yield the descriptions in the XMP packet of a WebP."""
    with open_regular(path) as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WEBP":
            raise damaged(path, "WEBP")
        for name, length in _chunks(path, file, "<"):
            if name == b"XMP ":
                check_size(path, length, LARGEST)
                yield from _descriptions(path, [file.read(length)])
                return
            file.seek(length + length % 2, 1)


def in_png(path: Path) -> Iterator[str]:
    """Yield the texts in a PNG or an animated PNG, compressed or not, wherever they stand."""
    with open_regular(path) as file:
        if file.read(8) != _SIGNATURE:
            raise damaged(path, "PNG")
        left = LARGEST
        for name, length in _chunks(path, file, ">"):
            if name in (b"tEXt", b"zTXt", b"iTXt"):
                check_size(path, length, left)
                text = _png_text(path, name, file.read(length), left)
                left -= len(text)
                yield text.decode("utf-8" if name == b"iTXt" else "latin-1", errors="replace")
                length = 0
            file.seek(length + 4, 1)


def _chunks(path: Path, file: BinaryIO, order: str) -> Iterator[tuple[bytes, int]]:
    """Yield name and length of each chunk of a PNG (">") or a WebP ("<"); the reader moves the file on."""
    for _ in range(_CHUNKS):
        begin = file.read(8)
        if len(begin) < 8:
            return
        first, last = begin[:4], begin[4:]
        yield (last, struct.unpack(">I", first)[0]) if order == ">" else (first, struct.unpack("<I", last)[0])
    raise NotPossibleError(f"{shown_path(path)} has more than {_CHUNKS:,} parts, as no picture has")


def _png_text(path: Path, name: bytes, data: bytes, left: int) -> bytes:
    _, _, rest = data.partition(b"\0")
    if name == b"tEXt":
        return rest
    packed = name == b"zTXt"
    if name == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[1:2] + rest[2:].split(b"\0", 2)[-1]
    if not packed:
        return rest[1:]
    try:
        text = zlib.decompressobj().decompress(rest[1:], left + 1)
    except zlib.error as error:
        raise damaged(path) from error
    check_size(path, len(text), left)
    return text


def check_size(path: Path, length: int, left: int) -> None:
    """Raise NotPossibleError for more text than a file may carry."""
    if length > left:
        raise NotPossibleError(
            f"{shown_path(path)} carries more than the {LARGEST:,} bytes of text that are read"
        )


def damaged(path: Path, kind: str = "picture") -> NotPossibleError:
    """Return the error for a file that is not what its suffix says."""
    return NotPossibleError(f"{shown_path(path)} is not a {kind}, or only a part of one")


def in_svg(path: Path) -> Iterator[str]:
    """Yield the descriptions in the metadata of an SVG."""
    with open_regular(path) as file:
        yield from _descriptions(path, iter(lambda: file.read(2**16), b""))


def _descriptions(path: Path, pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the text of every ``dc:description`` in XML that comes in pieces; nothing else of it is kept."""
    parser = expat.ParserCreate(namespace_separator="}")
    open_tags = 0  # within a description, itself included
    parts: list[str] = []
    found: list[str] = []
    left = LARGEST

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal open_tags
        if open_tags or tag.rpartition("}")[2] == "description":
            open_tags += 1

    def end(_: str) -> None:
        nonlocal open_tags
        if open_tags:
            open_tags -= 1
            if not open_tags:
                found.append("".join(parts).strip())
                parts.clear()

    def words(text: str) -> None:
        nonlocal left
        if open_tags:
            check_size(path, len(text), left)
            left -= len(text)
            parts.append(text)

    def entity(*_: object) -> None:
        raise damaged(path)  # no picture of ours declares any

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.EntityDeclHandler = words, entity
    parser.buffer_text = True
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            yield from found
            found.clear()
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # also of an encoding that nobody knows
        if isinstance(error, NotPossibleError):
            raise
        raise damaged(path) from error


def in_page(path: Path) -> Iterator[str]:
    """Yield the recipe in a page with a player, if it carries one."""
    with open_regular(path) as file, _mapped(file) as data:
        start = data.find(_PAGE)
        if start >= 0:
            start += len(_PAGE)
            end = data.find(b"</script>", start, start + LARGEST)
            if end >= 0:
                yield data[start:end].decode("utf-8", errors="replace")


class _Nothing(bytes):
    """An empty file, which cannot be mapped."""

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def _mapped(file: BinaryIO) -> mmap.mmap | _Nothing:
    empty = not file.read(1)
    return _Nothing() if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
