"""Lessons: a page each, whose code is run when it is built and whose numbers come from that run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ..surfaces.errors import DescentError, unknown
from ..trajectories.results.whole_files import writing
from ..viz.documents.escapes import markdown, one_line
from .building import build
from .lock import read_lock
from .manifest import read_course

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LESSONS = (
    "update-rule",
    "rates",
    "momentum",
    "sgd-rate-for-adam",
    "backward-and-step",
    "zero-grad",
    "schedulers",
)  # in the order of a first course
_CODE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FENCED = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"\{([a-z_]+)(?::([^{}]*))?\}")
_SECONDS = 120
_TELL = """
import json
_n = {k: v for k, v in globals().items() if type(v) in (int, float) and k[0] != "_"}
print("\\n" + json.dumps(_n))
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What the code of a lesson printed, and the numbers that it left under names."""

    printed: str
    numbers: Mapping[str, int | float]


def template(name: str) -> str:
    """Return a lesson's page as it is written, with fields where its numbers come.

    Raises:
        DescentError: There is no such lesson; names the nearest.
    """
    if name not in LESSONS:
        raise unknown("lesson", name, list(LESSONS))
    return (files(__package__) / "pages" / f"{name}.md").read_text(encoding="utf-8")


def title(name: str) -> str:
    """Return the first line of a lesson's page."""
    return template(name).partition("\n")[0].removeprefix("# ")


def code(name: str) -> str:
    """Return the Python code of a lesson: all its blocks, in order."""
    return "\n".join(_CODE.findall(template(name)))


def run(name: str) -> Ran:
    """Run the code of a lesson in a Python of its own, on one core.

    Raises:
        DescentError: It fails, or takes longer than two minutes.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", code(name) + _TELL],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DescentError(f"the code of lesson {name} took longer than {_SECONDS} seconds") from error
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2]
        raise DescentError(f"the code of lesson {name} failed: {last}")
    printed, _, last = done.stdout.rstrip("\n").rpartition("\n")
    return Ran(printed.strip("\n"), json.loads(last))


def page(name: str, ran: Ran | None = None, alts: Mapping[str, str] | None = None, at: str = "") -> str:
    """Return a lesson's finished page, in Markdown.

    Args:
        name: The lesson's.
        ran: What its code did; it is run where this is left out.
        alts: The words of each figure, by its name; where there are none, the page has no pictures.
        at: What the files of figures start with, as ``"figures/"``.
    """
    text, ran = template(name), ran or run(name)
    parts = _FENCED.split(text)
    filled = [part if part.startswith("```") else _filled(part, name, ran) for part in parts]
    shown = "".join(filled).replace("```text\nprinted\n```", f"```text\n{ran.printed}\n```")
    pictures = "\n\n".join(
        f"![{markdown(one_line(alt))}]({at}{file}.png)" for file, alt in (alts or {}).items()
    )
    return re.sub(r"\n*<!-- figures -->\n*", f"\n\n{pictures}\n\n" if pictures else "\n\n", shown)


def _filled(text: str, name: str, ran: Ran) -> str:
    def number(found: re.Match[str]) -> str:
        if found[1] not in ran.numbers:
            raise DescentError(f"lesson {name} names {found[1]}, and its code leaves no such number")
        return format(ran.numbers[found[1]], found[2] or "")

    return _FIELD.sub(number, text)


def build_lesson(name: str, out: str | Path, say: Callable[[str], object] | None = None) -> Path:
    """Write a lesson into a folder: its course file, its figures and its page; returns the page.

    Raises:
        DescentError: There is no such lesson, or a figure cannot be made.
        OSError: The folder cannot be written.
    """
    template(name)  # first, so that a wrong name makes no folder
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    course = folder / f"{name}.toml"
    with writing(course) as path:
        path.write_bytes((files(__package__) / "pages" / f"{name}.toml").read_bytes())
    built = build(course, jobs=1, say=say)
    if built.failed:
        raise DescentError(
            f"lesson {name}: " + "; ".join(f"{key}: {why}" for key, why in built.failed.items())
        )
    read = read_course(course)
    entries = read_lock(read)
    alts = {each.name: entries[each.name].alt for each in read.figures}
    finished = folder / f"{name}.md"
    with writing(finished) as path:
        path.write_text(page(name, alts=alts, at=f"{read.out.name}/"), encoding="utf-8")
    return finished
