"""Files of strangers: what their recipes name is not imported or read, and what they ask for is bounded."""

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import descent
from descent.cli import cli
from descent.surfaces.errors import DescentError
from descent.surfaces.imports import function, imported, importing, member
from descent.trajectories.results.foreign import foreign_names

MARKER = """
from pathlib import Path
Path({marker!r}).write_text("imported")
import torch
def bowl(x, y): return x * x + y * y
def data(): return [[float(k), 1.0] for k in range(40)], [k % 2 for k in range(40)]
def rate(step): return 0.9 ** step
class Own(torch.optim.SGD):
    def __init__(self, params, lr=0.1): super().__init__(params, lr=lr)
class Turn(torch.optim.lr_scheduler.ExponentialLR):
    def __init__(self, optimizer): super().__init__(optimizer, 0.9)
class Net(torch.nn.Linear):
    def __init__(self): super().__init__(2, 2)
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """A folder with a module that leaves a mark where it is imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each])
    (tmp_path / "stranger.py").write_text(MARKER.format(marker=str(tmp_path / "marker")))
    yield tmp_path
    sys.modules.pop("stranger", None)


def run(*arguments, code=0):
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == code, (result.output, result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def picture(kind, recipe, look=None, name="a.png"):
    """Write a picture that carries any recipe."""
    info = PngInfo()
    notes = {"made_with": "descent-viz", "kind": kind, "recipe": recipe, "look": look or {}}
    info.add_text("Description", json.dumps(notes))
    Image.new("RGB", (4, 4)).save(name, pnginfo=info)
    return name


def plain(recording):
    recipe = recording.recipe
    return json.loads(json.dumps(asdict(recipe) | {"versions": dict(recipe.versions)}))


@pytest.fixture(scope="module")
def recipes():
    """A recipe of each kind that can be run again."""
    surface = descent.record("sphere", "sgd:lr=0.1", steps=2, resolution=(4, 4))
    network = descent.record("linear", "sgd:lr=0.1", data="moons:samples=40", epochs=1, resolution=(4, 4))
    swept = descent.sweep("sphere", "sgd", "0.1,0.2", steps=2, resolution=(4, 4))
    basins = descent.basins("himmelblau", "sgd:lr=0.01", starts=3, steps=2)
    explored = descent.explore("sphere", "sgd", "0.1,0.2", starts=2, steps=2)
    learning = {"data": "moons:samples=40", "epochs": 1}
    trained = descent.sweep("linear", "sgd", "0.1,0.2", **learning)
    return {
        "recording": plain(surface),
        "network": plain(network),
        "sweep": json.loads(json.dumps(swept.recipe)),
        "basins": json.loads(json.dumps(basins.recipe)),
        "exploration": json.loads(json.dumps(explored.recipe)),
        "sweep of a network": json.loads(json.dumps(trained.recipe)),
    }


NAMES = {
    "target": ("recording", {"target": "stranger:bowl"}),
    "target of a sweep": ("sweep", {"target": "stranger:bowl"}),
    "target of basins": ("basins", {"target": "stranger:bowl"}),
    "optimizer": ("recording", {"specs": ["stranger.Own:lr=0.1"], "methods": ["one by one"]}),
    "optimizer of a sweep": ("sweep", {"specs": ["stranger.Own"]}),
    "schedule": ("recording", {"specs": ["sgd:lr=0.1@stranger.Turn"]}),
    "function": ("recording", {"specs": ["sgd:lr=0.1@lambda:lr_lambda=stranger:rate"]}),
    "network": ("network", {"target": "stranger:Net"}),
    "data": ("network", {"data": "stranger:data"}),
}


def changed(recipes, name):
    kind, changes = NAMES[name]
    recipe = dict(recipes[kind])
    if "data" in changes:
        return "recording", recipe | {"training": recipe["training"] | changes}
    return "recording" if kind == "network" else kind, recipe | changes


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_imports_nothing_by_itself(recipes, name, own_folder):
    file = picture(*changed(recipes, name))
    for path in ("nothing", str(own_folder)):  # also where the module could be found
        sys.path.append(path)
        said = run("again", file, "--out", "b.png", code=1).stderr
        assert "stranger" in said
        assert "--allow-imports" in said
        assert run("recipe", file).stderr.count("run it only if you trust who made it") == 1
    assert not Path("marker").exists()
    assert not Path("b.png").exists()


@pytest.mark.parametrize("name", NAMES)
def test_with_the_flag_it_does_but_not_from_the_current_folder(recipes, name, own_folder):
    file = picture(*changed(recipes, name))
    said = run("again", file, "--allow-imports", "--out", "b.png", code=1).stderr
    assert "PYTHONPATH=." in said or "cannot import 'stranger'" in said
    assert not Path("marker").exists()
    sys.path.append(str(own_folder))
    if name == "target of basins":  # no minimum is known of a function, but it was imported
        run("again", file, "--allow-imports", "--out", "b.png", code=1)
    else:
        run("again", file, "--allow-imports", "--out", "b.png", "--size", "320x240")
        assert Path("b.png").exists()
    assert Path("marker").exists()


def test_what_the_user_types_is_looked_for_in_the_current_folder_and_only_meanwhile(recipes):
    run("compare", "stranger:bowl", "--steps", "2", "--json", "--out", "b.png", "--size", "320x240")
    assert Path("marker").exists()
    assert "" not in sys.path
    Path("marker").unlink()
    sys.modules.pop("stranger")
    run("again", "b.png", "--out", "c.png", code=1)
    assert not Path("marker").exists()


def test_all_names_are_listed(recipes):
    recipe = recipes["recording"] | {
        "target": "one.two:three",
        "specs": ["four.Five:lr=0.1@six.Seven", "sgd:lr=0.1@lambda:lr_lambda=eight:nine"],
        "methods": [],
    }
    said = run("again", picture("recording", recipe), code=1).stderr
    for words in (
        "target 'one.two:three'",
        "optimizer 'four.Five'",
        "schedule 'six.Seven'",
        "function 'eight:nine'",
    ):
        assert words in said


def test_files_that_a_recipe_names_are_not_read(recipes, tmp_path):
    np.savez(tmp_path / "points.npz", X=np.random.default_rng(0).normal(size=(40, 2)), y=np.arange(40) % 2)
    (tmp_path / "own.mplstyle").write_text("figure.facecolor: white\n")
    network = recipes["network"]
    by_data = network | {"training": network["training"] | {"data": "points.npz"}}
    by_folder = network | {"training": network["training"] | {"data": "mnist", "data_dir": "digits"}}
    cases = {
        "data file 'points.npz'": ("recording", by_data, {}),
        "folder of data 'digits'": ("recording", by_folder, {}),
        "style sheet 'own.mplstyle'": ("recording", recipes["recording"], {"theme": "own.mplstyle"}),
        "style sheet 'ggplot'": ("basins", recipes["basins"], {"theme": "ggplot"}),
    }
    for words, (kind, recipe, look) in cases.items():
        said = run("again", picture(kind, recipe, look), "--out", "b.png", code=1).stderr
        assert words in said
        assert "--allow-imports" in said
    small = ("--size", "320x240", "--out", "b.png")
    run("again", picture("recording", by_data), "--allow-imports", *small)
    file = picture("recording", recipes["recording"], {"theme": "own.mplstyle"})
    run("again", file, "--allow-imports", *small)
    run("again", file, "--theme", "dark", *small)  # another theme was asked for


def test_check_imports_nothing_either(recipes, own_folder):
    recording = descent.record("sphere", "sgd:lr=0.1@lambda:lr_lambda=math:exp", steps=2, resolution=(4, 4))
    Path("golden").mkdir()
    recording.save("golden/a.npz")
    report = json.loads(run("check", "golden", "--json", code=1).stdout)
    assert "function 'math:exp'" in report["recordings"][0]["reason"]
    run("check", "golden", "--allow-imports")


def test_names_that_the_list_should_miss_are_still_not_imported():
    ways = (
        lambda: imported("math", "exp", "surface", ""),
        lambda: member("math", "exp", "it"),
        lambda: function("math:exp", "it"),
    )
    for way in ways:
        way()
        with importing(False), pytest.raises(DescentError, match="--allow-imports"):
            way()
        way()


@pytest.mark.parametrize(
    "target", ["Beale", "beale:x=1", "EXPR:x", " expr :x", "MLP", "quadratic:condition=3"]
)
def test_names_of_descent_are_its_own_however_they_are_spelled(target):
    assert foreign_names(target) == ()


def test_names_of_data_are_its_own_however_they_are_spelled():
    for data, own in (("Moons:noise=1", True), ("moons.npz", False), ("os:getcwd", False)):
        found = foreign_names("mlp", (), data)
        assert (found == ()) == own


LARGE = {
    "steps": ("recording", {"steps": 10**9}, "of memory"),
    "more steps than floats": ("recording", {"steps": 10**400}, "bits"),
    "heights": ("recording", {"resolution": [60_000, 60_000]}, "of memory"),
    "long": ("recording", {"steps": 200_000}, "--yes"),
    "accumulate": ("recording", {"specs": ["sgd:lr=0.1,accumulate=1000000"]}, "--yes"),
    "iterations": ("recording", {"specs": ["lbfgs:lr=0.1,max_iter=100000000"]}, "--yes"),
    "rates": ("sweep", {"rates": list(np.linspace(0.1, 1, 2000)), "steps": 100_000}, "memory"),
    "runs one by one": ("sweep", {"target": "parabola", "rates": [0.1, 0.2], "steps": 100_000}, "--yes"),
    "heights of a sweep": ("sweep", {"resolution": [10_000, 10_000]}, "memory"),
    "starts": ("basins", {"starts": 4096, "steps": 1000}, "--yes"),
    "steps of basins": ("basins", {"steps": 10**7}, "--yes"),
    "a long formula": ("recording", {"target": "expr:" + "+".join(["x"] * 90), "steps": 90_000}, "--yes"),
    "many specs": ("recording", {"specs": ["sgd:lr=0.1"] * 20_000, "methods": []}, "20,000 optimizers"),
    "a long spec": ("recording", {"specs": ["sgd:lr=0." + "1" * 9000]}, "characters"),
    "epochs": ("network", {"epochs": 10**7}, "--yes"),
    "samples": ("network", {"data": "moons:samples=1000000", "epochs": 500}, "--yes"),
    "heights of a network": (
        "network",
        {"data": "moons:samples=100000", "resolution": [2000, 2000]},
        "--yes",
    ),
    "weights": ("network", {"target": "mlp:hidden=1000000/1000000"}, "parameters"),
}


@pytest.mark.parametrize("name", LARGE)
def test_what_a_recipe_asks_for_is_bounded_before_anything_is_made(recipes, name, monkeypatch):
    kind, changes, words = LARGE[name]
    recipe = dict(recipes[kind])
    own = {key: value for key, value in changes.items() if key not in recipe}
    recipe |= {key: value for key, value in changes.items() if key in recipe}
    if own:
        recipe["training"] = recipe["training"] | own
    if kind == "network":
        recipe["methods"] = []
        kind = "recording"
    said = run("again", picture(kind, recipe), "--out", "b.png", code=1).stderr
    assert words in said
    assert len(said) < 700
    assert not Path("b.png").exists()


def test_what_is_asked_for_is_done(recipes):
    file = picture("recording", recipes["recording"] | {"steps": 70_000})
    assert "21 seconds" in run("again", file, "--out", "b.png", code=1).stderr
    small = picture("sweep", recipes["sweep"] | {"resolution": [300, 300]})
    assert "--memory" in run("again", small, "--memory", "1MB", "--out", "b.png", code=1).stderr
    run("again", small, "--memory", "100MB", "--out", "b.png", "--size", "320x240")


def test_a_look_of_a_newer_descent_is_a_note(recipes):
    file = picture("recording", recipes["recording"], {"sparkle": 3, "theme": "dark"})
    said = run("again", file, "--out", "b.png", "--size", "320x240").stderr
    assert "The look 'sparkle' is not known here" in said
    assert Path("b.png").exists()


ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b1m\u202eevil\u2066\x7f"
HIDDEN = set(ESCAPES) - set("]0;owned[2J1mevil")


def printed(*arguments):
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert not HIDDEN & set(result.output + result.stderr), arguments
    return result.output + result.stderr


def test_nothing_that_a_picture_says_reaches_a_terminal_raw(recipes):
    for key, value in (
        ("target", f"expr:x{ESCAPES}"),
        ("specs", [f"sgd:lr=0.1,a{ESCAPES}=1"]),
        ("device", ESCAPES),
        ("dtype", ESCAPES),
        ("protocol", f"by hand {ESCAPES}"),
        (ESCAPES, 3),
    ):
        recipe = recipes["recording"] | {key: value, "methods": []}
        file = picture("recording", recipe, {f"x{ESCAPES}": 1, "theme": ESCAPES, "panels": [ESCAPES]})
        for command in (
            ("recipe",),
            ("recipe", "--json"),
            ("again", "--out", "b.png"),
            ("render",),
            ("show",),
        ):
            assert printed(command[0], file, *command[1:])
    assert printed("again", picture(ESCAPES, {}), "--out", "b.png")
    assert printed("recipe", picture("recording", {"versions": {}}, name="b.png"))


def test_the_command_of_a_recipe_is_safe_to_look_at_and_says_the_same(recipes):
    recipe = recipes["recording"] | {"target": f"expr:x**2 + y**2 {ESCAPES}"}
    line = printed("recipe", picture("recording", recipe))
    assert "$'expr:x**2 + y**2 \\x1b]0;owned\\x07" in line
    assert "\\u202eevil" in line


def test_nothing_that_a_recording_says_reaches_a_terminal_raw(recipes):
    recording = descent.record("sphere", "sgd:lr=0.1", steps=2, resolution=(4, 4))
    name = f"expr:{ESCAPES}"
    recipe = replace(recording.recipe, target=name, protocol=ESCAPES, versions=((ESCAPES, ESCAPES),))
    hostile = replace(recording, recipe=recipe, latex=ESCAPES)
    hostile.save("a.npz")
    recording.save("b.npz")
    assert not HIDDEN & set(repr(hostile))
    small = ("--size", "320x240", "--out", "b.png")
    for arguments in (
        ("show", "a.npz"),
        ("show", "a.npz", "--json"),
        ("render", "a.npz", *small),
        ("render", "a.npz", *small, "--alt"),
        ("render", "a.npz", *small, "--embed", "markdown"),
        ("render", "a.npz", *small, "--json"),
        ("diff", "a.npz", "b.npz"),
        ("diff", "a.npz", "b.npz", "--json"),
        ("check", ".", "--json"),
        ("check", "."),
        ("recipe", "a.npz"),
    ):
        assert printed(*arguments)


def test_names_of_frames_are_escaped_too(recipes, tmp_path):
    folder = tmp_path / "f"
    folder.mkdir()
    notes = {"made_with": "descent-viz", "kind": "recording", "recipe": recipes["recording"], "look": {}}
    names = [f"{ESCAPES}-{k}.png" for k in (0, 1)]
    (folder / "frames.json").write_text(json.dumps(notes | {"frames": [{"file": name} for name in names]}))
    assert printed("recipe", folder)
    picture("recording", recipes["recording"], name=str(folder / names[0]))
    assert printed("recipe", folder / names[0])


@pytest.mark.parametrize("kind", ["sweep", "sweep of a network", "basins", "exploration"])
def test_no_value_of_a_recipe_is_believed_by_the_line_that_repeats_it(recipes, kind):
    for name in recipes[kind]:
        for odd in (None, 1.5, "x", [None], {"a": 1}):
            picture(kind.partition(" ")[0], recipes[kind] | {name: odd})
            result = CliRunner().invoke(cli, ["recipe", "a.png"])
            assert result.exception is None or isinstance(result.exception, SystemExit), (name, odd)
            assert result.exit_code in (0, 1), (name, odd)


@pytest.mark.parametrize(
    "arguments", [["check"], ["film"], ["record", "mlp", "--data", "mnist", "--data-dir"]]
)
@pytest.mark.parametrize("name", ["x" * 5000, "a/" * 5000])
def test_a_folder_that_no_system_can_name_is_not_there(arguments, name):
    result = CliRunner().invoke(cli, [*arguments, name, *["--model", "a:B"] * (arguments == ["film"])])
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code in (1, 2)
    assert "Error: " in result.output


@pytest.mark.parametrize("size", ["²", "٣x", "9" * 5000, "true", "1.5"])
def test_a_batch_that_is_no_number_is_a_sentence(size):
    result = CliRunner().invoke(cli, ["record", "mlp", "--batch-size", size, "--out", "a.npz"])
    assert isinstance(result.exception, SystemExit)
    assert "batch_size must be a whole number" in result.output
