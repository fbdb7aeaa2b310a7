"""The kinds of what a picture can be made of, an entry each; loads no library.

All that only has to know of a kind follows from its entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ...surfaces.errors import DescentError, NotPossibleError, unknown
from ...surfaces.imports import own
from ...surfaces.text import shown_value

if TYPE_CHECKING:
    from ...trajectories.results.abstract_sweep import AbstractSweep
    from ...trajectories.results.basins import Basins
    from ...trajectories.results.diagnosis import Diagnosis
    from ...trajectories.results.recording import Recording

    Subject: TypeAlias = Recording | AbstractSweep | Basins | Diagnosis  # of what a picture is made alone


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectKind:
    """What is made of a kind of subject, as paths of what does it."""

    name: str = ""  # as sentences call it; of a recording it depends on the target
    data: str  # module:class within trajectories
    scene: str = (
        ""  # module:function within viz: (subject, wishes) -> the scene; not where `picture` makes it
    )
    check: str = ""  # module:function within viz: (wishes); raises where this kind has no such picture
    words: str  # module:function within viz: (scene, moving) -> its words
    told: str = ""  # module:function within viz: (scene) -> its key frames in words, and a table
    report: str  # the module of trajectories with `as_table` and `as_json`
    command: str = ""  # module:command within commands, where many runs make it
    again: str = ""  # module:function within trajectories: (recipe, budget, log, progress) -> the same again
    line: str = ""  # module:function within commands: (recipe, notes) -> the words of its command
    instead: str = ""  # what to do where it cannot be made again


SUBJECTS: dict[str, SubjectKind] = {
    "recording": SubjectKind(
        data="results.recording:Recording",
        scene="scenes.scene:recording_scene",
        words="words.describe_runs:of_recording",
        told="words.long_description:of_recording",
        report="reports.runs",
        again="experiments.rerun:remake_recording",
        line="command_line:recording_line",
    ),
    "sweep": SubjectKind(
        name="a sweep",
        data="results.abstract_sweep:AbstractSweep",
        scene="scenes.scene:sweep_scene",
        check="scenes.compatibility:check_sweep",
        words="words.describe_many:of_sweep",
        told="words.long_description:of_sweep",
        report="reports.sweep",
        command="many:sweep",
        again="experiments.rerun:remake_sweep",
        line="command_line:sweep_line",
    ),
    "basins": SubjectKind(
        name="basins",
        data="results.basins:Basins",
        scene="scenes.scene:basins_scene",
        words="words.describe_many:of_basins",
        told="words.long_description:of_basins",
        report="reports.basins",
        command="many:basins",
        again="experiments.rerun:remake_basins",
        line="command_line:basins_line",
    ),
    "diagnosis": SubjectKind(
        name="a diagnosis",
        data="results.diagnosis:Diagnosis",
        scene="scenes.diagnosis:diagnosis_scene",
        words="words.describe_diagnosis:of_diagnosis",
        told="words.long_description:of_diagnosis",
        report="reports.diagnosis",
        command="diagnose:diagnose",
        instead="a diagnosis is run anew by `descent diagnose` with the optimizers that its recipe names",
    ),
    "exploration": SubjectKind(
        name="an exploration",
        data="results.exploration:Exploration",
        words="explore.shown:words",
        report="reports.exploration",
        command="explore:explore",
        line="command_line:exploration_line",
        instead="an explorable page is not drawn again; `descent recipe` prints the command that makes it",
    ),
    "difference": SubjectKind(
        data="regression.difference:Difference",
        words="words.describe_many:of_difference",
        told="words.long_description:of_difference",
        report="regression.report",
        instead="a picture of a difference is made of two recordings; "
        "run `descent diff` on their files again",
    ),
}


def kind_of_subject(subject: Any) -> str:
    """Return the name in SUBJECTS of what a scene can be composed of.

    Raises:
        DescentError: No picture is made of that alone.
    """
    alone = {name: entry for name, entry in SUBJECTS.items() if entry.scene}
    for name, entry in alone.items():
        if isinstance(subject, own("trajectories", entry.data)):
            return name
    *names, last = (entry.name or f"a {name}" for name, entry in alone.items())
    raise DescentError(
        f"a picture is made of {', '.join(names)} or {last}, not of {shown_value(subject)}; "
        "descent.record and descent.load return recordings"
    )


def made_again(kind: str, *, line: bool = False) -> SubjectKind:
    """Return the entry of a kind of which a recipe makes the same once more.

    Args:
        kind: Its name in SUBJECTS.
        line: Whether it is enough that a command makes it.

    Raises:
        NotPossibleError: No recipe makes it again.
        DescentError: An unknown kind.
    """
    if kind not in SUBJECTS:
        raise unknown("kind of picture", kind, [name for name, entry in SUBJECTS.items() if entry.again])
    if not (SUBJECTS[kind].line if line else SUBJECTS[kind].again):
        raise NotPossibleError(SUBJECTS[kind].instead)
    return SUBJECTS[kind]
