"""What shows a figure in each kind of output: what moves on web pages, a PDF in LaTeX, a PNG in the rest."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from ..trajectories.results.whole_files import writing
from ..viz.documents.escapes import html, url
from ..viz.documents.web import VIDEOS

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator


class PlayerNode(nodes.General, nodes.Element):
    """The player, a page of its own within the page."""


class ShowFigures(SphinxPostTransform):
    """Choose the file and the words of each figure for the output that is being written."""

    default_priority = 5  # before Sphinx chooses among pictures, and converts them

    def run(self, **_: Any) -> None:
        """Change the images of the page."""
        builder = self.app.builder
        web = builder.format == "html" and builder.name != "epub"
        for image in list(self.document.findall(nodes.image)):
            if "descent" not in image:
                continue
            files = image["descent"]
            suffix = image["descent_web"] if web else ".pdf" if builder.format == "latex" else ".png"
            if not web:
                image["alt"] = image["descent_still_alt"]
            image["uri"] = files[suffix]
            image["candidates"] = {"*": files[suffix]}
            if suffix in VIDEOS:  # which Sphinx shows without controls unless told
                image["classes"] += ["controls", "no-scaled-link"]
            if suffix == ".html":
                source = Path(self.env.srcdir) / files[suffix]
                image.replace_self(PlayerNode("", source=str(source), alt=image["alt"], uri=files[suffix]))


def visit_player(self: HTML5Translator, node: PlayerNode) -> None:
    """Put the player beside the pictures and a frame for it into the page."""
    builder = self.builder
    name = posixpath.basename(node["uri"])
    folder = Path(builder.outdir) / builder.imagedir
    folder.mkdir(parents=True, exist_ok=True)
    with writing(folder / name) as path:
        path.write_bytes(Path(node["source"]).read_bytes())
    self.body.append(
        f'<iframe class="descent-player" src="{url(posixpath.join(builder.imgpath, name))}" '
        f'title="{html(node["alt"])}" loading="lazy" width="100%" style="aspect-ratio: 4/3; border: 0">'
        "</iframe>\n"
    )
    raise nodes.SkipNode
