"""The directive: its options are those of the command that draws."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from ..courses.keys import argument_of, commands_that_draw, options_of, takes_optimizers
from ..surfaces.errors import DescentError, unknown
from ..viz.files.formats import WEB, shown_in
from .making import Shown, shown

ANIMATION = "gif"
_OWN = ("animation", "caption", "class", "align", "name")  # of a figure in a page, not of a command
_COURSES = ("formats", "embed")  # which a page has no use for
_ON, _OFF = ("", "true", "yes", "on"), ("false", "no", "off")

logger = logging.getLogger(__name__)


class _Anything(dict[str, Any]):
    """Options as they were written: which there are depends on the command, which is one of them."""

    def __missing__(self, _: str) -> Any:
        return lambda text: (text or "").strip()


class DescentDirective(SphinxDirective):
    """A figure that is drawn when its page is read.

    The argument is what the figure shows, as in ``descent compare TARGET``. The options are those of the
    command (``compare``, or another by ``:command:``) by their long names, ``:optimizers:`` for ``-o``, and
    ``:animation:``, ``:caption:``, ``:class:``, ``:align:`` and ``:name:``. The content is the caption.
    """

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = _Anything(
        {"class": directives.class_option, "name": directives.unchanged, "align": directives.unchanged}
    )

    def run(self) -> list[nodes.Node]:
        """Return the figure; where it cannot be made, a warning with file and line in its place."""
        page = Path(str(self.env.doc2path(self.env.docname)))
        cache = Path(self.config.descent_cache or Path(self.env.doctreedir) / "descent")
        cache = Path(self.env.srcdir) / cache
        try:
            animation = self._animation()
            commands = commands_that_draw()
            table = self._table(commands)
            found = shown(table, animation, commands, self.config.descent_defaults, page.parent, cache)
        except DescentError as error:
            self.env.note_reread()  # or the next build would be silent about it
            logger.warning("%s", error, location=self.get_location(), type="descent")
            return []
        for note in found.notes:
            logger.info("%s", note, location=self.get_location())
        for name in found.reads:
            self.env.note_dependency(os.path.relpath(page.parent / name, self.env.srcdir))
        return [self._figure(found, cache, page.parent)]

    def _animation(self) -> str:
        """Return the suffix of what web pages show, without its dot."""
        chosen = self.options.get("animation", self.config.descent_animation).lstrip(".").casefold()
        able = [each.lstrip(".") for each in shown_in(WEB)]
        if chosen not in able:
            raise unknown("animation for web pages", chosen, able)
        return str(chosen)

    def _table(self, commands: Any) -> dict[str, Any]:
        """Return the options as a table of a course, in which flags are true or false."""
        chosen = self.options.get("command", "compare")
        if chosen not in commands:
            raise unknown("command", chosen, commands)
        command = commands[chosen]
        options = options_of(command)
        table: dict[str, Any] = {"command": chosen, argument_of(command): self.arguments[0]}
        for written, text in self.options.items():
            key = written.replace("-", "_")
            if key in _OWN or key == "command":
                continue
            if key in _COURSES:
                raise DescentError(
                    f"descent: a figure in a page has no {key}; :animation: is what web pages show"
                )
            if key == "optimizers" and takes_optimizers(command):
                table[key] = text.split()
            elif key in options and options[key].is_flag:
                table[key] = _flag(key, text)
            elif key in options and not text:
                raise DescentError(f"descent: {key} has no value")
            else:
                table[key] = text
        return table

    def _figure(self, found: Shown, cache: Path, folder: Path) -> nodes.Node:
        """Return one figure; what it shows is chosen when the kind of output is known."""
        beside = os.path.relpath(cache, folder).replace(os.sep, "/")
        image = nodes.image("", uri=f"{beside}/{found.files[0]}", alt=found.alt)
        image["descent"] = {}
        for name in found.files:
            path = os.path.relpath(cache / name, self.env.srcdir).replace(os.sep, "/")
            self.env.images.add_file(self.env.docname, path)
            self.env.note_dependency(path)
            image["descent"][Path(name).suffix] = path
        image["descent_web"] = Path(found.files[0]).suffix
        image["descent_still_alt"] = found.still_alt
        figure = nodes.figure("", image, classes=["descent", *self.options.get("class", [])])
        if align := self.options.get("align"):
            figure["align"] = align
        self.set_source_info(figure)
        self.set_source_info(image)
        figure += self._caption(found)
        self.add_name(figure)
        return figure

    def _caption(self, found: Shown) -> list[nodes.Node]:
        if self.content:
            first, *rest = self.parse_content_to_nodes()
            caption = nodes.caption(
                "", "", *(first.children if isinstance(first, nodes.paragraph) else [first])
            )
            more: list[nodes.Node] = [nodes.legend("", *rest)] if rest else []
        else:
            said = self.options.get("caption") or found.caption
            caption, more = nodes.caption("", said), []
        self.set_source_info(caption)
        return [caption, *more]


def _flag(key: str, text: str) -> bool:
    if text.casefold() in _ON:
        return True
    if text.casefold() in _OFF:
        return False
    raise DescentError(f"descent: {key} stands alone or with true or false, not with {text!r}")
