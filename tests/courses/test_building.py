"""Builds make what changed and nothing else; what fails or is killed costs nothing of the rest."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future

import pytest
from click.testing import CliRunner
from PIL import Image

import descent
from descent.cli import cli
from descent.courses.building import build
from descent.courses.manifest import read_course
from descent.courses.working import make
from descent.surfaces.errors import DescentError


class Here(Executor):
    """Works at once, in this process; counts what it was given."""

    def __init__(self):
        self.names = []

    def submit(self, fn, /, *args, **kwargs):
        self.names.append(args[0])
        future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def names(course, **how):
    """Build and return what was made."""
    here = Here()
    built = build(course, executor=here, **how)
    assert sorted(here.names) == sorted([*built.made, *built.failed])
    return built


def test_what_changed_is_made_and_nothing_else(course, change):
    assert set(names(course).made) == {"bowl", "rates"}
    again = names(course)
    assert (again.made, again.kept, again.failed) == ((), ("bowl", "rates"), {})
    change(('lr = "0.1,0.5"', 'lr = "0.1,0.4"'))
    assert names(course).made == ("rates",)
    change(('size = "320x240"', 'size = "400x300"'))
    assert set(names(course).made) == {"bowl", "rates"}
    (course.parent / "figures/bowl.png").unlink()
    assert names(course).made == ("bowl",)
    assert not list(course.parent.glob(".descent-*"))


def test_a_file_that_a_figure_names_and_a_version_count_too(course, change, monkeypatch):
    hills = course.parent / "hills.py"
    hills.write_text("def valley(x, y): return x * x + y * y\n")
    change(
        (
            'target = "sphere"\noptimizers = ["sgd:lr=0.1"]',
            'target = "hills:valley"\noptimizers = ["sgd:lr=0.1"]',
        )
    )
    assert set(names(course).made) == {"bowl", "rates"}
    hills.write_text("def valley(x, y): return x * x + 2 * y * y\n")
    assert names(course).made == ("bowl",)
    monkeypatch.setattr("descent.courses.lock.versions", lambda: {"torch": "99"})
    assert set(names(course).made) == {"bowl", "rates"}


def test_files_are_those_of_the_command_by_itself(course, tmp_path, monkeypatch):
    names(course)
    monkeypatch.chdir(tmp_path)
    for figure in read_course(course).figures:
        result = CliRunner().invoke(cli, figure.line.split()[1:])
        assert result.exit_code == 0, result.output
        assert (tmp_path / figure.files[0]).read_bytes() == (
            course.parent / "figures" / figure.files[0]
        ).read_bytes()


def test_check_reads_the_files_and_makes_nothing(course):
    built = build(course, check=True)
    assert built.failed == {"bowl": "out of date", "rates": "out of date"}
    assert not (course.parent / "figures").exists()
    names(course)
    assert build(course, check=True).failed == {}
    path = course.parent / "figures/bowl.png"
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    assert build(course, check=True).failed == {"bowl": "out of date"}
    assert names(course).made == ()  # sizes alone are looked at where it has to be quick


def test_one_that_fails_does_not_stop_the_rest(course, change):
    change(('optimizers = ["sgd:lr=0.1"]', 'optimizers = ["sgdd:lr=0.1"]'))
    built = names(course)
    assert built.made == ("rates",)
    assert "unknown optimizer 'sgdd'; did you mean 'sgd'?" in built.failed["bowl"]
    assert not (course.parent / "figures/bowl.png").exists()
    change(("sgdd", "sgd"))
    assert names(course).made == ("bowl",)


def test_only_and_what_is_gone(course, change):
    assert names(course, only=["rates"]).made == ("rates",)
    with pytest.raises(DescentError, match="unknown figure 'rate'; did you mean 'rates'"):
        build(course, only=["rate"])
    names(course)
    text = course.read_text(encoding="utf-8")
    course.write_text(text[: text.index("[figures.rates]")], encoding="utf-8")
    built = names(course)
    assert built.gone == ("rates",)
    assert (course.parent / "figures/rates.png").exists()
    assert names(course).gone == ()


def test_the_page_has_every_figure_with_its_words(course, change):
    change(("start = [1, 1]", 'start = [1, 1]\ncaption = "A <bowl> & more."\nembed = "html"'))
    names(course)
    page = (course.parent / "figures/index.html").read_text(encoding="utf-8")
    assert page.index('id="bowl"') < page.index('id="rates"')
    assert "A &lt;bowl&gt; &amp; more." in page
    assert 'alt="Contour plot of the Sphere surface, 3 steps from (1, 1).' in page
    assert "descent compare sphere -o sgd:lr=0.1" in page
    assert ".descent-" not in page  # the snippet names the file where it lies
    assert "src=&quot;bowl.png&quot;" in page


def test_a_broken_lock_is_none(course):
    names(course)
    lock = course.parent / "figures/small.lock.json"
    for text in (
        "",
        "[]",
        "{",
        '{"format": 1, "figures": {"bowl": {"made_from": 3}}}',
        '{"format": 1, "figures": 3}',
    ):
        lock.write_text(text)
        assert set(names(course).made) == {"bowl", "rates"}


def test_processes_give_the_same_bytes(course):
    names(course)
    folder = course.parent / "figures"
    before = {path.name: path.read_bytes() for path in folder.glob("*.png")}
    for path in folder.iterdir():
        path.unlink()
    said = []
    built = build(course, jobs=2, say=said.append)
    assert set(built.made) == {"bowl", "rates"}
    assert {path.name: path.read_bytes() for path in folder.glob("*.png")} == before
    assert said[-1].startswith("[2/2] ")


class Dies(Executor):
    """A worker that is killed over the second figure."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        if args[0] == "rates":
            future.set_exception(KeyboardInterrupt())
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def test_a_build_that_is_interrupted_goes_on_where_it_was(course):
    with pytest.raises(KeyboardInterrupt):
        build(course, executor=Dies())
    assert names(course).made == ("rates",)


def kill_soon(name, words, files, folder):
    """Kill the worker the first time that it is to make something."""
    from pathlib import Path

    mark = Path(folder, "killed")
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return make(name, words, files, folder)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_figures_of_a_worker_that_is_killed_are_made_by_another(course, monkeypatch):
    monkeypatch.setattr("descent.courses.building.make", kill_soon)
    built = build(course, jobs=1)
    assert set(built.made) == {"bowl", "rates"}
    assert built.failed == {}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_build_that_is_killed_goes_on_where_it_was(course, change):
    more = "".join(
        f'\n[figures.more-{k}]\ntarget = "sphere"\noptimizers = "sgd:lr=0.{k}"\n' for k in range(1, 6)
    )
    change(("[figures.bowl]", f"{more}\n[figures.bowl]"))
    code = "from descent.cli import main; main()"
    child = subprocess.Popen(
        [sys.executable, "-c", code, "build", str(course), "--jobs", "1"], start_new_session=True
    )
    lock, until = course.parent / "figures/small.lock.json", time.monotonic() + 120
    while not lock.exists() and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    there = json.loads(lock.read_text())["figures"]
    assert 1 <= len(there) < 7
    built = names(course)
    assert set(built.kept) >= set(there)
    assert len(built.made) + len(built.kept) == 7
    for name in (*built.made, *built.kept):
        with Image.open(course.parent / f"figures/{name}.png") as image:
            image.load()


@pytest.mark.parametrize("jobs", [0, -1, 1.5, True, "2", 10**6])
def test_jobs_is_a_number_of_processes(course, jobs):
    with pytest.raises(DescentError, match="jobs is a whole number of processes from 1 to 1024"):
        build(course, jobs=jobs)


def test_the_command_says_what_it_did(course, monkeypatch):
    run = CliRunner().invoke(cli, ["build", str(course), "--jobs", "1"])
    assert run.exit_code == 0, run.output
    assert run.stdout.startswith("2 made, 0 as they were; ")
    run = CliRunner().invoke(cli, ["build", str(course), "--check"])
    assert (run.exit_code, run.stdout) == (0, "2 figures are as the course says, 0 are out of date\n")
    (course.parent / "figures/bowl.png").unlink()
    run = CliRunner().invoke(cli, ["build", str(course), "--check"])
    assert run.exit_code == 1
    assert "bowl: out of date" in run.stdout
    assert CliRunner().invoke(cli, ["build"]).exit_code == 2
    assert (
        json.loads(CliRunner().invoke(cli, ["build", "--schema"]).stdout)["title"]
        == "A course of descent-viz"
    )


def test_python_has_it_too():
    assert descent.build is build


def test_another_caption_or_title_changes_the_page_alone(course, change):
    names(course)
    page = course.parent / "figures/index.html"
    before = page.stat().st_mtime_ns
    assert names(course).made == ()
    assert page.stat().st_mtime_ns == before
    change(
        ("start = [1, 1]", 'start = [1, 1]\ncaption = "A bowl."'), ('title = "Small"', 'title = "Smaller"')
    )
    assert names(course).made == ()
    text = page.read_text(encoding="utf-8")
    assert "<h1>Smaller</h1>" in text
    assert "<figcaption>A bowl.</figcaption>" in text


class Writes(Here):
    """Somebody saves another version of the function while its figure is made."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def submit(self, fn, /, *args, **kwargs):
        future = super().submit(fn, *args, **kwargs)
        self.path.write_text("def valley(x, y): return x * x + 3 * y * y\n")
        return future


def test_what_changes_while_a_figure_is_made_makes_it_anew(course, change):
    hills = course.parent / "hills.py"
    hills.write_text("def valley(x, y): return x * x + y * y\n")
    change(
        (
            'target = "sphere"\noptimizers = ["sgd:lr=0.1"]',
            'target = "hills:valley"\noptimizers = "sgd:lr=0.1"',
        )
    )
    assert "bowl" in build(course, only=["bowl"], executor=Writes(hills)).made
    assert names(course, only=["bowl"]).made == ("bowl",)
