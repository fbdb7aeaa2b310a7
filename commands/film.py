"""The command that starts from checkpoints: film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..surfaces.catalogue import NETWORK
from ..surfaces.errors import DescentError, check_suffix
from ..viz.scenes.wishes import WISHES
from .options import FILE, WRITTEN, given, takes
from .output import say_notes, split
from .runs import prints_aside
from .types import as_view

if TYPE_CHECKING:
    from pathlib import Path

    from ..trajectories.results.recording import Recording


@click.command()
@click.argument("folder", type=FILE)
@click.option(
    "--model",
    metavar="MODULE:CLASS",
    required=True,
    help="What was trained: package.module:Class, or a function that gives it; called without arguments.",
)
@click.option(
    "--data",
    metavar="DATA",
    help="What the losses are of: FILE.npz, FILE.csv:target=COLUMN, module:function. Nothing is scaled.",
)
@takes("loss", "plane", "snapshots", "memory", "disk", "layer", "view", "sharpness")
@click.option(
    "--fields",
    "named",
    multiple=True,
    metavar="NAME=WHAT",
    help="Another field beside the loss: data as --data, or module:function of (module, batch). Repeat it.",
)
@click.option("--eval", "evaluated", is_flag=True, help="Batch norm takes each checkpoint's own statistics.")
@takes(*WISHES, *WRITTEN)
@click.option("--save", type=FILE, metavar="FILE.npz", help="Save the recording as well.")
def film(
    folder: Path, model: str, evaluated: bool, save: Path | None, named: tuple[str, ...], **options: Any
) -> None:
    """Draw the way that the checkpoints in FOLDER went, on a plane through the weights.

    Writes outputs/FOLDER.gif when neither --out nor --save names a file. Files end in .pt, .pth, .ckpt, .bin
    or .safetensors, and hold a state_dict or a dict with one; they are read as plain data and nothing in them
    is run. The numbers in their names tell their order.
    """
    asked, look, written = split(options)
    written.start(folder.resolve().name, look, NETWORK, draws=save is None)
    if save is not None:
        check_suffix(save, [".npz"])
    recording = _developed(folder, model, evaluated, asked | {"fields": _fields(named)})
    written.finish(recording, look, [] if save is None else [recording.save(save)])


def _fields(named: tuple[str, ...]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for each in named:
        name, equals, what = (part.strip() for part in each.partition("="))
        if not (equals and name and what):
            raise DescentError(f"a field is written NAME=WHAT, not {each!r}")
        if name in found:
            raise DescentError(f"the field {name!r} is named twice")
        found[name] = what
    return found or None


@prints_aside()
def _developed(folder: Path, model: str, evaluated: bool, asked: dict[str, Any]) -> Recording:
    from ..surfaces.networks.resolve import get_module
    from ..trajectories.training.checkpoints import developed

    module = get_module(model)
    if evaluated:
        module.eval()
    settings = {
        "data": None,
        "loss": None,
        "losses": None,
        "snapshots": 200,
        "plane": "auto",
        "layer": "",
        "resolution": None,
    }
    made, notes = developed(
        module, folder, **settings | given(asked | {"view": None}) | {"view": as_view(asked["view"])}
    )
    say_notes(notes)
    return made
