"""Files no larger than wished, and what the picture gives up for it, in what order."""

import re

import numpy as np
import pytest
from PIL import Image

import descent
from descent.surfaces.errors import NotPossibleError
from descent.viz.files.formats import FORMATS
from descent.viz.scenes.scene import check_wishes

SIZE = (480, 320)


@pytest.fixture
def spiral(make_recording, make_run):
    path = np.column_stack([1.8 * np.cos(np.arange(151) / 9), 1.3 * np.sin(np.arange(151) / 7)])
    return make_recording(make_run(path * np.linspace(1, 0.1, 151)[:, None]))


def draw(recording, path, limit, **wishes):
    said = []
    descent.animate(recording, size=SIZE, max_size=limit, **wishes).save(path, say=said.append)
    assert path.stat().st_size <= check_wishes(max_size=limit).limit
    return said


def facts(path):
    with Image.open(path) as image:
        durations = []
        for k in range(getattr(image, "n_frames", 1)):
            image.seek(k)
            durations.append(image.info.get("duration", 0))
        image.seek(0)
        return (
            len(np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3), axis=0)),
            len(durations),
            image.size,
        )


def test_a_small_file_is_left_alone(named, tmp_path):
    assert draw(named("two runs"), tmp_path / "a.gif", "5MB") == []
    plain = descent.animate(named("two runs"), size=SIZE, max_size="5MB").save(tmp_path / "b.gif")
    assert plain.read_bytes() == (tmp_path / "a.gif").read_bytes()
    assert facts(plain)[1:] == (25, SIZE)


def test_first_colours_then_frames_then_pixels(spiral, tmp_path):
    size = descent.animate(spiral, size=SIZE).save(tmp_path / "a.gif").stat().st_size
    found = []
    for k, share in enumerate((0.9, 0.5, 0.35, 0.18)):
        path = tmp_path / f"{k}.gif"
        (said,) = draw(spiral, path, int(share * size))
        found.append((said, *facts(path)))
    colours, frames, pixels = ([each[k] for each in found] for k in (1, 2, 3))
    allowed = [int(re.match(r".*\.gif: drawn with (\d+) colours", said)[1]) for said, *_ in found]
    assert all(many <= most for many, most in zip(colours, allowed, strict=True))
    for said, many, count, shown in found:
        assert (f"{count} of 151 frames" in said) == (count < 151)
        assert ("pixels" in said) == (shown != SIZE)
        assert count == 151 or many <= 31  # colours go first
        assert shown == SIZE or count == 24  # and pixels last
    assert allowed == sorted(allowed, reverse=True)
    assert frames == sorted(frames, reverse=True)
    assert (frames[0], pixels[0]) == (151, SIZE)
    assert 24 < min(frames[1:3]) < 151
    assert pixels[-1] != SIZE


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".webp", ".apng", ".png", ".html"])
def test_every_format_that_can_shrinks(named, tmp_path, suffix):
    size = descent.animate(named("two runs"), size=SIZE).save(tmp_path / f"a{suffix}").stat().st_size
    said = draw(named("two runs"), tmp_path / f"b{suffix}", int(0.8 * size))
    assert len(said) == 1
    assert f"b{suffix}: drawn with " in said[0]
    assert "colours" in said[0] or "quality" in said[0] or "frames" in said[0] or "pixels" in said[0]


@pytest.mark.parametrize("suffix", [".gif", ".svg", ".pdf"])
def test_what_cannot_be_so_small_is_not_written(named, tmp_path, suffix):
    picture = descent.animate(named("two runs"), size=SIZE, max_size="2kB")
    with pytest.raises(NotPossibleError, match=r"has .* kB.* smaller than --max-size 2 kB; allowed"):
        picture.save(tmp_path / f"a{suffix}")
    assert not list(tmp_path.iterdir())
    assert FORMATS[suffix]


@pytest.mark.parametrize(
    ("given", "says"),
    [("2 parrots", "not an amount of bytes"), ("1kB", "at least 2kB"), (-3, "not an amount of bytes")],
    ids=str,
)
def test_sizes_that_make_no_sense(given, says):
    with pytest.raises(descent.DescentError, match=says):
        check_wishes(max_size=given)
