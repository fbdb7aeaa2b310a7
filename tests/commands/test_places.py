"""Pictures for a place: what suits it is wished for, what it does not take is refused, files are read."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from descent.cli import cli
from descent.surfaces.errors import NotPossibleError
from descent.viz.files.formats import FORMATS
from descent.viz.files.places import PLACES, checked
from descent.viz.files.recipes import read
from descent.viz.scenes.wishes import WISHES, Wishes

BEALE = ("compare", "beale", "-o", "sgd:lr=0.01", "--steps", "3", "--seconds", "0.2", "--hold", "0")


@pytest.fixture(name="run")
def _run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        result = CliRunner().invoke(cli, words)
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.mark.parametrize("name", PLACES)
def test_every_place_takes_known_files_and_wishes(name):
    place = PLACES[name]
    assert set(place.suffixes) <= set(FORMATS)
    assert place.wishes.keys() <= WISHES.keys()
    Wishes(**place.wishes).look(3)
    assert not any(WISHES[wish].subjects for wish in place.wishes)  # so that every kind of picture has them


def test_a_mail_is_narrow_and_ends_by_itself(run):
    result = run(*BEALE, "--for", "email")
    (path,) = Path("outputs").iterdir()
    with Image.open(path) as image:
        assert (image.size, image.info["loop"]) == ((640, 400), 2)  # again, after the first time
    size = f"{path.stat().st_size / 1e3:.3g} kB"
    assert f"note: {path} for email: {size} of at most 1 MB, 640x400 pixels, plays 3 times" in result.stderr


def test_what_is_wished_for_stays(run):
    result = run(*BEALE, "--for", "pypi", "--size", "square", "--no-loop", "--out", "a.gif")
    assert "800x800 pixels, plays once" in result.stderr
    assert read("a.gif").look["size"] == "square"


def test_paper_is_a_pdf_in_greys(run):
    run(*BEALE, "--for", "print")
    (path,) = Path("outputs").iterdir()
    assert path.suffix == ".pdf"
    assert read(path).look["theme"] == "print"


def test_the_still_that_a_document_needs_is_no_file_for_the_place(run):
    result = run(*BEALE, "--for", "github", "--embed", "quarto", "--out", "a.gif")
    assert Path("a.pdf").exists()
    assert result.stderr.count(" for github: ") == 1


def test_again_suits_a_place_too(run):
    run(*BEALE, "--theme", "dark", "--out", "a.gif")
    result = run("again", "a.gif", "--for", "email", "--out", "b.gif")
    assert "plays 3 times" in result.stderr
    assert read("b.gif").look["theme"] == "dark"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--for", "emial"), "unknown place 'emial'; did you mean 'email'"),
        (("--for", "email", "--out", "a.webm"), "email takes .gif, .png, not a.webm"),
        (("--for", "print", "--out", "f/%d.pdf"), "print takes .pdf, .png, .svg, not f/%d.pdf"),
        (("--for", "github", "--out", "frames/"), "not frames/"),
    ],
)
def test_what_a_place_does_not_take_is_refused_before_anything_runs(run, nothing_runs, words, says):
    assert says in run(*BEALE, *words, code=2).stderr


def test_a_file_is_kept_within_what_the_place_takes(run, monkeypatch):
    monkeypatch.setitem(PLACES, "email", PLACES["email"].__class__("", (".gif",), 60_000, {}))
    run(*BEALE, "--for", "email", "--out", "a.gif")
    assert Path("a.gif").stat().st_size <= 60_000
    Path("b.gif").write_bytes(Path("a.gif").read_bytes() + bytes(60_000))
    with pytest.raises(NotPossibleError, match=r"b\.gif has .* kB, and email takes at most 60 kB"):
        checked("email", "b.gif")


def test_places_are_listed(run):
    assert json.loads(run("list", "places", "--json").stdout).keys() == PLACES.keys()


def test_a_stop_beyond_the_run_is_refused_before_it_runs(run, nothing_runs):
    assert (
        "no frame can stop at step 4, for the run has 3 steps" in run(*BEALE, "--stops", "1,4", code=2).stderr
    )
    assert "step 201, for the run has 200 steps" in run("compare", "beale", "--stops", "201", code=2).stderr


def test_a_talk_from_the_command_line(run):
    said = run(*BEALE, "--stops", "1,2", "--embed", "beamer").stdout
    assert said.count("includegraphics<") == 3
    assert [path.suffix for path in Path("outputs").iterdir()] == [".pdf"]
    assert (
        "--stops changes .html, .pdf, frames/ only, not a.gif"
        in run(*BEALE, "--stops", "1", "--out", "a.gif").stderr
    )
