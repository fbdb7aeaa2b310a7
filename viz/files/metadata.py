"""The notes in the files of pictures: every text in which a recipe may be, format by format.

References:
    Portable Network Graphics, chunks tEXt, zTXt and iTXt, https://www.w3.org/TR/png-3/#11textinfo
    ISO 32000-1, PDF 1.7, strings (7.3.4) and the document information dictionary (14.3.3)
"""

from __future__ import annotations

import mmap
import re
import struct
import warnings
import zlib
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LARGEST = 2**24  # bytes of a recipe: far above any, far below what would hurt
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def in_pixels(path: Path) -> Iterator[str]:
    """Yield the comment of a GIF, or the descriptions in the XMP packet of a WebP."""
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of very many pixels, which are not decoded here
        try:
            with Image.open(path, formats=("GIF", "WEBP")) as image:
                comment, xmp = image.info.get("comment"), image.info.get("xmp")
        except UnidentifiedImageError as error:
            raise _damaged(path, path.suffix[1:].upper()) from error
        except (SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
            raise NotPossibleError(f"cannot read {path}: {error}") from error
    if comment is not None:
        yield comment.decode("utf-8", errors="replace")
    if xmp is not None:
        yield from _descriptions(path, [xmp])


def in_png(path: Path) -> Iterator[str]:
    """Yield the texts in a PNG or an animated PNG, compressed or not, wherever they stand."""
    with path.open("rb") as file:
        if file.read(8) != _SIGNATURE:
            raise _damaged(path, "PNG")
        while len(begin := file.read(8)) == 8:
            length, name = struct.unpack(">I4s", begin)
            if name in (b"tEXt", b"zTXt", b"iTXt") and length <= LARGEST:
                yield _png_text(path, name, file.read(length))
                length = 0
            file.seek(length + 4, 1)


def _png_text(path: Path, name: bytes, data: bytes) -> str:
    _, _, rest = data.partition(b"\0")
    if name == b"tEXt":
        return rest.decode("latin-1")
    packed = name == b"zTXt"
    if name == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[1:2] + rest[2:].split(b"\0", 2)[-1]
    try:
        text = zlib.decompressobj().decompress(rest[1:], LARGEST) if packed else rest[1:]
    except zlib.error as error:
        raise _damaged(path) from error
    return text.decode("latin-1" if name == b"zTXt" else "utf-8", errors="replace")


def _damaged(path: Path, kind: str = "picture") -> NotPossibleError:
    return NotPossibleError(f"{path} is not a {kind}, or only a part of one")


def in_svg(path: Path) -> Iterator[str]:
    """Yield the descriptions in the metadata of an SVG."""
    with path.open("rb") as file:
        yield from _descriptions(path, iter(lambda: file.read(2**16), b""))


def _descriptions(path: Path, pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the text of every ``dc:description`` in XML that comes in pieces."""
    from xml.etree import ElementTree

    parser: Any = ElementTree.XMLPullParser(events=("end",))
    try:
        for piece in pieces:
            parser.feed(piece)
            for _, element in parser.read_events():
                if element.tag.rpartition("}")[2] == "description":
                    yield "".join(element.itertext()).strip()
                elif element.tag.startswith("{http://www.w3.org/2000/svg}"):
                    element.clear()  # a picture of a hundred thousand paths is not held in memory
    except ElementTree.ParseError as error:
        raise _damaged(path) from error


def in_pdf(path: Path) -> Iterator[str]:
    """Yield the subjects in a PDF, those that were written last at the end."""
    with path.open("rb") as file:
        if not file.read(5).startswith(b"%PDF-"):
            raise NotPossibleError(f"{path} is not a PDF, or only a part of one")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            room = _UNPACKED
            for match in _IN_PDF.finditer(data):
                start = match.end()
                if match[1]:
                    unpacked = _object_stream(data, start, room)
                    room -= len(unpacked)
                    found = [(unpacked, subject.end()) for subject in _SUBJECT.finditer(unpacked)]
                    yield from (_pdf_text(part[at : at + 2 * LARGEST]) for part, at in found)
                else:
                    yield _pdf_text(data[start : start + 2 * LARGEST])


_SUBJECT = re.compile(rb"/Subject\s*(?=[(<])")
_IN_PDF = re.compile(rb"(/ObjStm\b)|/Subject\s*(?=[(<])")
_UNPACKED = 4 * LARGEST  # bytes that all object streams of a file may have together


def _object_stream(data: mmap.mmap, start: int, room: int) -> bytes:
    """Unpack objects that stand together in a stream, at most ``room`` bytes; its dictionary is at ``start``.

    Programs that write a PDF again, as qpdf does, often put the notes of the file there.
    """
    begin = data.find(b"stream", start, start + 1000)
    if begin < 0 or room <= 0:
        return b""
    begin += len(b"stream\r\n") if data[begin + 6 : begin + 7] == b"\r" else len(b"stream\n")
    unpacker = zlib.decompressobj()
    try:
        return unpacker.decompress(data[begin : begin + LARGEST], room)
    except zlib.error:  # packed in another way
        return b""


_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _pdf_text(data: bytes) -> str:
    r"""Decode a PDF string that stands at the beginning of some bytes: literal or hexadecimal.

    >>> _pdf_text(rb"(a \(b\) (c) \101) more"), _pdf_text(b"<FEFF0041>")
    ('a (b) (c) A', 'A')
    """
    raw = _literal(data) if data.startswith(b"(") else _hexadecimal(data)
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", errors="replace")
    return raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "latin-1", errors="replace")


def _hexadecimal(data: bytes) -> bytes:
    digits = re.sub(rb"[^0-9a-fA-F]", b"", data[: data.find(b">") + 1])
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())


def _literal(data: bytes) -> bytes:
    depth = 0
    parts: list[bytes] = []
    for token in re.finditer(rb"\\([0-7]{1,3}|\r\n|.)|([()])|[^\\()]+", data, flags=re.DOTALL):
        escaped, bracket = token[1], token[2]
        if bracket:
            depth += 1 if bracket == b"(" else -1
            if not depth:
                return b"".join(parts[1:])
            parts.append(bracket)
        elif escaped is None:
            parts.append(token[0])
        elif escaped[:1].isdigit() and escaped[0] < 0x38:
            parts.append(bytes([int(escaped, 8) % 256]))
        elif escaped not in (b"\r\n", b"\n", b"\r"):
            parts.append(_ESCAPED.get(escaped, escaped))
    return b""  # cut off
