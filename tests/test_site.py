"""The site of the documentation builds without a warning, its pages say what is so, and its links lead on."""

import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner

from descent.cli import cli
from descent.viz.documents.snippet import EMBEDS

DOCS = Path(__file__).parents[1] / "docs"
TUTORIAL, TEACH = ((DOCS / name).read_text(encoding="utf-8") for name in ("tutorial.md", "how-to-teach.md"))


class Page(HTMLParser):
    """The links, files and anchors of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.ids, self.frames = [], set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids |= {found[key] for key in ("id", "name") if found.get(key)}
        self.links += [found[key] for key in ("href", "src") if found.get(key)]
        if tag == "iframe":
            self.frames.append(found)


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    """Build as make docs does; what the figures are kept in is new, so that all of them are drawn."""
    for module in ("sphinx", "myst_parser", "furo", "sphinx_click"):
        pytest.importorskip(module)
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "2", "-b", "html", DOCS, out],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return out


def missing(pages, out):
    """The links within a site that lead nowhere: (page, link)."""
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            file = (out / name).parent / unquote(parts.path) if parts.path else out / name
            known = pages.get(file.name) if file.suffix == ".html" else None
            if not file.is_file() or (known and parts.fragment and parts.fragment not in known.ids):
                yield name, link


@pytest.mark.slow
def test_every_link_of_the_site_leads_somewhere(site):
    pages = {path.name: Page(path) for path in site.glob("*.html")}
    assert len(pages) > 20
    assert list(missing(pages, site)) == []
    pages["index.html"].links += ["no-such.html", "tutorial.html#no-such"]
    assert len(list(missing(pages, site))) == 2


@pytest.mark.slow
def test_the_site_opens_with_a_page_to_play_with_and_has_commands_names_and_figures(site):
    (frame,) = Page(site / "index.html").frames
    assert "<canvas" in (site / frame["src"]).read_text(encoding="utf-8")
    commands = (site / "reference-commands.html").read_text(encoding="utf-8")
    assert all(f'id="descent-{name}' in commands for name in ("compare", "build", "explore"))
    assert 'id="descent.record"' in (site / "reference-python.html").read_text(encoding="utf-8")
    gallery = (site / "gallery.html").read_text(encoding="utf-8")
    assert gallery.count('<figure class="descent') == (DOCS / "gallery.md").read_text().count("```{descent}")


@pytest.mark.slow
@pytest.mark.parametrize(("page", "number"), [(TUTORIAL, 4), (TEACH, 2)])
def test_the_commands_run(page, number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^descent .+$", page, flags=re.MULTILINE)
    assert len(commands) == number
    for command in commands:
        small = ["--size", "400x300"] if "compare" in command else []
        done = CliRunner().invoke(cli, [*shlex.split(command)[1:], *small])
        assert done.exit_code == 0, f"{command}\n{done.output}"
        for name in re.findall(r"--out (\S+)", command):
            assert (tmp_path / name).exists()


def test_the_code_of_the_tutorial_prints_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ((code, printed),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", TUTORIAL, flags=re.DOTALL)
    exec(compile(code, "tutorial.md", "exec"), {"__name__": "page"})
    assert capsys.readouterr().out == printed
    assert (tmp_path / "dark.gif").exists()


def test_the_page_for_teachers_names_every_kind_of_document():
    assert set(re.findall(r"`([a-z]+)`", TEACH)) >= EMBEDS.keys()
