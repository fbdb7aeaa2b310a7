"""Every option of the commands, once, with its help."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..surfaces.catalogue import CATALOGUE, DATA, NETWORKS, PROBLEMS
from ..trajectories.regression.tolerances import PRESETS
from ..trajectories.specs.tables import OPTIMIZERS, WRAPPERS
from ..viz.documents.snippet import EMBEDS
from ..viz.files.formats import FORMATS
from ..viz.files.places import PLACES
from ..viz.scenes.wishes import OF_RECORDINGS, WISHES
from .types import Names, Numbers, option

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..trajectories.experiments.budget import Budget


FILE = click.Path(path_type=Path)
DEFAULT_FOLDER = Path("outputs")


def _from_here(ctx: click.Context, _: click.Parameter, value: Any) -> Any:
    """Let package.module:function name a file in the current folder, while a command that takes one runs.

    Only there, because the user typed the name: what a file's recipe names must never be looked for beside
    that file. Last on the path, so that it shadows nothing.
    """
    sys.path.append("")
    ctx.call_on_close(lambda: sys.path.remove(""))
    return value


_TARGET = Names("TARGET", {**CATALOGUE, **NETWORKS, **PROBLEMS})
_SPEC = Names("SPEC", OPTIMIZERS | WRAPPERS)
OPTIONS: dict[str, Callable[[Any], Any]] = {
    "target": click.argument("target", type=_TARGET, callback=_from_here),
    "tested": click.argument("optimizer", metavar="PACKAGE.CLASS|PACKAGE", callback=_from_here),
    "diagnosed": click.argument(
        "optimizers", metavar="OPTIMIZER...", type=_SPEC, nargs=-1, required=True, callback=_from_here
    ),
    "optimizers": click.option(
        *("-o", "--optimizer", "optimizers"),
        multiple=True,
        type=_SPEC,
        help="An optimizer, as adam:lr=0.1,betas=0.9/0.99 or sgd:lr=0.1@step:step_size=30; "
        "repeat to compare. Without it: SGD, Adam and RMSprop at rates that suit the target.",
    ),
    "lr": click.option("--lr", type=Numbers("A,B,C"), help="Learning rates to run every optimizer with."),
    "steps": option("--steps", type=int, help="Updates of each run; networks count epochs.  [default: 200]"),
    "start": option(
        "--start", type=Numbers("X,Y"), help="Where runs begin; in n dimensions 1, 2 or n numbers."
    ),
    "seed": option(
        "--seed", type=int, default=0, help="Seed of the noise; of networks: split, weights, batches."
    ),
    "seeds": option("--seeds", type=int, default=1, help="So many runs each, with different noise."),
    "memory": option("--memory", default="2GB", metavar="SIZE", help="The most memory a batch may take."),
    "disk": option("--disk", default="4GB", metavar="SIZE", help="The most a file for a while may take."),
    "noise": option("--noise", type=float, default=0.0, metavar="SIGMA", help="Standard deviation of it."),
    "stop_at": option("--stop-at", type=float, metavar="TOL", help="End runs at this gradient norm."),
    "device": option("--device", default="cpu", metavar="D", help="cpu, cuda, cuda:N, mps or auto."),
    "dtype": option(
        "--dtype", metavar="TYPE", help="float64 (default; float32 on mps, for networks) or float32."
    ),
    "view": option("--view", type=Numbers("X0,X1,Y0,Y1", 4, 2), help="The part of the surface to show."),
    "data": option(
        "--data",
        type=Names("DATA", DATA),
        help="What a network learns: a name, FILE.npz, FILE.csv:target=COLUMN, module:function.",
    ),
    "data_dir": option("--data-dir", metavar="FOLDER", help="Where the files of mnist are."),
    "epochs": option(
        "--epochs",
        type=int,
        help="Passes over the training data.  [default: 20, or 60 with --batch-size all]",
    ),
    "batch_size": option(
        "--batch-size", metavar="N", help="Samples a step, or all.  [default: 32; linear, logistic: all]"
    ),
    "loss": option(
        "--loss",
        metavar="NAME",
        help="cross_entropy, mse, huber, l1 or another loss of torch.nn by its class.",
    ),
    "val": option("--val", type=float, help="Share of the data for validation.  [default: 0.2]"),
    "test": option("--test", type=float, help="Share for the test at the end.  [default: 0.2]"),
    "patience": option("--patience", type=int, help="Stop after so many epochs without a better validation."),
    "plane": option(
        "--plane", help="pca, random, hessian or ends.  [default: pca; the weights where there are two]"
    ),
    "field_of": option(
        "--field-of",
        metavar="WHAT",
        help="Heights on the plane: train, val, metric; or several, as train,val.",
    ),
    "schedule_per": option("--schedule-per", metavar="UNIT", help="Schedules step per epoch or batch."),
    "snapshots": option("--snapshots", type=int, help="Steps kept at most.  [default: 200]"),
    "layer": option("--layer", metavar="NAME", help="Whose gradients the panel hinton shows."),
    "sharpness": option(
        "--sharpness",
        is_flag=True,
        default=None,  # a surface has none, whatever is asked for
        help="Also work out the largest curvature along the path.",
    ),
    "rising": option(
        "--rising",
        metavar="A:B",
        help="Let the rate rise from A to B within each run, by the same factor each step.",
    ),
    "outs": click.option(
        *("--out", "outs"),
        multiple=True,
        type=click.Path(),
        metavar="FILE",
        help=f"A picture to write; the suffix chooses the format ({', '.join(FORMATS)}); "
        "frames/ makes numbered files. Repeat for several.",
    ),
    "alt": click.option("--alt", is_flag=True, help="Print the picture in words, in place of the table."),
    "embed": option(
        "--embed", metavar="KIND", help=f"Print what puts it into a page: {', '.join(EMBEDS)}; no table."
    ),
    "accessible": click.option(
        "--accessible",
        is_flag=True,
        help="Move for at most 5 s, play once, and print words for key frames and a table of numbers.",
    ),
    "place": click.option(
        *("--for", "place"),
        type=Names("PLACE", PLACES),
        help=f"Suit a place and check the files: {', '.join(PLACES)}.",
    ),
    "tolerance": option(
        "--tolerance",
        default="same-dtype",
        metavar="PRESET",
        help=f"By what changed: {', '.join(PRESETS)}.",
    ),
    "imports": click.option(
        *("--allow-imports", "imports"),
        is_flag=True,
        help="Import and read what a recipe names that is not descent's own or torch.optim's; this runs its "
        "code. The current folder is searched with PYTHONPATH=. only.",
    ),
    "most": option("--memory", "most", default="1GB", metavar="SIZE", help="The most a recipe may need."),
    "yes": click.option("--yes", is_flag=True, help="Run recipes that take long, too."),
    "as_json": click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table."),
}


RUN = ("target", "optimizers", "lr", "steps", "start", "seed", "noise", "stop_at", "device", "dtype", "view")
NETWORK_OPTIONS = (
    "data",
    "data_dir",
    "epochs",
    "batch_size",
    "loss",
    "val",
    "test",
    "patience",
    "plane",
    "field_of",
    *("schedule_per", "snapshots", "layer", "sharpness", "rising"),
)

SWEPT = ("data", "data_dir", "epochs", "batch_size", "loss", "val", "test", "schedule_per")  # by sweeps


OPTIONS |= {
    name: option(each.flag, is_flag=True, default=each.default, help=each.help)
    if each.kind is bool and "/" not in each.flag
    else option(each.flag, type=each.kind, default=each.default, metavar=each.metavar, help=each.help)
    for name, each in WISHES.items()
}


SHARED_LOOK = tuple(name for name in WISHES if name not in OF_RECORDINGS)
FROM_FILES = ("imports", "most", "yes")
WRITTEN = ("outs", "alt", "embed", "accessible", "place", "as_json")


def takes(*names: str) -> Callable[[Any], Any]:
    """Give a command the options of these names."""

    def add(command: Any) -> Any:
        for name in reversed(names):
            command = OPTIONS[name](command)
        return command

    return add


def budget_of(imports: bool, most: str, yes: bool) -> Budget:
    """Return what the recipe of a file may do, as the options of FROM_FILES say."""
    from ..trajectories.arguments import parse_memory
    from ..trajectories.experiments.budget import SECONDS, Budget

    return Budget(imports, parse_memory(most), math.inf if yes else SECONDS)


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Leave out the options that were not given."""
    return {name: value for name, value in options.items() if value is not None}


def named_looks(look: dict[str, Any]) -> list[str]:
    """Return the looks that stand on the command line."""
    source = click.get_current_context().get_parameter_source
    return [name for name in look if source(name) == ParameterSource.COMMANDLINE]
