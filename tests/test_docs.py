"""The pages of the documentation say what is so: their code runs and prints what they say."""

import importlib.metadata
import re
import shlex
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import descent
from descent.cli import cli
from descent.surfaces.analytic.shared import MOST_DIMS
from descent.surfaces.catalogue import IN_N_DIMENSIONS, PROBLEMS
from descent.surfaces.problems.matrices import MOST
from descent.trajectories.diagnosis.tasks import as_markdown as tasks
from descent.trajectories.regression.tolerances import as_markdown
from descent.trajectories.testing.soundness import as_markdown as checks
from descent.viz.documents.snippet import EMBEDS
from descent.viz.explore.parts import PARTS
from descent.viz.files.formats import FORMATS
from descent.viz.scenes.arrow_kinds import ARROWS
from descent.viz.scenes.panel_table import GRIDS
from descent.viz.style.themes import THEMES

ROOT = Path(__file__).parents[1]
PICTURES = (ROOT / "docs" / "pictures.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "test-your-optimizer.md").read_text(encoding="utf-8")
MATRICES = (ROOT / "docs" / "matrices-and-dimensions.md").read_text(encoding="utf-8")
DIAGNOSIS = (ROOT / "docs" / "diagnosis.md").read_text(encoding="utf-8")
EXPLORE = (ROOT / "docs" / "explore.md").read_text(encoding="utf-8")
FILMS = (ROOT / "docs" / "film-your-own-training.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", f"{PAGE}\n{DIAGNOSIS}", flags=re.DOTALL)
SCRIPTS = [block for block in BLOCKS if not block[0].startswith("# test_")]
MODULES = [code for code, _ in BLOCKS if code.startswith("# test_")]


@pytest.mark.parametrize(("code", "printed"), SCRIPTS)
def test_the_scripts_print_what_the_page_says(code, printed, tmp_path, monkeypatch, capsys):
    if "pytorch_optimizer" in code:
        pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
        if importlib.metadata.version("pytorch-optimizer") != "4.1.0":
            pytest.skip("the page is about pytorch-optimizer 4.1.0")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "test-your-optimizer.md", "exec"), {"__name__": "page"})
    assert capsys.readouterr().out == printed


def test_the_test_writes_its_golden_and_then_passes(pytester):
    code = next(each for each in MODULES if "trajectory_regression" in each)
    name = re.match(r"# (\S+)\n", code)[1]
    pytester.path.joinpath(name).write_text(code)
    options = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    pytester.runpytest_inprocess(*options).assert_outcomes(failed=1)
    assert (pytester.path / "test_descent" / "test_adam_on_beale.npz").exists()
    pytester.runpytest_inprocess(*options).assert_outcomes(passed=1)


def test_the_table_of_classes_gives_cases_that_pass(tmp_path):
    code = next(each for each in MODULES if "test_of" in each)
    names = {}
    exec(compile(code, "test-your-optimizer.md", "exec"), names)
    (mark,) = names["test_optimizers"].pytestmark
    ids = [mark.kwargs["ids"](case) for case in mark.args[1]]
    assert ids[0] == "AdamW-runs"
    assert "AdamW[amsgrad]-reload" in ids
    for case in mark.args[1]:
        if case.check in ("runs", "matches", "rate", "options"):
            assert case.run().state in ("sound", "declared"), case.run()


def test_the_page_has_the_tasks_of_the_diagnosis():
    (table,) = re.findall(r"<!-- tasks -->\n(.*?)\n<!-- end -->", DIAGNOSIS, flags=re.DOTALL)
    assert table == tasks()


def test_the_checks_are_those_of_the_code():
    (table,) = re.findall(r"<!-- checks -->\n(.*?)\n<!-- end -->", PAGE, flags=re.DOTALL)
    assert table == checks()


def test_the_commands_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^descent .+$", PAGE, flags=re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        done = CliRunner().invoke(cli, shlex.split(command)[1:])
        assert done.exit_code == 0, f"{command}\n{done.output}"
    assert (tmp_path / "diff.png").exists()


def test_the_tolerances_are_those_of_the_code():
    (table,) = re.findall(r"<!-- tolerances -->\n(.*?)\n<!-- end -->", PAGE, flags=re.DOTALL)
    assert table == as_markdown()


def test_the_signature_is_that_of_the_fixture():
    import inspect

    from descent.viz.pytest_plugin import TrajectoryRegression

    names = list(inspect.signature(TrajectoryRegression.check).parameters)[1:]
    (said,) = re.findall(r"^check\((.*)\)$", PAGE, flags=re.MULTILINE)
    assert [part.partition("=")[0] for part in said.split(", ")] == names


@pytest.mark.slow
def test_the_commands_of_the_page_about_pictures_run_in_their_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^descent .+$", PICTURES, flags=re.MULTILINE)
    assert len(commands) >= 10
    for command in commands:
        sized = "--size" in command.split() or command.split()[1] in ("record", "recipe")
        wide = "800x500" if "--max-size" in command else "720x500" if "--panels" in command else "400x300"
        small = [] if sized else ["--size", wide]
        done = CliRunner().invoke(cli, [*shlex.split(command)[1:], *small])
        assert done.exit_code == 0, f"{command}\n{done.output}"
        for name in re.findall(r"--out (\S+)", command):
            assert (tmp_path / name).exists()


def option_values(option):
    """Every name that a command of the page gives to an option: more than a word that may mean all sorts."""
    return {name for value in re.findall(rf"{option} (\S+)", PICTURES) for name in value.split(",")}


def test_the_page_about_pictures_names_every_format_theme_and_document():
    table = re.findall(r"(?m)^\| (`x.*?) \|", PICTURES)
    assert sorted(re.findall(r"`x(\.\w+)`", " ".join(table))) == sorted(FORMATS)
    quoted = set(re.findall(r"`([a-z-]+)`", PICTURES))
    assert quoted >= {*THEMES, *EMBEDS}
    assert option_values("--arrows") == set(ARROWS)
    assert option_values("--grid") >= GRIDS.keys() - {"run"}  # for which no command stands on the page


def test_the_loops_of_the_page_about_films_run_in_their_order(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", FILMS, flags=re.DOTALL)
    assert len(blocks) == FILMS.count("```python") == 9
    names = {"__name__": "page"}
    with torch.random.fork_rng():
        for code, printed in blocks:
            exec(compile(code, "film-your-own-training.md", "exec"), names)
            assert capsys.readouterr().out == printed
    assert (tmp_path / "my-loop.gif").exists()
    assert (tmp_path / "from-checkpoints.gif").exists()
    (command,) = re.findall(r"^descent film .+$", FILMS, flags=re.MULTILINE)
    (tmp_path / "net.py").write_text(
        "import torch\n\nclass Net(torch.nn.Sequential):\n    def __init__(self):\n"
        "        layers = torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)\n"
        "        super().__init__(*layers)\n\ndef training_data():\n"
        "    x = torch.randn(50, 2)\n    return x, (x[:, :1] > 0).float()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    done = CliRunner().invoke(cli, shlex.split(command)[1:])
    sys.modules.pop("net")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "run.gif").exists()


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!http)[^)]+)\)", PICTURES))
def test_pictures_of_the_page_are_there(target):
    assert (ROOT / "docs" / target).exists()


def test_the_page_about_matrices_names_all_that_there_is():
    quoted = set(re.findall(r"`([a-z_]+)`", MATRICES))
    assert quoted >= {*PROBLEMS, *IN_N_DIMENSIONS, "singular_values"}
    for entry in PROBLEMS.values():
        assert entry.help.partition(": ")[2] in MATRICES
    assert f"{MOST_DIMS:,}" in MATRICES
    assert f"at most {MOST} rows and columns" in MATRICES


def test_what_the_page_says_that_a_memory_recalls_is_so():
    recording = descent.record("memory", resolution=(5, 5))
    least = [run.facts[0].split()[5] for run in recording.trajectories]
    assert "{2} at least, after {0} of SGD and {1} of Adam".format(*least) in MATRICES


@pytest.mark.slow
def test_the_commands_of_the_page_about_matrices_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^descent .+$", MATRICES, flags=re.MULTILINE)
    assert len(commands) == 7
    for command in commands:
        small = ["--size", "720x500"] if "--out" in command else []
        done = CliRunner().invoke(cli, [*shlex.split(command)[1:], *small])
        assert done.exit_code == 0, f"{command}\n{done.output}"


def test_the_page_about_explorable_pages_is_true(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^descent .+$", EXPLORE, flags=re.MULTILINE)
    assert len(commands) == 4
    for command in commands[1:]:  # the first makes the page that the tests of pages have
        done = CliRunner().invoke(cli, shlex.split(command)[1:])
        assert done.exit_code == 0, done.output
    assert (tmp_path / "sphere.html").stat().st_size < 400_000
    assert (tmp_path / "beale.mjs").read_text(encoding="utf-8").endswith("export default { render };\n")
    (code,) = re.findall(r"```python\n(.*?)```", EXPLORE, flags=re.DOTALL)
    exec(compile(code, "explore.md", "exec"), {})
    assert capsys.readouterr().out.endswith("(2, 7, 12, 12, 61, 2)\n")
    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", EXPLORE, flags=re.MULTILINE)) == PARTS
