"""What a worker does: it makes one figure by the command line, wherever it runs, and hands back the bytes."""

from __future__ import annotations

import io
import json
import os
import secrets
import shutil
import time
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a figure."""

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    alt: str = ""
    still_alt: str = ""  # that of a still, where others move
    caption: str = ""
    snippet: str = ""
    notes: tuple[str, ...] = ()
    error: str = ""  # why there is nothing; empty where it was made
    seconds: float = 0.0


def prepare() -> None:
    """Let a worker compute on one core: others work beside it, and no number depends on how many do."""
    import gc

    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    gc.set_threshold(50_000, 20, 50)


def make(name: str, words: tuple[str, ...], files: tuple[str, ...], folder: str) -> Made:
    """Make the files of a figure, as the command line does.

    Args:
        name: The figure's.
        words: Of the command, without its files.
        files: Their names.
        folder: Where paths among the words start from; where there is no such folder, the current one.
    """
    start = time.perf_counter()
    home = Path(folder) if os.path.isdir(folder) else Path.cwd()
    # Beside the course, so that what a document is told about the files can be told without this folder; what
    # a kill leaves is removed as other parts of files are.
    place = home / f".descent-{secrets.token_hex(4)}-{name}"
    try:
        place.mkdir()
    except OSError as error:
        return Made(name, error=f"cannot write beside the course: {(error.strerror or str(error)).lower()}")
    try:
        with chdir(home):
            outs = [f"--out={place.name}/{file}" for file in files]
            report, said, wrong = _run([*words, *outs, "--json"])
        if wrong:
            return Made(name, notes=said, error=wrong, seconds=time.perf_counter() - start)
        made = {path.name: path.read_bytes() for path in sorted(place.iterdir()) if path.is_file()}
        texts = {key: str(report.get(key, "")) for key in ("alt", "still_alt", "caption", "embed")}
        snippet = texts["embed"].replace(f"{place.name}/", "")
        notes = tuple(note.replace(f"{place.name}/", "") for note in said)
        return Made(
            name,
            made,
            texts["alt"],
            texts["still_alt"],
            texts["caption"],
            snippet,
            notes,
            seconds=time.perf_counter() - start,
        )
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _run(words: list[str]) -> tuple[dict[str, object], tuple[str, ...], str]:
    """Run a command in this process; returns its JSON, its notes, and what went wrong."""
    import click

    from ..surfaces.errors import DescentError
    from .keys import commands_that_draw

    out, err = io.StringIO(), io.StringIO()
    error = ""
    with redirect_stdout(out), redirect_stderr(err):
        try:
            commands_that_draw()[words[0]].main(words[1:], prog_name="descent", standalone_mode=False)
        except click.ClickException as failure:
            error = failure.format_message()
        except click.exceptions.Exit as failure:
            error = f"the command ended with {failure.exit_code}" if failure.exit_code else ""
        except DescentError as failure:
            error = str(failure)
        except OSError as failure:
            error = (failure.strerror or str(failure)).lower()
    notes = tuple(line for line in err.getvalue().splitlines() if line.startswith("note: "))
    if error:
        return {}, notes, error
    try:
        report = json.loads(out.getvalue())
    except ValueError:
        report = {}
    return report if isinstance(report, dict) else {}, notes, ""
