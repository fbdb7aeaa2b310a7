"""What a package index gets: one version everywhere, and a README whose links lead somewhere."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_SPEC = importlib.util.spec_from_file_location("release", ROOT / "tests" / "release.py")
release = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(release)
TEXTS = [
    (ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "CHANGELOG.md", "CITATION.cff")
]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere():
    assert release.disagreements(*TEXTS, []) == []


def test_another_version_is_seen():
    project, changelog, citation = TEXTS
    version = re.search(r'^version = "(.+)"$', project, flags=re.MULTILINE)[1]
    assert release.disagreements(project, changelog, citation, [f"v{version}", "nightly"]) == []
    assert release.disagreements(project, changelog, citation, ["v9.9"]) == [
        f"the tag v9.9 is not v{version}"
    ]
    newer = project.replace(f'version = "{version}"', 'version = "9.9"')
    assert len(release.disagreements(newer, changelog, citation, [])) == 2


@pytest.mark.parametrize("address", ["", "https://github.com/a/b/blob/main"])
def test_the_readme_of_the_index_has_no_relative_links(address):
    assert len(release._LINK.findall(README)) > 20
    text = release.for_index(README, address)
    assert release._LINK.findall(text) == []
    assert re.findall(r"^```.*?^```$", text, flags=re.DOTALL | re.MULTILINE) == re.findall(
        r"^```.*?^```$", README, flags=re.DOTALL | re.MULTILINE
    )
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    assert bool(pictures) == bool(address)
    assert all(each.startswith(address) and each.endswith("?raw=true") for each in pictures)


@pytest.mark.slow
def test_what_is_built_installs_and_draws(tmp_path, capsys):
    pytest.importorskip("build")
    release.check(release.build(tmp_path))
    assert capsys.readouterr().out.startswith("descent, version ")
    assert {path.suffix for path in tmp_path.iterdir()} == {".gz", ".whl"}


def test_the_page_about_installing_names_every_extra():
    extras = tomllib.loads(TEXTS[0])["project"]["optional-dependencies"]
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    assert set(re.findall(r"descent-viz\[(\w+)\]", page)) == set(extras)
