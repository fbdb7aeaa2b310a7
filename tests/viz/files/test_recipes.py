"""Recipes read back from every format, and the sentences about files that carry none."""

import json
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import descent
from descent.surfaces.errors import NotPossibleError
from descent.trajectories.regression.difference import compare
from descent.trajectories.regression.tolerances import tolerance
from descent.viz.animation import picture
from descent.viz.files import pdf_notes
from descent.viz.files.numbered import named_again
from descent.viz.files.pdf_notes import decoded, pdf_string
from descent.viz.files.recipes import Carried, read
from descent.viz.files.saving import recipe_text

FILES = ("a.gif", "a.png", "a.apng", "a.webp", "a.svg", "a.pdf", "a.mp4", "a.webm", "a.html")
NASTY = 'expr:(x - "1")*\\y + (é) < > & \' ]]> ) \\( \n ü'


@pytest.fixture(scope="module")
def recording(make_recording, make_run):
    runs = make_run("short", "sgd:lr=0.01"), make_run("short", "adam:lr=0.1,betas=0.9/0.99")
    return make_recording(*runs, target=NASTY, latex="")


@pytest.fixture(scope="module")
def animation(recording):
    return descent.animate(recording, theme="dark", size="320x320", fps=5, seconds=0.6)


def expected(animation):
    return Carried(**json.loads(recipe_text(animation.scene)))


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_recipe_back(animation, tmp_path, name):
    if name.endswith(("mp4", "webm")):
        pytest.importorskip("imageio_ffmpeg")
    path = animation.save(tmp_path / name)
    assert read(path) == expected(animation)
    assert read(path).recipe["target"] == NASTY
    assert read(path).look == {"theme": "dark", "size": "320x320", "fps": 5, "seconds": 0.6}


@pytest.mark.parametrize("name", ["frame-%03d.png", "frame-%03d.svg", "frame-%03d.pdf"])
def test_numbered_frames_and_their_folder_carry_it(animation, tmp_path, name):
    animation.save(f"{tmp_path}/frames/{name}")
    assert read(tmp_path / "frames" / (name % 1)) == expected(animation)
    assert read(tmp_path / "frames") == expected(animation)


def test_a_recording_carries_its_own(recording, animation, tmp_path):
    found = read(recording.save(tmp_path / "a.npz"))
    assert found == Carried("descent-viz", "recording", expected(animation).recipe, {})


def test_kinds_are_told_apart(tmp_path, recording):
    swept = descent.sweep("sphere", "sgd", "0.1,0.2", steps=2, resolution=(9, 9))
    basins = descent.basins("himmelblau", "adam:lr=0.1", starts=4, steps=2)
    for subject, kind in ((swept, "sweep"), (basins, "basins")):
        path = descent.still(subject, size="480x360").save(tmp_path / f"{kind}.png")
        assert read(path).kind == kind
        assert read(path).recipe == json.loads(json.dumps(subject.recipe))
    two = picture(recording, recording, compare(recording, recording, tolerance()))
    assert read(two.save(tmp_path / "two.svg")).kind == "difference"


def notes(**changes):
    return json.dumps({"made_with": "descent-viz", "kind": "recording", "recipe": {}, "look": {}} | changes)


def with_png_chunk(path, name, data, *, behind=False):
    Image.new("RGB", (2, 2)).save(path)
    raw = path.read_bytes()
    at = raw.index(b"IEND") - 4 if behind else 33
    chunk = struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    path.write_bytes(raw[:at] + chunk + raw[at:])
    return path


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize(
    ("name", "head", "pack"),
    [
        (b"tEXt", b"Description\0", bytes),
        (b"zTXt", b"Description\0\0", zlib.compress),
        (b"iTXt", b"Description\0\0\0de\0Beschreibung\0", bytes),
        (b"iTXt", b"Description\0\1\0\0\0", zlib.compress),
    ],
)
def test_all_texts_of_a_png_are_read(tmp_path, name, head, pack, behind):
    path = with_png_chunk(tmp_path / "a.png", name, head + pack(notes().encode()), behind=behind)
    assert read(path) == Carried("descent-viz", "recording", {}, {})


def test_pillow_saves_it_again_with_the_notes(animation, tmp_path):
    path = animation.save(tmp_path / "a.png")
    with Image.open(path) as image:
        info = PngInfo()
        info.add_itxt("Description", image.text["Description"], zip=True)
        image.save(tmp_path / "b.png", pnginfo=info)
    assert read(tmp_path / "b.png") == expected(animation)


@pytest.mark.parametrize(
    "words", [notes(recipe={"a": "(b) \\ (c"}), notes(recipe={"a": "é"}), notes() + " " * 9]
)
def test_pdf_strings_are_read_as_matplotlib_writes_them(tmp_path, words):
    text = words.replace("\\u00e9", "é")  # then it is UTF-16 with a mark at its beginning
    Figure().savefig(tmp_path / "a.pdf", metadata={"Subject": text, "CreationDate": None})
    assert read(tmp_path / "a.pdf").recipe == json.loads(text)["recipe"]


def test_pdf_strings_of_other_programs(tmp_path):
    cases = {
        b"(\\173\\12\\\n}) /Next (x)": "{\n}",
        b"(a\\)b(c)d)": "a)b(c)d",
        b"<7B 7d>": "{}",
        b"<FEFF00e9>": "é",
        b"(\xef\xbb\xbf\xc3\xa9)": "é",
        b"(cut off": "",
    }
    for data, text in cases.items():
        raw, _ = pdf_string(data, 0, len(data))
        assert decoded(raw or b"") == text
    path = tmp_path / "a.pdf"
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj << /Subject (other) >>\n2 0 obj << /Subject\n<"
        + notes().encode().hex().encode()
        + b"> >>"
    )
    assert read(path).kind == "recording"


def sentence(path):
    with pytest.raises(NotPossibleError) as caught:
        read(path)
    text = str(caught.value)
    assert "\n" not in text
    return text


def packed(folder, animation, copies=1):
    """Write a PDF whose notes stand in object streams, as PDF 1.5 allows, by hand; each holds the recipe."""
    words = recipe_text(animation.scene).replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    inside = f"2 0 <</Creator (descent-viz)/Subject({words})>>".encode()
    stream = zlib.compress(inside)
    head = b"<</Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d>>" % len(stream)
    path = folder / "packed.pdf"
    path.write_bytes(
        b"%PDF-1.5\n" + (b"1 0 obj\n" + head + b"\nstream\n" + stream + b"\nendstream\nendobj\n") * copies
    )
    return path


def test_notes_in_object_streams_of_a_pdf(animation, tmp_path):
    assert read(packed(tmp_path, animation)) == expected(animation)
    cut = packed(tmp_path, animation)
    cut.write_bytes(cut.read_bytes()[:-400])
    with pytest.raises(NotPossibleError, match=r"damaged|carries no recipe"):
        read(cut)


def test_a_pdf_that_qpdf_wrote_again(animation, tmp_path):
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open(animation.save(tmp_path / "a.pdf")) as pdf:
        pdf.save(tmp_path / "b.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"/Subject" not in (tmp_path / "b.pdf").read_bytes()
    assert read(tmp_path / "b.pdf") == expected(animation)


def test_object_streams_of_a_stranger_are_bounded(animation, tmp_path, monkeypatch):
    bomb = zlib.compress(bytes(2**22))
    one = b"<</Type /ObjStm /Filter /FlateDecode>>\nstream\n" + bomb + b"\nendstream\n"
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.5\n" + 200 * one)
    monkeypatch.setattr(pdf_notes, "_UNPACKED", 2**23)
    unpacked = []
    unpack = pdf_notes._object_stream
    monkeypatch.setattr(
        pdf_notes, "_object_stream", lambda *given: unpacked.append(unpack(*given)) or unpacked[-1]
    )
    with pytest.raises(NotPossibleError, match="carries no recipe"):
        read(tmp_path / "a.pdf")
    assert sum(map(len, unpacked)) <= 2**23


@pytest.mark.parametrize("suffix", [".mkv", ".mov", ".m4v"])
def test_a_video_in_another_container(animation, tmp_path, suffix):
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    video, copy = animation.save(tmp_path / "a.mp4"), tmp_path / f"b{suffix}"
    subprocess.run([ffmpeg, "-v", "error", "-i", video, "-c", "copy", copy], check=True)
    assert read(copy) == expected(animation)
    assert named_again(copy) == "b.mp4"


@pytest.mark.parametrize("suffix", [".gif", ".png", ".apng", ".webp", ".svg", ".pdf", ".html"])
def test_files_of_others_are_named_so(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    if suffix in (".svg", ".pdf"):
        Figure().savefig(path)
    elif suffix == ".html":
        path.write_text("<p>made with descent-viz</p>", encoding="utf-8")
    else:
        Image.new("RGB", (3, 3)).save(path, format="PNG" if suffix == ".apng" else None)
    assert "it was made by something else, or a program that saved it again dropped the notes" in sentence(
        path
    )


@pytest.mark.parametrize("suffix", [".gif", ".png", ".apng", ".webp", ".svg", ".pdf"])
@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n\xff", b"%PDF-", b"GIF89a", b"RIFF"]
)
def test_what_is_no_picture_is_one_sentence(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    assert str(path) in sentence(path)


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.svg", "a.pdf", "a.apng"])
def test_a_part_of_a_picture_gives_the_recipe_or_a_sentence(animation, tmp_path, name):
    whole = animation.save(tmp_path / name).read_bytes()
    part = tmp_path / f"part{name[1:]}"
    for length in np.linspace(1, len(whole) - 1, 25, dtype=int):
        part.write_bytes(whole[:length])
        try:
            assert read(part) == expected(animation)
        except NotPossibleError as error:
            assert str(part) in str(error)  # noqa: PT017


def test_other_paths(tmp_path):
    assert sentence(tmp_path / "no.gif") == f"there is no file {tmp_path / 'no.gif'}"
    assert "is a folder without frames.json" in sentence(tmp_path)
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    assert "is no picture that descent writes; allowed: .gif, " in sentence(tmp_path / "a.txt")


def as_svg(path, text):
    Figure().savefig(path, metadata={"Description": text})
    return path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (notes(made_with="descent-viz-fork"), "carries no recipe"),
        ("descent-viz", "is damaged: Expecting value"),
        ('["descent-viz"]', "carries no recipe"),
        (notes(recipe=None), "kind, recipe or look is missing"),
        (notes(look=[]), "kind, recipe or look is missing"),
        (notes(kind=3), "kind, recipe or look is missing"),
        (
            notes(kind="movie"),
            "'movie', which is not known here: a newer descent-viz made it; upgrade with pip",
        ),
        (notes(kind="movie", recipe={"versions": {"descent-viz": "9.1"}}), "a newer descent-viz 9.1 made it"),
        ("[" * 100_000 + "descent-viz", "is damaged"),
    ],
)
def test_notes_that_are_not_ours_or_newer(tmp_path, text, words):
    assert words in sentence(as_svg(tmp_path / "a.svg", text))


def test_no_library_is_loaded_for_pictures(animation, tmp_path):
    paths = [str(animation.save(tmp_path / name)) for name in ("a.gif", "a.png", "a.webp", "a.svg", "a.pdf")]
    code = (
        "import sys; from descent.viz.files.recipes import read\n"
        f"for path in {paths}: read(path)\n"
        "print([n for n in ('torch', 'matplotlib', 'numpy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
