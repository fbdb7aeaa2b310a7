"""The words of pictures in the language that is wished for: a table each, by the English words."""

from __future__ import annotations

import re
import tomllib
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Their own names, for the help.
LANGUAGES = {"en": "English", "fr": "Français", "de": "Deutsch", "es": "Español", "zh": "中文"}
_COMMA = ("fr", "de", "es")  # write 0,5 for a half
_NUMBER = re.compile(r"(?<![\w.])[-−]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|inf|nan)(?!\w)")
# Words are said where figures are drawn, some forty functions below the one that knows what is wished. So it
# is a value of the context, set while a figure is drawn and gone afterwards, also where that fails.
_spoken: ContextVar[str] = ContextVar("spoken", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say words in a language inside the block; each thread and task has its own."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def bound(act: Callable[[int], None]) -> Callable[[int], None]:
    """Return a function that draws a frame in the language that is spoken now, whenever it is called."""
    language = _spoken.get()
    if language == "en":
        return act

    def speak(frame: int) -> None:
        with speaking(language):
            act(frame)

    return speak


def message(words: str) -> tuple[str, list[str]]:
    """Take the numbers out of English words, which leaves the key of the tables.

    >>> message("20 steps from (1, 1.5)")
    ('{0} steps from ({1}, {2})', ['20', '1', '1.5'])
    """
    numbers: list[str] = []

    def take(match: re.Match[str]) -> str:
        numbers.append(match[0])
        return f"{{{len(numbers) - 1}}}"

    return _NUMBER.sub(take, words), numbers


def say(words: str) -> str:
    """Return English words in the language that is spoken; as they are where its table has not got them.

    >>> with speaking("de"):
    ...     say("20 steps from (1, 1.5)")
    '20 Schritte ab (1; 1,5)'
    """
    language = _spoken.get()
    if language == "en" or not words:
        return words
    key, numbers = message(words)
    found = table(language).get(key)
    return words if found is None else found.format(*map(number, numbers))


def number(text: str) -> str:
    """Write a number as the language does: 0,5 for 0.5 where that has a comma.

    >>> with speaking("fr"):
    ...     number("0.5")
    '0,5'
    """
    return text.replace(".", ",") if _spoken.get() in _COMMA else text


def decimal_comma() -> bool:
    """Say whether the language that is spoken has a comma in its numbers."""
    return _spoken.get() in _COMMA


@cache
def table(language: str) -> dict[str, str]:
    """Return a language's words by the English ones, both with {0}, {1} and so on for their numbers."""
    text = files(__package__).joinpath(f"words_{language}.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text))
