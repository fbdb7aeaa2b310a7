"""Text from files as a terminal may show it: nothing in it moves the cursor or turns a line round."""

from __future__ import annotations

import shlex
import unicodedata

# Categories of characters that no terminal should get raw: controls, formats (with all bidirectional ones),
# surrogates, private ones and unassigned ones, and what separates lines and paragraphs.
_BITS = 300  # of a whole number that a sentence writes out
_RAW = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def escaped(text: str, keep: str = "") -> str:
    r"""Write every character that a terminal could act on by its number, as Python does.

    Args:
        text: Any text.
        keep: Characters to leave as they are, such as ``"\n"``.

    >>> escaped("a\x1b[31mb\u202ec")
    'a\\x1b[31mb\\u202ec'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        each if each in keep or unicodedata.category(each) not in _RAW else _number(each) for each in text
    )


def _number(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quoted(word: str) -> str:
    r"""Write a word for a shell, which reads the same word again; nothing in it acts on a terminal.

    Words with such characters are written as bash and zsh read them, with numbers.

    >>> print(quoted("a b"), quoted("a\x1b'\\"), quoted("e\u202e"))
    'a b' $'a\x1b\'\\' $'e\u202e'
    """
    if escaped(word) == word:
        return shlex.quote(word)
    return f"$'{''.join(map(_for_shell, word))}'"


def _for_shell(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    raw = escaped(character)
    # A shell takes \x85 for a byte, and \u0085 for a character.
    return f"\\u00{raw[2:]}" if raw.startswith("\\x") and character >= "\x80" else raw


def shown_path(path: object) -> str:
    """Return a path as sentences write it, safe for a terminal."""
    return escaped(str(path))


def shown(text: str, most: int = 60) -> str:
    r"""Return a text in quotes, shortened where it is long, safe for a terminal.

    >>> shown("a" * 100, most=10), shown("b\x07")
    ("'aaaaaaa...'", "'b\\x07'")
    """
    short = text if len(text) <= most else f"{text[: most - 3]}..."
    return f"'{escaped(short)}'"


def shown_value(value: object, most: int = 60) -> str:
    r"""Return any value as sentences show it: short, safe for a terminal, and never an error.

    >>> shown_value(1.5), shown_value("\x07"), shown_value(10**5000)
    ('1.5', "'\\x07'", 'a whole number of 16610 bits')
    """
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > _BITS:
        return f"a whole number of {value.bit_length()} bits"
    try:
        text = " ".join(repr(value).split())
    except Exception:  # somebody's own class, or a number of thousands of digits within
        text = f"a {type(value).__name__}"
    return escaped(text if len(text) <= most else f"{text[: most - 3]}...")
