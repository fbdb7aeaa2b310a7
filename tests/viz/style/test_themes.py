"""Themes: style sheets become themes, pages without a background are clear, letters follow one scale."""

import dataclasses
import json
import logging
import subprocess
import sys

import imageio.v3
import numpy as np
import pytest
from matplotlib.text import Text

import descent
from descent.surfaces.errors import DescentError, NotPossibleError
from descent.viz.canvas.frames import backdrop, opaque, stream, whole_rgba
from descent.viz.canvas.stage import compile_scene
from descent.viz.files.formats import FORMATS, check_transparent
from descent.viz.scenes.scene import compose
from descent.viz.style.colour_space import contrast, hex_to_oklch
from descent.viz.style.layout import text_scale
from descent.viz.style.style_sheets import read_style
from descent.viz.style.theme_lookup import get_theme
from descent.viz.style.themes import THEMES, Theme

SMALL = (480, 300)
CLEAR = [name for name, theme in THEMES.items() if theme.transparent]


# --- style sheets


@pytest.fixture
def sheet(tmp_path):
    """Write a style sheet and return its path."""

    def write(text, name="my.mplstyle"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_style_sheet_gives_page_letters_and_edges(sheet):
    path = sheet(
        "figure.facecolor: fdf6e3\naxes.facecolor: eee8d5\ntext.color: 002b36\naxes.labelcolor: 073642\n"
        "axes.edgecolor: 586e75\nfont.size: 13\nfont.family: serif\nfont.serif: Georgia, DejaVu Serif\n"
    )
    theme = get_theme(path)
    assert (theme.name, theme.background, theme.text, theme.muted) == ("my", "#fdf6e3", "#002b36", "#073642")
    assert theme.frame == "#586e75"
    assert theme.scale == 1.3
    assert theme.font == ("Georgia", "DejaVu Serif")
    assert (theme.dark, theme.transparent, theme.dashes) == (False, False, False)
    # The heights are in the hue of the axes.
    assert abs(hex_to_oklch(theme.heights[-1])[2] - hex_to_oklch("#eee8d5")[2]) < 5
    assert get_theme(str(path)) == theme


def test_what_a_style_sheet_does_not_set_is_as_matplotlib_has_it():
    theme = get_theme("seaborn-v0_8-talk")
    assert (theme.background, theme.text, theme.font) == ("#ffffff", "#000000", ())
    assert theme.scale == 1.0


@pytest.mark.parametrize(("points", "scale"), [(4, 0.8), (10, 1.0), (12, 1.2), (40, 1.6)])
def test_font_sizes_stay_within_reason(sheet, points, scale):
    assert get_theme(sheet(f"font.size: {points}\n")).scale == scale


def test_colours_that_cannot_be_read_are_moved_until_they_can(sheet):
    theme = get_theme(sheet("figure.facecolor: 777777\ntext.color: 888888\naxes.labelcolor: red\n"))
    assert contrast(theme.text, "#777777") >= 4.4  # black on this grey has no more than 4.69
    assert contrast(theme.muted, "#777777") >= 4.4


def test_a_style_sheet_may_have_a_transparent_page(sheet):
    assert get_theme(sheet("savefig.transparent: True\n")).transparent
    clear = get_theme(sheet("figure.facecolor: none\ntext.color: white\n"))
    assert (clear.transparent, clear.dark) == (True, True)


def test_grey_cycles_make_prints():
    theme = get_theme("grayscale")
    assert theme.chroma == 0
    assert theme.dashes


def test_names_of_style_sheets_are_found_in_any_case():
    assert get_theme("GGPLOT") == get_theme("ggplot")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("figure.facecolor: not a colour\n", "'.*my.mplstyle' is not well formed: Bad value.*line 1"),
        ("font.size: 12\nfigure.facecolor white\n", "is not well formed: Missing colon.*line 2"),
        ("", "sets nothing that matplotlib knows"),
        ("a.key.of.another: version\n", "sets nothing that matplotlib knows"),
    ],
)
def test_style_sheets_that_cannot_be_read_say_so_in_a_sentence(sheet, text, says, caplog):
    with pytest.raises(DescentError, match=says) as error:
        get_theme(sheet(text))
    assert "\n" not in str(error.value)
    assert not caplog.records


def test_keys_of_other_versions_are_passed_over(sheet, caplog):
    assert get_theme(sheet("a.key.of.another: version\nfont.size: 12\n")).scale == 1.2
    assert not caplog.records


def test_a_style_sheet_that_is_not_there_or_is_no_text(sheet, tmp_path):
    with pytest.raises(NotPossibleError, match=r"missing\.mplstyle' does not exist"):
        get_theme(tmp_path / "missing.mplstyle")
    path = tmp_path / "bytes.mplstyle"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(NotPossibleError, match="cannot be read"):
        get_theme(path)


def test_the_nearest_name_may_be_a_style_sheet():
    with pytest.raises(DescentError, match=r"unknown theme 'ggplit'; did you mean 'ggplot'\?.*\*\.mplstyle"):
        get_theme("ggplit")


def test_names_of_ours_load_no_matplotlib_and_style_sheets_no_pyplot():
    code = """
import sys
from descent.viz.style.theme_lookup import get_theme
get_theme("slides"), get_theme("transparent")
assert "matplotlib" not in sys.modules
get_theme("ggplot")
assert "matplotlib" in sys.modules and "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_picture_is_made_again_without_its_style_sheet(sheet, named):
    path = sheet("figure.facecolor: 101010\ntext.color: white\nfont.size: 11\n")
    scene = compose(named("two runs"), theme=str(path), size=SMALL)
    path.unlink()
    kept = json.loads(json.dumps(scene.wishes.given))
    assert get_theme(kept["theme"]) == scene.theme
    again = compose(named("two runs"), **kept)
    assert again.theme == scene.theme
    assert again.wishes.given == scene.wishes.given


def test_a_theme_of_ours_is_kept_by_its_name(named):
    assert compose(named("two runs"), theme="Slides").wishes.given["theme"] == "slides"
    assert "theme" not in compose(named("two runs"), theme="LIGHT").wishes.given


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"colour": "red"}, "a theme has no 'colour'"),
        ({"background": "red"}, "written like #1b2430, not 'red'"),
        ({"background": 3}, "written like #1b2430, not 3"),
        ({"heights": ["#ffffff"]}, "two or more colours"),
        ({"heights": 3}, "a list of colours"),
        ({"scale": 9.0}, "scale must be 0.5 to 2, not 9"),
        ({"scale": "large"}, "scale is a number"),
    ],
)
def test_fields_that_make_no_theme(change, says):
    with pytest.raises(DescentError, match=says):
        get_theme(dataclasses.asdict(THEMES["light"]) | change)


def test_a_theme_lacks_what_it_needs():
    with pytest.raises(DescentError, match="the theme lacks help, background"):
        get_theme({"name": "mine"})


# --- letters


@pytest.mark.parametrize("size", [(320, 240), (960, 600), (1920, 1080)])
def test_one_scale_for_all_letters(size):
    plain, large = (text_scale(size, THEMES[name]) for name in ("light", "slides"))
    assert plain <= large <= 1.3 * plain
    assert min(plain, large) >= 0.8


def test_slides_are_written_larger(named):
    sizes = {}
    for theme in ("light", "slides"):
        figure = compile_scene(compose(named("two runs"), theme=theme, size=(1280, 720))).figure
        sizes[theme] = {text.get_text(): text.get_fontsize() for text in figure.findobj(Text)}
        (sizes[theme]["SGD"],) = {
            text.get_fontsize()
            for text in figure.findobj(Text)
            if text.get_text() == "SGD" and text.get_weight() == "bold"
        }
    for words in ("Made up", "loss", "step", "SGD"):
        assert sizes["slides"][words] == pytest.approx(1.3 * sizes["light"][words], rel=0.02), words


@pytest.mark.parametrize(
    ("family", "used"),
    [("DejaVu Serif", True), ("DejaVu Sans Mono", True), ("No Such Family", False), ("cmr10", False)],
)
def test_families_are_used_where_they_are_installed(named, family, used, caplog):
    look = dataclasses.replace(THEMES["light"], name="mine", font=(family,))
    stage = compile_scene(compose(named("one leaves"), theme=look, size=SMALL))
    with caplog.at_level(logging.WARNING):
        *_, last = stream(stage, backdrop(stage))
        pixels = last.copy()
    assert not caplog.records
    assert np.array_equal(pixels, whole_rgba(stage, stage.scene.frames - 1))
    plain = compile_scene(compose(named("one leaves"), size=SMALL))
    assert np.array_equal(pixels, whole_rgba(plain, plain.scene.frames - 1)) != used


# --- pages without a background


@pytest.mark.parametrize("theme", CLEAR)
def test_fast_frames_equal_whole_frames_with_their_transparency(named, theme):
    stage = compile_scene(compose(named("diverging"), theme=theme, size=SMALL))
    kept = {k: pixels.copy() for k, pixels in enumerate(stream(stage, backdrop(stage))) if k in (0, 7, 24)}
    for k, pixels in kept.items():
        assert np.array_equal(pixels, whole_rgba(stage, k)), f"frame {k}"


@pytest.mark.parametrize("theme", CLEAR)
def test_the_page_is_clear_and_the_contour_is_not(named, theme):
    stage = compile_scene(compose(named("one leaves"), theme=theme, size=SMALL))
    cover = whole_rgba(stage, 24)[..., 3]
    assert (cover[[0, 0, -1, -1], [0, -1, 0, -1]] == 0).all()
    assert (cover == 0).mean() > 0.4
    box = stage.figure.axes[0].get_window_extent()
    inside = cover[300 - int(box.y1) + 2 : 300 - int(box.y0) - 2, int(box.x0) + 2 : int(box.x1) - 2]
    assert (inside == 255).all()


@pytest.mark.parametrize("theme", CLEAR)
def test_a_clear_page_on_its_colour_looks_like_one_that_is_painted(named, theme):
    """Edges of letters and lines mix with the page in the same shares, so no letter has a fringe."""
    clear = compile_scene(compose(named("diverging"), theme=theme, size=SMALL))
    solid = dataclasses.replace(THEMES[theme], name="solid", transparent=False)
    painted = compile_scene(compose(named("diverging"), theme=solid, size=SMALL))
    one, other = opaque(whole_rgba(clear, 24), clear), whole_rgba(painted, 24)[..., :3]
    assert np.abs(one.astype(int) - other.astype(int)).max() <= 4


@pytest.mark.parametrize("theme", CLEAR)
def test_readouts_keep_the_colour_of_their_ink(named, theme):
    """The step counter is composed from glyphs: all that it covers a little is of its colour."""
    stage = compile_scene(compose(named("two runs"), theme=theme, size=SMALL))
    before, after = whole_rgba(stage, 0), whole_rgba(stage, 20)
    (counter,) = (text for text in stage.figure.findobj(Text) if text.get_text() == "step 20")
    box = counter.get_window_extent()
    part = after[300 - int(box.y1) - 2 : 300 - int(box.y0) + 2, int(box.x0) : int(box.x1)]
    ink = part[part[..., 3] > 32][:, :3].astype(int)
    colour = [int(THEMES[theme].text[k : k + 2], 16) for k in (1, 3, 5)]
    assert len(ink) > 50
    assert np.abs(ink - colour).max() <= 8
    assert not np.array_equal(before, after)


def test_frames_of_clear_pages_are_laid_on_their_colour(named):
    animation = descent.animate(named("two runs"), theme="transparent-dark", size=SMALL)
    page = [0x11, 0x15, 0x1B]
    assert animation.frame(0)[0, 0].tolist() == page
    assert next(animation.frames())[0, 0].tolist() == page
    assert animation.still().pixels[0, 0].tolist() == page


def test_files_of_clear_pages_are_clear(named, tmp_path):
    still = descent.still(named("two runs"), theme="transparent", size=SMALL)
    pixels = imageio.v3.imread(still.save(tmp_path / "a.png"), mode="RGBA")
    assert np.array_equal(pixels, whole_rgba(still._stage, 24))
    svg = still.save(tmp_path / "a.svg").read_text(encoding="utf-8")
    opaque_svg = descent.still(named("two runs"), size=SMALL).save(tmp_path / "b.svg").read_text("utf-8")
    sheet = '<path d="M 0 216 L 345.6 216 L 345.6 0 L 0 0'
    squeezed, other = (" ".join(text.split()) for text in (svg, opaque_svg))
    assert sheet in other
    assert sheet not in squeezed


@pytest.mark.parametrize("suffix", [suffix for suffix, kind in FORMATS.items() if not kind.transparent])
def test_formats_without_transparency_say_so_before_anything_is_drawn(named, tmp_path, suffix, monkeypatch):
    animation = descent.animate(named("two runs"), theme="transparent", size=SMALL)
    monkeypatch.setattr("descent.viz.canvas.stage.compile_scene", None)
    with pytest.raises(DescentError, match=rf"\{suffix} has no half-transp.*use .*\.webp.*another"):
        animation.save(tmp_path / f"a{suffix}")
    assert not list(tmp_path.iterdir())


def test_only_clear_themes_need_transparency():
    for suffix, kind in FORMATS.items():
        check_transparent(THEMES["light"], kind, suffix)
        if kind.transparent:
            check_transparent(THEMES["transparent"], kind, suffix)


def test_read_style_is_what_themes_get_uses():
    assert isinstance(get_theme("bmh"), Theme)
    assert get_theme("bmh") == read_style("bmh")
