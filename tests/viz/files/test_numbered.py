"""A folder with a file for each frame: for LaTeX's animate package, and for other programs."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image

import descent
from descent.surfaces.errors import NotPossibleError
from descent.viz.canvas.frames import backdrop, stream
from descent.viz.canvas.stage import compile_scene
from descent.viz.files.numbered import destination, named_again, owned
from descent.viz.files.recipes import read
from descent.viz.files.saving import check_destination

SIZE = (320, 240)


@pytest.fixture
def animation(named):
    return descent.animate(named("one leaves"), size=SIZE, seconds=0.3, fps=20, hold=0.5)


def test_a_folder_gets_a_picture_for_each_frame(animation, tmp_path):
    assert animation.save(f"{tmp_path}/frames/") == tmp_path / "frames"
    count = len(animation)
    names = sorted(path.name for path in (tmp_path / "frames").iterdir())
    assert names == [*(f"frame-{k:04d}.png" for k in range(count)), "frames.json", "timeline.txt"]
    for k in (0, count // 2, count - 1):
        with Image.open(tmp_path / "frames" / f"frame-{k:04d}.png") as image:
            assert np.array_equal(np.asarray(image), animation.frame(k))
            assert json.loads(image.text["Description"])["recipe"] == json.loads(
                json.dumps(animation.scene.recipe)
            )
    notes = json.loads((tmp_path / "frames" / "frames.json").read_text())
    assert [each["milliseconds"] for each in notes["frames"]] == animation.scene.timing.durations.tolist()
    assert [each["step"] for each in notes["frames"]] == animation.scene.timing.steps.tolist()
    assert notes["alt"]
    assert notes["kind"] == "recording"


@pytest.mark.parametrize(
    ("name", "first"), [("%d.pdf", "0.pdf"), ("step-%03d.svg", "step-000.svg"), ("%02d.PNG", "00.PNG")]
)
def test_names_for_frames(animation, tmp_path, name, first):
    animation.save(tmp_path / "folder" / name)
    assert (tmp_path / "folder" / first).stat().st_size > 2000
    assert len(list((tmp_path / "folder").iterdir())) == len(animation) + 2


def test_pdf_frames_differ_and_say_what_png_frames_would_have(animation, tmp_path):
    said = []
    animation.save(tmp_path / "folder" / "%d.pdf", say=said.append)
    animation.save(f"{tmp_path}/other/", say=said.append)
    has, would = (
        sum(
            path.stat().st_size
            for path in (tmp_path / name).glob("frame-*.png" if name == "other" else "*.pdf")
        )
        for name in ("folder", "other")
    )
    (sentence,) = [each for each in said if "the frames have" in each]
    *_, first, second = re.findall(r"([\d.]+) kB", sentence)
    assert int(first) == round(has / 1e3)
    assert float(second) == pytest.approx(would / 1e3, rel=0.1)
    assert len({path.read_bytes() for path in (tmp_path / "folder").glob("*.pdf")}) == len(animation)


def test_frames_of_a_longer_run_leave_nothing_behind(named, tmp_path):
    def save(seconds):
        descent.animate(named("two runs"), size=SIZE, seconds=seconds, fps=20).save(f"{tmp_path}/f/")
        return len(list((tmp_path / "f").iterdir()))

    assert save(1.0) > save(0.3)
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_folder_with_other_files_is_left_alone(animation, tmp_path):
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "thesis.tex").write_text("years of work")
    (tmp_path / "f" / "frame-0001.png").write_text("old")
    with pytest.raises(
        NotPossibleError, match=r"cannot write .*f/: it holds what descent did not write, as frame-0001.png"
    ):
        animation.save(f"{tmp_path}/f/")
    assert sorted(path.name for path in (tmp_path / "f").iterdir()) == ["frame-0001.png", "thesis.tex"]
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_frame_that_no_notes_list_is_somebodys_own(animation, tmp_path):
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "frame-0001.png").write_text("mine")
    with pytest.raises(NotPossibleError, match=r"it holds what descent did not write, as frame-0001.png"):
        animation.save(f"{tmp_path}/f/")
    assert (tmp_path / "f" / "frame-0001.png").read_text() == "mine"


@pytest.mark.parametrize("change", ["more", "folder", "link", "notes", "notes of another"])
def test_only_what_the_notes_list_is_replaced(animation, tmp_path, change):
    folder = tmp_path / "f"
    animation.save(f"{folder}/")
    before = json.loads((folder / "frames.json").read_text())
    if change == "more":
        (folder / "frame-9999.png").write_text("mine")
    elif change == "folder":
        (folder / "frame-0001.png").unlink()
        (folder / "frame-0001.png").mkdir()
        (folder / "frame-0001.png" / "thesis.tex").write_text("mine")
    elif change == "link":
        (folder / "frame-0001.png").unlink()
        (folder / "frame-0001.png").symlink_to(tmp_path)
    else:
        text = "[]" if change == "notes" else json.dumps(before | {"made_with": "another"})
        (folder / "frames.json").write_text(text)
    names = sorted(path.name for path in folder.rglob("*"))
    with pytest.raises(NotPossibleError, match="it holds what descent did not write"):
        animation.save(f"{folder}/")
    assert sorted(path.name for path in folder.rglob("*")) == names
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_frames_of_ours_are_replaced_whatever_they_are_called(animation, tmp_path):
    animation.save(tmp_path / "f" / "%d.svg")
    (tmp_path / "f" / "0.svg").unlink()
    animation.save(f"{tmp_path}/f/")
    assert sorted({path.suffix for path in (tmp_path / "f").iterdir()}) == [".json", ".png", ".txt"]


def test_what_somebody_puts_there_while_it_is_drawn_is_kept(animation, tmp_path):
    animation.save(f"{tmp_path}/f/")

    def put(done, total):
        (tmp_path / "f" / "thesis.tex").write_text("mine")

    with pytest.raises(NotPossibleError, match=r"as thesis.tex"):
        animation.save(f"{tmp_path}/f/", progress=put)
    assert (tmp_path / "f" / "thesis.tex").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("out", ["./", "../", ".", "", "%d.png"])
def test_the_current_folder_and_those_above_are_never_replaced(animation, tmp_path, monkeypatch, out):
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    inode = (tmp_path / "a" / "b").stat().st_ino
    with pytest.raises(descent.DescentError):
        animation.save(out)
    assert (tmp_path / "a" / "b").stat().st_ino == inode
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b"]


@pytest.mark.parametrize("name", ["../secret.png", "/etc/secret.png", "..", "a/b.png", "a\\b.png", ""])
def test_names_in_the_notes_stay_in_their_folder(animation, tmp_path, name):
    animation.save(f"{tmp_path}/f/")
    notes = json.loads((tmp_path / "f" / "frames.json").read_text())
    notes["frames"] = [{"file": name}, *notes["frames"]]
    (tmp_path / "f" / "frames.json").write_text(json.dumps(notes))
    assert name not in owned(tmp_path / "f")
    assert named_again(tmp_path / "f") == "f/"


def test_a_file_in_the_way(animation, tmp_path):
    (tmp_path / "f").write_text("a file")
    with pytest.raises(NotPossibleError, match="it is not a folder"):
        animation.save(f"{tmp_path}/f/")


def test_an_interrupt_leaves_no_folder(animation, tmp_path):
    def stop(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        animation.save(f"{tmp_path}/f/", progress=stop)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("%s.png", "one %d, or %04d"),
        ("%d-%d.png", "one %d"),
        ("100%.png", "one %d"),
        ("%d.gif", "unknown suffix '.gif'"),
        ("%d", "no suffix"),
    ],
)
def test_names_that_cannot_be_numbered(animation, tmp_path, name, says):
    with pytest.raises(descent.DescentError, match=says):
        animation.save(tmp_path / "f" / name)


def test_stills_have_no_frames(named, tmp_path):
    still = descent.still(named("two runs"), size=SIZE)
    with pytest.raises(descent.DescentError, match=r"numbered frames, and this picture is a still; use .png"):
        still.save(f"{tmp_path}/f/")


def test_a_limit_is_for_one_file(named, tmp_path):
    with pytest.raises(descent.DescentError, match="numbered frames are many"):
        descent.animate(named("two runs"), max_size="1MB").save(f"{tmp_path}/f/")


def test_where_pictures_go():
    assert destination("a/b/").folder.as_posix() == "a/b"
    assert destination("a/b.gif").as_posix() == "a/b.gif"
    assert destination("a/x%03d.svg").name == "x%03d.svg"


def test_a_folder_that_cannot_be_written_is_refused_before_anything_runs(tmp_path, monkeypatch):
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "thesis.tex").write_text("mine")
    with pytest.raises(NotPossibleError, match=r"thesis\.tex"):
        check_destination(f"{tmp_path}/f/")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotPossibleError, match="it is the current folder"):
        check_destination("./")


def test_a_talk_has_a_page_for_each_stop(named, tmp_path):
    pdfium = pytest.importorskip("pypdfium2")
    talk = descent.animate(named("two runs"), size=(320, 240), stops=(1, 5), seconds=0.4)
    talk.save(f"{tmp_path}/f/")
    notes = json.loads((tmp_path / "f" / "frames.json").read_text())
    assert [(each["file"], each["step"]) for each in notes["frames"]] == [
        ("frame-0000.png", 1),
        ("frame-0001.png", 5),
        ("frame-0002.png", 24),
    ]
    for number, frame in enumerate(talk.scene.timing.pages):
        with Image.open(tmp_path / "f" / f"frame-{number:04d}.png") as image:
            assert np.array_equal(np.asarray(image), talk.frame(frame))
    pages = pdfium.PdfDocument(talk.save(tmp_path / "a.pdf"))
    said = [page.get_textpage().get_text_range() for page in pages]
    assert [re.search(r"step (\d+)", words)[1] for words in said] == ["1", "5", "24"]
    assert talk.save(tmp_path / "b.pdf").read_bytes() == (tmp_path / "a.pdf").read_bytes()
    assert read(tmp_path / "a.pdf").look["stops"] == [1, 5]
    assert len(pdfium.PdfDocument(talk.still().save(tmp_path / "c.pdf"))) == 1


@pytest.mark.parametrize(("theme", "mode"), [("light", "RGB"), ("dark", "RGB"), ("transparent", "RGBA")])
def test_every_frame_is_the_drawn_one_and_about_as_small_as_filtered(named, tmp_path, theme, mode):
    animation = descent.animate(named("one leaves"), size=SIZE, seconds=0.3, fps=20, hold=0.5, theme=theme)
    folder = animation.save(f"{tmp_path}/frames/")
    stage = compile_scene(animation.scene)
    for k, drawn in enumerate(stream(stage, backdrop(stage))):
        path, pixels = folder / f"frame-{k:04d}.png", drawn[..., : len(mode)]
        with Image.open(path) as image:
            assert image.mode == mode
            assert np.array_equal(np.asarray(image), pixels)
            texts = len("".join(image.text.values()))
        filtered = io.BytesIO()
        Image.fromarray(pixels).save(filtered, format="png")
        assert path.stat().st_size - texts < (1.05 if mode == "RGBA" else 1.0) * len(filtered.getvalue())
