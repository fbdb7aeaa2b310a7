"""The commands of kinds of subjects, found by their entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..surfaces.imports import own
from ..viz.scenes.subjects import SUBJECTS

if TYPE_CHECKING:
    import click


def subject_commands() -> list[click.Command]:
    """Return the command of each kind that has one of its own."""
    return [own("commands", entry.command) for entry in SUBJECTS.values() if entry.command]
