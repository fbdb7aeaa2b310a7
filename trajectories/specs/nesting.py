"""One optimizer inside another, as text: ``package.SAM(sgd:lr=0.1,momentum=0.9):rho=0.05``."""

from __future__ import annotations

from itertools import accumulate

from ...surfaces.errors import DescentError
from ...surfaces.text import shown_value

MOST = 4  # optimizers that go around one another, the innermost included


def taken_apart(text: str) -> tuple[str, str | None]:
    """Take the spec in parentheses out of a spec; None where there is none.

    Raises:
        DescentError: Parentheses that do not match, text behind them that is neither options nor a schedule,
            or more specs inside one another than anybody means.

    >>> taken_apart("SAM(sgd:lr=0.1,momentum=0.9):rho=0.05@cosine")
    ('SAM:rho=0.05@cosine', 'sgd:lr=0.1,momentum=0.9')
    >>> taken_apart("sgd:lr=0.1")
    ('sgd:lr=0.1', None)
    """
    name, bracket, rest = text.partition("(")
    if set(name) & set(":@"):  # what follows is of an option
        name, bracket, rest = text, "", ""
    if ")" in name:
        raise DescentError(f"optimizer {shown_value(text)} closes a parenthesis that it does not open")
    if not bracket:
        return text, None
    depths = list(accumulate(((letter == "(") - (letter == ")") for letter in rest), initial=1))[1:]
    if 0 not in depths:
        raise DescentError(
            f"optimizer {shown_value(text)} opens a parenthesis that it does not close; write one inside "
            "another as ema(sgd:lr=0.1):decay=0.9"
        )
    place = depths.index(0)
    if max(depths[:place], default=0) >= MOST:
        raise too_deep()
    after = rest[place + 1 :].strip()
    if after and after[0] not in ":@":
        raise DescentError(
            f"{shown_value(after)} in optimizer {shown_value(text)} follows a parenthesis; what may follow "
            "is :option=value or @schedule"
        )
    return name.strip() + after, rest[:place].strip()


def too_deep() -> DescentError:
    """Return the error for specs inside each other without end."""
    return DescentError(f"at most {MOST} optimizers go around one another in a spec")
