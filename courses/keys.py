"""Which keys a figure of a course may have: the options of the command that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a course says in words of its own, or what it has no use for.
_NOT_OPTIONS = frozenset({"outs", "as_json", "alt", "save", "csv", "yes", "most", "imports", "optimizers"})
ABOUT = ("command", "formats", "caption")  # keys of every figure, beside those of its command


def commands_that_draw() -> dict[str, click.Command]:
    """Return the commands that draw pictures and tell about them as JSON, by name."""
    from ..commands import from_files, record
    from ..commands.of_subjects import subject_commands

    every = (record.compare, *subject_commands(), from_files.render)
    return {str(command.name): command for command in every if _draws(command)}


def _draws(command: click.Command) -> bool:
    return {"outs", "as_json"} <= {each.name for each in command.params}


def argument_of(command: click.Command) -> str:
    """Return the key of what a command is about: ``target``, or ``file``."""
    return next(str(each.name) for each in command.params if isinstance(each, click.Argument))


def options_of(command: click.Command) -> dict[str, click.Option]:
    """Return the options that a figure of this command may name, by key: ``max_size`` for --max-size."""
    return {
        key_of(each): each
        for each in command.params
        if isinstance(each, click.Option) and each.name not in _NOT_OPTIONS
    }


def key_of(option: click.Option) -> str:
    """Return the key of an option, its long name: ``for``, which Python has to call a place."""
    long = max(option.opts, key=len)
    return long.lstrip("-").replace("-", "_")


def takes_optimizers(command: click.Command) -> bool:
    """Whether a figure of this command may list optimizers."""
    return any(each.name == "optimizers" for each in command.params)


def keys_of(command: click.Command) -> list[str]:
    """Return all keys that a figure of this command may have."""
    more = ["optimizers"] if takes_optimizers(command) else []
    return [*ABOUT, argument_of(command), *more, *options_of(command)]


def words_of(option: click.Option, value: Any) -> list[str] | None:
    """Write a value of a course as words of a command line; None where it is of no kind that a command takes.

    Lists are joined by commas, as the options of commands have them.
    """
    if option.is_flag:
        if not isinstance(value, bool):
            return None
        flags = option.opts if value else option.secondary_opts
        return [max(flags, key=len)] if flags else []
    if isinstance(value, list):
        if not value or not all(
            isinstance(each, str | int | float) and not isinstance(each, bool) for each in value
        ):
            return None
        return _named(option, ",".join(map(_text, value)))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return _named(option, _text(value))


def _named(option: click.Option, text: str) -> list[str]:
    return [f"{max(option.opts, key=len)}={text}"]


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else repr(value)


def what_it_takes(option: click.Option) -> str:
    """Say what kind of value an option takes, for a sentence about a wrong one."""
    if option.is_flag:
        return "true or false"
    return {"integer": "a whole number", "float": "a number"}.get(
        option.type.name, "a text, a number or a list"
    )


def schema(commands: Mapping[str, click.Command]) -> dict[str, Any]:
    """Return the JSON Schema of a course, for editors.

    References:
        JSON Schema draft 7, json-schema.org/draft-07.
    """
    text = {"type": "string"}
    texts = {"oneOf": [text, {"type": "array", "items": text}]}
    figure: dict[str, Any] = {
        "command": {"enum": sorted(commands), "default": "compare", "description": "What makes the figure."},
        "formats": {
            "type": "array",
            "items": text,
            "description": "The files to write, as gif, png, pdf. By default gif.",
        },
        "caption": text | {"description": "What stands below it on the page of all figures."},
        "optimizers": texts | {"description": "Optimizers with their options, as adam:lr=0.1."},
    }
    for command in commands.values():
        figure.setdefault(argument_of(command), text | {"description": "What the figure shows."})
        for key, option in options_of(command).items():
            figure.setdefault(
                key, _kind(option) | {"description": (option.help or "").replace("\b", "").strip()}
            )
    one = {"type": "object", "properties": figure, "additionalProperties": False}
    # What holds for all figures may also be said for one command alone.
    shared = {key: value for key, value in figure.items() if key != "command"}
    of_commands = {
        name: {"type": "object", "properties": shared, "additionalProperties": False} for name in commands
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A course of descent-viz",
        "type": "object",
        "additionalProperties": False,
        "required": ["figures"],
        "properties": {
            "course": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "title": text | {"description": "The heading of the page of all figures."},
                    "out": text
                    | {"description": "The folder for all files, beside this one. By default figures."},
                },
            },
            "defaults": one | {"properties": shared | of_commands},
            "figures": {"type": "object", "additionalProperties": one},
        },
    }


def _kind(option: click.Option) -> dict[str, Any]:
    if option.is_flag:
        return {"type": "boolean"}
    if option.type.name == "integer":
        return {"type": "integer"}
    if option.type.name == "float":
        return {"type": "number"}
    return {"type": ["string", "number", "array"]}
