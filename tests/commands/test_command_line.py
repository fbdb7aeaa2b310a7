"""Commands from recipes: the command line reads them back to the same recipe."""

import json
import shlex
import subprocess
import sys
from dataclasses import asdict

import pytest
from click.testing import CliRunner

import descent
from descent.cli import cli
from descent.commands.command_line import command
from descent.surfaces.errors import DescentError, NotPossibleError
from descent.trajectories.experiments.bare_surface import survey
from descent.viz.scenes.wishes import WISHES, Wishes


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))


def plain(recording):
    recipe = recording.recipe
    return json.loads(json.dumps(asdict(recipe) | {"versions": dict(recipe.versions)}))


def run(line, *more):
    program, *words = shlex.split(line)
    assert program == "descent"
    at = words.index("--out")
    result = CliRunner().invoke(cli, [*words[:at], *words[at + 2 :], *more])
    assert result.exit_code == 0, (result.output, result.exception)
    return result


RECORDINGS = {
    "usual": ("beale", ["sgd:lr=0.01", "adam:lr=0.1"], {"steps": 5, "start": (1, 1.5)}),
    "formula and negative numbers": (
        "expr:x**2 + 3*(y-1)**2",
        "sgd:lr=0.1",
        {"start": (-1.25, -2), "steps": 3},
    ),
    "everything": (
        "quadratic:condition=20",
        "sgd:lr=0.01,momentum=0.9@step:step_size=2,gamma=0.5",
        {
            "steps": 4,
            "seed": 7,
            "noise": 0.1,
            "stop_at": 1e-9,
            "dtype": "float32",
            "view": ((-5, 4.5), (-3, 1e-3)),
        },
    ),
    "one parameter": ("parabola", "sgd:lr=0.1", {"steps": 3}),
    "mlp": (
        "mlp:hidden=4",
        "adam:lr=0.01",
        {"data": "moons:samples=60", "epochs": 2, "batch_size": 12, "patience": 2, "seed": 3, "val": 0.3},
    ),
    "linear": (
        "linear",
        "sgd:lr=0.1",
        {"data": "line", "epochs": 2, "plane": "weights", "schedule_per": "batch"},
    ),
}


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_command_makes_the_same_recording(name):
    target, specs, options = RECORDINGS[name]
    recording = descent.record(target, specs, **options)
    line, notes = command("recording", plain(recording), {}, "a b.gif")
    assert not notes
    assert line.endswith(" --out 'a b.gif'")
    run(line, "--save", "a.npz")
    assert descent.load("a.npz").recipe == recording.recipe


def test_only_what_is_not_usual_is_said():
    recording = descent.record("beale", ["sgd:lr=0.01", "adam:lr=0.1"], steps=200, start=(1, 1.5))
    line, _ = command("recording", plain(recording), {"theme": "dark"}, "beale.gif")
    assert line == (
        "descent compare beale -o sgd:lr=0.01 -o adam:lr=0.1 --start 1,1.5 --steps 200 "
        "--theme dark --out beale.gif"
    )


def test_the_command_makes_the_same_sweep():
    options = {"steps": 3, "seeds": 2, "seed": 5, "noise": 0.1, "start": (-1, 2), "dtype": "float32"}
    for rates, written in (("1e-3:0.1:5", "0.001:0.1:5"), ([0.1, 0.15, 0.3], "0.1,0.15,0.3")):
        swept = descent.sweep("beale", ["sgd:momentum=0.9", "adam"], rates, **options)
        line, notes = command("sweep", json.loads(json.dumps(swept.recipe)), {}, "a.png")
        assert not notes
        assert f"--lr {written} --start=-1,2 " in line
        found = json.loads(run(line, "--json").stdout)
        assert {name: found[name] for name in swept.recipe} == json.loads(json.dumps(swept.recipe))


def test_the_command_makes_the_same_basins():
    basins = descent.basins("himmelblau", ["adam:lr=0.1", "sgd:lr=0.01"], starts=6, steps=4)
    line, notes = command("basins", json.loads(json.dumps(basins.recipe)), {}, "a.png")
    assert not notes
    assert json.loads(run(line, "--json").stdout)["recipe"] == json.loads(json.dumps(basins.recipe))


def test_a_bare_surface_is_shown():
    recipe = plain(survey(descent.surfaces.get("beale"), (256, 256)))
    line, notes = command("recording", recipe, {"theme": "dark", "fps": 5}, "a.png")
    assert line == "descent show beale --view=-4.5,4.5,-4.5,4.5 --theme dark --out a.png"
    assert notes == ("`descent show` has no option --fps; the line leaves it out.",)
    run(line)


LOOKS = {
    "theme": "print",
    "size": (700, 500),
    "heights": "log",
    "point": "training",
    "fps": 12.5,
    "seconds": 2,
    "hold": 0.5,
    "loop": False,
    "loops": 1,
    "lens": False,
    "stops": "1,3",
    "chroma": "444",
    "lang": "de",
    "pace": "early",
    "panels": ["contour", "loss"],
    "grid": "optimizer,lr",
    "strip": 4,
    "arrows": ("step", "gradient"),
    "field": True,
    "zoom": False,
    "levels": False,
    "orbit": True,
    "max_size": "2MB",
}


def test_every_look_is_an_option_that_is_read_back():
    assert LOOKS.keys() == WISHES.keys()
    recording = descent.record("beale", "sgd:lr=0.01", steps=1, resolution=(256, 256))
    given = Wishes(**LOOKS).given
    assert given.keys() == LOOKS.keys()
    line, notes = command("recording", plain(recording), given, "a.gif")
    assert not notes
    context = cli.commands["compare"].make_context("compare", shlex.split(line)[2:])
    read = Wishes(**{name: context.params[name] for name in WISHES})
    for name, value in given.items():
        found = read.given[name]
        split = {"size": "x"}.get(name, ",")
        assert found == value or found.split(split) == list(map(str, value))


def test_what_no_option_can_say_is_a_note():
    recording = descent.record(
        "beale", "sgd:lr=0.01", steps=1, resolution=(5, 4), protocol="rates are by hand"
    )
    line, notes = command("recording", plain(recording), {"theme": {"name": "x"}, "glow": 3}, "a.gif")
    assert line.endswith(" --out a.gif")
    assert "theme" not in line
    assert notes == (
        "Heights were sampled on 5 x 4 points; the command takes 256 x 256.",
        "The picture will not say that rates are by hand.",
        "The theme was made from a style sheet or in Python; the line leaves it out, and `descent again` "
        "draws with it.",
        "The look 'glow' is not known here; a newer descent-viz made the picture.",
    )
    swept = descent.sweep("beale", "sgd", "0.1,0.2", steps=1, tolerance=0.5, resolution=(5, 4))
    _, notes = command("sweep", swept.recipe, {}, "a.png")
    assert [note.split()[0] for note in notes] == ["Only", "Heights"]
    basins = descent.basins("himmelblau", "adam:lr=0.1", starts=3, steps=1, tolerance=0.5)
    _, notes = command("basins", basins.recipe, {}, "a.png")
    assert notes == (
        "Only `descent.basins` in Python takes the tolerance 0.5; the command has the one that suits the "
        "surface.",
    )


def sentence(kind, recipe):
    with pytest.raises(NotPossibleError) as caught:
        command(kind, recipe, {}, "a.gif")
    return str(caught.value)


def test_what_has_no_command_is_a_sentence():
    recording = descent.record(lambda x, y: x * x + y * y, "sgd:lr=0.1", steps=1, resolution=(4, 4))
    assert "was handed over as an object of Python" in sentence("recording", plain(recording))
    assert "run `descent diff`" in sentence("difference", {})
    with pytest.raises(DescentError, match="unknown kind of picture 'recordin'"):
        command("recordin", {}, {}, "a.gif")


@pytest.mark.parametrize("kind", ["recording", "sweep", "basins"])
@pytest.mark.parametrize("recipe", [{}, {"target": 3}, {"target": "beale"}, {"target": "beale", "specs": 3}])
def test_damaged_recipes_are_one_sentence(kind, recipe):
    assert sentence(kind, recipe).startswith("its recipe cannot be read: ")


def test_no_library_is_loaded_for_a_command():
    code = (
        "import sys, descent.commands.command_line; "
        "print([n for n in ('torch', 'matplotlib') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
