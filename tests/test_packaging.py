"""The distribution as users get it: sdist -> wheel -> a new environment, beside PyPI's own `surfaces`."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


def run(*command: object, **options: object) -> str:
    """Run a command, show what it said if it fails, and return its output."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def pip_for(interpreter: Path) -> list[object]:
    """The words that begin a command of pip for another environment, which needs no pip of its own."""
    return [sys.executable, "-m", "pip", "--python", interpreter]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an sdist from the checkout and a wheel from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel and PyPI's `surfaces` into a new environment, and return its interpreter."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder)
    interpreter = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    # `surfaces` brings NumPy; torch and matplotlib are not needed for what is tested here.
    installed = subprocess.run(
        [*pip_for(interpreter), "install", "--quiet", "click", "surfaces"], capture_output=True, text=True
    )
    if installed.returncode and not os.environ.get("CI"):
        pytest.skip("pip cannot reach a package index")
    assert installed.returncode == 0, installed.stderr
    run(*pip_for(interpreter), "install", "--quiet", "--no-deps", wheel)
    return interpreter


def test_the_sdist_holds_what_the_wheel_holds(wheel: Path) -> None:
    (sdist,) = wheel.parent.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        sources = {name.partition("/")[2] for name in archive.getnames()}
    with zipfile.ZipFile(wheel) as archive:
        shipped = {
            name.removeprefix("descent/") for name in archive.namelist() if name.startswith("descent/")
        }
    assert shipped <= sources
    tracked = {
        str(path.relative_to(ROOT))
        for room in ("surfaces", "trajectories", "viz", "commands", "courses", "sphinxext")
        for path in (ROOT / room).rglob("*.py")
    }
    pages = {
        str(path.relative_to(ROOT))
        for suffix in ("css", "html", "js")
        for path in (ROOT / "viz" / "explore").glob(f"*.{suffix}")
    }
    assert len(pages) == 12
    lessons = {str(path.relative_to(ROOT)) for path in (ROOT / "courses" / "pages").iterdir()}
    languages = {f"viz/style/words_{name}.toml" for name in ("de", "es", "fr", "zh")}
    others = {"__init__.py", "cli.py", "py.typed", "viz/files/player.html"}
    assert shipped == tracked | pages | lessons | languages | others


def test_the_command_runs_from_the_wheel(python: Path) -> None:
    assert "compare" in run(python.with_name("descent"), "--help")
    assert run(python.with_name("descent"), "list", "surfaces").count("\n") == 48


def test_other_packages_of_the_same_room_names_still_work(python: Path, tmp_path: Path) -> None:
    script = (
        "import surfaces, descent, descent.surfaces\n"
        "assert surfaces is not descent.surfaces\n"
        "assert 'beale' in descent.surfaces.names()\n"
        "assert surfaces.__file__ != descent.surfaces.__file__\n"
        "print(surfaces.__name__, descent.surfaces.__name__)"
    )
    assert run(python, "-c", script, cwd=tmp_path).split() == ["surfaces", "descent.surfaces"]


def test_uninstalling_one_leaves_the_other(python: Path, tmp_path: Path) -> None:
    run(*pip_for(python), "uninstall", "--yes", "--quiet", "surfaces")
    assert "beale" in run(python, "-c", "import descent; print(descent.surfaces.names())", cwd=tmp_path)
