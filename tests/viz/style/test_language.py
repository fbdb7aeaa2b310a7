"""Words in other languages: complete tables, numbers as each language writes them, and room on the page."""

import re
import string
from itertools import pairwise, product

import pytest
from matplotlib import font_manager
from matplotlib.text import Text

import descent
from descent import DescentError
from descent.surfaces.errors import NotPossibleError
from descent.trajectories.reports import endings
from descent.trajectories.results.trajectory import Outcome
from descent.viz.canvas import stage
from descent.viz.style import language
from descent.viz.style.language import LANGUAGES, message, number, say, speaking, table
from descent.viz.words.titles import title_of

OTHERS = [code for code in LANGUAGES if code != "en"]
LATIN = [code for code in OTHERS if code != "zh"]
TARGETS = [
    ("beale", ["sgd:lr=0.01", "adam:lr=0.1", "sgd:lr=0.2"], {"start": (1, 1.5), "steps": 60}),
    ("rosenbrock", ["sgd:lr=0.0005", "adam:lr=0.05"], {"steps": 40}),
    ("quadratic:condition=20", ["sgd:lr=0.04", "adam:lr=0.3"], {"steps": 400}),
    ("saddle", ["sgd:lr=0.1"], {"start": (1.0, 0.0), "steps": 60}),
    ("sphere", ["sgd:lr=1.0", "sgd:lr=0.3"], {"steps": 60, "stop_at": 1e-6, "noise": 0.1}),
    ("himmelblau", ["sgd:lr=0.01", "rmsprop:lr=0.1"], {"steps": 1}),
]


@pytest.fixture(scope="module")
def recordings():
    return [descent.record(target, specs, resolution=(24, 24), **more) for target, specs, more in TARGETS]


def _texts(picture):
    return [
        text.get_text()
        for text in picture._stage.figure.findobj(Text)
        if text.get_visible() and text.get_text()
    ]


def _placeholders(words):
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


@pytest.mark.parametrize("code", OTHERS)
def test_a_table_has_the_messages_of_the_others_with_the_same_numbers(code):
    own = table(code)
    assert own.keys() == table("de").keys()
    assert [key for key, words in own.items() if _placeholders(words) != _placeholders(key)] == []
    assert all(words.strip() for words in own.values())


def test_all_endings_and_outcomes_are_in_the_tables():
    kinds = [
        endings.AT_MINIMUM, endings.LOCAL_MINIMUM, endings.SADDLE, endings.MAXIMUM, endings.PLATEAU,
        endings.BOUNCING, *endings.HOVERING, endings.MOVING, f"{endings.LEFT_THE_DOMAIN} at step 3",
    ]  # fmt: skip
    outcomes = [Outcome("finished"), Outcome("left the view", 0), Outcome("converged", 4)]
    outcomes += [
        Outcome(kind, 3, exact) for kind in ("left the view", "non-finite") for exact in (True, False)
    ]
    missing = [words for words in [*kinds, *map(str, outcomes)] if message(words)[0] not in table("de")]
    assert missing == []


# What stays as it is: titles that are names, packages, and formulas of users.
_NAMES = re.compile(r"torch\.optim .*|torch .*|Beale|Rosenbrock|Himmelblau")


def test_all_that_pictures_say_is_in_the_tables(recordings, monkeypatch):
    asked = set()

    class Noting(dict):
        def get(self, key, default=None):
            asked.add(key)
            return super().get(key, default)

    noted = Noting(table("de"))
    monkeypatch.setattr(language, "table", lambda code: noted)
    for recording, size in product(recordings, [(960, 600), (480, 300)]):
        animation = descent.animate(recording, lang="de", size=size, seconds=1)
        animation.frame(0), animation.frame(-1)
        descent.animate(recording, lang="de", size=size, pace="early", zoom=False).frame(-1)
    assert len(asked) > 25
    assert sorted(key for key in asked - noted.keys() if not _NAMES.fullmatch(key)) == []


@pytest.mark.parametrize("code", LATIN)
def test_numbers_have_a_comma_and_words_are_those_of_the_language(recordings, code):
    texts = _texts(descent.still(recordings[0], lang=code))
    english = _texts(descent.still(recordings[0]))
    assert "lr 0,01" in texts
    assert "lr 0.01" in english
    kept = {words for words in texts if not words.startswith("$") and re.search(r"\d\.\d", words)}
    assert all("torch" in words for words in kept)  # versions alone have points
    assert any(table(code)["loss"] in words for words in texts)
    assert not any(re.search(r"\b(loss|step|steps|from|known)\b", words) for words in texts)


@pytest.mark.parametrize("code", LATIN)
@pytest.mark.parametrize("size", [(480, 300), (640, 400), (960, 600)])
def test_no_word_is_cut_by_the_page_and_lines_of_the_legend_do_not_overlap(recordings, code, size):
    for recording in recordings[:3]:
        figure = descent.still(recording, lang=code, size=size)._stage.figure
        page = figure.axes[-1]
        spots = []
        for text in page.texts + [each for each in page.get_children() if isinstance(each, Text)]:
            if not text.get_visible() or not text.get_text().strip():
                continue
            extent = text.get_window_extent()
            assert -1 <= extent.x0 <= extent.x1 <= size[0] + 1, text.get_text()
            assert -1 <= extent.y0 <= extent.y1 <= size[1] + 1, text.get_text()
            spots.append((round(extent.y0), extent.x0, extent.x1, text.get_text()))
        rows = sorted(set(spots))
        for (y, _, end, before), (other, start, _, after) in pairwise(rows):
            assert y != other or end <= start + 1, (before, after)


def test_a_language_is_gone_after_drawing_and_english_is_as_before(recordings):
    before = descent.still(recordings[0]).pixels
    french = descent.still(recordings[0], lang="fr").pixels
    assert (before != french).any()
    assert (before == descent.still(recordings[0]).pixels).all()
    with pytest.raises(RuntimeError), speaking("fr"):
        raise RuntimeError
    assert say("loss") == "loss"
    assert number("0.5") == "0.5"


def test_frames_are_in_the_language_whenever_they_are_asked_for(recordings):
    animation = descent.animate(recordings[0], lang="es", seconds=1)
    animation.frame(5)
    words = _texts(animation)
    assert any(re.fullmatch(r"paso \d+", each) for each in words)
    assert any(re.fullmatch(r"\d+,\d+", each) for each in words)


def test_the_recipe_holds_the_language(recordings):
    assert descent.still(recordings[0], lang="de").scene.wishes.given["lang"] == "de"
    assert "lang" not in descent.still(recordings[0]).scene.wishes.given


def test_chinese_without_a_font_is_refused_in_a_sentence(recordings, monkeypatch):
    monkeypatch.setattr(stage, "CHINESE", ("No Such Font",))
    with pytest.raises(NotPossibleError, match="install Noto Sans CJK SC"):
        _ = descent.still(recordings[0], lang="zh").pixels


@pytest.mark.skipif(
    not set(stage.CHINESE) & set(font_manager.fontManager.get_font_names()),
    reason="no font with Chinese letters is installed",
)
def test_chinese_is_drawn_where_a_font_is_there(recordings):
    assert any("损失" in words for words in _texts(descent.still(recordings[0], lang="zh")))


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"lang": "dee"}, "did you mean 'de'"),
        ({"lang": "de", "strip": 3}, "other languages than English"),
        ({"lang": "fr", "panels": "contour,lr"}, "other languages than English"),
    ],
)
def test_what_cannot_be_said_is_refused(recordings, wishes, words):
    with pytest.raises(DescentError, match=words):
        descent.still(recordings[0], **wishes)


def test_titles_that_are_formulas_stay():
    with speaking("de"):
        assert say(title_of("expr:x**2 + y**2")) == "x**2 + y**2"
        assert say(title_of("quadratic:condition=2.5")) == "Quadratisch, Kondition 2,5"
