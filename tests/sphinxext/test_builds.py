"""The directive in real builds by Sphinx, warnings being errors."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sphinx")

CONF = (
    'extensions = ["descent.sphinxext", "myst_parser"]\ndescent_defaults = {"steps": 3, "size": "320x240"}\n'
)
RST = """
Title
=====

.. descent:: beale
   :optimizers: sgd:lr=0.01
                adam:lr=0.1
   :start: 1,1.5
   :zoom: false
   :name: first
   :theme: dark

   What *Adam* does.

.. descent:: sphere
   :command: sweep
   :optimizers: sgd
   :lr: 0.1,0.5
   :caption: Rates of SGD.
   :animation: png

See :ref:`there <first>`.
"""
MYST = """# Title

```{descent} sphere
:optimizers: sgd:lr=0.1
:animation: html
:lens: false
```
"""


def build(folder, builder, *more):
    """Run Sphinx as its users do; returns what it said on stderr, and its exit status."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", builder, *more, ".", f"_build/{builder}"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return done.stderr, done.returncode


@pytest.fixture(name="site")
def _site(tmp_path):
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.rst").write_text(RST)
    return tmp_path


@pytest.mark.slow
def test_html_moves_and_latex_has_the_still(site):
    pytest.importorskip("myst_parser")
    (site / "index.rst").write_text((site / "index.rst").read_text() + "\n.. toctree::\n\n   other\n")
    (site / "other.md").write_text(MYST)
    assert build(site, "html", "-W", "-d", "_build/trees") == ("", 0)
    page = (site / "_build/html/index.html").read_text()
    images = re.findall(r'<img alt="([^"]*)" src="(_images/[^"]*)"', page)
    assert [(alt.split()[0], src.rpartition(".")[2]) for alt, src in images] == [
        ("Contour", "gif"),
        ("Plot", "png"),
    ]
    assert images[0][0].startswith("Contour animation of the Beale surface, 3 steps from (1, 1.5).")
    assert "What <em>Adam</em> does." in page
    assert "Rates of SGD." in page
    assert (site / "_build/html" / images[0][1]).read_bytes().startswith(b"GIF89a")
    other = (site / "_build/html/other.html").read_text()
    (source,) = re.findall(r'<iframe class="descent-player" src="([^"]*)"', other)
    assert "<canvas" in (site / "_build/html" / source).read_text()
    made = {path: path.stat().st_mtime_ns for path in (site / "_build/trees/descent").iterdir()}
    assert len(made) == 3 * 4 - 1  # what moves, PDF, PNG and their words; the sweep moves nowhere

    assert build(site, "latex", "-W", "-d", "_build/trees") == ("", 0)
    (text,) = (path.read_text() for path in (site / "_build/latex").glob("*.tex"))
    assert (
        len(re.findall(r"\\sphinxincludegraphics\[[^]]*\]\{\{[\w-]+\}\.pdf\}|\{\{[\w-]+\}\.pdf\}", text)) == 3
    )
    assert ".gif" not in text
    assert build(site, "text", "-W", "-d", "_build/trees") == ("", 0)
    assert "[image: Contour plot of" in (site / "_build/text/index.txt").read_text()
    assert made == {path: path.stat().st_mtime_ns for path in (site / "_build/trees/descent").iterdir()}


@pytest.mark.slow
def test_pages_are_read_beside_each_other(site):
    names = [f"page{number}" for number in range(6)]
    for number, name in enumerate(names):
        (site / f"{name}.rst").write_text(
            f"{name}\n=====\n\n.. descent:: sphere\n   :optimizers: sgd:lr=0.1\n   :seed: {number // 2}\n"
        )
    tree = "\n".join(f"   {name}" for name in names)
    (site / "index.rst").write_text(f"Title\n=====\n\n.. toctree::\n\n{tree}\n")
    assert build(site, "html", "-W", "-j", "2") == ("", 0)
    found = [
        re.search(r"_images/[^\"]+gif", (site / f"_build/html/{name}.html").read_text())[0] for name in names
    ]
    assert len(set(found)) == 3
    assert all((site / "_build/html" / each).is_file() for each in found)


@pytest.mark.slow
def test_the_examples_of_the_page_build(site):
    pytest.importorskip("myst_parser")
    page = (Path(__file__).parents[2] / "docs" / "sphinx.md").read_text(encoding="utf-8")
    (rst,) = re.findall(r"```rst\n(.*?)```\n", page, flags=re.DOTALL)
    (myst,) = re.findall(r"````md\n(.*?)````\n", page, flags=re.DOTALL)
    (site / "index.rst").write_text(
        f"Title\n=====\n\n{rst}\n:ref:`two-optimizers`\n\n.. toctree::\n\n   other\n"
    )
    (site / "other.md").write_text(f"# Other\n\n{myst}")
    (site / "conf.py").write_text(CONF + 'descent_animation = "webp"\n')
    assert build(site, "html", "-W") == ("", 0)
    for name in ("index", "other"):
        text = (site / f"_build/html/{name}.html").read_text()
        assert "Adam leaves the valley’s side sooner." in text
        assert re.search(r'src="_images/beale-[0-9a-f]{16}\.webp"', text)


@pytest.mark.slow
def test_what_is_wrong_is_a_warning_with_file_and_line(site):
    lines = [
        ("beale\n   :max-sise: 3", "unknown key 'max_sise'; did you mean 'max_size'?"),
        ("beale\n   :steps: three", "'three' is not a valid integer"),
        ("beel", "unknown surface 'beel'"),
        ("beale\n   :command: sweeep", "unknown command 'sweeep'; did you mean 'sweep'?"),
        ("beale\n   :animation: gfi", "unknown animation for web pages 'gfi'; did you mean 'gif'?"),
        ("beale\n   :zoom: perhaps", "zoom stands alone or with true or false, not with 'perhaps'"),
        ("beale\n   :formats: png", "a figure in a page has no formats"),
        ("beale\n   :theme:", "theme has no value"),
    ]
    text, at = "Title\n=====\n\n", []
    for given, _ in lines:
        at.append(text.count("\n") + 1)
        text += f".. descent:: {given}\n\n"
    (site / "index.rst").write_text(text)
    for _ in range(2):  # a second build says it again
        said, code = build(site, "html")
        warnings = said.splitlines()
        assert code == 0
        assert len(warnings) == len(lines), said
        for number, (_, wanted), warning in zip(at, lines, warnings, strict=True):
            assert f"index.rst:{number}: WARNING: " in warning
            assert wanted in warning


@pytest.mark.slow
def test_a_file_beside_the_page_is_watched(site):
    sheet = site / "mine.mplstyle"
    sheet.write_text("axes.facecolor: white\n")
    (site / "index.rst").write_text("Title\n=====\n\n.. descent:: sphere\n   :theme: mine.mplstyle\n")
    cache = site / "_build/html/.doctrees/descent"
    assert build(site, "html", "-W") == ("", 0)
    before = set(cache.glob("*.gif"))
    sheet.write_text("axes.facecolor: 0.9\n")
    assert build(site, "html", "-W") == ("", 0)
    assert len(before) == 1
    assert len(set(cache.glob("*.gif")) - before) == 1
    for path in cache.iterdir():
        path.unlink()
    assert build(site, "html", "-W") == ("", 0)
    assert len(set(cache.glob("*.gif"))) == 1
