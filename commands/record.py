"""The commands that run optimizers and draw or keep what they did: compare, record, demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..surfaces.catalogue import NETWORK, PROBLEM
from ..surfaces.errors import DescentError, check_suffix
from ..viz.scenes.panel_table import parse_panels
from ..viz.scenes.wishes import WISHES
from .options import DEFAULT_FOLDER, FILE, NETWORK_OPTIONS, RUN, WRITTEN, takes
from .output import check_look, check_stops, draw, print_report, split
from .runs import planned, run_plan, to_be_tuned, tune

if TYPE_CHECKING:
    from pathlib import Path

    from ..surfaces.surface import Surface


@click.command()
@takes(*RUN, *NETWORK_OPTIONS, *WISHES, *WRITTEN)
@click.option("--save", type=FILE, metavar="FILE.npz", help="Save the recording as well.")
@click.option("--tuned", is_flag=True, help="Give each optimizer the best of 25 rates, with equal budgets.")
def compare(target: str, save: Path | None, tuned: bool, **options: Any) -> None:
    """Run optimizers on TARGET and draw their paths.

    Writes outputs/TARGET.gif when neither --out nor --save names a file. TARGET is a surface
    (`descent list surfaces`), with options as in quadratic:condition=100, a formula as in
    'expr:(1-x)**2 + 100*(y-x**2)**2', or package.module:function; or a network
    (`descent list networks`) as in mlp:hidden=16/16, or package.module:Class; or a problem of many
    parameters (`descent list problems`) as in factorization:rank=3, or a surface in n dimensions as in
    rosenbrock:dim=10.
    """
    run, look, written = split(options)
    written.start(target, look, draws=save is None)
    if save is not None:
        check_suffix(save, [".npz"])
    if "line" in parse_panels(look["panels"] or "") and run["plane"] != "ends":
        raise DescentError("the panel 'line' shows losses between two ends; it needs --plane ends")
    subject: str | Surface = target
    if tuned:
        from ..surfaces.problems.resolve import is_problem
        from ..trajectories.experiments.plan import kind_of

        subject = to_be_tuned(target, run)
        named = PROBLEM if is_problem(subject) else NETWORK
        check_look(look, written.outs, named if isinstance(subject, str) else kind_of(subject))
        run |= tune(subject, run)
    plan = planned(subject, run)
    check_look(look, written.outs, plan.kind)
    if plan.kind != NETWORK:
        check_stops(look["stops"], run["steps"])
    recording = run_plan(plan)
    saved = [] if save is None else [recording.save(save)]
    written.finish(recording, look, saved)


@click.command()
@takes(*RUN, *NETWORK_OPTIONS, "as_json")
@click.option("--out", type=FILE, metavar="FILE.npz", required=True, help="The recording.")
def record(target: str, out: Path, as_json: bool, **options: Any) -> None:
    """Run optimizers on TARGET and save the recording, to be drawn later in any style."""
    check_suffix(out, [".npz"])
    recording = run_plan(planned(target, split(options)[0]))
    print_report(recording, [recording.save(out)], as_json)


@click.command()
@takes("theme", "size", "outs")
def demo(outs: tuple[str, ...], **look: Any) -> None:
    """Render one animation, to see what this is about."""
    from ..trajectories.results.whole_files import unused

    check_look(look, outs)
    specs = ("sgd:lr=0.01", "sgd:lr=0.004,momentum=0.9", "rmsprop:lr=0.05", "adam:lr=0.3")
    recording = run_plan(planned("beale", {"optimizers": specs, "start": (1.0, 1.5), "steps": 150}))
    print_report(
        recording,
        draw(recording, outs or (str(unused(DEFAULT_FOLDER, "demo", ".gif")),), look),
        as_json=False,
    )
