"""From a recipe back to the command that makes its picture; loads neither torch nor a drawing library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..surfaces.errors import DescentError, NotPossibleError
from ..surfaces.imports import own
from ..surfaces.text import quoted
from ..trajectories.experiments.rerun import read_recipe
from ..trajectories.results.foreign import MOST_SHOWN, foreign_look, foreign_names
from ..trajectories.results.header_values import box, get, number, pair, texts, whole
from ..trajectories.results.network_header import read_recipe as read_training
from ..trajectories.results.rerunnable import check_data, check_named, check_target
from ..viz.scenes.subjects import made_again
from ..viz.scenes.wishes import WISHES
from ..viz.style.themes import THEMES
from .line_words import (
    heights_note,
    machine_words,
    named,
    numbers,
    rates_text,
    specs_words,
    text,
    unknown_look,
    unless,
    view_words,
)

if TYPE_CHECKING:
    from ..trajectories.results.network_runs import TrainingRecipe

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
        kind: What is shown: a name in SUBJECTS.
        recipe: What the picture carries about its subject.
        look: What it carries about its look: the wishes of `descent.animate` that are not the defaults.
        out: The file to write: a picture, or the recording itself.

    Raises:
        NotPossibleError: The recipe is not whole, or names objects of Python, or there is no such command.
        DescentError: An unknown kind.

    >>> recipe = {"target": "himmelblau", "specs": ["adam:lr=0.1"], "starts": 64, "steps": 100,
    ...     "tolerance": 0.1, "device": "cpu", "dtype": "float64", "view": [[-5, 5], [-5, 5]],
    ...     "methods": ["batched"], "versions": {}}
    >>> print(command("basins", recipe, {"theme": "dark"}, "m.png").line)
    descent basins himmelblau -o adam:lr=0.1 --starts 64 --steps 100 --view=-5,5,-5,5 --theme dark --out m.png
    """
    entry = made_again(kind, line=True)
    notes: list[str] = []
    try:
        words = own("commands", entry.line)(recipe, notes)
    except NotPossibleError:
        raise
    except (DescentError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise NotPossibleError(f"its recipe cannot be read: {error}") from error
    if words[0] == "compare" and Path(out).suffix.casefold() == ".npz":
        words[0] = "record"
    words += _look(look, words[0], notes)
    return Command(" ".join(map(quoted, ["descent", *words, *named("--out", str(out))])), tuple(notes))


def names_note(recipe: dict[str, Any], look: dict[str, Any]) -> list[str]:
    """Say in one sentence what the line of a recipe would import and read, or nothing where that is nothing.

    The recipe is one of which `command` made a line.
    """
    training = recipe.get("training")
    data = (training["data"], training["data_dir"]) if training else ()
    found = foreign_names(recipe["target"], recipe["specs"], *data)
    found += foreign_look(look, THEMES)
    if not found:
        return []
    names = ", ".join(map(str, found[:MOST_SHOWN])) + (" and more" if len(found) > MOST_SHOWN else "")
    return [f"The line imports or reads what the file names: {names}; run it only if you trust who made it."]


def recording_line(plain: dict[str, Any], notes: list[str]) -> list[str]:
    """Return the words of the command that makes such a recording; see `command`."""
    recipe = read_recipe(plain)
    check_named(recipe)
    if not recipe.specs:
        return ["show", recipe.target, *view_words(recipe.view)]
    words = ["compare", recipe.target, *specs_words(recipe.specs)]
    if recipe.training is None:
        words += [*named("--start", numbers(recipe.start)), *named("--steps", recipe.steps)]
        words += unless("--noise", recipe.noise, 0.0)
        words += unless("--stop-at", recipe.stop_at, None)
    elif recipe.training.alone:
        words += _problem(recipe.training)
    else:
        words += _training(recipe.training)
    words += unless("--seed", recipe.seed, 0)
    network = recipe.training is not None and not recipe.training.alone
    words += machine_words(recipe.device, recipe.dtype, network=network)
    # With heights near the runs the view is the surface's own, which the command takes by itself.
    words += [] if recipe.near else view_words(recipe.view)
    if recipe.training is None:
        notes += heights_note(recipe.resolution)
    if recipe.protocol:
        notes.append(f"The picture will not say that {recipe.protocol}.")
    return words


def _problem(recipe: TrainingRecipe) -> list[str]:
    """Return the options of problems; how many steps there are is always named."""
    return [
        *named("--steps", recipe.epochs),
        *unless("--plane", recipe.plane, "auto"),
        *unless("--snapshots", recipe.snapshots, _SNAPSHOTS),
        *unless("--layer", recipe.layer, ""),
        *["--sharpness"] * recipe.sharpness,
    ]


def _training(recipe: TrainingRecipe) -> list[str]:
    """Return the options of networks; those whose defaults depend on target and data are always named."""
    words = [
        *named("--data", recipe.data),
        *named("--epochs", recipe.epochs),
        *named("--batch-size", recipe.batch_size),
        *named("--loss", recipe.loss),
        *named("--plane", recipe.plane) * (recipe.plane != "auto"),
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
        words += unless(f"--{name.replace('_', '-')}", getattr(recipe, name), default)
    return [*words, *["--sharpness"] * recipe.sharpness]


def sweep_line(recipe: dict[str, Any], notes: list[str]) -> list[str]:
    """Return the words of the command that makes such a sweep; see `command`."""
    check_target(get(recipe, "target", str))
    if "training" in recipe:
        return _network_sweep_line(recipe)
    if (tolerance := number(recipe, "tolerance")) != _NEAR:
        notes.append(
            f"Only `descent.sweep` in Python takes the tolerance {tolerance:g}; the command has {_NEAR:g}."
        )
    notes += heights_note(get(recipe, "resolution", list))
    rates, seeds = (dict(enumerate(get(recipe, name, list))) for name in ("rates", "seeds"))
    return [
        *("sweep", recipe["target"], *specs_words(texts(recipe, "specs"))),
        *named("--lr", rates_text([number(rates, each) for each in rates])),
        *named("--start", numbers(pair(recipe, "start"))),
        *named("--steps", whole(recipe, "steps", 1)),
        *unless("--seed", whole(seeds, 0, 0), 0),
        *unless("--seeds", len(seeds), 1),
        *unless("--noise", number(recipe, "noise"), 0.0),
        *machine_words(get(recipe, "device", str), get(recipe, "dtype", str)),
        *view_words(box(recipe, "view")),
    ]


def _network_sweep_line(recipe: dict[str, Any]) -> list[str]:
    training = read_training(get(recipe, "training", dict))
    check_data(training)
    rates = dict(enumerate(get(recipe, "rates", list)))
    return [
        *("sweep", recipe["target"], *specs_words(texts(recipe, "specs"))),
        *named("--lr", rates_text([number(rates, each) for each in rates])),
        *(_problem(training) if training.alone else _training(training)),
        *unless("--seed", whole(recipe, "seed", 0), 0),
        *machine_words(get(recipe, "device", str), get(recipe, "dtype", str), network=not training.alone),
    ]


def basins_line(recipe: dict[str, Any], notes: list[str]) -> list[str]:
    """Return the words of the command that makes such a basin map; see `command`."""
    check_target(get(recipe, "target", str))
    view = box(recipe, "view")
    if (tolerance := number(recipe, "tolerance")) != min(high - low for low, high in view) / 100:
        notes.append(
            f"Only `descent.basins` in Python takes the tolerance {tolerance:g}; "
            "the command has the one that suits the surface."
        )
    return [
        *("basins", recipe["target"], *specs_words(texts(recipe, "specs"))),
        *unless("--starts", whole(recipe, "starts", 2), _STARTS),
        *named("--steps", whole(recipe, "steps", 1)),
        *machine_words(get(recipe, "device", str), get(recipe, "dtype", str)),
        *view_words(view),
    ]


def exploration_line(recipe: dict[str, Any], notes: list[str]) -> list[str]:
    """Return the words of the command that makes such an explorable page; see `command`."""
    check_target(get(recipe, "target", str))
    rates, starts = (dict(enumerate(get(recipe, name, list))) for name in ("rates", "starts"))
    return [
        *("explore", recipe["target"], *specs_words(texts(recipe, "specs"))),
        *named("--lr", rates_text([number(rates, each) for each in rates])),
        *named("--starts", "x".join(str(whole(starts, each, 1)) for each in starts)),
        *named("--steps", whole(recipe, "steps", 1)),
        *machine_words(get(recipe, "device", str), get(recipe, "dtype", str)),
        *view_words(box(recipe, "view")),
        *unless("--hide", ",".join(texts({"hide": [], **recipe}, "hide")), ""),
    ]


def _look(look: dict[str, Any], command: str, notes: list[str]) -> list[str]:
    """Return the options of a picture's look; what no option can say becomes a note."""
    words: list[str] = []
    for name, value in look.items():
        if name not in WISHES:
            notes.append(unknown_look(name))
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
            words += named(WISHES[name].flag, between.join(map(text, value)))
        else:
            words += named(WISHES[name].flag, value)
    return words
