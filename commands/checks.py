"""The commands that ask whether all is well: diff, check and test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..surfaces.errors import DescentError
from ..viz.scenes.subjects import SUBJECTS
from .options import FILE, FROM_FILES, budget_of, takes
from .output import check_look, print_report, progress_bar
from .runs import prints_aside

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.argument("expected", type=FILE)
@click.argument("found", type=FILE)
@takes("tolerance", "theme", "size")
@click.option("--out", type=FILE, metavar="FILE", help="A picture of both paths: .png, .svg or .pdf.")
@takes("as_json")
@click.pass_context
def diff(
    ctx: click.Context,
    expected: Path,
    found: Path,
    tolerance: str,
    theme: str,
    size: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Compare two recordings: the first step that differs, what differs first there, and how it grew.

    The exit code is 0 when they are the same within the tolerance, 1 when they differ, and 2 when they
    cannot be compared.
    """
    from ..trajectories.regression.difference import compare as compared
    from ..trajectories.regression.tolerances import tolerance as allowed
    from ..trajectories.results.recording import load

    allowed(tolerance)
    if out is not None:
        check_look({"theme": theme, "size": size}, (str(out),), moves=False)
    one, other = load(expected), load(found)
    differs = compared(one, other, allowed(tolerance, one.recipe.dtype))
    files = []
    if out is not None:
        from ..viz.animation import picture

        files.append(picture(one, other, differs, theme=theme, size=size).save(out))
    print_report(differs, files, as_json, SUBJECTS["difference"].report)
    ctx.exit(0 if differs.same else 1)


@click.command()
@click.argument("folder", type=FILE)
@takes("tolerance")
@click.option("--regen", is_flag=True, help="Write those that differ anew.")
@click.option(
    *("--against", "python"),
    metavar="PYTHON",
    help="Run them by this Python, of an environment with another torch, and report by optimizer.",
)
@takes(*FROM_FILES, "as_json")
@click.pass_context
def check(
    ctx: click.Context,
    /,
    folder: Path,
    tolerance: str,
    regen: bool,
    python: str | None,
    as_json: bool,
    **allowed: Any,
) -> None:
    """Run the recipe of every recording in FOLDER again with the torch installed here, and report drift.

    With --against they are run by another Python, such as other/bin/python, with the torch that is there;
    NumPy is all else that it needs. The exit code is 0 when all are the same within the tolerance, and 1
    when one differs or cannot be run.
    """
    from ..trajectories.testing import drift

    if python is not None:
        if regen:
            raise DescentError("--regen writes what the torch installed here makes; leave out --against")
        elsewhere = drift.against(folder, python, preset=tolerance, budget=budget_of(**allowed))
        print_report(elsewhere, [], as_json, "testing.drift")
        ctx.exit(0 if elsewhere.same else 1)
    with prints_aside(), progress_bar("checking") as progress:
        found = drift.drift(
            folder, preset=tolerance, regen=regen, budget=budget_of(**allowed), progress=progress
        )
    print_report(found, [], as_json, "testing.drift")
    ctx.exit(0 if all(each.same for each in found) else 1)


@click.command()
@takes("tested")
@click.option("--lr", type=float, metavar="RATE", help="The learning rate. [default: the class's own]")
@click.option("--reference", metavar="PACKAGE.CLASS", help="What it is compared with, as torch.optim.Adam.")
@click.option("--report", type=FILE, metavar="FILE", help="Write a report: .md, or .html with a heat map.")
@takes("as_json")
@click.pass_context
def test(
    ctx: click.Context,
    optimizer: str,
    lr: float | None,
    reference: str | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Run the checks that hold for every optimizer over a class, or over all that a package makes public.

    With --reference a class is also compared with another one, over surfaces, shapes and options. The exit
    code is 0 when nothing is found, 1 when something is, and 2 when the class cannot be found.
    """
    from ..surfaces.errors import check_suffix
    from ..trajectories.testing import candidates, conformance

    if report is not None:
        check_suffix(report, [".md", ".html"])
    options = {} if lr is None else {"lr": lr}
    with prints_aside():
        other = None if reference is None else candidates.classes_of(reference)[0]
        table = [
            candidates.Candidate(each, options, reference=other) for each in candidates.classes_of(optimizer)
        ]
        with progress_bar("testing") as progress:
            found = conformance.conformance(table, progress)
    files = [] if report is None else [found.save(report)]
    print_report(found, files, as_json, "testing.conformance")
    ctx.exit(0 if found.sound else 1)
