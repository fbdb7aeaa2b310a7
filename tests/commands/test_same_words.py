"""One thing has one name and one default, in Python's functions and in the commands' options."""

import inspect

import pytest

import descent
from descent.cli import cli
from descent.surfaces import sample
from descent.surfaces.networks.slices import sample_plane
from descent.trajectories.arguments import parse_memory
from descent.trajectories.experiments.explore import RATES
from descent.trajectories.experiments.plan import STEPS
from descent.trajectories.experiments.sweep_network import OPTIONS as SWEPT
from descent.trajectories.specs.rates import DEFAULT_RATES, parse_rates
from descent.trajectories.training.options import NAMES
from descent.viz.scenes.panel_table import GRIDS
from descent.viz.scenes.wishes import WISHES

FUNCTIONS = {
    "record": descent.record,
    "sweep": descent.sweep,
    "basins": descent.basins,
    "explore": descent.explore,
}
COMMANDS = {
    "compare": "record",
    "record": "record",
    "sweep": "sweep",
    "basins": "basins",
    "explore": "explore",
}
WORDS = {"rates": "lr"}  # the parameters of commands that an argument names otherwise
# What a command does with a run, and what Python alone says: a callback, or a value that few would type.
OF_FILES = {"hide", "outs", "out", "save", "csv", "alt", "embed", "accessible", "place", "as_json", "tuned"}
OF_PYTHON = {"progress", "log", "protocol", "resolution", "near", "training", "tolerance"}


def arguments(function):
    return {name: each.default for name, each in inspect.signature(function).parameters.items()}


def options(command):
    """The parameters of a command that are of its runs."""
    return {
        WORDS.get(each.name, each.name): each
        for each in cli.commands[command].params
        if each.name not in OF_FILES and each.name not in WISHES
    }


def value_of(name, given):
    """What a default means, however it is written."""
    if name == "memory":
        return parse_memory(given)
    return given


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_and_functions_call_a_thing_the_same(command):
    takes = arguments(FUNCTIONS[COMMANDS[command]])
    networks = {"record": set(NAMES), "sweep": set(SWEPT)}.get(COMMANDS[command], set())
    assert options(command).keys() == (takes.keys() - OF_PYTHON) | networks


@pytest.mark.parametrize("command", COMMANDS)
def test_defaults_of_commands_and_functions_are_the_same(command):
    takes = arguments(FUNCTIONS[COMMANDS[command]])
    found = cli.commands[command].make_context(command, ["beale", "--out", "a.npz"]).params
    stated = {name: found[each.name] for name, each in options(command).items() if name != "target"}
    checked = [name for name, default in stated.items() if default not in (None, ()) and name in takes]
    assert {"device"} <= set(checked) <= takes.keys()
    for name in checked:
        assert value_of(name, stated[name]) == value_of(name, takes[name]), name


def said(command, name):
    """The default that an option's help states in words."""
    return options(command)[name].help.partition("[default: ")[2].rstrip("]")


def test_defaults_that_help_says_in_words_are_those_of_the_functions():
    of_words = COMMANDS.keys() - {"explore"}  # whose option has its default itself
    assert {said(command, "steps") for command in of_words} == {str(STEPS)}
    assert parse_rates(said("explore", "lr")) == parse_rates(RATES)
    assert arguments(descent.basins)["steps"] == STEPS
    assert len(descent.record("sphere", "sgd:lr=0.1", resolution=(2, 2)).trajectories[0].points) == STEPS + 1
    assert descent.sweep("sphere", "sgd", "0.1,0.2", resolution=(2, 2)).steps == STEPS
    assert parse_rates(said("sweep", "lr")) == parse_rates(DEFAULT_RATES)


def test_functions_agree_with_each_other():
    first, *others = map(arguments, FUNCTIONS.values())
    for other in others:
        for name in first.keys() & other.keys() - {"lr", "steps", "resolution"}:
            assert first[name] == other[name], name
    tuned = arguments(descent.tuned)
    assert {name: arguments(descent.sweep)[name] for name in ("target", "optimizers", "lr")} == {
        name: tuned[name] for name in ("target", "optimizers", "lr")
    }


def test_a_grid_is_of_small_panels_and_a_resolution_is_of_a_field():
    every = (*FUNCTIONS.values(), descent.tuned, descent.recording, sample, sample_plane)
    assert not [function for function in every if "grid" in arguments(function)]
    of_fields = (descent.record, descent.sweep, descent.recording, sample, sample_plane)
    assert all("resolution" in arguments(function) for function in of_fields)
    recording = descent.record("sphere", "sgd:lr=0.1", steps=2, resolution=(5, 4))
    assert recording.recipe.resolution == (5, 4)
    assert recording.field.z.shape == (4, 5)
    swept = descent.sweep("sphere", "sgd", "0.1,0.2", steps=2, resolution=(5, 4))
    assert swept.recipe["resolution"] == [5, 4]
    assert descent.basins("himmelblau", "sgd", starts=3, steps=2).recipe["starts"] == 3
    assert set(GRIDS) == {"optimizer", "lr", "run", "field"}
    assert descent.animate(recording, grid="run").scene.grid == ("run",)
