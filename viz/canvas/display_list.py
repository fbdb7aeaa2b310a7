"""The display list: what the changing parts of a picture draw, for a page that draws it again."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .draw_recorder import Recorder, Table
from .outlines import UNITS
from .parts import still_there
from .stage import default_style

if TYPE_CHECKING:
    from collections.abc import Callable

    from .draw_recorder import Op
    from .stage import Stage


def record(stage: Stage, done: Callable[[int], None]) -> dict[str, Any]:
    """Return all that the changing parts of a picture draw, as plain JSON values.

    Frame i shows what `grown` lists for the frames 0 to i, and on top of that what `moving` lists for it.
    Both list numbers of groups; a group is the number of a list of looks and the numbers of as many
    things, each less the one before it.

    Args:
        stage: The picture.
        done: Called with the number of frames that are done.

    Raises:
        NotPossibleError: Something is drawn that cannot be noted.
    """
    scene = stage.scene
    recorder, sequences, groups = Recorder(*scene.size), Table(), Table()
    kept: dict[int, list[Op]] = {}  # of what never changes
    grown: list[list[int]] = []
    moving: list[list[int]] = []

    def group(ops: list[Op]) -> list[int]:
        if not ops:
            return []
        looks, things = zip(*ops, strict=True)
        steps = (things[0], *(after - before for before, after in pairwise(things)))
        return [groups.number((sequences.number(looks), *steps))]

    stage.set_changing_visible(True)
    with default_style(scene.theme.font):
        for frame in range(scene.frames):
            new: list[Op] = []
            for part in stage.growing:
                part.show(frame, frame)
                new += recorder.note(part.artist)
            grown.append(group(new))
            moving.append([])
            for thing in stage.moving:
                thing.update(frame)
                if thing.update is not still_there:
                    moving[-1] += group(recorder.note(thing.artist))
                    continue
                if id(thing) not in kept:
                    kept[id(thing)] = recorder.note(thing.artist)
                moving[-1] += group(kept[id(thing)])
            done(frame + 1)
    return {
        "size": scene.size,
        "units": UNITS,
        "looks": list(recorder.looks),
        "clips": list(recorder.clips),
        "shapes": list(recorder.shapes),
        "things": list(recorder.things),
        "faces": list(recorder.faces.values()),
        "fonts": list(recorder.fonts.values()),
        "sequences": list(sequences),
        "groups": list(groups),
        "grown": grown,
        "moving": moving,
        "films": list(recorder.films.values()),
    }
