"""Recordings on disk: whole round trips, the same bytes, and files that are broken or lie."""

import io
import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest

import descent
from descent import DescentError
from descent.trajectories.results.recording import load


@pytest.fixture(scope="module")
def recording():
    return descent.record(
        "beale",
        ["sgd:lr=0.01@step:step_size=3,gamma=0.5", "sgd:lr=1", "adam:lr=0.1", "lbfgs"],
        steps=12,
        start=(1, 1.5),
        noise=0.25,
        stop_at=1e-9,
        seed=3,
        resolution=(6, 5),
    )


@pytest.fixture
def path(recording, tmp_path):
    return recording.save(tmp_path / "a.npz")


ARRAYS = ("points", "losses", "gradients", "learning_rates")


def test_a_round_trip_keeps_everything(recording, path):
    again = load(path)
    assert again.recipe == recording.recipe
    assert (again.minima, again.latex) == (recording.minima, recording.latex)
    for axis in "xyz":
        np.testing.assert_array_equal(getattr(again.field, axis), getattr(recording.field, axis))
    for one, other in zip(recording.trajectories, again.trajectories, strict=True):
        assert (one.spec, one.outcome, one.evaluations) == (other.spec, other.outcome, other.evaluations)
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert not np.isfinite(again.trajectories[1].points).all()  # NaN went to disk and back


def test_methods_and_names_at_the_top(recording, tmp_path):
    path = recording.save(str(tmp_path / "B.NPZ"))
    assert path == tmp_path / "B.NPZ"
    assert descent.load(str(path)).recipe == recording.recipe


def test_infinite_and_missing_heights_are_kept(recording, tmp_path):
    heights = recording.field.z.copy()
    heights[0, :3] = np.nan, np.inf, -np.inf
    changed = replace(recording, field=replace(recording.field, z=heights))
    np.testing.assert_array_equal(load(changed.save(tmp_path / "a.npz")).field.z, heights)


def test_a_recording_without_runs(recording, tmp_path):
    empty = replace(
        recording, trajectories=(), recipe=replace(recording.recipe, specs=(), steps=0), minima=()
    )
    again = load(empty.save(tmp_path / "a.npz"))
    assert again.trajectories == ()


def test_the_same_recording_gives_the_same_bytes(recording, path, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert load(path).save(tmp_path / "b.npz").read_bytes() == path.read_bytes()
    rerun = descent.record(
        "beale",
        recording.recipe.specs,
        steps=12,
        start=(1, 1.5),
        noise=0.25,
        stop_at=1e-9,
        seed=3,
        resolution=(6, 5),
    )
    assert rerun.save(tmp_path / "c.npz").read_bytes() == path.read_bytes()


def test_plain_numpy_reads_it_without_pickle(recording, path):
    with np.load(path, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["z"], recording.field.z)
        np.testing.assert_array_equal(arrays["2.points"], recording.trajectories[2].points)
        header = json.loads(arrays["header"].tobytes())
    assert (header["format"], header["format_version"]) == ("descent-recording", 2)
    assert header["recipe"]["target"] == "beale"


@pytest.mark.parametrize("name", ["a.png", "a", "a.npz.gz", ".npz"])
def test_other_suffixes_are_refused(recording, tmp_path, name):
    with pytest.raises(DescentError, match=r"is saved as \.npz"):
        recording.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_save_leaves_nothing(recording, tmp_path, monkeypatch):
    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(zipfile.ZipFile, "writestr", interrupt)
    with pytest.raises(KeyboardInterrupt):
        recording.save(tmp_path / "a.npz")
    assert list(tmp_path.iterdir()) == []


# Files that are not recordings, or lie.


def refused(path, sentence):
    with pytest.raises(DescentError) as caught:
        load(path)
    assert sentence in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_not_there(tmp_path):
    refused(tmp_path / "no.npz", "there is no file")
    refused(tmp_path, "is a folder")
    (tmp_path / "file").write_text("")
    refused(tmp_path / "file" / "a.npz", "cannot read")


@pytest.mark.parametrize("junk", [b"", b"PK", b"junk" * 100, pickle.dumps([1, 2]), b"PK\x05\x06" + bytes(18)])
def test_junk(tmp_path, junk):
    path = tmp_path / "junk.npz"
    path.write_bytes(junk)
    refused(path, "is not a recording")


def test_every_truncation_and_many_flipped_bytes(path, tmp_path):
    whole = path.read_bytes()
    broken = tmp_path / "broken.npz"
    for length in range(0, len(whole), 97):
        broken.write_bytes(whole[:length])
        refused(broken, "is not a recording")
    original = load(path)
    for position in range(0, len(whole), 61):
        damaged = bytearray(whole)
        damaged[position] ^= 0x55
        broken.write_bytes(damaged)
        try:
            again = load(broken)
        except DescentError:
            continue
        # Some bytes of a zip mean nothing, such as its dates; then nothing may have changed.
        assert again.recipe == original.recipe
        np.testing.assert_array_equal(again.trajectories[0].points, original.trajectories[0].points)


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def as_npy(array, **options):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asanyarray(array), **options)
    return buffer.getvalue()


def rewritten(path, changes=(), compression=zipfile.ZIP_STORED):
    contents = {**members(path), **dict(changes)}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in contents.items():
            if data is not None:
                archive.writestr(name, data)
    return path


def test_a_compressed_copy_is_read_too(recording, path):
    assert load(rewritten(path, compression=zipfile.ZIP_DEFLATED)).recipe == recording.recipe


def test_other_compressions_are_refused(path):
    refused(rewritten(path, compression=zipfile.ZIP_BZIP2), "compressed in a way that NumPy does not use")


def test_damage_within_compressed_data(path, tmp_path):
    whole = rewritten(path, compression=zipfile.ZIP_DEFLATED).read_bytes()
    broken = tmp_path / "broken.npz"
    survived = 0
    for position in range(60, 700, 13):
        damaged = bytearray(whole)
        damaged[position] ^= 0x55
        broken.write_bytes(damaged)
        try:
            load(broken)
        except DescentError:
            continue
        survived += 1  # a byte of a date, or of another field that means nothing
    assert survived < 10


HEADER_SAYS_MORE = as_npy(np.zeros(3)).replace(b"(3,)", b"(9,)")
HEADER_SAYS_TOO_MUCH = as_npy(np.zeros(3)).replace(b"(3,), }       ", b"(10**12,), }")
HUGE = as_npy(np.zeros(3)).replace(b"(3,), }             ", b"(3000000000000,), } ")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"z.npy": None}, "its members do not fit its header: z.npy"),
        ({"2.points.npy": None}, "its members do not fit its header: 2.points.npy"),
        ({"4.points.npy": as_npy(np.zeros((3, 2)))}, "its members do not fit its header: 4.points.npy"),
        ({"readme.txt": b"hello"}, "its members do not fit its header: readme.txt"),
        ({"header.npy": None}, "it has no header"),
        ({"x.npy": b"junk"}, "member 'x' is not an array"),
        ({"x.npy": b""}, "member 'x' is not an array"),
        ({"x.npy": as_npy(np.zeros(6), version=(2, 0))}, "member 'x' has an unknown array format"),
        ({"x.npy": as_npy(np.array([None] * 6), allow_pickle=True)}, "member 'x' must be float64"),
        ({"x.npy": as_npy(np.arange(6))}, "member 'x' must be float64"),
        ({"x.npy": as_npy(np.arange(6, dtype=np.float32))}, "member 'x' must be float64"),
        ({"x.npy": as_npy(np.arange(6, dtype=">f8"))}, "member 'x' must be float64"),
        ({"x.npy": as_npy(np.zeros((6, 1)))}, "member 'x' must be float64 with 1 dimensions"),
        ({"x.npy": HEADER_SAYS_MORE}, "does not hold"),
        ({"x.npy": HEADER_SAYS_TOO_MUCH}, "member 'x'"),
        ({"x.npy": HUGE}, "does not hold"),
        ({"x.npy": as_npy(np.arange(6.0)) + b"more"}, "does not hold"),
        ({"x.npy": as_npy([0, 1, 2, 3, 4, np.nan])}, "must be finite and increasing"),
        ({"x.npy": as_npy([0, 1, 2, 3, 4, np.inf])}, "must be finite and increasing"),
        ({"x.npy": as_npy(np.arange(6.0)[::-1].copy())}, "must be finite and increasing"),
        ({"x.npy": as_npy(np.arange(7.0))}, "z needs shape"),
        ({"z.npy": as_npy(np.asfortranarray(np.zeros((5, 6))))}, "member 'z' must be"),
        ({"0.losses.npy": as_npy(np.zeros(4))}, "losses of trajectory"),
        ({"0.points.npy": as_npy(np.zeros((13, 3)))}, "points of trajectory"),
        ({"0.points.npy": as_npy(np.zeros((0, 2)))}, "of trajectory"),
        ({"0.learning_rates.npy": as_npy(np.zeros(13))}, "learning_rates of trajectory"),
        ({"header.npy": as_npy(np.zeros(9))}, "member 'header' must be uint8"),
        ({"header.npy": as_npy(np.frombuffer(b"{not json", np.uint8))}, "its header is not JSON"),
        ({"header.npy": as_npy(np.frombuffer(b"\xff\xfe{}", np.uint8))}, "its header is not JSON"),
        ({"header.npy": as_npy(np.frombuffer(b"[" * 100000, np.uint8))}, "its header is not JSON"),
        ({"header.npy": as_npy(np.frombuffer(b"[1, 2]", np.uint8))}, "does not say 'descent-recording'"),
        ({"header.npy": as_npy(np.frombuffer(b"{}", np.uint8))}, "does not say 'descent-recording'"),
    ],
)
def test_members_that_do_not_belong(path, changes, sentence):
    refused(rewritten(path, changes), sentence)


def edited(path, edit):
    header = json.loads(load_header(path))
    edit(header)
    return rewritten(path, {"header.npy": as_npy(np.frombuffer(json.dumps(header).encode(), np.uint8))})


def load_header(path):
    with np.load(path, allow_pickle=False) as arrays:
        return arrays["header"].tobytes()


def put(*keys, value):
    def edit(header):
        for key in keys[:-1]:
            header = header[key]
        header[keys[-1]] = value

    return edit


def remove(*keys):
    def edit(header):
        for key in keys[:-1]:
            header = header[key]
        del header[keys[-1]]

    return edit


def test_format_1_is_read_whose_recipe_called_its_resolution_a_grid(path):
    def aged(header):
        header["format_version"] = 1
        header["recipe"]["grid"] = header["recipe"].pop("resolution")

    expected = load(path).recipe
    assert load(edited(path, aged)).recipe == expected
    refused(edited(path, put("format_version", value=2)), "has too much: grid, resolution")


def test_a_file_that_says_nothing_of_a_domain_is_read_as_one_whose_minima_are_on_no_border(path):
    def aged(header):
        del header["domain"]
        for minimum in header["minima"]:
            del minimum["domain_only"]

    again = load(edited(path, aged))
    assert (again.domain, again.border) == (None, None)
    assert again.minima == load(path).minima
    assert not any(minimum.domain_only for minimum in again.minima)


def test_a_newer_format_is_refused_with_the_way_out(path):
    refused(
        edited(path, put("format_version", value=3)),
        "made by a newer descent (format 3); this one reads up to 2; upgrade with pip install -U descent-viz",
    )


@pytest.mark.parametrize(
    "edit",
    [
        put("format", value="other"),
        put("format_version", value=0),
        put("format_version", value="1"),
        put("format_version", value=True),
        put("runs", value={}),
        put("runs", value=[]),
        put("runs", 0, value=3),
        put("runs", 0, "outcome", value="finished"),
        put("runs", 0, "outcome", "kind", value="exploded"),
        put("runs", 0, "outcome", "step", value=99),
        put("runs", 0, "outcome", "step", value=-1),
        put("runs", 0, "outcome", "step", value=1.5),
        put("runs", 0, "evaluations", value=None),
        put("runs", 0, "evaluations", value=-4),
        put("minima", value=3),
        put("minima", 0, "point", value=[1]),
        put("minima", 0, "point", value=[1, "2"]),
        put("minima", 0, "value", value=float("nan")),
        put("minima", 0, "domain_only", value="yes"),
        put("minima", value=["no minimum"]),
        put("domain", value=[[1, 0], [0, 1]]),
        put("domain", value=3),
        put("latex", value=None),
        put("recipe", value=[]),
        put("recipe", "specs", 0, value="adamm"),
        put("recipe", "specs", 0, value=3),
        put("recipe", "specs", value="sgd"),
        put("recipe", "start", value=[1, 10**400]),
        put("recipe", "start", value=[1, True]),
        put("recipe", "start", value=[1, 2, 3]),
        put("recipe", "steps", value=-1),
        put("recipe", "steps", value=3),
        put("recipe", "seed", value="0"),
        put("recipe", "view", value=[[1, 0], [0, 1]]),
        put("recipe", "view", value=[[0, 1]]),
        put("recipe", "noise", value=None),
        put("recipe", "stop_at", value="never"),
        put("recipe", "resolution", value=[6]),
        put("recipe", "resolution", value=[6, 6]),
        put("recipe", "versions", value=[["torch"]]),
        put("recipe", "versions", value=[["torch", 2]]),
        put("recipe", "methods", value=["batched"]),
        put("recipe", "methods", value=["by hand"] * 4),
        put("recipe", "methods", value=None),
        put("recipe", "surplus", value=1),
        remove("recipe"),
        remove("recipe", "device"),
        remove("runs", 0, "outcome"),
        remove("minima"),
        remove("latex"),
    ],
)
def test_headers_with_a_value_out_of_place(path, edit):
    refused(edited(path, edit), "is not a recording that can be read: ")


def test_two_members_of_one_name(path):
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("x.npy", b"other")
    refused(path, "two members of the same name")


def test_a_bomb_is_refused_before_it_is_unpacked(path, monkeypatch):
    from descent.surfaces import archives

    rewritten(path, {"x.npy": bytes(2_000_000)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(archives, "LARGEST", 1_000_000)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    refused(path, "it would unpack to 2,0")


def test_a_bomb_that_understates_its_size(path):
    rewritten(path, {"x.npy": bytes(2_000_000)}, zipfile.ZIP_DEFLATED)
    raw = bytearray(path.read_bytes())
    size = (2_000_000).to_bytes(4, "little")
    assert raw.count(size) == 2
    path.write_bytes(bytes(raw).replace(size, (176).to_bytes(4, "little")))
    refused(path, "is not a recording")


def test_an_encrypted_member(path):
    raw = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        offsets = [entry.header_offset for entry in archive.infolist()]
    changed = bytearray(raw)
    for offset in offsets:
        changed[offset + 6] |= 1
    central = raw.find(b"PK\x01\x02")
    while central >= 0:
        changed[central + 8] |= 1
        central = raw.find(b"PK\x01\x02", central + 4)
    path.write_bytes(changed)
    refused(path, "is not a recording")
