"""The page as an ES module in other pages: the contract of anywidget, in a real browser."""

import json
from base64 import b64encode

import numpy as np
import pytest

import descent
from descent.surfaces.errors import NotPossibleError
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.viz.explore.widget import answer

from .browser import BROWSER, NAMES, SETTLED, Browser
from .test_in_browser import expected

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(NAMES)} is installed"),
]

SHOW = """(async () => {
  const style = "<style>button { color: rgb(255, 0, 0) } .explore { padding: 300px }</style>";
  document.body.innerHTML = style + "<div></div>";
  const at = URL.createObjectURL(new Blob([TEXT], { type: "text/javascript" }));
  const widget = (await import(at)).default;
  window.model = MODEL;
  window.end = await widget.render({ model: window.model, el: document.querySelector("div") });
  window.page = document.querySelector("div > div").shadowRoot.querySelector(".explore");
  while (!window.page.shown().ready) await new Promise((done) => setTimeout(done, 20));
  return Object.keys(widget);
})()"""
STATIC = "{ get: (name) => ({ situation: '#x=2&y=-1&lr=0.1&show=adam,rmsprop&step=12' })[name] }"


@pytest.fixture(name="browser", scope="module")
def _browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def shown(browser, path, model):
    browser.screen(1200, 900, calm=True)
    browser.said, browser.asked = [], []
    browser.tell("Page.navigate", url="about:blank")
    text = json.dumps(path.read_text(encoding="utf-8"))
    return browser.ask(SHOW.replace("TEXT", text).replace("MODEL", model))


def state_of(browser):
    return browser.ask(f"{SETTLED}.then(() => window.page.shown())")


def assert_recorded(browser, beale):
    found = state_of(browser)
    box = browser.ask(
        "(() => { const b = page.querySelector('.over').getBoundingClientRect();"
        "return [b.left, b.top, b.width, b.height]; })()"
    )
    for drawn, (exact, near) in zip(found["runs"], expected(beale, found["state"], box), strict=True):
        assert np.abs(np.array(drawn) - exact)[near].max() < 0.5
    return found["state"], box


def test_a_module_shows_the_page_without_a_kernel_and_in_a_style_of_its_own(browser, beale, tmp_path):
    path = beale.save(tmp_path / "beale.mjs")
    assert shown(browser, path, STATIC) == ["render"]
    state, (left, top, width, height) = assert_recorded(browser, beale)
    assert (state["row"], state["column"]) == beale.nearest(2, -1)
    assert (state["rates"], state["step"]) == ([2] * 5, 12)
    browser.click(left + 0.3 * width, top + 0.3 * height)
    state, _ = assert_recorded(browser, beale)
    (x0, x1), (y0, y1) = beale.view
    assert (state["row"], state["column"]) == beale.nearest(x0 + 0.3 * (x1 - x0), y1 - 0.3 * (y1 - y0))
    browser.press("ArrowRight")
    assert assert_recorded(browser, beale)[0]["column"] == state["column"] + 1
    browser.press(",", ",")
    assert state_of(browser)["state"]["step"] == 39
    look = "getComputedStyle(page.querySelector('.play')).color"
    assert browser.ask(look) != "rgb(255, 0, 0)"
    assert browser.ask("getComputedStyle(page).paddingLeft") == "24px"
    assert browser.ask("location.href") == "about:blank"
    assert [url for url in browser.asked if not url.startswith(("data:", "blob:", "about:"))] == []
    browser.ask("(window.end(), 0)")
    assert browser.said == []


def test_two_of_them_on_one_page_do_not_hear_each_other(browser, beale, tmp_path):
    path = beale.save(tmp_path / "beale.mjs", hide="about")
    shown(browser, path, "null")
    first = "window.first"
    browser.ask(f"({first} = window.page, 0)")
    again = SHOW.replace("document.body.innerHTML = ", "const unused = ").replace(
        'querySelector("div > div").shadowRoot', "querySelectorAll('div > div')[1].shadowRoot"
    )
    text = json.dumps(path.read_text(encoding="utf-8"))
    browser.ask(again.replace("TEXT", text).replace("MODEL", STATIC))
    before = browser.ask(f"{first}.shown().state")
    browser.ask("(page.querySelector('.map').focus(), page.querySelector('.forth').click(), 0)")
    browser.press("ArrowLeft")
    assert state_of(browser)["state"]["step"] == 40
    assert browser.ask(f"{first}.shown().state") == before
    assert browser.said == []


LIVE = """(() => {
  const heard = new Set();
  return {
    get: (name) => ({ live: true, situation: "#step=40&show=adam,sgd" })[name],
    on: (name, act) => heard.add(act), off: (name, act) => heard.delete(act),
    send: (wish) => { window.wish = wish; }, heard,
    tell: (said, buffers) => heard.forEach((act) => act(said, buffers.map((text) =>
      new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer)))),
  };
})()"""


def answered(browser, beale):
    """Answer what the page has asked the model, as the kernel does; returns what was asked."""
    wish = browser.ask(f"{SETTLED}.then(() => window.wish)")
    said, buffers = answer(beale, wish)
    texts = [b64encode(each).decode() for each in buffers]
    browser.ask(f"(model.tell({json.dumps(said)}, {json.dumps(texts)}), 0)")
    return wish


def test_with_a_kernel_a_click_is_computed_from_its_very_place_and_any_rate_can_be_typed(
    browser, beale, tmp_path
):
    path = beale.save(tmp_path / "beale.mjs")
    shown(browser, path, LIVE)
    _, (left, top, width, height) = assert_recorded(browser, beale)
    browser.click(round(left + 0.37 * width), round(top + 0.41 * height))
    assert_recorded(browser, beale)  # the nearest that is there, until the kernel has answered
    wish = answered(browser, beale)
    (x0, x1), (y0, y1) = beale.view
    u, v = (round(left + 0.37 * width) - left) / width, 1 - (round(top + 0.41 * height) - top) / height
    assert wish["start"] == pytest.approx([x0 + u * (x1 - x0), y0 + v * (y1 - y0)], abs=1e-6)
    assert_computed(browser, beale, wish, (width, height))
    browser.ask(
        "(() => { const r = page.querySelector('.exact'); r.value = '0.0234';"
        "r.dispatchEvent(new Event('change')); })()"
    )
    again = answered(browser, beale)
    assert (again["start"], again["rates"]) == (wish["start"], [0.0234] * 5)
    assert_computed(browser, beale, again, (width, height))
    assert browser.ask("page.querySelector('.announce').textContent").startswith("Computed now from (")
    assert "lr 0.0234" in browser.ask("page.querySelector('.runs small').textContent")
    assert browser.ask("page.shown().departs.slice(0, 4)") == [-1] * 4  # by the rules, too
    browser.ask("(page.querySelector('.map').focus(), 0)")
    browser.press("ArrowRight")
    assert_recorded(browser, beale)
    browser.ask("(window.end(), 0)")
    assert browser.ask("model.heard.size") == 0
    assert browser.said == []


def assert_computed(browser, beale, wish, size):
    (x0, x1), (y0, y1) = beale.view
    runs = state_of(browser)["runs"]
    for spec, rate, drawn in zip(beale.specs, wish["rates"], runs, strict=True):
        one = descent.record("beale", OptimizerSpec.parse(spec).with_lr(rate), start=wish["start"], steps=40)
        share = (one.trajectories[0].points - (x0, y0)) / (x1 - x0, y1 - y0)
        exact = np.column_stack([share[:, 0] * size[0], (1 - share[:, 1]) * size[1]])
        near = (np.abs(share - 0.5) < 1.4).all(axis=1)
        assert np.abs(np.array(drawn)[: len(exact)] - exact)[near].max() < 0.5


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"start": [0, 0], "rates": [0.1]}, "rates must be 5 finite numbers"),
        ({"start": [0, float("nan")], "rates": [0.1] * 5}, "start must be 2 finite numbers"),
        ({"start": [0, 0], "rates": [0.1] * 4 + [-1]}, "a rate is a number above 0"),
        ({"start": "ab", "rates": [0.1] * 5}, "start must be 2 finite numbers"),
        (None, "start must be 2 finite numbers"),
    ],
)
def test_what_a_page_may_not_ask_is_said_to_it(beale, wish, words):
    said, buffers = answer(beale, wish)
    assert said["error"] == words
    assert buffers == []


def sphere(p):
    """A surface that is not the one of this name in the catalogue."""
    return (p**4).sum(-1)


def test_another_surface_of_the_same_name_is_not_computed():
    found = descent.explore(sphere, "sgd", "0.01,0.1", starts=4, steps=5)
    said, buffers = answer(found, {"id": "a", "start": [1.0, 1.2], "rates": [0.01]})
    assert said["error"].startswith("nothing more is computed here: 'sphere' does not lead to the surface")
    assert buffers == []
    named = descent.explore("sphere", "sgd", "0.01,0.1", starts=4, steps=5, dtype="float32")
    assert "error" not in answer(named, {"id": "a", "start": [1.0, 1.2], "rates": [0.01]})[0]


def test_the_widget_hears_and_answers(beale, monkeypatch):
    pytest.importorskip("anywidget")
    made = beale.widget("#step=3")
    assert made.live
    assert made.situation == "#step=3"
    assert made._esm.endswith("export default { render };\n")
    sent = []
    monkeypatch.setattr(type(made), "send", lambda _, content, buffers=None: sent.append((content, buffers)))
    wish = {"id": "a", "start": [1.0, 1.5], "rates": [0.01] * 5}
    made._handle_custom_msg(wish, [])
    ((said, buffers),) = sent
    assert said["id"] == "a"
    assert [len(each) for each in buffers] == [5 * 41 * 2 * 8, 5 * 41 * 8]
    assert buffers == answer(beale, wish)[1]


def test_without_anywidget_it_is_said_how_to_get_it(beale, monkeypatch):
    monkeypatch.setattr("descent.viz.explore.widget.find_spec", lambda name: None)
    with pytest.raises(NotPossibleError, match=r"pip install 'descent-viz\[widget\]'"):
        beale.widget()
