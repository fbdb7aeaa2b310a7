"""A scraper for sphinx-gallery: animations and stills of an example stand below the block that made them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..viz.animation import Animation, Still
from ..viz.documents.escapes import one_line, rst, rst_path
from ..viz.documents.web import indented

_SEEN = "descent_seen"


def scraper(block: tuple[Any, ...], block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Write the pictures that a block of an example made, and return what shows them.

    In conf.py: ``sphinx_gallery_conf = {"image_scrapers": ("descent.sphinxext.gallery.scraper", ...)}``. A
    picture counts where a name of the example holds it. Web pages show the animation, print the still, which
    is the thumbnail too.

    Args:
        block: What sphinx-gallery read of the block.
        block_vars: Its names for the script, among them where pictures go.
        gallery_conf: Its settings, among them the folder of the sources.
    """
    seen = block_vars.setdefault(_SEEN, {})  # kept alive: the id of one that is gone may come again
    shown = []
    for picture in list(block_vars["example_globals"].values()):
        if not isinstance(picture, Animation | Still) or id(picture) in seen:
            continue
        seen[id(picture)] = picture
        still = Path(next(block_vars["image_path_iterator"]))
        shown.append(_figure(picture, still, Path(gallery_conf["src_dir"])))
    return "\n".join(shown)


def _figure(picture: Animation | Still, path: Path, sources: Path) -> str:
    still = picture.still() if isinstance(picture, Animation) else picture
    still.save(path)
    printed = _directive(path, still.alt, picture.caption, sources)
    if not isinstance(picture, Animation) or not picture.scene.moves:
        return printed
    picture.save(path.with_suffix(".gif"))
    moving = _directive(path.with_suffix(".gif"), picture.alt, picture.caption, sources)
    return f"\n.. only:: html\n\n{indented(moving)}\n\n.. only:: not html\n\n{indented(printed)}\n"


def _directive(path: Path, alt: str, caption: str, sources: Path) -> str:
    address = "/" + os.path.relpath(path, sources).replace(os.sep, "/")
    return f"\n.. figure:: {rst_path(address)}\n   :alt: {one_line(alt)}\n\n   {rst(caption)}\n"
