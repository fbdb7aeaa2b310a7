"""Colours can be seen on the heights, told apart, and mean the same in every figure."""

import itertools
import re
import subprocess
import sys

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from descent.surfaces.errors import DescentError
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.trajectories.specs.tables import OPTIMIZERS
from descent.viz.style.colour_space import contrast, luminance, oklch_to_hex
from descent.viz.style.distinct import trail_colour
from descent.viz.style.run_styles import run_styles
from descent.viz.style.theme_lookup import get_theme
from descent.viz.style.themes import THEMES, Theme

MAIN = ("sgd", "adam", "rmsprop", "adamw", "adagrad", "lbfgs")
SHEETS = ("ggplot", "Solarize_Light2", "dark_background", "fivethirtyeight", "grayscale")
LOOKS = (*THEMES, *SHEETS)  # every theme, and themes from style sheets of all kinds
COLOURED = tuple(name for name in LOOKS if get_theme(name).chroma)
HEX = re.compile(r"#[0-9a-f]{6}")

# G. Machado, M. Oliveira and L. Fernandes, A physiologically-based model for simulation of color vision
# deficiency, doi:10.1109/TVCG.2009.113, severity 1; on linear RGB.
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(colour):
    value = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def oklab(colour, eye="all cones"):
    """Lightness, green to red, blue to yellow of a colour as an eye sees it."""
    return TO_LAB @ np.cbrt(TO_LMS @ np.clip(EYES[eye] @ linear(colour), 0, 1))


def apart(one, other, eye="all cones"):
    return float(np.linalg.norm(oklab(one, eye) - oklab(other, eye)))


def styles(names, theme, rates=None):
    rates = rates or [None] * len(names)
    specs = [
        OptimizerSpec(name, () if rate is None else (("lr", rate),))
        for name, rate in zip(names, rates, strict=True)
    ]
    return run_styles(specs, get_theme(theme))


def grounds(theme):
    return (*get_theme(theme).heights, get_theme(theme).background)


# Graphics should have a contrast of 3 (WCAG 2.2, 1.4.11); a style sheet may ask for a page that allows less.
@pytest.mark.parametrize("theme", LOOKS)
def test_a_run_of_each_optimizer_stands_out_from_every_height(theme):
    floor = 2.7 if theme in SHEETS else 3.0
    for name in OPTIMIZERS:
        (style,) = styles([name], theme)
        assert min(contrast(style.colour, ground) for ground in grounds(theme)) >= floor, name
    for style in styles(MAIN, theme):
        assert min(contrast(style.colour, ground) for ground in grounds(theme)) >= floor


# Faint shades are only used beside stronger ones, which they must differ from.
@pytest.mark.parametrize("theme", LOOKS)
@pytest.mark.parametrize(("count", "floor"), [(2, 2.1), (3, 1.9), (5, 1.9), (8, 1.9)])
def test_every_shade_stands_out_from_every_height(theme, count, floor):
    floor *= 0.9 if theme in SHEETS else 1.0
    for name in MAIN:
        for style in styles([name] * count, theme, [0.001 * 2**k for k in range(count)]):
            assert min(contrast(style.colour, ground) for ground in grounds(theme)) >= floor, name


@pytest.mark.parametrize("theme", LOOKS)
def test_texts_can_be_read(theme):
    look = get_theme(theme)
    assert contrast(look.text, look.background) >= (4.5 if theme in SHEETS else 7)
    assert contrast(look.muted, look.background) >= 4.5
    assert min(contrast(look.marks, ground) for ground in grounds(theme)) >= (4.5 if theme in SHEETS else 7)
    assert contrast(look.frame, look.background) >= 1.5


@pytest.mark.parametrize(
    ("theme", "pages"),
    [
        ("transparent", ["#ffffff", "#f2f2f2", "#fdf6e3"]),
        ("transparent-dark", ["#000000", "#1e1e1e", "#0b1f3a"]),
    ],
)
def test_texts_without_a_background_can_be_read_on_pages_of_that_kind(theme, pages):
    look = THEMES[theme]
    for page in pages:
        assert min(contrast(look.text, page), contrast(look.muted, page)) >= 4.5
        for style in styles(MAIN, theme):
            assert contrast(style.colour, page) >= 3


@pytest.mark.parametrize("theme", COLOURED)
def test_optimizers_have_colours_of_their_own(theme):
    colours = [style.colour for style in styles(MAIN, theme)]
    assert min(apart(*pair) for pair in itertools.combinations(colours, 2)) >= 0.11


@pytest.mark.parametrize("theme", COLOURED)
def test_a_valley_shows_every_colour_well(theme):
    valley = get_theme(theme).heights[0]
    assert min(contrast(style.colour, valley) for style in styles(MAIN, theme)) >= 4.5


RATES = [f"{name}:lr={rate}" for name in MAIN[:3] for rate in (0.01, 0.1)]
MIXED = [*RATES, "adamw", "adagrad", "lbfgs", "nadam", "radam", "muon"]
PICTURES = {
    "the six": MAIN,
    "relatives": ("adam", "nadam", "rmsprop", "adadelta", "adamw", "adamax"),
    "two rates each": RATES,
    "twelve runs": MIXED,
    **{f"five rates of {name}": [f"{name}:lr={0.001 * 3**k}" for k in range(5)] for name in MAIN},
}


def cielab(colour, eye):
    """L*, a*, b* of a hex colour as an eye sees it, written anew from CIE 15 and IEC 61966-2-1."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    share = xyz @ np.clip(EYES[eye] @ linear(colour), 0, 1) / xyz.sum(axis=1)
    x, y, z = (v ** (1 / 3) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29 for v in share)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", ["light", "dark", "ggplot"])
@pytest.mark.parametrize("picture", PICTURES)
def test_any_two_runs_of_a_picture_are_15_apart_for_every_eye(picture, theme):
    # Before: five rates of Adam 7 apart, Adam and NAdam not at all.
    look, floor = get_theme(theme), 15.0 if theme in THEMES else 13.0  # such pages leave less room
    found = run_styles([OptimizerSpec.parse(spec) for spec in PICTURES[picture]], look)
    heads = [style.colour for style in found]
    for colours in (heads, [trail_colour(head, look) for head in heads]):
        for (one, other), eye in itertools.product(itertools.combinations(colours, 2), EYES):
            apart = np.linalg.norm(cielab(one, eye) - cielab(other, eye))
            assert apart >= floor, (one, other, eye)
    assert len({style.marker for style in found}) == len(found)


@pytest.mark.parametrize("theme", ["print", "grayscale"])
@pytest.mark.parametrize("picture", PICTURES)
def test_greys_are_15_apart_or_have_other_dashes_and_markers(picture, theme):
    look, floor = get_theme(theme), 15.0 if theme in THEMES else 13.0
    found = run_styles([OptimizerSpec.parse(spec) for spec in PICTURES[picture]], look)
    for one, other in itertools.combinations(found, 2):
        trails = [cielab(trail_colour(style.colour, look), "all cones") for style in (one, other)]
        assert np.linalg.norm(trails[0] - trails[1]) >= floor or one.dash != other.dash
        assert one.marker != other.marker


def test_markers_differ_among_the_main_optimizers():
    assert len({style.marker for style in styles(MAIN, "light")}) == len(MAIN)


def test_every_optimizer_of_torch_has_a_look_of_its_own():
    looks = {}
    for name in OPTIMIZERS:
        (style,) = styles([name], "light")
        looks.setdefault((style.colour, style.marker), []).append(name)
    assert all(len(names) == 1 for names in looks.values()), looks


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", MAIN)
def test_an_optimizer_has_the_same_colour_in_every_figure(theme, name):
    (alone,) = styles([name], theme)
    for others in itertools.permutations(set(MAIN) - {name}, 2):
        among = styles([others[0], name, others[1]], theme)
        assert among[1] == alone


@pytest.mark.parametrize("theme", COLOURED)
@pytest.mark.parametrize("name", MAIN)
def test_a_larger_rate_is_a_stronger_shade(theme, name):
    rates = [0.1, 0.001, 1.0, 0.01]
    shades = styles([name] * 4, theme, rates)
    strength = [contrast(style.colour, get_theme(theme).background) for style in shades]
    assert [rates[k] for k in np.argsort(strength)] == sorted(rates)
    ordered = [shades[k].colour for k in np.argsort(rates)]
    assert min(apart(*pair) for pair in itertools.pairwise(ordered)) >= 0.04


@pytest.mark.parametrize("name", MAIN)
def test_shades_of_an_optimizer_share_its_hue(name):
    (alone,) = styles([name], "light")
    angle = np.arctan2(*oklab(alone.colour)[:0:-1])
    for style in styles([name] * 5, "light", [1, 2, 3, 4, 5]):
        turned = np.arctan2(*oklab(style.colour)[:0:-1]) - angle
        assert abs(np.degrees(np.angle(np.exp(1j * turned)))) < 30  # a hue of its own is 35 away at least


def test_runs_of_the_same_rate_still_differ():
    one, other = run_styles(
        [OptimizerSpec.parse("sgd:lr=0.1"), OptimizerSpec.parse("sgd:lr=0.1,momentum=0.9")], THEMES["light"]
    )
    assert apart(one.colour, other.colour) >= 0.1


@pytest.mark.parametrize("count", [1, 2, 6, 12])
def test_prints_differ_without_colour(count):
    found = styles([MAIN[k % 6] for k in range(count)], "print", [0.1] * count)
    assert all(luminance(style.colour) < 0.2 for style in found)
    assert len({(style.colour, style.dash) for style in found}) == count
    assert len({style.dash for style in found}) == min(count, 6)
    assert all(np.ptp(linear(style.colour)) < 0.01 for style in found)


def test_no_dashes_where_colours_do():
    assert {style.dash for style in styles(MAIN, "light")} == {()}


THIRD_PARTY = ["lion_pytorch.Lion", "bitsandbytes.optim.Adam8bit", "my.Own", "torch_optimizer.Yogi"]


def test_third_party_names_have_stable_looks():
    here = [styles([name], "light")[0] for name in THIRD_PARTY]
    code = f"""
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.viz.style.run_styles import run_styles
from descent.viz.style.themes import THEMES
print([run_styles([OptimizerSpec(name)], THEMES["light"])[0] for name in {THIRD_PARTY!r}])
"""
    there = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "123"},
    )
    assert there.stdout.strip() == repr(here)


@given(st.floats(0.1, 1.0), st.floats(0.0, 0.4), st.floats(0, 360))
def test_every_oklch_becomes_a_colour_of_that_lightness(lightness, chroma, hue):
    colour = oklch_to_hex(lightness, chroma, hue)
    assert HEX.fullmatch(colour)
    assert oklab(colour)[0] == pytest.approx(lightness, abs=0.02)


@given(st.integers(0, 0xFFFFFF))
def test_every_colour_comes_back_from_its_oklch(number):
    colour = f"#{number:06x}"
    lightness, a, b = oklab(colour)
    chroma = float(np.hypot(a, b))
    made = oklch_to_hex(lightness, chroma, float(np.degrees(np.arctan2(b, a))))
    assert apart(made, colour) <= 0.06 * chroma + 0.02  # the most vivid ones lose a little chroma


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.478), ("#ff0000", "#ffffff", 3.998)],
)
def test_contrast_of_known_pairs(one, other, ratio):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


# --- themes


@pytest.mark.parametrize("theme", LOOKS)
def test_a_theme_is_plain_colours(theme):
    look = get_theme(theme)
    assert look.name == theme
    assert look.help
    named = (look.background, look.text, look.muted, look.frame, *look.heights, look.contour, look.marks)
    assert all(HEX.fullmatch(colour) for colour in named)


@pytest.mark.parametrize("theme", LOOKS)
def test_heights_change_evenly_from_valley_to_rim(theme):
    look = get_theme(theme)
    light = [luminance(colour) for colour in look.heights]
    assert light == sorted(light, reverse=not look.dark)
    steps = [apart(*pair) for pair in itertools.pairwise(look.heights)]
    assert max(steps) < 2.2 * min(steps)


def test_a_theme_is_found_by_name_in_any_case_or_passed_on():
    assert get_theme("Dark") is THEMES["dark"]
    own = Theme(**{slot: getattr(THEMES["light"], slot) for slot in Theme.__slots__} | {"name": "own"})
    assert get_theme(own) is own


def test_an_unknown_theme_names_the_nearest():
    allowed = "light, dark, print, slides, transparent, transparent-dark, or a matplotlib style sheet"
    with pytest.raises(DescentError, match=f"unknown theme 'drak'; did you mean 'dark'.*{allowed}"):
        get_theme("drak")
