"""The colours that tell the runs of a picture apart, which a small palette gives up last."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..canvas.stage import Stage


def run_colours(stage: Stage) -> tuple[str, ...]:
    """Return the colours of the page, of the runs, and of all that is drawn of them in the last frame.

    A trail is paler than its run's head and the legend: it has a colour of its own. The tail that fades from
    one into the other is left out, for its shades lie between them.
    """
    stage.show(stage.scene.frames - 1)
    found = list(stage.scene.inks)
    for (
        pen
    ) in stage.figure.findobj():  # the pens of `canvas.pens` have strokes or marks, other artists neither
        found += [stroke.colour for stroke in getattr(pen, "strokes", ()) if stroke.run is not None]
        found += [mark.fill or mark.edge for mark in getattr(pen, "marks", ()) if mark.run is not None]
    return tuple(dict.fromkeys(found))
