"""The README says what is so: its commands run, its code runs, its pictures and files exist."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from descent.cli import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^descent .+$", README, flags=re.MULTILINE)


def test_every_command_is_shown() -> None:
    for name in cli.commands:
        assert f"descent {name}" in README


def test_there_are_commands_to_run() -> None:
    assert len(COMMANDS) >= 6


def test_the_commands_run_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        drawn = "--size" not in command and not re.search(
            r" (record|recipe|explore|check|test|show mlp784)\b", command
        )
        small = ["--size", "560x360" if "--panels" in command else "400x300"] if drawn else []
        small += ["--epochs", "2"] if "compare mlp784" in command else []  # of ten, which take ten seconds
        done = CliRunner().invoke(cli, [*shlex.split(command)[1:], *small])
        assert done.exit_code == 0, f"{command}\n{done.output}"
        for name in re.findall(r"--out (\S+)", command):
            assert (tmp_path / name).stat().st_size > 0


def test_the_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert (tmp_path / "outputs" / "beale.gif").exists()


def test_the_table_is_what_the_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (printed,) = re.findall(r"```text\noptimizer(.*?)```", README, flags=re.DOTALL)
    arguments = shlex.split(next(command for command in COMMANDS if "beale.svg" in command))[1:]
    # The README leaves the start to the surface, so the numbers must be those of its own start.
    assert CliRunner().invoke(cli, arguments).stdout == f"optimizer{printed}"


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!http)[^)]+)\)", README))
def test_links_lead_somewhere(target: str) -> None:
    path, _, place = target.partition("#")
    assert (ROOT / path).exists()
    if place:
        headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert place in [re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings]


def test_the_gallery_loads_quickly_and_make_draws_all_of_it() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pictures = sorted((ROOT / "outputs" / "gallery").iterdir())
    assert len(pictures) >= 12
    for picture in pictures:
        assert picture.stat().st_size < 400_000
        assert f"$(GALLERY)/{picture.name}" in makefile


def test_the_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make (\w+)", README, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in project["dependencies"]:
        name = re.split(r"[<>=!~\[ ]", requirement)[0]
        assert name in README.casefold()
