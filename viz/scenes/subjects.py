"""The kinds of what a picture can be made of, an entry each; loads no library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...surfaces.errors import DescentError
from ...surfaces.imports import own


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """What is made of a kind of subject, as paths of what does it."""

    data: str  # module:class within trajectories
    scene: str  # module:function within viz: (subject, wishes) -> the scene; empty where `picture` makes it
    words: str  # module:function within viz: (scene, moving) -> its words
    report: str  # the module of trajectories with `as_table` and `as_json`
    name: str = ""  # as sentences call it; of a recording it depends on the target


SUBJECTS: dict[str, SubjectKind] = {
    "recording": SubjectKind(
        "results.recording:Recording",
        "scenes.scene:recording_scene",
        "words.describe_runs:of_recording",
        "reports.runs",
    ),
    "sweep": SubjectKind(
        "results.sweep:Sweep",
        "scenes.scene:sweep_scene",
        "words.describe_many:of_sweep",
        "reports.sweep",
        "a sweep",
    ),
    "basins": SubjectKind(
        "results.basins:Basins",
        "scenes.scene:basins_scene",
        "words.describe_many:of_basins",
        "reports.basins",
        "basins",
    ),
    "difference": SubjectKind(
        "regression.difference:Difference", "", "words.describe_many:of_difference", "regression.report"
    ),
}


def kind_of_subject(subject: Any) -> str:
    """Return the name in SUBJECTS of what a scene can be composed of.

    Raises:
        DescentError: No picture is made of that alone.
    """
    for name, entry in SUBJECTS.items():
        if entry.scene and isinstance(subject, own("trajectories", entry.data)):
            return name
    raise DescentError(
        f"a picture is made of a recording, a sweep or basins, not of {subject!r:.60}; "
        "descent.record and descent.load return recordings"
    )
