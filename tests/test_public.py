"""The public names: all there, light to import, and their examples true."""

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
