"""The public names: all there, light to import, and their examples true."""

import dataclasses
import doctest
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import descent

ROOT = Path(__file__).parents[1]
PACKAGES = ("descent", "descent.surfaces", "descent.trajectories", "descent.viz")
HEAVY = {"torch", "numpy", "matplotlib", "PIL", "imageio", "click"}
MODULES = sorted(
    {
        "descent",
        "descent.cli",
        *(
            ".".join(("descent", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
            for room in ("surfaces", "trajectories", "viz")
            for path in (ROOT / room).rglob("*.py")
        ),
    }
)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_there(package):
    module = importlib.import_module(package)
    assert len(set(module.__all__)) == len(module.__all__) > 0
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert not name.startswith("_")
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("package", PACKAGES)
def test_an_unknown_name_is_an_attribute_error(package):
    module = importlib.import_module(package)
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nosuch'"):
        module.nosuch  # noqa: B018


def test_dir_of_the_package_resolves():
    for name in dir(descent):
        getattr(descent, name)
    assert {*descent.__all__, "__version__"} <= set(dir(descent))


@pytest.mark.parametrize(
    "name",
    ["animate", "load", "record", "still", "surfaces", "Recording", "Trajectory", "Surface", "DescentError"],
)
def test_the_names_that_users_rely_on(name):
    assert name in descent.__all__


@pytest.mark.parametrize("package", PACKAGES)
def test_classes_and_functions_are_documented(package):
    module = importlib.import_module(package)
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing), name


def loaded_by(code):
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return set(found.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import descent",
        "import descent; dir(descent); descent.__version__",
        "import descent.surfaces; descent.surfaces.names()",
        "import descent.trajectories, descent.viz",
        "from descent import surfaces, trajectories, viz, OptimizerSpec, DescentError, Surface",
        "import descent; descent.OptimizerSpec.parse('adam:lr=0.1@cosine')",
    ],
)
def test_light_names_load_nothing_heavy(code):
    assert not loaded_by(code) & HEAVY


@pytest.mark.parametrize(
    "code",
    [
        "from descent import Recording, Trajectory, Outcome, Recipe, load, Minimum",
        "from descent import animate, still, Animation, Still",
    ],
)
def test_names_of_recordings_and_pictures_load_no_torch(code):
    assert "torch" not in loaded_by(code)


@pytest.mark.parametrize("room", ["surfaces", "trajectories", "viz"])
def test_rooms_show_their_names_and_no_imports(room):
    module = importlib.import_module(f"descent.{room}")
    assert set(dir(module)) == set(module.__all__)
    assert all(getattr(module, name) is not None for name in module.__all__)
    assert set(dir(module)) == set(module.__all__)  # also after they were loaded


def test_results_and_pictures_name_themselves_in_one_line():
    import torch

    import descent

    rates = ["sgd:lr=0.1", "sgd:lr=0.2", "sgd:lr=0.3", "adam:lr=0.1", "adagrad:lr=1"]
    recording = descent.record("sphere", rates, steps=7, resolution=(4, 4))
    animation = descent.animate(recording, size=(640, 400))
    layer = torch.nn.Linear(1, 1)
    with descent.recording(layer, torch.optim.SGD(layer.parameters(), lr=0.1)) as film:
        pass
    said = {
        recording: "<Recording of sphere: sgd:lr=0.1, sgd:lr=0.2, sgd:lr=0.3 and 2 more; 7 steps>",
        recording.trajectories[0]: "<Trajectory of sgd:lr=0.1: 7 steps, finished>",
        descent.sweep("sphere", "sgd", "0.1,0.2", steps=3, resolution=(4, 4)): (
            "<Sweep of sphere: sgd; 2 rates from 0.1 to 0.2, 3 steps>"
        ),
        descent.basins("sphere", "sgd:lr=0.1", starts=3, steps=3): (
            "<Basins of sphere: sgd:lr=0.1; 3 x 3 starts>"
        ),
        animation: "<Animation of a recording: 57 frames, 640 x 400 pixels>",
        animation.still(): "<Still of a recording: 640 x 400 pixels>",
        film: "<Film of Linear: 0 steps>",
    }
    for each, words in said.items():
        assert repr(each) == words


@pytest.mark.parametrize("name", ["record", "sweep", "tuned", "basins"])
def test_what_runs_optimizers_names_things_alike(name):
    import inspect

    import descent
    from descent.commands.options import OPTIONS

    found = list(inspect.signature(getattr(descent, name)).parameters.items())
    assert [each for each, _ in found[:2]] == ["target", "optimizers"]
    assert "lr" in dict(found) or name == "basins"
    for option, parameter in found:
        # The tolerance of a command is that of `diff` and `check`: how far numbers may differ.
        known = option in OPTIONS.keys() - {"tolerance"}
        if known and parameter.default not in (None, inspect.Parameter.empty):

            def command(**_: object) -> None: ...

            default = OPTIONS[option](command).__click_params__[-1].default
            if isinstance(default, int | float | str):  # else the command leaves it to the function
                assert {"2GB": 2e9}.get(default, default) == parameter.default, option


# --- examples


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    failures = []
    runner = doctest.DocTestRunner(verbose=False)
    for case in doctest.DocTestFinder(exclude_empty=True).find(module, name):
        assert "+SKIP" not in case.docstring
        runner.run(case, out=failures.append)
    assert not "".join(failures)
    assert runner.summarize(verbose=False).failed == 0
    assert not list(tmp_path.iterdir())


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    counts = {
        name: sum(len(case.examples) for case in finder.find(importlib.import_module(name), name))
        for name in MODULES
    }
    for room in ("descent.surfaces.", "descent.trajectories.", "descent.viz."):
        assert sum(count > 0 for name, count in counts.items() if name.startswith(room)) >= 5


def test_every_module_can_be_imported():
    assert all(importlib.import_module(name).__doc__ for name in MODULES)


def test_every_field_of_a_public_class_is_explained():
    """Beside it, above it or in the docstring: shape, unit or meaning."""
    silent, seen = [], set()
    for room in (descent, descent.surfaces, descent.trajectories):
        for each in (getattr(room, name) for name in dir(room)):
            if not inspect.isclass(each) or each in seen:
                continue
            seen.add(each)
            assert each.__doc__, each
            if not dataclasses.is_dataclass(each):
                continue
            lines = inspect.getsource(each).splitlines()
            for field in dataclasses.fields(each):
                at = next((k for k, line in enumerate(lines) if line.startswith(f"    {field.name}:")), None)
                above = at is not None and lines[at - 1].strip().startswith("#")
                if at is not None and "#" not in lines[at] and not above and field.name not in each.__doc__:
                    silent.append(f"{each.__name__}.{field.name}")
    assert silent == []
    assert len(seen) >= 20
