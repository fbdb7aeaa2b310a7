"""Files that are made to cost: what is read of them is bounded in text, time and memory."""

import io
import json
import os
import random
import struct
import subprocess
import sys
import time
import zipfile
import zlib

import numpy as np
import pytest

import descent
from descent.surfaces.data.files import read_npz
from descent.surfaces.errors import NotPossibleError
from descent.viz.files.recipes import read

NOTES = json.dumps({"made_with": "descent-viz", "kind": "recording", "recipe": {}, "look": {}}).encode()
MEMORY = 1_600_000_000  # bytes of address space that the corpus is read in: half of it are libraries
SECONDS = 6.0  # of processor time for one file, on a busy machine; they take a tenth of it


def png(*chunks):
    parts = [struct.pack(">I", len(data)) + name + data + struct.pack(">I", 0) for name, data in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def gif(*comments):
    blocks = (b"".join(bytes([len(c)]) + c for c in comment) for comment in comments)
    return b"GIF89a\1\0\1\0\0\0\0" + b"".join(b"!\xfe" + block + b"\0" for block in blocks) + b",;"


def webp(xmp):
    return b"RIFF\0\0\0\0WEBP" + b"XMP " + struct.pack("<I", len(xmp)) + xmp


def npy(shape, data=b"", dtype="<f8"):
    head = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head + data


def npz(members, pack=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", pack) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


BOMB = zlib.compress(b"x" * 40_000_000)
NAMES = b"descent-viz"


def corpus():
    """Files by name, made by a script: none of them does anything but take room and time."""
    return {
        "many packed texts.png": png(*[(b"zTXt", b"a\0\0" + BOMB)] * 9),
        "many international texts.png": png(*[(b"iTXt", b"a\0\1\0\0\0" + BOMB)] * 20),
        "many long texts.png": png(*[(b"tEXt", b"a\0" + NAMES * 100_000)] * 20),
        "a million chunks.png": png() + b"\0\0\0\0IDAT\0\0\0\0" * 1_200_000,
        "a long chunk.png": png() + b"\xff\xff\xff\xfftEXt",
        "one long comment.gif": gif([b"x" * 255] * 40_000),
        "many comments.gif": gif(*[[b"x" * 255] * 100] * 400),
        "a comment that does not end.gif": gif([b"x" * 255] * 9)[:-3],
        "a long packet.webp": webp(b"<a>" + b"x" * 6_000_000 + b"</a>"),
        "many descriptions.webp": webp(b"<a>" + b"<description>x</description>" * 100_000 + b"</a>"),
        "many empty tags.svg": b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<a/>" * 600_000 + b"</svg>",
        "many foreign tags.svg": b"<x>" + b"<a b='c'>d</a>" * 200_000 + b"</x>",
        "deep tags.svg": b"<a>" * 400_000,
        "a long description.svg": b"<x><description>" + b"y" * 9_000_000 + b"</description></x>",
        "entities.svg": b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><x>&b;</x>",
        "an unknown encoding.svg": b"<?xml version='1.0' encoding='nonsense'?><x/>",
        "subjects that do not end.pdf": b"%PDF-1.4\n" + b"/Subject (" * 100_000,
        "hexadecimal that does not end.pdf": b"%PDF-1.4\n" + b"/Subject <00" * 80_000,
        "nested brackets.pdf": b"%PDF-1.4\n/Subject " + b"(" * 2_000_000,
        "white space.pdf": b"%PDF-1.4\n" + (b"/Subject" + b" " * 500) * 2_000,
        "backslashes.pdf": b"%PDF-1.4\n" + b"/Subject (\\" * 100_000,
        "many subjects.pdf": b"%PDF-1.4\n" + b"/Subject (descent-viz)" * 100_000,
        "one long subject.pdf": b"%PDF-1.4\n/Subject (" + b"x" * 9_000_000 + b")",
        "recipes that do not end.html": b'<script type="application/json" id="descent-recipe">' * 100_000,
        "a long recipe.html": b'<script type="application/json" id="descent-recipe">' + b"x" * 9_000_000,
        "brackets.html": b'<script type="application/json" id="descent-recipe">descent-viz'
        + b"[" * 1_000_000
        + b"</script>",
        "nothing.html": b"",
        "nothing.pdf": b"",
        "zeros.npz": npz({"header.npy": npy((2**40,), b"abc", "|u1")}),
        "a header of zeros.npz": npz({"header.npy": npy((60_000_000,), bytes(60_000_000), "|u1")}),
        "a shape that lies.npz": npz({"X.npy": npy((2**35,)), "y.npy": npy((2**35,))}),
        "a negative shape.npz": npz({"X.npy": npy((-1,)), "y.npy": npy((3,))}),
        "structured.npz": npz({"X.npy": npy((1,), dtype="O"), "y.npy": npy((1,), dtype="O")}),
        "many members.npz": npz({f"{k}.npy": b"" for k in range(60_000)}, zipfile.ZIP_STORED),
        "an end that lies.npz": b"PK\5\6" + b"\0" * 6 + b"\xff\xff" + b"\xff\xff\xff\x7f" + b"\0" * 6,
        "noise.npz": random.Random(0).randbytes(100_000),
        "a deep header.npz": npz({"header.npy": npy((1_000_000,), b"[" * 1_000_000, "|u1")}),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    for name, data in corpus().items():
        (folder / name).write_bytes(data)
    return folder


READ = """
import json, pathlib, resource, sys, time
from descent.surfaces.data.files import read_npz
from descent.surfaces.errors import NotPossibleError
from descent.viz.files.recipes import read
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
found = {{}}
for path in sorted(pathlib.Path({folder!r}).iterdir()):
    start, said = time.process_time(), "read"
    for reader in (read, read_npz) if path.suffix == ".npz" else (read,):
        try:
            reader(path)
        except NotPossibleError as error:
            said = str(error)
    found[path.name] = (said, time.process_time() - start)
print(json.dumps(found))
# Not what getrusage says: that begins with what the process had that started this one.
status = pathlib.Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else ["VmHWM: 0"]
most = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
print(most, file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
def test_the_corpus_is_read_in_little_memory_and_time(folder):
    code = READ.format(memory=MEMORY, folder=str(folder))
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert set(found) == set(corpus())
    for name, (said, seconds) in found.items():
        assert seconds < SECONDS, (name, seconds)
        assert said != "read", name
        assert len(said) < 1000, name
        assert "\n" not in said
    assert int(done.stderr.split()[-1]) < 700_000, "kB at most"


def test_what_costs_is_named(folder):
    for name, words in (
        ("many packed texts.png", "carries more than the 4,194,304 bytes of text"),
        ("a million chunks.png", "more than 1,000,000 parts"),
        ("one long comment.gif", "carries more than"),
        ("a long packet.webp", "carries more than"),
        ("a long description.svg", "carries more than"),
        ("many members.npz", "its members do not fit its header|it has no header"),
        ("an end that lies.npz", "more members"),
        ("zeros.npz", "does not hold the"),
        ("a header of zeros.npz", "at most 8,388,608 are read"),
    ):
        with pytest.raises(NotPossibleError, match=words):
            read(folder / name)


def test_the_time_for_a_pdf_grows_with_its_length_and_not_with_its_square(tmp_path):
    def seconds(count):
        (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\n" + b"/Subject (" * count)
        start = time.process_time()
        with pytest.raises(NotPossibleError):
            read(tmp_path / "a.pdf")
        return time.process_time() - start

    assert seconds(32_000) < 2.0  # 320 kB, which took 41 seconds


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".svg", ".pdf", ".html", ".npz", ".mp4"])
def test_pipes_and_devices_are_refused_at_once(tmp_path, suffix):
    if suffix == ".mp4":
        pytest.importorskip("imageio_ffmpeg")
    os.mkfifo(tmp_path / f"pipe{suffix}")
    (tmp_path / f"device{suffix}").symlink_to("/dev/zero")
    for name in ("pipe", "device"):
        with pytest.raises(NotPossibleError, match="a pipe or a device, not a regular file"):
            read(tmp_path / f"{name}{suffix}")
    if suffix == ".npz":
        with pytest.raises(NotPossibleError, match="a pipe or a device"):
            read_npz(tmp_path / "pipe.npz")
        with pytest.raises(NotPossibleError, match="a pipe or a device"):
            descent.load(tmp_path / "pipe.npz")


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_what_only_says_that_it_is_a_video_opens_no_other_file(tmp_path, suffix):
    pytest.importorskip("imageio_ffmpeg")
    other = tmp_path / "other.txt"
    other.write_text(";FFMETADATA1\ncomment=descent-viz\n")
    for content in (
        f"ffconcat version 1.0\nfile '{other}'\n",
        f"#EXTM3U\n#EXTINF:1,\nfile:{other}\n",
        ";FFMETADATA1\ncomment=descent-viz\n",
    ):
        path = tmp_path / f"a{suffix}"
        path.write_text(content)
        with pytest.raises(NotPossibleError, match="cannot read"):
            read(path)


def test_notes_of_frames_are_bounded(tmp_path):
    (tmp_path / "frames.json").write_text("[" * 2_000_000)
    with pytest.raises(NotPossibleError):
        read(tmp_path)
    (tmp_path / "frames.json").write_bytes(b" " * (2**24 + 1))
    with pytest.raises(NotPossibleError, match="more than the 16,777,216 bytes"):
        read(tmp_path)


def test_very_many_heights_are_drawn_as_few(tmp_path):
    fine = descent.record("sphere", "sgd:lr=0.1", steps=3, resolution=(2500, 1100), near=False)
    animation = descent.animate(fine, size="320x240")
    assert animation.scene.recording.field.z.shape == (1024, 1024)
    assert animation.scene.recipe["resolution"] in ([2500, 1100], (2500, 1100))
    field = animation.scene.recording.field
    assert (field.x[0], field.x[-1], field.y[-1]) == (fine.field.x[0], fine.field.x[-1], fine.field.y[-1])
    assert np.isin(field.z, fine.field.z).all()
