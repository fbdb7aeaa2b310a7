"""Pictures for everybody: motion that ends, words for key frames, a table."""

import json

import pytest
from click.testing import CliRunner
from PIL import Image

import descent
from descent.cli import cli

RUN = ["compare", "beale", "-o", "sgd:lr=0.01", "-o", "adam:lr=0.1", "--steps", "12", "--size", "480x360"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Files are written into a folder of the test's own."""
    monkeypatch.chdir(tmp_path)


def run(*arguments, code=0):
    result = CliRunner().invoke(cli, [*RUN, *arguments])
    assert result.exit_code == code, result.output
    return result


def test_motion_ends_within_five_seconds_and_plays_once():
    run("--out", "a.gif", "--accessible")
    with Image.open("a.gif") as image:
        assert "loop" not in image.info
        durations = []
        for frame in range(image.n_frames):
            image.seek(frame)
            durations.append(image.info["duration"])
    assert 4 < sum(durations[:-1]) / 1000 <= 5
    run("--out", "b.gif", "--accessible", "--seconds", "2")
    with Image.open("b.gif") as image:
        assert sum(2 for _ in range(image.n_frames)) > 4


def test_words_and_numbers_are_printed():
    text = run("--out", "a.gif", "--accessible").stdout
    assert text.startswith("Contour animation of the Beale surface")
    assert "\n1. Step 0: all runs at (1, 1.5), loss 41.2.\n" in text
    assert "| SGD \\(lr 0.01\\)" in text or "| SGD (lr 0.01) | 41.2 |" in text
    found = json.loads(run("--out", "a.gif", "--accessible", "--json").stdout)
    assert found["sentences"][0] == "Step 0: all runs at (1, 1.5), loss 41.2."
    assert [row[0] for row in found["table"]] == ["run", "SGD (lr 0.01)", "Adam (lr 0.1)"]
    html = run("--out", "a.gif", "--accessible", "--embed", "html").stdout
    assert '<img src="a.gif"' in html  # it ends in time, so it may move
    assert "<ol><li>Step 0: all runs" in html
    assert '<th scope="row">SGD (lr 0.01)</th>' in html


def test_a_still_has_words_and_numbers_too():
    assert "1. Step 0: all runs at" in run("--out", "a.png", "--accessible").stdout


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--seconds", "8"], "--accessible means --seconds 5 at most, and 8 is given"),
        (["--loops", "3"], "--accessible means --loops 1 at most, and 3 is given"),
        (["--loop"], "--accessible plays once, and --loop says without end"),
        (["--embed", "latex"], "words and a table are written for markdown, html, myst, mystmd, quarto"),
    ],
)
def test_what_does_not_go_together_is_said(more, words):
    assert words in run("--out", "a.gif", "--accessible", *more, code=2).output


def test_a_still_in_place_of_an_endless_image_is_said():
    assert "a page cannot stop an image" in run("--out", "a.gif", "--embed", "markdown").stderr
    assert "a page cannot" not in run("--out", "a.gif", "--embed", "markdown", "--for", "github").stderr


def test_python_has_the_description_too():
    recording = descent.record("sphere", "sgd:lr=0.1", steps=5, resolution=(9, 9))
    for picture in (descent.animate(recording), descent.still(recording)):
        assert picture.description.sentences[0].startswith("Step 0: SGD (lr 0.1) at")
