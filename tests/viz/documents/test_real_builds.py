"""Snippets in the tools that they are for: what lands in the page, and in print; skipped without the tool."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

import descent
from descent.viz.documents.snippet import snippet, with_twins


@pytest.fixture(name="animation", scope="module")
def _animation(named):
    return descent.animate(named("two runs"), size=(320, 240), fps=10, seconds=1, hold=1, pace="early")


@pytest.fixture(name="write", scope="module")
def _write(animation):
    """Write what a kind of document needs into out/ of a folder, and return the snippet."""

    def write(kind, folder, *names):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            files = with_twins(kind, [f"out/{name}" for name in names])
            for file in files:
                if not Path(file).exists():
                    animation.save(file)
            return snippet(kind, files, animation)

    return write


class Elements(HTMLParser):
    """Lists pictures, videos and frames, and whether each stands in a link."""

    def __init__(self, text):
        super().__init__()
        self.found, self.links = [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.links += tag == "a"
        if tag in ("img", "video", "iframe"):
            self.found.append((tag, dict(attrs), self.links > 0))

    def handle_endtag(self, tag):
        self.links -= tag == "a"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rst", "myst"])
def test_sphinx_shows_what_moves_in_html_and_the_still_in_latex(write, tmp_path, kind):
    for module in ("sphinx", "myst_parser", "imageio_ffmpeg"):
        pytest.importorskip(module)
    names = ("gif", "webp", "mp4", "webm", "html")
    parts = [write(kind, tmp_path, f"{name}.{name}") for name in names]
    descent_still = (tmp_path / "out" / "gif.pdf").read_bytes()
    (tmp_path / "out" / "gif.svg").write_bytes(descent_still)  # which Sphinx would take for gif.*
    title, suffix = ("T\n=", "rst") if kind == "rst" else ("# T", "md")
    (tmp_path / f"index.{suffix}").write_text("\n\n".join([title, *parts]) + "\n")
    extra = re.search(r"Add (\S+) to html_extra_path", parts[-1])[1]
    (tmp_path / "conf.py").write_text(f"extensions = ['myst_parser']\nhtml_extra_path = [{extra!r}]\n")
    for builder in ("html", "latex"):
        command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", builder, ".", builder]
        subprocess.run(command, cwd=tmp_path, check=True, timeout=120)
    page = Elements((tmp_path / "html" / "index.html").read_text())
    assert [(tag, Path(of["src"]).name) for tag, of, _ in page.found] == [
        ("img", "gif.gif"),
        ("img", "webp.webp"),
        ("video", "mp4.mp4"),
        ("video", "webm.webm"),
        ("iframe", "html.html"),
    ]
    for tag, of, linked in page.found:
        assert (tmp_path / "html" / of["src"]).is_file()
        assert tag != "video" or ("controls" in of and not linked)
        assert "Contour animation" in of.get("alt", of.get("title", ""))
    (text,) = [file.read_text() for file in (tmp_path / "latex").glob("*.tex")]
    printed = re.findall(r"\\sphinxincludegraphics(?:\[.*\])?\{\{(.*)\}\.(\w+)\}", text)
    assert printed == [(name, "pdf") for name in names]


@pytest.mark.slow
def test_mystmd_takes_what_moves_for_the_web_and_the_still_for_print(write, tmp_path):
    found = pytest.importorskip("mystmd_py")
    if shutil.which("node") is None:
        pytest.skip("mystmd needs node")
    text = write("mystmd", tmp_path, "a.gif")
    exports = "---\nexports:\n  - format: tex\n    template: null\n    output: o/o.tex\n---\n"
    (tmp_path / "index.md").write_text(f"{exports}\n# T\n\n{text}\n")
    (tmp_path / "myst.yml").write_text("version: 1\nproject: {title: T}\nsite: {}\n")
    for what in ("--site", "--tex"):  # it fails without a network, for themes, after what is read here
        myst = ["node", str(Path(found.__file__).parent / "myst.cjs"), "build", what]
        subprocess.run(myst, cwd=tmp_path, check=False, timeout=120, stdin=subprocess.DEVNULL)
    images = []

    def look(node):
        if node["type"] == "image":
            images.append(node)
        for child in node.get("children", []):
            look(child)

    look(json.loads((tmp_path / "_build" / "site" / "content" / "index.json").read_text())["mdast"])
    (image,) = images
    assert image["urlSource"] == "out/a.gif"
    assert image["alt"].startswith("Contour animation")
    assert "width" not in image
    (name,) = re.findall(r"includegraphics\[.*\]\{(.*)\}", (tmp_path / "o" / "o.tex").read_text())
    assert name.endswith(".pdf")


def test_typst_sets_the_last_frame_with_its_words(write, tmp_path, animation):
    typst = pytest.importorskip("typst")
    pdfium = pytest.importorskip("pypdfium2")
    text = write("typst", tmp_path, "a.gif")
    (tmp_path / "a.typ").write_text(f"{text}\n\nSee @fig:a.\n")
    pdf = typst.compile(tmp_path / "a.typ")
    words = " ".join(pdfium.PdfDocument(pdf)[0].get_textpage().get_text_range().split())
    assert " ".join(animation.caption.split())[:40] in words
    assert "Figure 1" in words


def need_latex(file):
    kpsewhich = shutil.which("kpsewhich")
    if kpsewhich is None or subprocess.run([kpsewhich, file], stdout=subprocess.DEVNULL).returncode:
        pytest.skip(f"needs LaTeX with {file}")


def set_twice(folder):
    """Run LaTeX on t.tex: the first run writes what the second reads."""
    for _ in range(2):
        command = ["pdflatex", "-interaction=batchmode", "t.tex"]
        subprocess.run(command, cwd=folder, check=True, timeout=120, stdout=subprocess.DEVNULL)


@pytest.mark.slow
def test_beamer_turns_from_stop_to_stop(tmp_path, named, monkeypatch):
    need_latex("beamer.cls")
    pdfium = pytest.importorskip("pypdfium2")
    monkeypatch.chdir(tmp_path)
    talk = descent.animate(named("two runs"), size=(320, 240), stops="1,5", seconds=0.4)
    talk.save("a.pdf")
    slide = snippet("beamer", ["a.pdf"], talk)
    Path("t.tex").write_text(f"\\documentclass{{beamer}}\\begin{{document}}\n{slide}\n\\end{{document}}\n")
    set_twice(tmp_path)
    said = [page.get_textpage().get_text_range() for page in pdfium.PdfDocument("t.pdf")]
    assert [re.search(r"step (\d+)", words)[1] for words in said] == ["1", "5", "24"]


@pytest.mark.slow
def test_latex_plays_each_frame_as_long_as_planned(write, tmp_path, animation):
    need_latex("animate.sty")
    text = write("latex", tmp_path, "frames/")
    packages = re.search(r"% (\\usepackage\{.*\})", text)[1]
    page = f"\\documentclass{{article}}\n{packages}\n\\pdfobjcompresslevel=0 \\pdfcompresslevel=0\n"
    (tmp_path / "t.tex").write_text(f"{page}\\begin{{document}}\n{text}\n\\end{{document}}\n")
    set_twice(tmp_path)
    rates = re.search(rb"nFpsAt=new Array\(([\d.,]+)\)", (tmp_path / "t.pdf").read_bytes())[1]
    stays = [1000 / float(rate) for rate in rates.split(b",")]
    assert stays == pytest.approx(animation.scene.timing.durations.tolist(), rel=1e-4)


def test_pandoc_puts_the_png_into_word(write, tmp_path):
    pandoc = pytest.importorskip("pypandoc")
    text = write("quarto", tmp_path, "a.gif")
    (tmp_path / "a.md").write_text(text)
    # What Quarto's own filter does with these divisions, for a format that is neither HTML nor PDF.
    (tmp_path / "f.lua").write_text(
        "function Div(d) local w = d.attributes['when-format']\n"
        "if w == 'html' or w == 'pdf' then return {} end return d.content end\n"
    )
    out = tmp_path / "a.docx"
    more = [f"--resource-path={tmp_path}", f"--lua-filter={tmp_path / 'f.lua'}"]
    pandoc.convert_file(str(tmp_path / "a.md"), "docx", "markdown", more, outputfile=str(out))
    with zipfile.ZipFile(out) as docx:
        media = [name for name in docx.namelist() if name.startswith("word/media/")]
    assert [Path(name).suffix for name in media] == [".png"]


@pytest.mark.parametrize("name", ["a.gif", "a.mp4"])
def test_powerpoint_gets_the_picture_with_its_words(write, tmp_path, animation, name, monkeypatch):
    pptx = pytest.importorskip("pptx")
    pytest.importorskip("imageio_ffmpeg")
    code = write("pptx", tmp_path, name)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "snippet", "exec"), {})
    talk = pptx.Presentation("talk.pptx")
    (slide,) = talk.slides
    (shown,) = slide.shapes
    assert shown._element.xpath(".//p:cNvPr")[0].get("descr") == animation.alt
    assert slide.notes_slide.notes_text_frame.text == animation.caption
    assert shown.left >= 0
    assert shown.width == talk.slide_width or shown.height == talk.slide_height
    assert shown.width / shown.height == pytest.approx(320 / 240, rel=1e-3)
    with zipfile.ZipFile("talk.pptx") as file:
        media = [
            part for part in file.namelist() if part.startswith("ppt/media/") and part.endswith(name[-4:])
        ]
        assert [file.read(part) for part in media] == [(tmp_path / "out" / name).read_bytes()]
