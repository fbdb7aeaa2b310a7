"""Texts and paths as the languages of documents take them: nothing in a text can be read as markup."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

from ...surfaces.errors import DescentError

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",  # which every encoding of fonts has
    "`": r"\textasciigrave{}",
    **{each: f"\\{each}" for each in "#$%&_{}"},
}
_LATEX_NAMES = set('\\~^#%{}"$&`')  # what a file's name must not have in LaTeX


def one_line(text: str) -> str:
    """Join lines, and make every stretch of white space one space."""
    return " ".join(text.split())


def html(text: str) -> str:
    """Escape a text for HTML, and for an attribute in quotes.

    >>> html('a < b & "c"')
    'a &lt; b &amp; &quot;c&quot;'
    """
    return escape(one_line(text), quote=True)


def url(path: str) -> str:
    """Write a path as a relative address, which is safe in HTML attributes and in Markdown.

    >>> url("my figures/50%.gif")
    'my%20figures/50%25.gif'
    """
    return quote(path, safe="/~")


def markdown(text: str) -> str:
    r"""Escape a text for CommonMark and its relatives, formulas and citations included.

    >>> markdown("x**2 [1] $y_1$")
    'x\\*\\*2 \\[1\\] \\$y\\_1\\$'
    """
    text = re.sub(r"([\\`*_{}\[\]<>#~|$&^@!])", r"\\\1", one_line(text))
    text = re.sub(r"^([-+%=:])", r"\\\1", text)  # a list, a comment, an underline, a fence
    return re.sub(r"^(\d+)([.)])(?= )", r"\1\\\2", text)


def quoted(text: str) -> str:
    r"""Escape a text and put it in double quotes, for Pandoc's attributes, MyST's options, Typst's strings.

    >>> print(quoted('a "b" \\ c'))
    "a \"b\" \\ c"
    """
    return '"' + one_line(text).replace("\\", r"\\").replace('"', r"\"") + '"'


def rst(text: str) -> str:
    r"""Escape a paragraph for reStructuredText.

    >>> rst("x**2 and `y`_")
    'x\\*\\*2 and \\`y\\`\\_'
    """
    text = re.sub(r"([\\`*_|@])", r"\\\1", one_line(text)).replace("::", r":\:")
    opening = re.match(r"[^\w\s\\]|(\w+|#)[.)]\s", text)  # a list, a comment, a field, a title
    return f"\\{text}" if opening else text


def rst_path(path: str) -> str:
    """Escape a path for the argument of a directive, which drops white space otherwise."""
    return re.sub(r"([\\\s])", r"\\\1", path)


def latex(text: str) -> str:
    r"""Escape a text for LaTeX.

    >>> latex("50 % of x_1")
    '50 \\% of x\\_1'
    """
    return "".join(_LATEX.get(each, each) for each in one_line(text))


def latex_path(path: str) -> str:
    """Return a path that LaTeX can read.

    Raises:
        DescentError: It has a character that LaTeX cannot take in the name of a file.
    """
    if odd := sorted(_LATEX_NAMES & set(path)):
        raise DescentError(
            f"LaTeX cannot read a file with {odd[0]} in its name: {path!r}; write it as another"
        )
    return path
