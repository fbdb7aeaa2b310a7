"""The commands that tell what there is: show and list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..surfaces.catalogue import CATALOGUE, DATA, IN_N_DIMENSIONS, NETWORKS, PROBLEMS
from ..surfaces.errors import DescentError
from ..trajectories.specs.tables import OPTIMIZERS, SCHEDULES, WRAPPERS
from ..viz.documents.snippet import EMBEDS
from ..viz.files.formats import FORMATS
from ..viz.files.places import PLACES
from ..viz.scenes.arrow_kinds import ARROWS
from ..viz.scenes.panel_table import GRIDS, PANELS
from ..viz.style.themes import THEMES
from .options import given, named_looks, takes
from .output import check_look, draw, print_report, say, say_files, say_json, say_notes
from .runs import prints_aside
from .types import as_view

if TYPE_CHECKING:
    from collections.abc import Mapping


_LISTS: dict[str, Mapping[str, Any]] = {
    "surfaces": CATALOGUE,
    "networks": NETWORKS,
    "problems": PROBLEMS,
    "data": DATA,
    "optimizers": OPTIMIZERS | WRAPPERS,
    "schedules": SCHEDULES,
    "panels": PANELS,
    "grids": GRIDS,
    "arrows": ARROWS,
    "formats": FORMATS,
    "documents": EMBEDS,
    "places": PLACES,
    "themes": THEMES,
}


@click.command()
@takes("target", "view", "data", "data_dir", "theme", "size", "heights", "outs", "as_json")
def show(
    target: str,
    view: Any,
    data: str | None,
    data_dir: str | None,
    outs: tuple[str, ...],
    as_json: bool,
    **look: Any,
) -> None:
    """Print what is known about TARGET: a surface or a recording (drawn with --out), network or problem."""
    from ..surfaces.networks.resolve import is_network
    from ..surfaces.problems.resolve import is_problem
    from .unused_options import idle

    if is_problem(target):
        if outs:
            raise DescentError("a problem is drawn where optimizers run on it: by descent compare")
        if data is not None or data_dir is not None:
            raise DescentError(f"--data and --data-dir are for networks, and {target!r} is none")
        _show_problem(target, as_json)
        return
    if is_network(target):
        if outs:
            raise DescentError("a network is drawn where it is trained: by descent compare")
        _show_network(target, {"data": data, "data_dir": data_dir}, as_json)
        return
    if data is not None or data_dir is not None:
        raise DescentError(f"--data and --data-dir are for networks, and {target!r} is none")
    check_look(look, outs, moves=target.endswith(".npz"))
    say_notes(idle(() if outs else named_looks(look), outs))
    if target.endswith(".npz"):
        from ..trajectories.results.recording import load

        recording = load(target)
        print_report(recording, draw(recording, outs, look), as_json)
        return
    from ..surfaces.analytic.resolve import get
    from ..trajectories.experiments.bare_surface import survey
    from ..trajectories.reports.facts import as_text, facts

    with prints_aside():
        surface = get(target, view=as_view(view))
        known = facts(surface)
    if as_json:
        say_json(known)
    else:
        say(as_text(known))
    if outs:
        with prints_aside():
            files = draw(survey(surface), outs, look)
        say_files(files, err=as_json)


@click.command("list")
@click.argument("kind", type=click.Choice(list(_LISTS)))
@click.option("--package", metavar="NAME", help="Try every optimizer of this installed package.")
@takes("as_json")
def list_(kind: str, package: str | None, as_json: bool) -> None:
    """List the names that can be used, with a line about each.

    With --package, every optimizer of an installed package is tried on a bowl and on a matrix: whether it
    runs and at which rate, whether its updates are element-wise, its precision, whether it is evaluated at
    another point than it is trained at, and what it needs.
    """
    if package is not None:
        if kind != "optimizers":
            raise DescentError(f"--package is for optimizers, not for {kind}")
        _list_package(package, as_json)
        return
    lines = {name: entry if isinstance(entry, str) else entry.help for name, entry in _LISTS[kind].items()}
    if kind == "surfaces":
        lines |= {name: f"{lines[name]}; also with dim=N" for name in IN_N_DIMENSIONS}
    if as_json:
        say_json(lines)
        return
    width = max(map(len, lines))
    for name, words in lines.items():
        say(f"{name:<{width}}  {words}")


def _list_package(package: str, as_json: bool) -> None:
    from ..trajectories.experiments.zoo import try_package
    from ..trajectories.reports import zoo

    found = try_package(package)
    if as_json:
        say_json(zoo.as_json(found))
    else:
        say(zoo.as_table(found))


def _show_network(target: str, options: dict[str, Any], as_json: bool) -> None:
    from ..surfaces.networks.resolve import describe
    from ..trajectories.reports.facts import network_facts, network_text
    from ..trajectories.training.record_network import find_network

    with prints_aside():
        network = find_network(target, given(options), seed=0)  # type: ignore[arg-type]
        known = network_facts(network, describe(network))
    if as_json:
        say_json(known)
    else:
        say(network_text(known))


def _show_problem(target: str, as_json: bool) -> None:
    from ..surfaces.problems.problem import network_of
    from ..surfaces.problems.resolve import get_problem
    from ..trajectories.reports.facts import as_text, problem_facts

    problem = get_problem(target)
    parameters = network_of(problem, seed=0).module.named_parameters()
    known = problem_facts(problem, {name: tuple(each.shape) for name, each in parameters})
    if as_json:
        say_json(known)
    else:
        say(as_text(known))
