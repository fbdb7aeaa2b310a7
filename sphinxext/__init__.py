"""A Sphinx extension: ``.. descent:: beale`` in a page becomes the animation, or in print its still.

Add ``"descent.sphinxext"`` to ``extensions`` in conf.py; MyST-Parser and Jupyter Book 1 take the directive
too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx of the directive, of its settings, and of what shows a figure in each kind of output."""
    from ..courses.lock import versions
    from .directive import ANIMATION, DescentDirective
    from .showing import PlayerNode, ShowFigures, visit_player

    app.add_directive("descent", DescentDirective)
    app.add_node(PlayerNode, html=(visit_player, None))
    app.add_post_transform(ShowFigures)
    app.add_config_value("descent_animation", ANIMATION, "env", [str])
    app.add_config_value("descent_defaults", {}, "env", [dict])
    app.add_config_value("descent_cache", None, "env", [str])
    # Where another version draws, the pages with figures are read again.
    app.add_config_value("descent_versions", json.dumps(versions(), sort_keys=True), "env", [str])
    return {"version": versions()["descent-viz"], "parallel_read_safe": True, "parallel_write_safe": True}
