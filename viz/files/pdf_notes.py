"""The subjects of a PDF, where its recipe is.

References:
    ISO 32000-1, PDF 1.7, strings (7.3.4) and the document information dictionary (14.3.3)
"""

from __future__ import annotations

import mmap
import re
import zlib
from typing import TYPE_CHECKING

from ...surfaces.reading import open_regular
from .metadata import LARGEST, check_size, damaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Data = bytes | mmap.mmap

_SUBJECT = re.compile(rb"(/ObjStm\b)|/Subject\s{0,64}(?=[(<])")
_TOKEN = re.compile(rb"\\([0-7]{1,3}|\r\n|.)|([()])|[^\\()]{1,65536}", re.DOTALL)
_HEX = re.compile(rb"<[0-9a-fA-F\s]*>")
_SCANNED = 4 * LARGEST  # bytes of strings that are looked at in all, those that never end included
_UNPACKED = 4 * LARGEST  # bytes that all object streams of a file may have together
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def in_pdf(path: Path) -> Iterator[str]:
    """Yield the subjects in a PDF, those that were written last at the end.

    It is read once: behind a string the search goes on at its end, and what strings that never end may cost
    is bounded in all.
    """
    with open_regular(path) as file:
        if not file.read(5).startswith(b"%PDF-"):
            raise damaged(path, "PDF")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            place, text, scanned, room = 0, LARGEST, _SCANNED, _UNPACKED
            while scanned > 0 and (match := _SUBJECT.search(data, place)):
                start = place = match.end()
                source: Data = data
                if match[1]:  # objects that stand together, packed: as programs write that save a PDF again
                    source = _object_stream(data, start, room)
                    room -= len(source)
                    found = _SUBJECT.search(source)
                    if found is None or found[1]:
                        continue
                    start = found.end()
                raw, end = pdf_string(source, start, min(start + 2 * LARGEST, start + scanned))
                scanned -= end - start
                check_size(path, len(raw or b""), text)
                text -= len(raw or b"")
                if raw is not None and not match[1]:
                    place = end
                yield decoded(raw or b"")


def _object_stream(data: mmap.mmap, start: int, room: int) -> bytes:
    """Unpack a stream whose dictionary is at ``start``, at most ``room`` bytes; none of another packing."""
    begin = data.find(b"stream", start, start + 1000)
    if begin < 0 or room <= 0:
        return b""
    begin += len(b"stream\r\n") if data[begin + 6 : begin + 7] == b"\r" else len(b"stream\n")
    try:
        return zlib.decompressobj().decompress(data[begin : begin + LARGEST], room)
    except zlib.error:
        return b""


def decoded(raw: bytes) -> str:
    """Decode the bytes of a PDF string: UTF-16 or UTF-8 where it begins so, else Latin-1."""
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", errors="replace")
    return raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "latin-1", errors="replace")


def pdf_string(data: Data, start: int, stop: int) -> tuple[bytes | None, int]:
    r"""Return a string, literal or hexadecimal, and where it ends; None for one that does not end.

    >>> pdf_string(rb"(a \(b\) (c) \101) more", 0, 99), pdf_string(b"<4 1>", 0, 99), pdf_string(b"(a", 0, 99)
    ((b'a (b) (c) A', 18), (b'A', 5), (None, 2))
    """
    stop = min(stop, len(data))
    if data[start : start + 1] == b"<":
        found = _HEX.match(data, start, stop)
        if found is None:
            return None, min(start + 64, stop)
        digits = re.sub(rb"[<>\s]", b"", found[0])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()), found.end()
    depth = 0
    parts: list[bytes] = []
    for token in _TOKEN.finditer(data, start, stop):
        escape, bracket = token[1], token[2]
        if bracket:
            depth += 1 if bracket == b"(" else -1
            if not depth:
                return b"".join(parts[1:]), token.end()
            parts.append(bracket)
        elif escape is None:
            parts.append(token[0])
        elif escape[:1].isdigit() and escape[0] < 0x38:
            parts.append(bytes([int(escape, 8) % 256]))
        elif escape not in (b"\r\n", b"\n", b"\r"):
            parts.append(_ESCAPED.get(escape, escape))
    return None, stop
