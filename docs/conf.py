"""The site of the documentation: make docs."""

from importlib.metadata import version as version_of
from pathlib import Path

project = "descent"
author = "the authors of descent"
release = version = version_of("descent-viz")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click", "descent.sphinxext"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a page whose sections are small ones
html_theme = "furo"
html_title = "descent"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["_extra"]
autodoc_typehints = "none"  # the signature stays short; arguments say shapes and units in words
autodoc_member_order = "alphabetical"
descent_animation = "webp"
descent_defaults = {"size": "720x500", "compare": {"fps": 20}}

HERE = Path(__file__).parent
(HERE / "_extra").mkdir(exist_ok=True)  # Sphinx looks for it before anything is made
EXPLORABLE = [
    "explore",
    "beale",
    "-o",
    "sgd",
    "-o",
    "adam",
    "--lr",
    "1e-3:1:7",
    "--starts",
    "12x12",
    "--steps",
    "60",
]


def explorable(_app):
    """Make the page that the site opens with, where another version made it or none is there."""
    from click.testing import CliRunner

    from descent.cli import cli
    from descent.courses.lock import versions

    folder = HERE / "_extra"
    page, made_with = folder / "explore-beale.html", folder / ".versions"
    now = repr((EXPLORABLE, versions()))
    if page.is_file() and made_with.is_file() and made_with.read_text(encoding="utf-8") == now:
        return
    folder.mkdir(exist_ok=True)
    done = CliRunner().invoke(cli, [*EXPLORABLE, "--out", str(page)])
    if done.exit_code:
        raise RuntimeError(done.output)
    made_with.write_text(now, encoding="utf-8")


def setup(app):
    app.connect("builder-inited", explorable)
