"""GIF files, decoded again by two independent readers."""

import io
import itertools
import json
import struct

import hypothesis.strategies as st
import imageio.v3 as iio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageSequence

import descent
from descent.viz.files.gif import write_gif
from descent.viz.files.palette import Palette

SIZE = (480, 360)


def tiles(data):
    """List a GIF's pictures: (x, y, width, height, delay in ms, packed flags, transparent index)."""
    assert data[:6] == b"GIF89a"
    flags = data[10]
    place = 13 + 3 * 2 ** ((flags & 7) + 1)
    found, control = [], None
    while data[place] != 0x3B:
        if data[place] == 0x21:
            if data[place + 1] == 0xF9:
                control = struct.unpack("<BHB", data[place + 3 : place + 7])
            place = after_blocks(data, place + 2)
        else:
            assert data[place] == 0x2C
            box = struct.unpack("<HHHH", data[place + 1 : place + 9])
            assert data[place + 9] & 0x80 == 0, "a palette of its own"
            found.append((*box, control[1] * 10, control[0], control[2]))
            place = after_blocks(data, place + 11)
    assert place == len(data) - 1
    return found


def after_blocks(data, place):
    while data[place]:
        place += data[place] + 1
    return place + 1


def delays(data):
    return [tile[4] for tile in tiles(data)]


@pytest.fixture(scope="module")
def animation(named):
    return descent.animate(named("one leaves"), size=SIZE)


@pytest.fixture(scope="module")
def path(animation, tmp_path_factory):
    return animation.save(tmp_path_factory.mktemp("gif") / "a.gif")


def decoded_by_pillow(path):
    with Image.open(path) as image:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]


def decoded_by_imageio(path):
    return list(iio.imread(path, plugin="pillow", index=None, mode="RGB"))


def test_every_frame_is_in_the_file_in_its_size(animation, path):
    with Image.open(path) as image:
        assert image.format == "GIF"
        assert image.size == SIZE
        assert image.n_frames == len(animation) == 25
    facts = iio.improps(path, plugin="pillow")
    assert facts.shape[:3] == (25, 360, 480)


@pytest.mark.parametrize("read", [decoded_by_pillow, decoded_by_imageio], ids=["pillow", "imageio"])
def test_decoded_frames_are_those_drawn(animation, path, read):
    decoded = read(path)
    drawn = list(animation.frames())
    assert len(decoded) == len(drawn)
    for one, other in zip(decoded, drawn, strict=True):
        apart = np.abs(one.astype(int) - other.astype(int)).max(axis=-1)
        # A missing path changes 0.2 % of the pixels by more than 40; the palette must stay far below that.
        assert (apart > 40).mean() < 0.0002
        assert (apart > 12).mean() < 0.005
        assert apart.mean() < 0.5


@pytest.mark.parametrize("read", [decoded_by_pillow, decoded_by_imageio], ids=["pillow", "imageio"])
def test_decoded_frames_move(path, read):
    decoded = read(path)
    for one, other in ((0, -1), (0, 1), (-2, -1)):
        apart = np.abs(decoded[one].astype(int) - decoded[other]).max(axis=-1)
        assert (apart > 40).any()


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"hold": 0.0},
        {"hold": 3.21},
        {"fps": 50},
        {"fps": 7.3, "hold": 0.5},
        {"seconds": 0.5},
        {"seconds": 2.0, "fps": 10},
    ],
    ids=str,
)
def test_times_are_those_planned(named, tmp_path, wish):
    animation = descent.animate(named("two runs"), size=SIZE, **wish)
    path = animation.save(tmp_path / "a.gif")
    planned = animation.scene.timing.durations
    assert delays(path.read_bytes()) == planned.tolist()
    with Image.open(path) as image:
        read = [frame.info["duration"] for frame in ImageSequence.Iterator(image)]
    assert read == planned.tolist()
    assert all(duration % 10 == 0 and duration >= 20 for duration in read)
    assert read[-1] - read[0] == pytest.approx(1000 * wish.get("hold", 1.5), abs=11)


def test_a_picture_may_stay_longer_than_a_gif_delay_can_say(named, tmp_path):
    animation = descent.animate(named("one step"), size=SIZE, seconds=3000, hold=600)
    path = animation.save(tmp_path / "a.gif")
    assert sum(delays(path.read_bytes())) == animation.scene.timing.durations.sum() == 3_600_000
    decoded = decoded_by_pillow(path)
    assert not np.array_equal(decoded[0], decoded[-1])


@pytest.mark.parametrize(
    ("wishes", "again"), [({}, 0), ({"loop": False}, None), ({"loops": 1}, None), ({"loops": 3}, 2)]
)
def test_loops_are_counted_after_the_first_time(named, tmp_path, wishes, again):
    path = descent.animate(named("one step"), size=SIZE, **wishes).save(tmp_path / "a.gif")
    with Image.open(path) as image:
        assert image.info.get("loop") == again


def test_the_comment_holds_the_recipe(animation, path):
    with Image.open(path) as image:
        found = json.loads(image.info["comment"])
    recipe = animation.scene.recording.recipe
    assert found["made_with"] == "descent-viz"
    assert found["recipe"]["target"] == recipe.target
    assert found["recipe"]["specs"] == list(recipe.specs)
    assert found["recipe"]["start"] == list(recipe.start)
    assert found["recipe"]["versions"] == dict(recipe.versions)
    assert set(found["recipe"]) == set(recipe.__slots__)


def test_a_comment_longer_than_one_block_is_kept_whole():
    text = json.dumps({"long": "x" * 1000, "unicode": "é 数"})
    with Image.open(io.BytesIO(written([page(0)], comment=text))) as image:
        assert image.info["comment"].decode() == text


def test_only_the_first_picture_covers_the_page(path):
    (first, *others) = tiles(path.read_bytes())
    assert first[:4] == (0, 0, *SIZE)
    for x, y, width, height, *_ in others:
        assert x + width <= SIZE[0]
        assert y + height <= SIZE[1]
        assert (width, height) != SIZE


def test_pictures_stay_and_share_one_palette(path):
    for *_, flags, transparent in tiles(path.read_bytes()):
        assert flags >> 2 & 7 == 1  # disposal: leave in place
        assert flags & 1 == 1
        assert transparent == 255


def test_same_bytes_twice(named, tmp_path):
    one, other, again = (tmp_path / f"{k}.gif" for k in range(3))
    animation = descent.animate(named("diverging"), size=SIZE)
    animation.save(one)
    animation.save(other)
    descent.animate(named("diverging"), size=SIZE).save(again)
    assert one.read_bytes() == other.read_bytes() == again.read_bytes()


# --- the writer itself, on small pages


def page(*spots, size=(24, 16), ground=(240, 240, 240)):
    """A page with one pixel set for each spot: a whole number."""
    pixels = np.full((size[1], size[0], 4), 255, np.uint8)
    pixels[..., :3] = ground
    for spot in spots:
        pixels[spot // size[0], spot % size[0], :3] = (200, 30, 10)
    return pixels


def palette_of(pages):
    return Palette([np.ascontiguousarray(each).view("<u4")[..., 0] for each in pages])


def everywhere(pages):
    """Pair pages with the one box outside which nothing differs: all of the page."""
    return ((each, [(0, 0, *each.shape[:2])]) for each in pages)


def written(pages, durations=None, comment="", loops=0, samples=None):
    file = io.BytesIO()
    write_gif(
        file,
        everywhere(pages),
        durations or [100] * len(pages),
        pages[0].shape[:2],
        palette_of(samples or [pages[0], pages[-1]]),
        comment,
        loops=loops,
    )
    return file.getvalue()


def test_equal_pictures_become_one_that_stays_longer():
    pages = [page(1), page(1), page(1), page(2), page(2), page(3)]
    data = written(pages, [100, 50, 20, 70, 30, 10])
    assert delays(data) == [170, 100, 10]
    with Image.open(io.BytesIO(data)) as image:
        seen = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    for one, other in zip(seen, (pages[0], pages[3], pages[5]), strict=True):
        assert np.array_equal(one, other[..., :3])


def test_a_movie_of_one_picture():
    data = written([page(5)] * 3, [40, 40, 1500])
    assert delays(data) == [1580]


def test_equal_pictures_stay_longer_than_a_delay_can_say():
    data = written([page(1)] * 5 + [page(2)], [300_000] * 6)
    assert sum(delays(data)) == 1_800_000


@pytest.mark.parametrize(
    ("before", "after", "box"),
    [
        ((0,), (1,), (0, 0, 2, 1)),
        ((30,), (30, 31), (7, 1, 1, 1)),
        ((), (0, 16 * 24 - 1), (0, 0, 24, 16)),
        ((50,), (), (2, 2, 1, 1)),
    ],
    ids=["neighbours", "one pixel", "both corners", "gone"],
)
def test_the_changed_rectangle_and_no_more_is_written(before, after, box):
    data = written([page(*before), page(*after)], samples=[page(1), page(7)])
    assert tiles(data)[1][:4] == box
    with Image.open(io.BytesIO(data)) as image:
        image.seek(1)
        assert np.array_equal(np.asarray(image.convert("RGB")), page(*after)[..., :3])


def test_frames_are_written_as_they_come():
    """The writer holds at most one picture back, so memory does not grow with their number."""
    file, lengths = io.BytesIO(), []
    canvas = page()  # one array for all frames, as the renderer has

    def frames():
        for k in range(40):
            lengths.append(file.tell())
            canvas[...] = page(k)
            yield canvas

    write_gif(file, everywhere(frames()), [20] * 40, page(0).shape[:2], palette_of([page(0), page(39)]), "")
    assert all(later > sooner for sooner, later in itertools.pairwise(lengths[1:]))
    with Image.open(io.BytesIO(file.getvalue())) as image:
        assert image.n_frames == 40
        for k, frame in enumerate(ImageSequence.Iterator(image)):
            assert np.array_equal(np.asarray(frame.convert("RGB")), page(k)[..., :3])


@pytest.mark.parametrize("count", [2, 4], ids=["too few", "too many"])
def test_frames_and_durations_must_match(count):
    pages = everywhere([page(k) for k in range(count)])
    with pytest.raises(ValueError, match="zip"):
        write_gif(io.BytesIO(), pages, [20] * 3, page(0).shape[:2], palette_of([page(0)]), "")


@settings(max_examples=25, deadline=None)
@given(arrays(np.uint8, (5, 6, 7, 3), elements=st.sampled_from([0, 90, 91, 255])))
def test_few_colours_come_back_exactly(colours):
    pages = np.full((5, 6, 7, 4), 255, np.uint8)
    pages[..., :3] = colours
    data = written(list(pages), samples=list(pages))
    with Image.open(io.BytesIO(data)) as image:
        shown = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    kept = [one for k, one in enumerate(colours) if k == 0 or not np.array_equal(one, colours[k - 1])]
    assert len(shown) == len(kept)
    assert all(np.array_equal(one, other) for one, other in zip(shown, kept, strict=True))


# --- the palette


def packed(colours):
    colours = np.asarray(colours, dtype=np.uint32)
    return colours[..., 0] | colours[..., 1] << 8 | colours[..., 2] << 16 | np.uint32(0xFF000000)


def nearest(colour, palette):
    apart = ((palette.astype(int) - colour) ** 2).sum(axis=1)
    return apart.min(), apart


colour_lists = st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=300)


@settings(max_examples=40, deadline=None)
@given(colour_lists, colour_lists)
def test_every_pixel_gets_the_nearest_colour(sampled, asked):
    palette = Palette([packed([sampled])])
    indices = palette.indices(packed(asked))
    assert len(palette.colours) <= 255
    assert indices.max() < len(palette.colours)  # and so index 255 stays free
    for colour, index in zip(asked, indices.tolist(), strict=True):
        best, apart = nearest(colour, palette.colours)
        assert apart[index] == best
    assert np.array_equal(palette.indices(packed(asked)), indices)  # also when they are remembered


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_colours_of_flat_areas_are_kept_exactly(seed):
    rng = np.random.default_rng(seed)
    flat = rng.integers(0, 256, (100, 3))
    speckles = rng.integers(0, 256, (4000, 3))
    image = np.concatenate([np.repeat(flat, 50, axis=0), speckles])
    palette = Palette([packed([image])])
    assert len(palette.colours) <= 255
    assert np.array_equal(palette.colours[palette.indices(packed(flat))], flat)


def test_colours_that_must_be_kept_are_however_rare():
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 256, (60, 60, 3))
    frame[7, 9] = (0x12, 0x34, 0x56)
    few = Palette([packed(frame)], 16, ["#123456", "#abcdef"])
    assert (0x12, 0x34, 0x56) in {tuple(colour) for colour in few.colours.tolist()}
    assert len(few.colours) <= 16
    assert tuple(few.colours[few.indices(packed([[(0x12, 0x34, 0x56)]]))][0, 0]) == (0x12, 0x34, 0x56)


def test_colours_that_only_later_samples_have_are_in_the_palette():
    first, later = page(), page(3)
    palette = Palette([sample.view("<u4")[..., 0] for sample in (first, later)])
    assert {tuple(colour) for colour in palette.colours.tolist()} == {(240, 240, 240), (200, 30, 10)}


def test_transparency_does_not_matter_to_the_palette():
    colours = packed([[(1, 2, 3), (4, 5, 6)]])
    palette = Palette([colours])
    assert np.array_equal(palette.indices(colours), palette.indices(colours & np.uint32(0xFFFFFF)))
