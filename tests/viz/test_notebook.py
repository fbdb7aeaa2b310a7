"""What objects show in a notebook: the player or a still, in words too, and never too much."""

import io
import sys
import types
from base64 import b64decode
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from PIL import Image

import descent
from descent.viz.notebook import LARGEST

KINDS = {"text/html", "image/png", "text/plain"}


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = {}
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        assert tag not in self.found
        self.found[tag] = dict(attrs)

    def handle_data(self, data):
        self.words += data


def picture(text):
    return np.asarray(Image.open(io.BytesIO(b64decode(text))).convert("RGB"))


@pytest.fixture(name="shown", scope="module")
def _shown(named):
    animation = descent.animate(named("two runs"), size=(480, 360))
    return animation, animation._repr_mimebundle_()


def test_an_animation_shows_its_player_its_last_frame_and_its_words(shown, tmp_path):
    animation, found = shown
    assert found.keys() == KINDS
    assert found["text/plain"] == animation.alt
    assert "\n" not in found["text/plain"]
    assert np.array_equal(picture(found["image/png"]), animation.frame(-1))
    frame = Tags(found["text/html"]).found["iframe"]
    assert frame["sandbox"] == "allow-scripts"
    assert frame["title"] == animation.alt
    assert frame["srcdoc"] == animation.save(tmp_path / "a.html").read_text(encoding="utf-8")
    assert int(frame["height"]) > 360
    assert sum(map(len, found.values())) < LARGEST


def test_a_still_shows_an_image(named):
    still = descent.still(named("two runs"), size=(480, 360))
    found = still._repr_mimebundle_()
    assert found.keys() == KINDS
    page = Tags(found["text/html"])
    assert page.found["img"]["alt"] == still.alt
    assert page.words == still.caption
    assert page.found["img"]["src"] == f"data:image/png;base64,{found['image/png']}"
    assert np.array_equal(picture(found["image/png"]), still.pixels)


def test_what_is_not_wanted_is_not_made(shown):
    animation, found = shown
    assert animation._repr_mimebundle_(include={"image/png"}) == {"image/png": found["image/png"]}
    assert animation._repr_mimebundle_(exclude={"text/html", "image/png"}).keys() == {"text/plain"}
    assert animation._repr_html_() == found["text/html"]
    assert animation._mime_() == ("text/html", found["text/html"])


def test_a_player_that_is_too_large_is_a_still_and_a_sentence_unless_it_is_asked_for(named, monkeypatch):
    monkeypatch.setattr("descent.viz.notebook.LARGEST", 60_000)
    found = descent.animate(named("two runs"), size=(480, 360))._repr_mimebundle_()
    assert sum(map(len, found.values())) <= 61_000  # the words of the cell are not counted
    page = Tags(found["text/html"])
    assert "iframe" not in page.found
    assert "The player is left out, for it has " in page.words
    asked = page.words.rpartition("max_size='")[2].partition("'")[0]
    again = descent.animate(named("two runs"), size=(480, 360), max_size=asked)._repr_html_()
    assert "iframe" in Tags(again).found


def test_what_cannot_be_drawn_so_small_is_said(named):
    found = descent.animate(named("two runs"), size=(480, 360), max_size="3kB")._repr_mimebundle_()
    assert found.keys() == {"text/plain"}
    assert "cannot be made smaller" in found["text/plain"]


def test_a_terminal_gets_no_picture(shown, monkeypatch):
    shell = types.SimpleNamespace(display_formatter=types.SimpleNamespace(active_types=["text/plain"]))
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setattr("descent.viz.notebook._png", lambda *given: pytest.fail("something was drawn"))
    assert shown[0]._repr_mimebundle_() == {}
    assert shown[0]._repr_html_() is None


def test_results_show_what_is_made_of_them(named):
    recording = named("two runs")
    animation = descent.animate(recording)
    for subject in (recording, descent.sweep("sphere", "sgd", lr=(0.1, 0.2), steps=3)):
        found = subject._repr_mimebundle_()
        assert found.keys() == KINDS
        assert "GIF" not in found["text/html"][:2000]
        assert subject._mime_()[0] == "text/html"
    assert recording._repr_mimebundle_()["text/plain"] == animation.alt


def test_basins_and_films_show_themselves():
    found = descent.basins("himmelblau", "sgd:lr=0.01", starts=4, steps=3)._repr_mimebundle_()
    assert found.keys() == KINDS
    assert "which minimum each of 4 x 4 starts reaches" in found["text/plain"]
    network = torch.nn.Linear(1, 1)
    inputs, wanted = torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [3.0]])
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    with descent.recording(network, optimizer, data=(inputs, wanted), loss=torch.nn.MSELoss()) as film:
        assert film._repr_mimebundle_() == {}
        assert film._mime_() == ("text/plain", repr(film))
        for _ in range(3):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(network(inputs), wanted)
            loss.backward()
            optimizer.step()
            film.step(loss)
    assert film._repr_mimebundle_().keys() == KINDS


@pytest.mark.slow
def test_a_notebook_is_run_and_converted(tmp_path):
    """What nbconvert makes of a cell that returns a recording: HTML has the player, LaTeX the still."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    nbconvert = pytest.importorskip("nbconvert")
    pytest.importorskip("ipykernel")
    book = nbformat.v4.new_notebook()
    code = "import descent\ndescent.record('sphere', 'sgd:lr=0.1', steps=5)"
    book.cells = [nbformat.v4.new_code_cell(code)]
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    (output,) = [each for each in book.cells[0].outputs if "data" in each]
    assert output.data.keys() == KINDS
    html, _ = nbconvert.HTMLExporter().from_notebook_node(book)
    assert 'sandbox="allow-scripts"' in html
    latex, resources = nbconvert.LatexExporter().from_notebook_node(book)
    assert "output_0_0.png" in latex
    assert any(name.endswith(".png") for name in resources["outputs"])
    slides, _ = nbconvert.SlidesExporter().from_notebook_node(book)
    assert "srcdoc=" in slides
