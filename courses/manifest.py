"""A course as it is written: one file with a table for each figure, read and checked before anything runs."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ..surfaces.errors import DescentError, NotPossibleError, closest
from ..surfaces.reading import as_path, is_file, read_text
from ..surfaces.text import quoted, shown_path, shown_value
from .keys import (
    argument_of,
    commands_that_draw,
    keys_of,
    options_of,
    takes_optimizers,
    what_it_takes,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOST = 4_000_000  # bytes of a course
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_TABLES = ("course", "defaults", "figures")
_COURSE = ("title", "out")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a course: the command that makes it, and the files that come of it."""

    name: str
    words: tuple[str, ...]  # of the command, without its files
    files: tuple[str, ...]  # names in the course's folder
    caption: str | None  # that of the picture where nobody wrote another
    reads: tuple[str, ...]  # files beside the course that its words name

    @property
    def line(self) -> str:
        """The command that makes the same files by itself."""
        return " ".join(map(quoted, ["descent", *self.words, *(f"--out={file}" for file in self.files)]))


@dataclass(frozen=True, slots=True)
class Course:
    """What a course's file says."""

    path: Path
    title: str
    out: Path  # the folder of all files
    figures: tuple[Figure, ...]

    @property
    def folder(self) -> Path:
        """Where the course's file lies, which paths in it start from."""
        return self.path.parent


def read_course(path: str | Path) -> Course:
    """Read and check a course.

    Raises:
        NotPossibleError: The file cannot be read.
        DescentError: It is no TOML, or something in it is not known or cannot be meant; names the key.
    """
    path = as_path(path)
    where = shown_path(path.name)
    try:
        found = tomllib.loads(read_text(path, MOST))
    except OSError as error:
        raise NotPossibleError(
            f"cannot read {shown_path(path)}: {(error.strerror or str(error)).lower()}"
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DescentError(f"{where} is no TOML: {error}") from error
    _known(found, _TABLES, where)
    about, defaults, figures = (_table(found.get(name, {}), f"{where}: {name}") for name in _TABLES)
    _known(about, _COURSE, f"{where}: course")
    for key, value in about.items():
        if not isinstance(value, str):
            raise DescentError(f"{where}: course.{key} is a text, not {shown_value(value)}")
    if not figures:
        raise DescentError(f"{where} has no figures: write a table [figures.NAME] for each")
    commands = commands_that_draw()
    _check_defaults(defaults, commands, f"{where}: defaults")
    made = []
    for name, table in figures.items():
        if not _NAME.fullmatch(name):
            raise DescentError(
                f"{where}: a figure's name becomes that of its files, so it has letters, digits, - and _; "
                f"not {shown_value(name)}"
            )
        place = f"{where}: figures.{name}"
        made.append(figure_of(name, _table(table, place), defaults, commands, path.parent, place))
    _check_apart(made, where)
    out = path.parent / about.get("out", "figures")
    return Course(path, about.get("title", path.stem.replace("-", " ").capitalize()), out, tuple(made))


def figure_of(
    name: str,
    table: dict[str, Any],
    defaults: dict[str, Any],
    commands: Mapping[str, click.Command],
    folder: Path,
    place: str,
) -> Figure:
    """Return the figure that a table describes.

    Args:
        name: Of the figure and, with suffixes, of its files.
        table: The options of its command, and the keys of every figure.
        defaults: What holds for all figures, or, in a table of its own, for those of one command.
        commands: Those that draw, by name.
        folder: Where paths in it start from.
        place: What an error calls it.

    Raises:
        DescentError: Something in it is not known or cannot be meant; names the key.
    """
    chosen = table.get("command", "compare")
    if chosen not in commands:
        raise DescentError(f"{place}.command: {_unknown('command', chosen, list(commands))}")
    command = commands[chosen]
    _known(table, keys_of(command), place)
    shared = {key: value for key, value in defaults.items() if not isinstance(value, dict)}
    shared |= defaults.get(chosen, {})
    values = {key: value for key, value in shared.items() if key in keys_of(command)} | table
    about = argument_of(command)
    target = values.get(about)
    if not isinstance(target, str) or not target:
        raise DescentError(f"{place}: {about} is missing: what the figure shows")
    words = [target]
    if takes_optimizers(command):
        for spec in _texts(values.get("optimizers", []), f"{place}.optimizers"):
            words += ["-o", spec]
    for key, option in options_of(command).items():
        if key in values:
            said = words_of(option, values[key])
            if said is None:
                raise DescentError(
                    f"{place}.{key} is {what_it_takes(option)}, not {shown_value(values[key])}"
                )
            words += said
    formats = _texts(values.get("formats", ["gif"]), f"{place}.formats")
    files = tuple(dict.fromkeys(_file(name, each, f"{place}.formats") for each in formats))
    caption = values.get("caption")
    if caption is not None and not isinstance(caption, str):
        raise DescentError(f"{place}.caption is a text, not {shown_value(caption)}")
    _parsed(command, chosen, words, place)
    return Figure(name, (chosen, *words), files, caption, _reads(words, folder))


def _parsed(command: click.Command, name: str, words: list[str], place: str) -> None:
    """Let a command read its words, so that a wrong value is found before anything runs."""
    try:
        command.make_context(name, list(words))
    except click.ClickException as error:
        raise DescentError(f"{place}: {error.format_message().replace(chr(10), ' ')}") from error


def _reads(words: list[str], folder: Path) -> tuple[str, ...]:
    """Return the files in the course's folder that words name: data, style sheets, modules, recordings."""
    parts = {part.strip() for word in words for part in re.split(r"[=,:@]", word)}
    names = {each for part in parts for each in (part, part.replace(".", "/") + ".py")}
    return tuple(sorted(name for name in names if name and is_file(folder / name)))


def _file(name: str, form: str, place: str) -> str:
    from ..viz.files.formats import FORMATS

    suffix = f".{form.lstrip('.').casefold()}"
    if suffix not in FORMATS:
        raise DescentError(f"{place}: {_unknown('format', form, [each.lstrip('.') for each in FORMATS])}")
    return f"{name}{suffix}"


def _check_apart(figures: list[Figure], where: str) -> None:
    """Raise DescentError where two figures would write one file, on disks that take a and A for the same."""
    seen: dict[str, str] = {}
    for figure in figures:
        for file in figure.files:
            other = seen.setdefault(file.casefold(), figure.name)
            if other != figure.name:
                raise DescentError(
                    f"{where}: figures.{other} and figures.{figure.name} would both write {file}"
                )


def _check_defaults(defaults: dict[str, Any], commands: Mapping[str, click.Command], place: str) -> None:
    every = {key for command in commands.values() for key in keys_of(command)} - {"command"}
    for key, value in defaults.items():
        if isinstance(value, dict):
            if key not in commands:
                raise DescentError(f"{place}: {_unknown('command', key, list(commands))}")
            _known(value, [each for each in keys_of(commands[key]) if each != "command"], f"{place}.{key}")
    _known({key: 0 for key, value in defaults.items() if not isinstance(value, dict)}, sorted(every), place)


def _table(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DescentError(
            f"{place} is a table, written [{place.rpartition(': ')[2]}], not {shown_value(value)}"
        )
    return value


def _texts(value: Any, place: str) -> list[str]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise DescentError(f"{place} is a text or a list of texts, not {shown_value(value)}")
    return listed


def _known(table: Mapping[str, Any], names: Any, place: str) -> None:
    for key in table:
        if key not in names:
            raise DescentError(f"{place}: {_unknown('key', key, list(names))}")


def _unknown(what: str, given: object, names: list[str]) -> str:
    near = closest(str(given), names)
    guess = f"; did you mean {near!r}?" if near else f"; allowed: {', '.join(names)}"
    return f"unknown {what} {shown_value(given)}{guess}"
