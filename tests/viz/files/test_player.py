"""The page with a player: what it holds, that it draws what the other formats show, and how it behaves."""

import io
import itertools
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from matplotlib.path import Path as Outline
from matplotlib.text import Text

import descent
from descent.surfaces.errors import NotPossibleError
from descent.viz.canvas import display_list
from descent.viz.canvas.draw_recorder import Recorder
from descent.viz.canvas.outlines import outline
from descent.viz.canvas.parts import Moving, still_there
from descent.viz.canvas.pens import Hotspot
from descent.viz.canvas.stage import compile_scene, default_style
from descent.viz.files.data_uris import film, uri
from descent.viz.files.formats import FORMATS
from descent.viz.files.metadata import in_page
from descent.viz.files.order import Order
from descent.viz.files.player import html
from descent.viz.scenes.scene import compose

SIZE = (480, 360)
NASTY = json.dumps({"x": '</script><script>alert(1)</script> <!-- @title@ \\u003c "é" \U0001f600 \u2028'})
VOID = {"meta", "img", "input", "link", "br"}


def stage_of(subject, **wishes):
    return compile_scene(compose(subject, **{"size": SIZE, **wishes}))


def write(stage, path, **words):
    html(
        stage, path, Order(**{"recipe": '{"kind": "recording"}', "title": "A title", "alt": "Words", **words})
    )
    return path


def listed(stage):
    return display_list.record(stage, lambda done: None)


@pytest.fixture(name="pair", scope="module")
def _pair(named):
    return stage_of(named("two runs"))


@pytest.fixture(name="page", scope="module")
def _page(pair, tmp_path_factory):
    return write(pair, tmp_path_factory.mktemp("page") / "two.html", caption="A caption.")


# --- the file


class Strict(HTMLParser):
    """Reads a page and fails where tags do not match."""

    def __init__(self):
        super().__init__()
        self.open, self.found = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(text):
    reader = Strict()
    reader.feed(text)
    reader.close()
    assert not reader.open
    return reader.found


def test_the_page_is_whole_and_says_what_it_shows(page):
    tags = parsed(page.read_text(encoding="utf-8"))
    assert [tag for tag, _ in tags if tag in ("title", "figure", "figcaption", "canvas")] == [
        "title",
        "figure",
        "canvas",
        "figcaption",
    ]
    (canvas,) = [attributes for tag, attributes in tags if tag == "canvas"]
    assert canvas == {"role": "img", "aria-label": "Words"}
    assert dict(tags)["html"] == {"lang": "en"}


def test_the_page_needs_nothing_from_elsewhere(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub(r"data:image/[^\"]*", "", text))
    sources = [attributes["src"] for _, attributes in parsed(text) if "src" in attributes]
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert "default-src 'none'" in text


def test_a_page_without_a_caption_has_no_empty_one(pair, tmp_path):
    text = write(pair, tmp_path / "bare.html").read_text(encoding="utf-8")
    assert "figcaption" not in {tag for tag, _ in parsed(text)}


def test_words_are_escaped_and_never_filled_in_twice(pair, tmp_path):
    words = {"title": '<b>"1" & @alt@</b>', "alt": 'x"><script>', "caption": "@recipe@ <i>"}
    text = write(pair, tmp_path / "words.html", **words).read_text(encoding="utf-8")
    found = parsed(text)
    assert "<title>&lt;b&gt;&quot;1&quot; &amp; @alt@&lt;/b&gt;</title>" in text
    assert "@recipe@ &lt;i&gt;" in text
    assert sum(tag == "script" for tag, _ in found) == 4
    (canvas,) = [attributes for tag, attributes in found if tag == "canvas"]
    assert canvas["aria-label"] == words["alt"]


def test_the_recipe_is_read_back(pair, tmp_path):
    text = write(pair, tmp_path / "nasty.html", recipe=NASTY).read_text(encoding="utf-8")
    assert sum(tag == "script" for tag, _ in parsed(text)) == 4
    assert [json.loads(each) for each in in_page(tmp_path / "nasty.html")] == [json.loads(NASTY)]
    (tmp_path / "none.html").write_text("<p>none</p>")
    assert list(in_page(tmp_path / "none.html")) == []


def test_an_animation_is_saved_as_a_page_and_drawn_as_before(named, tmp_path):
    animation = descent.animate(named("one leaves"), size=SIZE)
    before = animation.frame(9)
    done = []
    path = animation.save(tmp_path / "a.html", progress=lambda *counts: done.append(counts))
    assert done == [(k + 1, 25) for k in range(25)]
    assert np.array_equal(animation.frame(9), before)
    recipe = json.loads(next(in_page(path)))
    assert recipe["kind"] == "recording"
    again = animation.save(tmp_path / "b.html")
    assert path.read_bytes() == again.read_bytes()
    assert FORMATS[".html"].moves


def test_the_page_of_the_usual_picture_is_small(make_recording, make_run, shrinking, tmp_path):
    factors = {"sgd:lr=0.01": (0.99, 0.97), "adam:lr=0.1": (0.97, -0.96), "rmsprop:lr=0.05": (0.95, 0.98)}
    runs = [make_run(shrinking(*each, steps=200), spec) for spec, each in factors.items()]
    path = descent.animate(make_recording(*runs), size="medium").save(tmp_path / "usual.html")
    assert path.stat().st_size < 380_000


# --- what is noted


def assert_complete(found, frames):
    """Everything that is referred to is there, and it all goes into JSON."""
    assert len(found["grown"]) == len(found["moving"]) == frames
    looks, things = found["looks"], found["things"]
    for group in itertools.chain(*found["grown"], *found["moving"]):
        sequence, *steps = found["groups"][group]
        assert len(found["sequences"][sequence]) == len(steps)
        assert all(0 <= number < len(things) for number in itertools.accumulate(steps))
        assert all(0 <= number < len(looks) for number in found["sequences"][sequence])
    for thing in things:
        if len(thing) == 3:
            assert thing[0] < len(found["shapes"])
        elif len(thing) == 4:
            _, face, advances = found["fonts"][thing[2]]
            assert set(thing[3]) <= set(found["faces"][face]) & set(advances)
        else:
            assert thing[5] < len(found["films"][thing[4]])
    json.dumps({key: value for key, value in found.items() if key != "films"}, allow_nan=False)


@pytest.mark.parametrize(
    "kind",
    [
        "one leaves",
        "diverging",
        "to nan",
        "all gone",
        "unequal lengths",
        "standing still",
        "one step",
        "no runs",
    ],
)
@pytest.mark.parametrize("theme", ["light", "print"])
def test_recordings_of_surfaces_can_be_noted(named, kind, theme):
    stage = stage_of(named(kind), theme=theme)
    assert_complete(listed(stage), stage.scene.frames)


@pytest.mark.parametrize(
    "wishes",
    [
        {"panels": "surface3d,loss"},
        {"panels": "surface3d", "orbit": True},
        {"panels": "contour,lr,gradient"},
        {"grid": "run"},
        {"grid": "optimizer,lr"},
        {"arrows": "gradient,step", "field": True},
    ],
    ids=str,
)
def test_all_wishes_can_be_noted(named, wishes):
    stage = stage_of(named("one leaves"), seconds=0.3, **wishes)
    assert_complete(listed(stage), stage.scene.frames)


@pytest.mark.parametrize(
    ("kind", "specs"), [("moons", 1), ("moons", 2), ("blobs", 1), ("waves", 2), ("line", 2)]
)
def test_recordings_of_networks_can_be_noted(make_network, kind, specs):
    stage = stage_of(
        make_network(kind, specs=("sgd:lr=0.2", "adam:lr=0.05")[:specs]), size=(960, 600), seconds=0.3
    )
    assert_complete(listed(stage), stage.scene.frames)


@pytest.mark.parametrize(
    "panel", ["loss", "fit", "curves", "line", "layers", "hinton", "lr", "gradient", "surface3d"]
)
def test_every_panel_of_a_network_can_be_noted(make_network, panel):
    stage = stage_of(make_network(), size=(960, 600), seconds=0.3, panels=f"contour,{panel}")
    assert_complete(listed(stage), stage.scene.frames)


@pytest.mark.parametrize("target", ["double_well"])
def test_curves_can_be_noted(target):
    recording = descent.record(target, ["sgd:lr=0.01"], steps=8)
    stage = stage_of(recording, seconds=0.3)
    assert_complete(listed(stage), stage.scene.frames)


def test_sweeps_and_basins_can_be_noted():
    rates = descent.sweep("beale", ["sgd", "adam"], [0.001, 0.01, 0.1], steps=8)
    for wishes in ({}, {"grid": "optimizer,lr"}):
        stage = stage_of(rates, **wishes)
        assert_complete(listed(stage), stage.scene.frames)
    stage = stage_of(descent.basins("himmelblau", ["sgd:lr=0.01"], steps=8, starts=12))
    found = listed(stage)
    assert_complete(found, stage.scene.frames)
    assert len(found["films"]) == 1


def runs_in(found):
    return {look[0] for look in found["looks"]}


def test_what_belongs_to_a_run_is_marked(pair):
    found = listed(pair)
    assert runs_in(found) == {None, 0, 1}
    for run, style in enumerate(pair.scene.styles):
        inks = {look[3] for look in found["looks"] if look[0] == run and len(look) > 3}
        others = {look[3] for look in found["looks"] if look[0] != run and len(look) > 3}
        assert style.colour in inks
        assert not inks & others - {pair.scene.theme.background}


def test_each_row_of_the_legend_can_be_pressed(pair, page):
    spots = pair.figure.findobj(Hotspot)
    assert [(spot.run, spot.name) for spot in spots] == [(0, "SGD lr 0.01"), (1, "Adam lr 0.1")]
    rows = [a for tag, a in parsed(page.read_text(encoding="utf-8")) if a.get("class") == "row"]
    assert [row["aria-label"] for row in rows] == ["Hide SGD lr 0.01", "Hide Adam lr 0.1"]
    assert all(row["aria-pressed"] == "false" for row in rows)
    for row in rows:
        shares = [float(share) for share in re.findall(r"([\d.]+)%", row["style"])]
        assert len(shares) == 4
        assert all(0 < share < 100 for share in shares)


def test_what_cannot_be_noted_is_refused(named):
    stage = stage_of(named("two runs"), seconds=0.2)
    axes = stage.figure.axes[0]
    hatched = Rectangle((0, 0), 1, 1, hatch="//")
    axes.add_artist(hatched)
    odd = type(stage)(stage.scene, stage.figure, stage.canvas, (), (Moving(hatched, still_there),))
    with pytest.raises(NotPossibleError, match="cannot show hatched or sketched paths"):
        listed(odd)
    recorder = Recorder(10, 10)
    for ask in (recorder.draw_tex, recorder.draw_gouraud_triangles, recorder.start_filter):
        with pytest.raises(NotPossibleError, match="a page with a player cannot show"):
            ask()


@pytest.mark.parametrize(
    ("points", "codes", "course"),
    [
        ([(0, 0), (1e-4, 0)], None, "m0 0h1"),  # a dot keeps its ink
        ([(0, 0), (0, 0)], None, None),
        ([(0, 0), (1, 2), (np.nan, 1), (3, 0), (3, 4)], None, "m0 0 20-40m40 40v-80"),
        ([(0, 0), (1, 0), (1, 1), (0, 0)], [1, 2, 2, 79], "m0 0h20v-20z"),
        ([(0, 0), (1, 0), (1, 1), (2, 2)], [1, 4, 4, 4], "m0 0c20 0 20-20 40-40"),
        ([(0, 0)], None, None),
    ],
)
def test_outlines_are_written_as_paths(points, codes, course):
    found = outline(Outline(points, codes), None, 10, hollow=True)
    assert (None if found is None else found[2]) == course
    assert found is None or found[:2] == (0, 200)


def test_films_hold_changes_only_unless_they_are_see_through():
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 255, (5, 6, 8, 4), np.uint8)
    pictures[..., 3] = 255
    facts = film(list(pictures))
    assert (facts["changes"], facts["each"], len(facts["sheets"])) == (True, 5, 1)
    pictures[2, 0, 0, 3] = 0
    assert film(list(pictures))["changes"] is False
    assert uri(pictures[0]).startswith("data:image/webp;base64,")


# --- in a browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
DOTS = 2  # to a pixel: the static part is drawn that sharply, so frames can be compared letter by letter


def in_browser(test):
    missing = pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(NAMES)} is installed")
    return pytest.mark.slow(missing(test))


def browse(tmp_path, url, *options):
    """Open a page and return what the browser writes to its standard output."""
    command = [
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=3000",
        *options,
        url,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def shot(tmp_path, page, wish, *options, size=SIZE):
    """Return a screenshot of the picture as RGB pixels."""
    from PIL import Image

    out = tmp_path / "shot.png"
    width, height = max(size[0], 500), size[1] + 400  # a window of a browser is not narrower than that
    browse(
        tmp_path,
        f"{page.as_uri()}#{wish}",
        f"--force-device-scale-factor={DOTS}",
        f"--window-size={width},{height}",
        f"--screenshot={out}",
        *options,
    )
    with Image.open(out) as image:
        pixels = np.asarray(image.convert("RGB"))
    return pixels[: DOTS * size[1], : DOTS * size[0]].astype(int)


def dump(tmp_path, page, wish="", *options):
    """Return the page as it is after its scripts have run."""
    return browse(tmp_path, f"{page.as_uri()}#{wish}", "--dump-dom", *options)


def drawn(stage, frame):
    """Draw a frame as large as the screenshots are."""
    pixels = io.BytesIO()
    stage.set_changing_visible(True)
    stage.show(frame)
    with default_style(stage.scene.theme.font):
        stage.figure.savefig(pixels, format="rgba", dpi=DOTS * 100, facecolor=stage.scene.theme.background)
    width, height = stage.scene.size
    found = np.frombuffer(pixels.getvalue(), np.uint8).reshape(DOTS * height, DOTS * width, 4)
    return found[..., :3].astype(int)


def apart(one, other):
    """The share of pixels that differ visibly."""
    return float((np.abs(one - other).max(axis=-1) > 64).mean())


SAME = 0.0001  # of all pixels; a step of two runs makes three times that difference, or more


def places_of_texts(stage, frame):
    """Where texts change, as slices: their letters stand a little apart from those drawn twice as large."""
    stage.set_changing_visible(True)
    stage.show(frame)
    height = stage.scene.size[1]
    for artist in stage.changing:
        if isinstance(artist, Text) and artist.get_visible():
            box = artist.get_window_extent().padded(8)
            yield (
                slice(int(DOTS * (height - box.y1)), int(DOTS * (height - box.y0))),
                slice(int(DOTS * box.x0), int(DOTS * box.x1)),
            )


def apart_but_for_texts(stage, pixels, frame, exact=None):
    """Compare a screenshot with a frame, which is drawn here unless it is given."""
    one, other = pixels.copy(), drawn(stage, frame) if exact is None else exact.copy()
    for shown in (frame, stage.scene.frames - 1):
        for place in places_of_texts(stage, shown):
            one[place] = other[place] = 0
    return apart(one, other)


def ink(pixels):
    """How much is drawn on a plain ground."""
    return float(np.abs(pixels - np.median(pixels, axis=(0, 1))).mean())


@in_browser
@pytest.mark.parametrize(
    ("theme", "shown", "others"),
    [("light", (0, 12, 24), (11, 13)), ("dark", (12,), (11, 13)), ("print", (24,), (0, 23))],
)
def test_a_page_shows_what_the_other_formats_show(make_recording, make_run, tmp_path, theme, shown, others):
    runs = [make_run("inside", "sgd:lr=0.01"), make_run("leaves", "rmsprop:lr=0.05")]
    stage = stage_of(make_recording(*runs), size=(640, 480), theme=theme)
    page = write(stage, tmp_path / "a.html")
    exact = {frame: drawn(stage, frame) for frame in (*shown, *others)}
    for frame in shown:
        pixels = shot(tmp_path, page, f"frame={frame}", size=(640, 480))
        assert apart_but_for_texts(stage, pixels, frame, exact[frame]) < SAME
        for other in set(exact) - {frame}:
            assert apart_but_for_texts(stage, pixels, other, exact[other]) > SAME, f"{frame} might be {other}"
        for place in places_of_texts(stage, frame):
            assert 0.8 < ink(pixels[place]) / ink(exact[frame][place]) < 1.25


@in_browser
def test_networks_films_and_smooth_pictures_are_shown(make_network, tmp_path):
    stage = stage_of(
        make_network(specs=("adam:lr=0.05",)), size=(800, 500), seconds=0.4, panels="contour,fit"
    )
    page = write(stage, tmp_path / "network.html")
    for frame in (0, 4, stage.scene.frames - 1):  # backwards and forwards in the film
        pixels = shot(tmp_path, page, f"frame={frame}", size=(800, 500))
        assert apart_but_for_texts(stage, pixels, frame) < 0.002  # the boundary is drawn through fewer points
        assert apart_but_for_texts(stage, pixels, (frame + 5) % stage.scene.frames) > 0.002


def share_of(pixels, colour):
    """The share of pixels that have about a colour."""
    ink = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    return float((np.abs(pixels - ink).max(axis=-1) < 24).mean())


@in_browser
def test_a_hidden_run_leaves_no_ink(pair, page, tmp_path):
    styles = pair.scene.styles
    before = shot(tmp_path, page, "frame=12")
    for run in (0, 1):
        after = shot(tmp_path, page, f"frame=12&hide={run}")
        # What is left of its colour is its dimmed sample in the legend: less than this.
        assert share_of(after, styles[run].colour) < 0.05 * share_of(before, styles[run].colour)
        assert share_of(after, styles[1 - run].colour) > 0.8 * share_of(before, styles[1 - run].colour)
    assert apart(before, shot(tmp_path, page, "frame=12&hide=")) == 0


@in_browser
@pytest.mark.parametrize(
    ("wish", "options", "count", "button"),
    [
        ("", ["--force-prefers-reduced-motion"], "step 24 of 24", "Play"),
        ("frame=12", [], "step 12 of 24", "Play"),
        ("frame=-2", [], "step 23 of 24", "Play"),
        ("frame=99", [], "step 24 of 24", "Play"),
        ("paused", [], "step 0 of 24", "Play"),
        ("", [], None, "Pause"),
    ],
    ids=["reduced motion", "frame", "from the end", "beyond", "paused", "plays"],
)
def test_how_a_page_opens(page, tmp_path, wish, options, count, button):
    text = dump(tmp_path, page, wish, *options)
    shown = re.search(r'<output class="count"[^>]*>([^<]*)<', text)[1]
    assert count is None or shown == count
    assert re.search(r'<button class="play"[^>]*aria-label="(\w+)"', text)[1] == button
    assert re.search(r'<div class="controls">', text)


def with_script(page, tmp_path, script):
    """Copy a page with a script of ours at its end, whose `say` writes into the page's title."""
    code = f"""<script>
    const say = [], count = () => document.querySelector(".count").textContent;
    const press = (key, more) => document.dispatchEvent(new KeyboardEvent("keydown", {{key, ...more}}));
    const button = () => document.querySelector(".play").getAttribute("aria-label");
    {script}
    document.title = JSON.stringify(say);
    </script></figure>"""
    path = tmp_path / "scripted.html"
    path.write_text(page.read_text(encoding="utf-8").replace("</figure>", code), encoding="utf-8")
    return path


def said(text):
    return json.loads(re.search(r"<title>(.*?)</title>", text)[1])


@in_browser
def test_keys_and_buttons_do_what_they_say(page, tmp_path):
    script = """
    const step = (key, more) => { press(key, more); say.push(count().match(/\\d+/)[0]); };
    step("ArrowRight"); step("ArrowRight", {shiftKey: true}); step("ArrowLeft"); step("End"); step("Home");
    step("ArrowLeft"); step("ArrowRight", {ctrlKey: true});
    press("k"); say.push(button()); press(" "); say.push(button());
    press("+"); press("+"); press("+"); say.push(document.querySelector(".speed").value);
    for (let k = 0; k < 9; k++) press("-");
    say.push(document.querySelector(".speed").value);
    const row = document.querySelectorAll(".row")[1];
    for (const k of [0, 1]) { row.click(); say.push(row.getAttribute("aria-pressed")); }
    const scrub = document.querySelector(".scrub");
    scrub.value = 7; scrub.dispatchEvent(new Event("input")); say.push(count());
    document.querySelector(".restart").click(); say.push(button());
    """
    text = dump(tmp_path, with_script(page, tmp_path, script), "frame=5")
    assert said(text) == [
        *("6", "16", "15", "24", "0", "0", "0"),
        *("Pause", "Play", "4", "0.25", "true", "false"),
        *("step 7 of 24", "Pause"),
    ]


@in_browser
def test_a_player_in_a_larger_page_takes_no_keys_from_it(page, tmp_path):
    script = 'press("ArrowRight"); press("End"); say.push(count());'
    path = with_script(page, tmp_path, script)
    path.write_text(
        path.read_text(encoding="utf-8").replace("<body>", "<body><p>Around</p>"), encoding="utf-8"
    )
    assert said(dump(tmp_path, path, "frame=5")) == ["step 5 of 24"]


@in_browser
@pytest.mark.parametrize("width", [320, 380, 700])
def test_a_page_fits_into_a_narrow_frame(page, tmp_path, width):
    around = tmp_path / "around.html"
    inner = page.read_text(encoding="utf-8").replace("&", "&amp;").replace('"', "&quot;")
    around.write_text(
        f'<iframe width="{width}" height="700" srcdoc="{inner}"></iframe><script>onload = () => {{'
        'const page = document.querySelector("iframe").contentDocument;'
        'const sides = [page.documentElement.scrollWidth, page.querySelector("canvas").clientWidth];'
        "document.title = JSON.stringify(sides);}</script>",
        encoding="utf-8",
    )
    assert said(dump(tmp_path, around)) == [width, min(width, 2 * SIZE[0])]


def framed(tmp_path, page, attributes, around="white"):
    """Write a page that shows the last frame of another in a frame."""
    path = tmp_path / "framed.html"
    path.write_text(
        f'<!DOCTYPE html><body style="margin:0; background:{around}"><iframe {attributes} '
        f'style="border:0; display:block" width="{SIZE[0]}" height="700" '
        f'src="{page.as_uri()}#frame=24"></iframe>',
        encoding="utf-8",
    )
    return path


@in_browser
def test_a_page_works_in_a_sandbox(pair, page, tmp_path):
    around = framed(tmp_path, page, 'sandbox="allow-scripts"')
    assert apart_but_for_texts(pair, shot(tmp_path, around, ""), 24) < SAME


@in_browser
def test_without_scripts_the_last_frame_is_shown(pair, page, tmp_path):
    around = framed(tmp_path, page, "sandbox")
    pixels = shot(tmp_path, around, "")
    assert apart(pixels, drawn(pair, 24)) < 0.05
    for style in pair.scene.styles:
        assert share_of(pixels, style.colour) > 0.2 * share_of(drawn(pair, 24), style.colour)


@in_browser
@pytest.mark.parametrize("size", [(480, 360), (360, 640)], ids=["wide", "tall"])
def test_a_page_is_printed_on_one_sheet(named, tmp_path, size):
    stage = stage_of(named("two runs"), size=size)
    page = write(stage, tmp_path / "p.html")
    out = tmp_path / "print.pdf"
    browse(tmp_path, page.as_uri(), "--no-pdf-header-footer", f"--print-to-pdf={out}")
    pdf = out.read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1
    assert len(re.findall(rb"/Subtype\s*/Image", pdf)) >= 2  # the static part, and what changes
    assert len(pdf) > 20_000


@in_browser
@pytest.mark.parametrize("theme", ["transparent", "transparent-dark"])
def test_the_page_around_is_seen_through_a_transparent_one(named, tmp_path, theme):
    stage = stage_of(named("two runs"), theme=theme)
    page = write(stage, tmp_path / "t.html")
    pixels = shot(tmp_path, framed(tmp_path, page, "", "#0a0"), "")
    assert (pixels[:8] == (0, 170, 0)).all()
    assert share_of(pixels, stage.scene.styles[0].colour) > 1e-4


@in_browser
@pytest.mark.parametrize("loops", [0, 1, 2, 3])
def test_it_plays_as_often_as_wished_and_again_when_asked(named, tmp_path, loops):
    wishes = {"loops": loops} if loops else {}
    stage = stage_of(named("two runs"), seconds=1, hold=0, **wishes)
    page = write(stage, tmp_path / "a.html")
    script = """
    for (const round of [0, 1]) {
      let tenths = 0;
      while (asked && tenths < 50) { const act = asked; asked = null; now += 100; tenths++; act(now); }
      say.push([Math.round(tenths / 10), button()]);
      press("k");
    }
    """
    seen = said(dump(tmp_path, by_hand(page, tmp_path, script)))
    endless = [[5, "Pause"], [0, "Play"]]
    assert seen == (endless if not loops else [[loops, "Play"], [loops, "Play"]])


STEPPED = """
    const run = () => {
      let tenths = 0;
      while (asked && tenths < 500) { const act = asked; asked = null; now += 100; tenths++; act(now); }
      say.push(`${count()} ${button()}`);
    };
    """


def by_hand(page, tmp_path, script):
    """Run a page whose frames come when the script asks for them."""
    frames = """<script>
    let now = 0, asked = null;
    performance.now = () => now;
    window.requestAnimationFrame = (act) => { asked = act; return 1; };
    delete window.IntersectionObserver;
    </script></head>"""
    text = page.read_text(encoding="utf-8").replace("</head>", frames)
    page.write_text(text, encoding="utf-8")
    return with_script(page, tmp_path, STEPPED + script)


@in_browser
def test_a_talk_waits_at_stops_and_goes_on_and_back(named, tmp_path):
    page = write(stage_of(named("two runs"), stops="5,1,20", seconds=2), tmp_path / "a.html")
    script = """
    run(); press("PageDown"); run(); press("k"); run(); press("n"); run(); press("n"); run();
    press("PageUp"); run(); press("p"); press("p"); press("p"); run();
    """
    seen = said(dump(tmp_path, by_hand(page, tmp_path, script)))
    assert seen == [
        *(f"step {step} of 24 Play" for step in (1, 5, 20, 24, 24)),
        *(f"step {step} of 24 Play" for step in (20, 0)),
    ]


@in_browser
def test_a_talk_under_reduced_motion_jumps_from_stop_to_stop(named, tmp_path):
    page = write(stage_of(named("two runs"), stops=(5, 20)), tmp_path / "a.html")
    script = 'run(); press("n"); run(); press("n"); run();'
    seen = said(dump(tmp_path, by_hand(page, tmp_path, script), "", "--force-prefers-reduced-motion"))
    assert seen == ["step 5 of 24 Play", "step 20 of 24 Play", "step 24 of 24 Play"]


@in_browser
def test_a_page_around_a_talk_leads_it(named, tmp_path):
    page = write(stage_of(named("two runs"), stops="0,5,20"), tmp_path / "a.html")
    script = """
    run();
    const tell = (descent) => window.dispatchEvent(new MessageEvent("message", { data: { descent } }));
    tell("forward"); run(); tell("forward"); run(); tell("back"); run(); tell("sideways"); run();
    window.dispatchEvent(new MessageEvent("message", { data: null }));
    """
    seen = said(dump(tmp_path, by_hand(page, tmp_path, script)))
    assert seen == [f"step {step} of 24 Play" for step in (0, 5, 20, 5, 5)]


AXE = """
<script>%s</script><script>
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}).then((found) => {
  const said = document.createElement("pre");
  said.id = "axe";
  said.textContent = JSON.stringify(found.violations.map((each) => [each.id, each.nodes[0].html]));
  document.body.append(said);
});
</script></body>"""


def violations(tmp_path, page, *changes):
    """Return what axe finds in a page, after replacing texts in it."""
    import axe_core_python

    script = Path(axe_core_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    text = page.read_text(encoding="utf-8")
    for old, new in (*changes, ("</body>", AXE % script.replace("</script", "<\\/script"))):
        assert old in text
        text = text.replace(old, new)
    page = tmp_path / "axe.html"
    page.write_text(text, encoding="utf-8")
    found = re.search(r'<pre id="axe">(.*?)</pre>', dump(tmp_path, page, "paused"), re.DOTALL)
    assert found, "axe did not run"
    return json.loads(found[1])


@in_browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_that_keeps_people_out(tmp_path, named, theme):
    page = write(stage_of(named("two runs"), theme=theme), tmp_path / "two.html", caption="A caption.")
    assert violations(tmp_path, page) == []
    assert violations(tmp_path, page, ('class="told"', 'class="told" open')) == []


@in_browser
def test_axe_would_find_a_slider_without_a_name(tmp_path, page):
    assert [name for name, _ in violations(tmp_path, page, (' aria-label="Frame"', ""))] == ["label"]


def test_words_and_numbers_stand_below_the_picture(page):
    text = page.read_text(encoding="utf-8")
    told = text[text.index('<details class="told">') : text.index("</details>")]
    assert "<summary>In words and numbers</summary>" in told
    assert told.count("<tr>") == 3  # the head and two runs
    assert '<h1 class="unseen">A title</h1>' in text
