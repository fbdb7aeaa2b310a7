"""From a recipe back to the command that makes its picture; loads neither torch nor a drawing library."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..surfaces.errors import DescentError, NotPossibleError, unknown
from ..trajectories.experiments.record import GRID
from ..trajectories.experiments.rerun import read_recipe
from ..trajectories.results.header_values import get
from ..trajectories.results.rerunnable import check_named, check_target
from ..viz.scenes.wishes import WISHES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..trajectories.results.network_runs import TrainingRecipe

_SURFACE_DTYPE, _NETWORK_DTYPE = "float64", "float32"  # on a CPU, where none is named
_STARTS = 256  # along each side of a basin map, where no number is given
_NEAR = 1e-3  # how near to a minimum counts as there in a sweep, where nothing is said
_SHARES, _SNAPSHOTS = 0.2, 200
_OF_SHOW = ("theme", "size", "heights")  # the looks that the command for a bare surface takes


class Command(NamedTuple):
    """A line for a shell, and what it cannot say."""

    line: str
    notes: tuple[str, ...]  # sentences about what the line leaves out; empty when it makes the same picture


def command(kind: str, recipe: dict[str, Any], look: dict[str, Any], out: str | Path) -> Command:
    """Return the command that makes a picture, with only those options that are not the defaults.

    Args:
        kind: What is shown: "recording", "sweep" or "basins".
        recipe: What the picture carries about its subject.
        look: What it carries about its look: the wishes of `descent.animate` that are not the defaults.
        out: The file to write: a picture, or the recording itself.

    Raises:
        NotPossibleError: The recipe is not whole, or names objects of Python, or there is no such command.
        DescentError: An unknown kind.

    >>> recipe = {"target": "himmelblau", "specs": ["adam:lr=0.1"], "grid": 64, "steps": 100,
    ...     "tolerance": 0.1, "device": "cpu", "dtype": "float64", "view": [[-5, 5], [-5, 5]],
    ...     "methods": ["batched"], "versions": {}}
    >>> print(command("basins", recipe, {"theme": "dark"}, "m.png").line)
    descent basins himmelblau -o adam:lr=0.1 --starts 64 --steps 100 --view=-5,5,-5,5 --theme dark --out m.png
    """
    if kind == "difference":
        raise NotPossibleError(
            "a picture of a difference is made of two recordings; run `descent diff` on their files again"
        )
    if kind not in OF_KIND:
        raise unknown("kind of picture", kind, OF_KIND)
    notes: list[str] = []
    try:
        words = OF_KIND[kind](recipe, notes)
    except NotPossibleError:
        raise
    except (DescentError, KeyError, TypeError, ValueError, IndexError) as error:
        raise NotPossibleError(f"its recipe cannot be read: {error}") from error
    if words[0] == "compare" and Path(out).suffix.casefold() == ".npz":
        words[0] = "record"
    words += _look(look, words[0], notes)
    return Command(shlex.join(["descent", *words, *_named("--out", str(out))]), tuple(notes))


def _recording(plain: dict[str, Any], notes: list[str]) -> list[str]:
    recipe = read_recipe(plain)
    check_named(recipe)
    if not recipe.specs:
        return ["show", recipe.target, *_view(recipe.view)]
    words = ["compare", recipe.target, *_specs(recipe.specs)]
    if recipe.training is None:
        words += [*_named("--start", _numbers(recipe.start)), *_named("--steps", recipe.steps)]
        words += _unless("--noise", recipe.noise, 0.0)
        words += _unless("--stop-at", recipe.stop_at, None)
    else:
        words += _training(recipe.training)
    words += _unless("--seed", recipe.seed, 0)
    words += _machine(recipe.device, recipe.dtype, network=recipe.training is not None)
    words += _view(recipe.view)
    if recipe.training is None:
        notes += _heights(recipe.grid)
    if recipe.protocol:
        notes.append(f"The picture will not say that {recipe.protocol}.")
    return words


def _training(recipe: TrainingRecipe) -> list[str]:
    """Return the options of networks; those whose defaults depend on target and data are always named."""
    words = [
        *_named("--data", recipe.data),
        *_named("--epochs", recipe.epochs),
        *_named("--batch-size", recipe.batch_size),
        *_named("--loss", recipe.loss),
        *_named("--plane", recipe.plane) * (recipe.plane != "auto"),
    ]
    defaults: dict[str, Any] = {
        "val": _SHARES,
        "test": _SHARES,
        "patience": None,
        "field_of": "train",
        "snapshots": _SNAPSHOTS,
        "layer": "",
        "schedule_per": "",
        "data_dir": "",
    }
    for name, default in defaults.items():
        words += _unless(f"--{name.replace('_', '-')}", getattr(recipe, name), default)
    return words


def _sweep(recipe: dict[str, Any], notes: list[str]) -> list[str]:
    check_target(get(recipe, "target", str))
    if recipe["tolerance"] != _NEAR:
        notes.append(
            f"Only `descent.sweep` in Python takes the tolerance {recipe['tolerance']:g}; "
            f"the command has {_NEAR:g}."
        )
    notes += _heights(recipe["grid"])
    return [
        *("sweep", recipe["target"], *_specs(recipe["specs"])),
        *_named("--lr", _rates(recipe["rates"])),
        *_named("--start", _numbers(recipe["start"])),
        *_named("--steps", recipe["steps"]),
        *_unless("--seed", recipe["seeds"][0], 0),
        *_unless("--seeds", len(recipe["seeds"]), 1),
        *_unless("--noise", recipe["noise"], 0.0),
        *_machine(recipe["device"], recipe["dtype"]),
        *_view(recipe["view"]),
    ]


def _basins(recipe: dict[str, Any], notes: list[str]) -> list[str]:
    check_target(get(recipe, "target", str))
    usual = min(high - low for low, high in recipe["view"]) / 100
    if recipe["tolerance"] != usual:
        notes.append(
            f"Only `descent.basins` in Python takes the tolerance {recipe['tolerance']:g}; "
            "the command has the one that suits the surface."
        )
    return [
        *("basins", recipe["target"], *_specs(recipe["specs"])),
        *_unless("--starts", recipe["grid"], _STARTS),
        *_named("--steps", recipe["steps"]),
        *_machine(recipe["device"], recipe["dtype"]),
        *_view(recipe["view"]),
    ]


OF_KIND: dict[str, Callable[[dict[str, Any], list[str]], list[str]]] = {
    "recording": _recording,
    "sweep": _sweep,
    "basins": _basins,
}


def _look(look: dict[str, Any], command: str, notes: list[str]) -> list[str]:
    """Return the options of a picture's look; what no option can say becomes a note."""
    words: list[str] = []
    for name, value in look.items():
        if name not in WISHES:
            notes.append(f"The look {name!r} is not known here; a newer descent-viz made the picture.")
        elif isinstance(value, dict):
            notes.append(
                f"The {name} was made from a style sheet or in Python; the line leaves it out, and "
                "`descent again` draws with it."
            )
        elif command == "show" and name not in _OF_SHOW:
            notes.append(f"`descent show` has no option {WISHES[name].flag}; the line leaves it out.")
        elif isinstance(value, bool):
            on, _, off = WISHES[name].flag.partition("/")
            words += filter(None, [on if value else off])
        elif isinstance(value, list):
            between = "x" if name == "size" else ","
            words += _named(WISHES[name].flag, between.join(map(_text, value)))
        else:
            words += _named(WISHES[name].flag, value)
    return words


def _specs(specs: Iterable[str]) -> list[str]:
    return [word for spec in specs for word in ("-o", spec)]


def _machine(device: str, dtype: str, *, network: bool = False) -> list[str]:
    single = network or device.startswith("mps")
    return [
        *_unless("--device", device, "cpu"),
        *_unless("--dtype", dtype, _NETWORK_DTYPE if single else _SURFACE_DTYPE),
    ]


def _view(view: Iterable[Iterable[float]]) -> list[str]:
    return _named("--view", _numbers(value for side in view for value in side))


def _rates(rates: list[float]) -> str:
    """Write rates as a range where that gives the very same numbers, else as a list."""
    from ..trajectories.specs.rates import parse_rates

    if len(rates) > 2:
        short = f"{_text(rates[0])}:{_text(rates[-1])}:{len(rates)}"
        if list(parse_rates(short)) == rates:
            return short
    return _numbers(rates)


def _heights(grid: Iterable[int]) -> list[str]:
    """Say how finely heights were sampled, where the command samples others: in no sentence or in one."""
    width, height = grid
    if (width, height) in (GRID, (GRID[0], 1)):
        return []
    return [f"Heights were sampled on {width} x {height} points; the command takes {GRID[0]} x {GRID[1]}."]


def _unless(option: str, value: Any, default: Any) -> list[str]:
    return [] if value == default else _named(option, value)


def _named(option: str, value: Any) -> list[str]:
    """Return an option with its value, as one word where the value would be taken for an option."""
    text = _text(value)
    return [f"{option}={text}"] if text.startswith("-") else [option, text]


def _numbers(values: Iterable[float]) -> str:
    return ",".join(map(_text, values))


def _text(value: Any) -> str:
    """Write a value so that it is read back as the very same."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
