"""The page of what surprises about torch.optim is what plain torch does, and its pictures show and say it."""

import importlib
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from descent.cli import cli

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "torch-optim-surprises.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| `descent (.+?)` \| (yes|) \|$", PAGE, flags=re.MULTILINE)
# Of pictures of two runs in which neither meets what the row is about, but something else that is told.
ELSE = {"asgd:lr=0.01@onecycle", "rosenbrock", "sgd:lr=0.1@onecycle:total_steps=101", "-o lbfgs "}


def test_every_figure_of_the_page_is_what_plain_torch_does(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    script = importlib.import_module("torch_surprises")
    (table,) = re.findall(r"(?s)<!-- table -->\n(.*?)\n<!-- end -->", PAGE)
    assert script.table() == table
    assert len(ROWS) == sum(map(len, script.ROWS.values())) > 25


def done(command):
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.parametrize(("words", "command", "told"), ROWS, ids=[words[:40] for words, _, _ in ROWS])
def test_the_runs_of_its_picture_say_so(words, command, told, tmp_path):
    compare, *options = shlex.split(command.partition(" --panels")[0])
    assert compare == "compare"
    result = done(["record", *options, "--json", "--out", str(tmp_path / "a.npz")])
    facts = [run.get("facts", []) for run in json.loads(result.stdout)["runs"]]
    if told or not any(each in command for each in ELSE):
        assert any(facts) is bool(told), facts


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for _, command, _ in ROWS[::4]])
def test_the_picture_is_drawn(command, tmp_path):
    done([*shlex.split(command), "--size", "480x300", "--out", str(tmp_path / "a.png")])
    assert (tmp_path / "a.png").stat().st_size > 5000
