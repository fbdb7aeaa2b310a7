"""What an example of sphinx-gallery makes is shown below the block that made it."""

import re
import subprocess
import sys

import pytest

import descent
from descent.sphinxext.gallery import scraper


def test_a_picture_is_shown_once_and_what_moves_on_web_pages(tmp_path):
    recording = descent.record("sphere", "sgd:lr=0.1", steps=3, start=(1, 1), resolution=(9, 9))
    moving = descent.animate(recording, size=(320, 240))
    names = {"moving": moving, "again": moving, "other": 3}
    paths = (str(tmp_path / "auto" / f"sphx_{number:03d}.png") for number in range(9))
    script = {"example_globals": names, "image_path_iterator": paths}
    shown = scraper(("code", "", 1), script, {"src_dir": str(tmp_path)})
    assert re.findall(r"(?m)^( *)\.\. (\w+):: (.*)$", shown) == [
        ("", "only", "html"),
        ("   ", "figure", "/auto/sphx_000.gif"),
        ("", "only", "not html"),
        ("   ", "figure", "/auto/sphx_000.png"),
    ]
    assert moving.alt in shown
    assert moving.still().alt in shown
    assert (tmp_path / "auto" / "sphx_000.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "auto" / "sphx_000.gif").read_bytes().startswith(b"GIF89a")
    names["still"] = moving.still()
    assert scraper(("code", "", 5), script, {"src_dir": str(tmp_path)}).count("figure::") == 1
    assert scraper(("code", "", 9), script, {"src_dir": str(tmp_path)}) == ""


@pytest.mark.slow
def test_sphinx_gallery_builds_an_example(tmp_path):
    pytest.importorskip("sphinx_gallery")
    (tmp_path / "conf.py").write_text(
        'extensions = ["sphinx_gallery.gen_gallery"]\n'
        'sphinx_gallery_conf = {"examples_dirs": "examples", "gallery_dirs": "auto", "show_memory": False,\n'
        '  "image_scrapers": ("descent.sphinxext.gallery.scraper",), "reset_modules": ()}\n'
    )
    (tmp_path / "index.rst").write_text("Title\n=====\n\n.. toctree::\n\n   auto/index\n")
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "README.rst").write_text("Examples\n========\n")
    (tmp_path / "examples" / "plot_one.py").write_text(
        '"""\nOne\n===\n"""\nimport descent\n'
        'run = descent.record("sphere", "sgd:lr=0.1", steps=3, start=(1, 1))\n'
        "picture = descent.animate(run, size=(320, 240))\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "_build"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "_build" / "auto" / "plot_one.html").read_text()
    assert re.search(r'<img alt="Contour animation of [^"]*" src="\.\./_images/[^"]*\.gif"', page)
