"""The file: whole, self-contained, as small as wished, and what it says in words."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

import descent
from descent import DescentError
from descent.surfaces.errors import NotPossibleError
from descent.viz.explore.page import script
from descent.viz.explore.saving import MOST, fitted, thinned
from descent.viz.files.recipes import read

from .conftest import facts_of

VOID = {"meta", "img", "input"}


class Strict(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.found = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(text):
    page = Strict()
    page.feed(text)
    page.close()
    assert not page.open
    bare = re.sub(r"data:image/[^\"]*", "", text).replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//[a-z]+\.|@import|url\(|fetch\(|XMLHttpRequest", bare)
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'" in text
    assert not re.search(r"@[a-z]+@", text)
    sources = [each["src"] for _, each in page.found if "src" in each]
    assert len(sources) == 2
    assert all(source.startswith("data:image/webp;") for source in sources)


def test_all_modules_are_in_the_page_and_none_imports_or_exports():
    assert not re.search(r"^\s*(import|export)\b", script("alone"), re.MULTILINE)
    assert "function drawMap" in script("alone")


def test_names_are_escaped():
    found = descent.explore("sphere", "sgd", "0.1,0.2", starts=2, steps=2)
    text = fitted(replace(found, target="expr:</script><b>&x"), MOST)[0]
    page = Strict()
    page.feed(text)
    page.close()
    assert not page.open
    assert "<h1>&lt;/script&gt;&lt;b&gt;&amp;x</h1>" in text


def test_a_page_has_as_many_starts_as_there_is_room_for_and_says_so(beale, tmp_path):
    said = []
    whole = beale.save(tmp_path / "whole.html", say=said.append)
    assert said == []
    limit = whole.stat().st_size - 200
    assert beale.save(tmp_path / "coarse.html", max_size=limit, say=said.append).stat().st_size <= limit
    assert said == []  # points are kept less finely, which nobody sees
    limit = whole.stat().st_size - 9000
    small = beale.save(tmp_path / "small.html", max_size=limit, say=said.append)
    assert small.stat().st_size <= limit
    facts = facts_of(small.read_text(encoding="utf-8"))
    columns, rows = len(facts["x"]), len(facts["y"])
    assert columns * rows < 30
    assert said == [f"{small}: {columns} x {rows} of the 6 x 5 starts, to stay within {limit / 1000:.3g} kB"]
    assert set(facts["x"]) <= set(beale.x.tolist())
    assert f"{columns} × {rows} starts" in small.read_text(encoding="utf-8")


def test_what_is_left_of_the_starts_are_the_same_runs(beale):
    few = thinned(beale, (3, 2))
    for row, y in enumerate(few.y):
        for column, x in enumerate(few.x):
            k, j = beale.nearest(x, y)
            assert np.array_equal(few.points[:, :, row, column], beale.points[:, :, k, j], equal_nan=True)
            assert np.array_equal(few.left_at[:, :, row, column], beale.left_at[:, :, k, j])


@pytest.mark.parametrize(
    ("how", "kind", "words"),
    [
        (
            {"max_size": "55kB"},
            NotPossibleError,
            "cannot be made smaller than --max-size 55 kB; allowed: a larger",
        ),
        ({"max_size": "1kB"}, DescentError, "max_size must be at least 50kB, not '1kB'"),
        ({"max_size": "much"}, DescentError, "not an amount of bytes"),
        ({"hide": "numbres"}, DescentError, "unknown part of the page 'numbres'; did you mean 'numbers'"),
    ],
)
def test_what_cannot_be_written_is_said(beale, tmp_path, how, kind, words):
    with pytest.raises(kind, match=words):
        beale.save(tmp_path / "a.html", **how)
    with pytest.raises(DescentError, match=r"unknown suffix '\.gif'"):
        beale.save(tmp_path / "a.gif")
    assert list(tmp_path.iterdir()) == []


def test_the_page_carries_its_recipe_and_is_the_same_every_time(beale, tmp_path):
    one = beale.save(tmp_path / "one.html", hide="presets")
    other = beale.save(tmp_path / "other.html", hide=["presets"])
    assert one.read_bytes() == other.read_bytes()
    found = read(one)
    assert found.kind == "exploration"
    assert found.recipe == json.loads(json.dumps(beale.recipe)) | {"hide": ["presets"]}


def test_a_notebook_is_given_a_frame_that_may_run_scripts_alone(beale, text, monkeypatch):
    found = beale._repr_mimebundle_()
    assert found["text/plain"] == (
        "An explorable page: SGD, SGD (momentum 0.9), Adam, RMSprop and NAdam on the Beale surface from 6 x "
        "5 starts at 4 learning rates, 40 steps each."
    )
    assert 'sandbox="allow-scripts"' in found["text/html"]
    assert beale._repr_mimebundle_(include={"text/plain"}).keys() == {"text/plain"}
    assert beale._mime_()[0] == "text/html"
    assert sum(map(len, found.values())) < 1_000_000
    monkeypatch.setattr("descent.viz.explore.shown.MOST", (len(text) - 9000) / 0.97)
    assert "of the 6 x 5 starts, to stay within" in beale._repr_html_()
    monkeypatch.setattr("descent.viz.explore.shown.MOST", 60_000)
    assert "cannot be made smaller" in beale._repr_html_()
    assert "iframe" not in beale._repr_html_()
