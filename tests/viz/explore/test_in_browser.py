"""The page in a real browser: what is shown is what was recorded, by mouse and keys, on any screen."""

import re
from pathlib import Path

import numpy as np
import pytest

import descent
from descent.viz.explore.packing import MARGIN
from descent.viz.explore.page import page
from descent.viz.explore.saving import save

from .browser import BROWSER, NAMES, Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(NAMES)} is installed"),
]


@pytest.fixture(name="browser", scope="module")
def _browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(name="path", scope="module")
def _path(beale, tmp_path_factory):
    return save(beale, tmp_path_factory.mktemp("page") / "beale.html")


@pytest.fixture(name="opened")
def _opened(browser, path):
    browser.screen(1440, 1000)
    browser.open(path, "#step=40")
    yield browser
    assert browser.said == []


def expected(beale, state, box):
    """Where the recorded points lie on the map, in pixels of it, and which of them are near it."""
    _, _, width, height = box
    (x0, x1), (y0, y1) = beale.view
    for spec, rate in enumerate(state["rates"]):
        with np.errstate(all="ignore"):
            points = beale.points[spec, rate, state["row"], state["column"]]
            share = (points - (x0, y0)) / (x1 - x0, y1 - y0)
            near = (np.abs(share - 0.5) < 0.5 + MARGIN - 1e-3).all(axis=1)
        yield np.column_stack([share[:, 0] * width, (1 - share[:, 1]) * height]), near


def assert_recorded(browser, beale):
    found = browser.shown()
    box = browser.box(".map canvas")
    compared = 0
    for drawn, (exact, near) in zip(found["runs"], expected(beale, found["state"], box), strict=True):
        assert np.abs(np.array(drawn) - exact)[near].max() < 0.5
        compared += near.sum()
    assert compared > 40
    return found["state"]


CLICKS = [(0.1, 0.2), (0.5, 0.5), (0.93, 0.04), (0.3, 0.9), (0.71, 0.66)]


def test_what_is_drawn_after_clicks_slides_and_scrubs_is_what_was_recorded(opened, beale):
    left, top, width, height = opened.box(".map canvas")
    (x0, x1), (y0, y1) = beale.view
    for u, v in CLICKS:
        opened.click(left + u * width, top + (1 - v) * height)
        state = assert_recorded(opened, beale)
        row, column = beale.nearest(x0 + u * (x1 - x0), y0 + v * (y1 - y0))
        assert (state["row"], state["column"]) == (row, column)
        start = re.search(r"\(([^,]+), ([^)]+)\)", opened.text(".announce"))
        said = [float(value.replace("−", "-")) for value in start.groups()]
        assert said == pytest.approx([beale.x[column], beale.y[row]], rel=1e-3)
    for rate in (0, 3, 1):
        opened.ask(
            f"(() => {{ const r = document.querySelector('.rate'); r.value = {rate};"
            "r.dispatchEvent(new Event('input')); })()"
        )
        assert assert_recorded(opened, beale)["rates"] == [rate] * 5
        assert f"{beale.rates[rate]:.3g}" in opened.text(".ratevalue")
    for step in (0, 17, 40):
        opened.ask(
            f"(() => {{ const s = document.querySelector('.scrub'); s.value = {step};"
            "s.dispatchEvent(new Event('input')); })()"
        )
        assert assert_recorded(opened, beale)["step"] == step
        assert opened.text(".count") == f"step {step} of 40"
    assert [url for url in opened.asked if not url.startswith("data:")] == [opened.file]


def test_a_path_has_its_colour_where_it_was_recorded(browser, path, beale):
    browser.screen(1440, 1000)
    browser.open(path, "#show=adam&lr=0.1&step=40")
    found = browser.shown()
    pixels = browser.picture()
    left, top, width, height = browser.box(".map canvas")
    ink = browser.colour(2)
    exact = list(expected(beale, found["state"], (left, top, width, height)))[2][0]
    seen = 0
    for x, y in exact[5:35:3]:
        if not (10 < x < width - 10 and 10 < y < height - 10):
            continue
        around = pixels[int(top + y) - 2 : int(top + y) + 3, int(left + x) - 2 : int(left + x) + 3]
        seen += (np.abs(around - ink).max(axis=-1) < 60).any()
    assert seen >= 8


def test_dragging_shows_path_after_path(opened, beale):
    left, top, width, height = opened.box(".map canvas")
    opened.mouse("mousePressed", left + 0.2 * width, top + 0.5 * height)
    columns = []
    for u in np.linspace(0.2, 0.9, 6):
        opened.mouse("mouseMoved", left + u * width, top + 0.5 * height)
        columns.append(assert_recorded(opened, beale)["column"])
    opened.mouse("mouseReleased", left + 0.9 * width, top + 0.5 * height)
    assert columns == sorted(columns)
    assert len(set(columns)) >= 4


def test_all_is_done_by_keys_alone(opened, beale):
    for _ in range(20):
        opened.press("Tab")
        if opened.ask("document.activeElement.className") == "map":
            break
    else:
        pytest.fail("the map is not reached")
    before = opened.shown()["state"]
    opened.press("ArrowRight")
    opened.press("ArrowUp")
    after = assert_recorded(opened, beale)
    assert (after["row"], after["column"]) == (before["row"] + 1, before["column"] + 1)
    opened.press(",", ",")
    opened.press(",", ",")
    opened.press(".", ".")
    assert opened.shown()["state"]["step"] == 39
    opened.press("Home")
    state = opened.shown()["state"]
    assert [state["row"], state["column"]] == [before["row"], before["column"]]
    reached = set()
    for _ in range(40):
        opened.press("Tab")
        reached.add(opened.ask("document.activeElement.className || document.activeElement.tagName"))
    assert {"back", "play", "forth", "scrub", "speed", "rate", "apart", "predict", "SUMMARY"} <= reached


def test_it_plays_and_pauses_and_a_calm_reader_is_left_in_peace(browser, path):
    browser.screen(1000, 800)
    browser.open(path)
    browser.ask("new Promise((done) => setTimeout(done, 300))")
    moved = browser.shown()["state"]["step"]
    assert browser.ask("document.querySelector('.play').getAttribute('aria-label')") == "Pause"
    assert 0 < moved < 40
    browser.ask("document.querySelector('.play').click()")
    still = browser.shown()["state"]["step"]
    browser.ask("new Promise((done) => setTimeout(done, 200))")
    assert browser.shown()["state"]["step"] == still
    browser.screen(1000, 800, calm=True)
    browser.open(path)
    browser.ask("new Promise((done) => setTimeout(done, 200))")
    assert browser.shown()["state"]["step"] == 40
    assert browser.ask("document.querySelector('.play').getAttribute('aria-label')") == "Play"
    assert browser.said == []


def test_an_address_opens_one_situation_and_follows_what_is_chosen(browser, path, beale):
    browser.screen(1200, 900)
    browser.open(path, "#x=2&y=-1&lr=0.01,0.1&show=adam,nadam&step=12&hide=presets,about&theme=dark&numbers")
    state = browser.shown()["state"]
    assert (state["row"], state["column"]) == beale.nearest(2, -1)
    assert (state["rates"], state["step"]) == ([1, 2, 2, 2, 2], 12)
    assert state["on"] == [False, False, True, False, True]
    assert browser.ask(
        "[...document.querySelectorAll('[hidden][data-part]')].map((e) => e.dataset.part)"
    ) == [
        "presets",
        "about",
    ]
    browser.ask("document.querySelector('.forth').click()")
    browser.ask("new Promise((done) => setTimeout(done, 400))")
    assert "step=13" in browser.ask("location.hash")
    assert browser.said == []


def test_the_numbers_of_a_step_are_checked_and_where_there_is_no_formula_it_is_said(browser, path):
    browser.screen(1200, 900)
    browser.open(path, "#step=7&lr=0.01&numbers")
    for k, words in enumerate(["Δ = −lr · g", "Δ = −lr · b", "m̂ / (√v̂ + ε)", "d = g / (√v + ε)"]):
        browser.ask(f"document.querySelectorAll('.which button')[{k}].click()")
        text = browser.text(".rule")
        assert words in text
        assert "step k = 7" in text
        assert re.search(r"Checked against torch: the new point is \S+( · \S+)? from the recorded one", text)
    browser.ask("document.querySelectorAll('.which button')[4].click()")
    assert browser.text(".rule") == "No formula shown for NAdam: this page has no formula for NAdam."
    assert browser.said == []


def test_losses_and_distances_are_those_of_the_run(browser, path, beale):
    browser.screen(1200, 900)
    browser.open(path, "#step=30&lr=0.01")
    state = browser.shown()["state"]
    texts = browser.ask("[...document.querySelectorAll('.runs .at')].map((e) => e.innerText)")
    for spec, text in enumerate(texts):
        run = (spec, 1, state["row"], state["column"])
        if 0 <= beale.non_finite_at[run] <= 30:
            assert text.strip() == f"non-finite at step {beale.non_finite_at[run]}"
            continue
        loss = float(re.search(r"loss (?:about )?([\d.]+)", text)[1])
        apart = float(re.search(r"([\d.]+) from the minimum", text)[1])
        digits = 2e-2 if "about" in text else 1e-3
        assert loss == pytest.approx(beale.losses[run][30], rel=3 * digits)
        far = np.hypot(*(beale.points[run][30] - beale.minima[0].point))
        assert apart == pytest.approx(far, rel=3 * digits)


def test_a_run_that_leaves_is_said_to(browser, path, beale):
    browser.screen(1200, 900)
    browser.open(path, "#step=40&lr=1")
    state = browser.shown()["state"]
    texts = browser.ask("[...document.querySelectorAll('.runs .how')].map((e) => e.textContent)")
    run = (0, 3, state["row"], state["column"])
    assert beale.non_finite_at[run] > 0
    assert texts[0] == f"non-finite at step {beale.non_finite_at[run]}"


def test_a_situation_shows_what_its_sentence_says(browser, path, facts, beale):
    assert facts["presets"]
    browser.screen(1200, 900, calm=True)
    browser.open(path)
    for k, preset in enumerate(facts["presets"]):
        browser.ask(f"document.querySelectorAll('.chips button')[{k}].click()")
        state = assert_recorded(browser, beale)
        assert [state["row"], state["column"]] == preset["start"]
        assert (state["rates"], state["on"]) == (preset["rates"], preset["on"])
        assert browser.text(".said") == preset["words"]


def test_the_path_is_hidden_until_its_end_was_predicted(browser, path, beale):
    browser.screen(1200, 900, calm=True)
    browser.open(path, "#lr=0.01&show=adam")
    plain = browser.picture()
    browser.ask("document.querySelector('.predict').click()")
    left, top, width, height = browser.box(".map canvas")
    part = np.s_[int(top) : int(top + height), int(left) : int(left + width)]
    colour = browser.colour(2)
    browser.shown()

    def inked(pixels):
        return (np.abs(pixels[part] - colour).max(axis=-1) < 40).sum()

    assert inked(browser.picture()) == 0 < inked(plain)
    assert "Where is Adam after 40 steps at lr 0.01?" in browser.text(".task")
    assert "hidden" in browser.text(".runs .loss")
    state = browser.shown()["state"]
    browser.click(left + 0.75 * width, top + 0.4 * height)
    assert inked(browser.picture()) > 0
    end = beale.points[2, 1, state["row"], state["column"], -1]
    (x0, x1), (y0, y1) = beale.view
    apart = np.hypot(*(end - (x0 + 0.75 * (x1 - x0), y1 - 0.4 * (y1 - y0))))
    said = float(re.search(r"([\d.]+) from your mark", browser.text(".task"))[1])
    assert said == pytest.approx(apart, rel=0.06, abs=0.02)
    assert browser.said == []


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_on_a_screen_and_is_dark_where_that_is_wished(browser, path, beale, width, dark):
    browser.screen(width, 800, dark=dark, dots=2)
    browser.open(path, "#step=20&numbers")
    assert browser.ask("document.documentElement.scrollWidth") == width
    outside = browser.ask(
        "[...document.querySelectorAll('.explore button, .explore input, .explore canvas, .explore td')]"
        ".filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.className)"
    )
    assert outside == []
    (x0, x1), left, span = beale.view[0], browser.box(".map")[0], browser.box(".map")[2]
    labels = browser.ask(
        "[...document.querySelectorAll('.xticks span')].map((e) => {"
        "const box = e.getBoundingClientRect(); return [e.textContent, (box.left + box.right) / 2]; })"
    )
    assert len(labels) >= 2
    for words, at in labels:
        assert at == pytest.approx(left + span * (float(words.replace("−", "-")) - x0) / (x1 - x0), abs=2)
    assert (browser.picture()[2, 2].sum() < 200) == dark
    assert browser.said == []


def test_it_works_in_a_sandbox_as_notebooks_show_it(browser, beale, tmp_path):
    bundle = beale._repr_mimebundle_()
    around = tmp_path / "around.html"
    around.write_text(f"<!DOCTYPE html><body>{bundle['text/html']}</body>", encoding="utf-8")
    browser.screen(1100, 950, calm=True)
    browser.said = []
    browser.tell("Page.navigate", url=around.as_uri())
    browser.ask("new Promise((done) => setTimeout(done, 2500))")
    pixels = browser.picture()
    for number in range(2):
        ink = re.search(rf"--run{number}: #(\w\w)(\w\w)(\w\w)", page(beale)[0])
        colour = np.array([int(each, 16) for each in ink.groups()])
        assert (np.abs(pixels - colour).max(axis=-1) < 30).sum() > 100
    assert browser.said == []


def test_a_surface_without_a_tape_shows_what_is_stored(browser, tmp_path):
    found = descent.explore("shubert", "adam", "0.01,0.1", starts=4, steps=10)
    path = found.save(tmp_path / "shubert.html")
    browser.screen(1000, 800)
    browser.open(path, "#step=5&numbers")
    assert "about" in browser.text(".runs .loss")
    assert "cannot evaluate the surface" in browser.text(".rule")
    assert browser.said == []


def test_all_that_can_be_used_has_a_name_for_those_who_hear_the_page(browser, path):
    browser.screen(1200, 900)
    browser.open(path, "#step=20&numbers")
    tree = browser.tell("Accessibility.getFullAXTree")["nodes"]
    said = {}
    for node in tree:
        role, name = node.get("role", {}).get("value"), node.get("name", {}).get("value", "")
        said.setdefault(role, []).append(name)
    assert all(all(said[role]) for role in ("button", "slider", "checkbox", "combobox", "application"))
    assert "Map of the Beale surface; choose where the runs start" in said["application"]
    assert {"Step", "Learning rate"} <= set(said["slider"])
    assert len(said["checkbox"]) == 6
    assert said["heading"][0] == "Beale"


def test_a_situation_is_kept_while_another_is_chosen(browser, path, beale):
    browser.screen(1440, 1000, calm=True)
    browser.open(path, "#x=-2&y=-2&lr=0.1&show=adam&step=40")
    browser.ask("document.querySelector('.keep').click()")
    left, top, width, height = browser.box(".map canvas")
    browser.click(left + 0.8 * width, top + 0.8 * height)
    found = browser.shown()
    kept = found["state"]["kept"]
    assert (kept["row"], kept["column"]) == beale.nearest(-2, -2) != (found["state"]["row"], 0)
    assert kept["on"] == [False, False, True, False, False]
    for drawn, (exact, near) in zip(found["kept"], expected(beale, kept, (0, 0, width, height)), strict=True):
        assert np.abs(np.array(drawn) - exact)[near].max() < 0.5
    assert_recorded(browser, beale)
    words = browser.text(".kept")
    assert words.startswith("A, dashed: from (")
    loss = beale.losses[2, 2, kept["row"], kept["column"], 40]
    assert float(re.search(r"Adam loss ([\d.]+)", words)[1].rstrip(".")) == pytest.approx(loss, rel=1e-3)
    browser.ask("new Promise((done) => setTimeout(done, 400))")
    address = browser.ask("location.hash")
    browser.open(path, address + "&step=40")
    assert browser.shown()["state"]["kept"] == kept
    browser.ask("document.querySelector('.keep').click()")
    assert browser.shown()["state"]["kept"] is None
    assert browser.text(".kept") == ""
    assert browser.said == []


DRAG = """new Promise((done) => {
  const map = document.querySelector(".map"), box = map.getBoundingClientRect();
  Element.prototype.setPointerCapture = () => {}; // of a pointer that is none
  Element.prototype.hasPointerCapture = () => true;
  let count = 0;
  const move = () => {
    const at = { bubbles: true, pointerId: 1, clientX: box.left + box.width * (count % 6 + 0.5) / 6 };
    at.clientY = box.top + box.height / 2;
    map.dispatchEvent(new PointerEvent(count ? "pointermove" : "pointerdown", at));
    if (++count < 60) requestAnimationFrame(move);
    else done(document.querySelector(".explore").shown().state.column);
  };
  move();
})"""


def test_a_frame_of_dragging_lays_nothing_out_and_the_words_are_right_in_the_end(browser, path, beale):
    """The paths follow in every frame; to lay the page out in each would take as long as to draw them."""
    browser.screen(1440, 1000, calm=True)
    browser.open(path, "#step=40")
    browser.tell("Performance.enable")

    def laid_out():
        metrics = browser.tell("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "LayoutCount")

    before = laid_out()
    begin = browser.ask("performance.now()")
    column = browser.ask(DRAG)
    spent = browser.ask("performance.now()") - begin
    assert laid_out() - before < 8 + 2 * spent / 100  # the words change ten times a second
    browser.ask(
        "document.querySelector('.map').dispatchEvent(new PointerEvent('pointerup', { bubbles: true }))"
    )
    state = assert_recorded(browser, beale)
    assert state["column"] == column
    assert f"({beale.x[column]:.4g}, {beale.y[state['row']]:.4g})" in browser.text(".announce").replace(
        "−", "-"
    )


AXE = """axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
  .then((found) => found.violations.map((each) => [each.id, each.nodes.map((node) => node.html)]))"""


def axe(browser):
    """Return what axe finds on the page as it is."""
    import axe_core_python

    script = Path(axe_core_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    browser.ask(f"{script}; null")
    return browser.ask(AXE)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_that_keeps_people_out(browser, path, dark, width):
    browser.screen(width, 900, dark=dark, calm=True)
    browser.open(path, "#step=7&numbers&ax=-2&ay=1&alr=0.01")
    assert axe(browser) == []
    browser.open(path, "#predict&lr=0.01,0.1,0.1,1,1")
    assert axe(browser) == []


def test_axe_would_find_a_slider_without_a_name(browser, path):
    browser.open(path, "#step=7")
    browser.ask("document.querySelector('.scrub').removeAttribute('aria-label')")
    assert [name for name, _ in axe(browser)] == ["label"]


def assert_both_recorded(browser, beale):
    """Hold both maps' paths to the recording; returns the state."""
    found = browser.shown()
    _, _, width, height = browser.box(".map .over")
    for drawn, situation in ((found["runs"], found["state"]), (found["kept"], found["state"]["kept"])):
        for run, (exact, near) in zip(drawn, expected(beale, situation, (0, 0, width, height)), strict=True):
            assert np.abs(np.array(run) - exact)[near].max() < 0.5
    return found["state"]


def test_two_situations_stand_side_by_side_and_share_the_step(browser, path, beale):
    browser.screen(1440, 1000, calm=True)
    browser.open(path, "#x=-2&y=-2&lr=0.1&show=adam&step=40")
    browser.ask("document.querySelector('.beside').click()")
    assert browser.ask("document.querySelectorAll('.map').length") == 2
    browser.shown()
    left, top, width, height = browser.box(".maps .mapframe:last-child .over")
    browser.click(left + 0.8 * width, top + 0.8 * height)
    state = assert_both_recorded(browser, beale)
    assert state["chosen"] == "B"
    kept = state["kept"]
    assert (kept["row"], kept["column"]) == beale.nearest(-2, -2) != (state["row"], state["column"])
    b = [state["row"], state["column"]]
    # What is set now is A's: a click on its map chooses it, with a start, a rate and optimizers of its own.
    left, top, width, height = browser.box(".maps .mapframe:first-child .over")
    browser.click(left + 0.3 * width, top + 0.7 * height)
    browser.ask(
        "(() => { const r = document.querySelector('.rate'); r.value = 1;"
        "r.dispatchEvent(new Event('input'));"
        "document.querySelectorAll('.runs input[type=checkbox]')[0].click(); })()"
    )
    state = assert_both_recorded(browser, beale)
    assert (state["chosen"], state["rates"]) == ("A", [1] * 5)
    assert [state["kept"]["row"], state["kept"]["column"]] == b
    assert state["kept"]["rates"] == [2] * 5
    assert state["on"][0]
    assert not state["kept"]["on"][0]
    # One step for both: the other map is drawn anew, and has its own path's colour.
    before = browser.picture()
    browser.ask(
        "(() => { const s = document.querySelector('.scrub'); s.value = 3;"
        "s.dispatchEvent(new Event('input')); })()"
    )
    assert assert_both_recorded(browser, beale)["step"] == 3
    changed = np.abs(browser.picture() - before).max(axis=-1) > 40
    for side in ("first", "last"):
        left, top, width, height = map(int, browser.box(f".maps .mapframe:{side}-child .over"))
        assert changed[top : top + height, left : left + width].sum() > 20, side
    # The address opens both again; by keys the other map is chosen where it gets the focus.
    browser.ask("new Promise((done) => setTimeout(done, 400))")
    address = browser.ask("location.hash")
    browser.open(path, address)
    again = assert_both_recorded(browser, beale)
    assert again["beside"]
    assert (again["chosen"], [again["row"], again["column"]]) == ("B", b)
    assert again["kept"]["rates"] == [1] * 5
    browser.ask("document.querySelector('.maps .mapframe:first-child .map').focus()")
    browser.press("ArrowRight")
    moved = assert_both_recorded(browser, beale)
    assert (moved["chosen"], moved["column"]) == ("A", again["kept"]["column"] + 1)
    assert axe(browser) == []
    for size in (1440, 768, 360):
        browser.screen(size, 800)
        browser.shown()
        assert browser.ask("document.documentElement.scrollWidth") == size
        bottoms = [
            top + height
            for _, top, _, height in (
                browser.box(f".mapframe:{side}-child .map") for side in ("first", "last")
            )
        ]
        assert browser.box(".maps .mapframe:first-child .xticks")[1] >= bottoms[0] - 1
        assert browser.box(".key")[1] >= max(bottoms)  # nothing lies on the maps
    browser.ask("document.querySelector('.beside').click()")
    assert browser.shown()["state"]["chosen"] == "B"
    assert browser.ask("document.querySelectorAll('.map').length") == 1
    assert_recorded(browser, beale)
    assert browser.said == []
