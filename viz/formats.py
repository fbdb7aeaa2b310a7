"""The file formats that pictures can be saved in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: what writes it, and whether it moves."""

    encoder: str  # module:function, imported on first use; called with (stage, path, recipe, progress)
    moves: bool
    help: str


FORMATS: dict[str, Format] = {
    ".gif": Format(".encoders:gif", True, "animation, for web pages and slides"),
    ".png": Format(".encoders:png", False, "still, in pixels"),
    ".svg": Format(".encoders:svg", False, "still, for web pages at any size"),
    ".pdf": Format(".encoders:pdf", False, "still, for print"),
}
