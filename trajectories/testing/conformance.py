"""The report about a table of optimizers: what each check found, as text, JSON, Markdown and HTML."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import check_suffix
from ..reports.text_table import aligned
from ..results.whole_files import writing
from .candidates import Candidate, Case, cases
from .soundness import DECLARED, LEFT_OUT, SOUND, UNSOUND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch.optim import Optimizer

    from .soundness import Finding

_MARKS = {SOUND: "ok", UNSOUND: "FAULT", DECLARED: "declared", LEFT_OUT: "-"}
_COLOURS = {SOUND: "#7fc4a0", UNSOUND: "#d9534f", DECLARED: "#e8c268", LEFT_OUT: "#d8d8d8"}


@dataclass(frozen=True, slots=True)
class Conformance:
    """What came of a table: rows are classes and variants, columns are checks."""

    findings: tuple[tuple[Case, Finding], ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults

    @property
    def faults(self) -> tuple[tuple[Case, Finding], ...]:
        """What was found."""
        return tuple(each for each in self.findings if each[1].state == UNSOUND)

    @property
    def rows(self) -> dict[str, dict[str, Finding]]:
        """The finding of each check by row."""
        found: dict[str, dict[str, Finding]] = {}
        for case, finding in self.findings:
            found.setdefault(case.row, {})[case.check] = finding
        return found

    @property
    def checks(self) -> list[str]:
        """The checks, in their order."""
        return list(dict.fromkeys(case.check for case, _ in self.findings))

    def __str__(self) -> str:
        return as_table(self)

    def save(self, path: str | Path) -> Path:
        """Write the report as Markdown (.md) or as a page with a heat map of classes by checks (.html).

        Raises:
            DescentError: Another suffix, or the file cannot be written.
        """
        path = Path(path)
        check_suffix(path, [".md", ".html"])
        text = as_html(self) if path.suffix == ".html" else as_markdown(self)
        with writing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
        return path


def conformance(
    table: Iterable[Candidate | Callable[..., Optimizer]],
    progress: Callable[[int, int], object] | None = None,
) -> Conformance:
    """Run every case of a table.

    Args:
        table: See `candidates.cases`.
        progress: Called with how many cases are done and how many there are.

    Raises:
        DescentError: See `candidates.cases`.
    """
    found = []
    of_table = cases(table)
    for number, case in enumerate(of_table, 1):
        found.append((case, case.run()))
        if progress is not None:
            progress(number, len(of_table))
    return Conformance(tuple(found))


def as_table(found: Conformance) -> str:
    """Return a line for each class and variant, and below it each fault in a line of its own."""
    lines = []
    for row, of_row in found.rows.items():
        count = [sum(each.state == state for each in of_row.values()) for state in _MARKS]
        lines.append((row, *map(str, count)))
    table = aligned(("optimizer", "sound", "faults", "declared", "left out"), lines, ("optimizer",))
    faults = [f"{case.row}: {finding}" for case, finding in found.faults]
    return "\n".join([table, *faults])


def as_json(found: Conformance) -> dict[str, Any]:
    """Return the findings as plain JSON values."""
    return {
        "sound": found.sound,
        "findings": [
            {
                "optimizer": case.row,
                "check": case.check,
                "state": finding.state,
                "words": finding.words,
                "step": finding.step,
                "quantity": finding.quantity,
            }
            for case, finding in found.findings
        ],
    }


def as_markdown(found: Conformance) -> str:
    """Return a table of checks by classes, and the words of what was found, declared and left out."""
    rows = found.rows
    lines = [
        f"| check | {' | '.join(rows)} |",
        f"|---|{'---|' * len(rows)}",
        *(
            f"| {check} | {' | '.join(_mark(of_row.get(check)) for of_row in rows.values())} |"
            for check in found.checks
        ),
    ]
    return "\n".join(["# Conformance", "", _head(found), "", *lines, "", *_details(found)]) + "\n"


def _head(found: Conformance) -> str:
    import platform

    import torch

    number = len(found.faults)
    said = "no faults" if not number else f"{number} fault{'s' if number > 1 else ''}"
    return f"{said}, torch {torch.__version__}, Python {platform.python_version()}, {platform.machine()}"


def _mark(finding: Finding | None) -> str:
    return "" if finding is None else _MARKS[finding.state]


def _details(found: Conformance) -> list[str]:
    lines = []
    for state, title in ((UNSOUND, "Faults"), (DECLARED, "Declared"), (LEFT_OUT, "Left out")):
        of_state = [
            f"- {case.row}, {finding.check}: {' '.join(finding.words.split())}"
            for case, finding in found.findings
            if finding.state == state
        ]
        lines += [f"## {title}", "", *of_state, ""] if of_state else []
    return lines


def as_html(found: Conformance) -> str:
    """Return a page by itself: a heat map of classes by checks, whose cells say what was found."""
    rows = found.rows
    head = "".join(f'<th scope="col"><span>{html.escape(check)}</span></th>' for check in found.checks)
    body = "\n".join(
        f'<tr><th scope="row">{html.escape(row)}</th>'
        + "".join(_cell(of_row.get(check)) for check in found.checks)
        + "</tr>"
        for row, of_row in rows.items()
    )
    details = "\n".join(
        f"<h2>{html.escape(line[3:])}</h2>" if line.startswith("## ") else f"<p>{html.escape(line[2:])}</p>"
        for line in _details(found)
        if line
    )
    return _PAGE.format(head=head, body=body, details=details, words=html.escape(_head(found)))


def _cell(finding: Finding | None) -> str:
    if finding is None:
        return "<td></td>"
    words = html.escape(finding.words or finding.state, quote=True)
    colour, mark = _COLOURS[finding.state], _MARKS[finding.state]
    return f'<td style="background-color:{colour}" title="{words}">{mark}</td>'


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Conformance</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1c1c1c; background: #fff }}
.wide {{ overflow-x: auto }}
.wide, table, tr {{ background: inherit }}
table {{ border-collapse: collapse }}
th[scope=row] {{ text-align: left; padding-right: 1rem; white-space: nowrap;
  position: sticky; left: 0; background: inherit }}
th[scope=col] {{ height: 9rem; vertical-align: bottom; font-weight: normal }}
th[scope=col] span {{ writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap }}
td {{ border: 1px solid transparent; background-clip: padding-box; padding: .2rem .3rem;
  text-align: center; font-size: .75rem; color: #111 }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e8e8e8; background: #16181d }} }}
</style></head><body>
<h1>Conformance</h1><p>{words}</p>
<div class="wide"><table><tr><th></th>{head}</tr>
{body}
</table></div>
{details}
</body></html>
"""
