"""CONTRIBUTING.md and docs/architecture.md say what is so: their paths are there, their way is the way."""

import ast
import importlib.util
import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("surfaces", "trajectories", "viz", "commands", "courses", "sphinxext")
PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8") for name in ("CONTRIBUTING.md", "docs/architecture.md")
}
THINGS = {"surface", "theme", "panel", "arrow", "file format", "wish", "kind of subject"}
_SUFFIXES = "py|md|yml|yaml|toml|html|npz"


def in_backticks(page):
    """The texts in single backticks, outside of blocks of code."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE))


def paths(page):
    """What looks like a path of the repository: a file with a known suffix, or a folder with a slash.

    Words in capitals within a path are for the reader to fill in.
    """
    for text in in_backticks(page):
        path = text.partition(": ")[0]
        looks = re.fullmatch(rf"[\w./-]*[\w-]\.(?:{_SUFFIXES})|[\w.-]+(?:/[\w.-]+)*/|Makefile|LICENSE", path)
        if looks and not re.search(r"(?:^|/)[A-Z_]+(?:\.py|/)", path) and not path.startswith("outputs/"):
            yield path


def missing(page):
    return [path for path in paths(page) if not (ROOT / path).exists()]


def definitions(path):
    """The functions and classes of a file by their qualified names."""
    found = set()

    def visit(node, above):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                found.add(f"{above}{child.name}")
                if isinstance(child, ast.ClassDef):
                    visit(child, f"{above}{child.name}.")

    visit(ast.parse((ROOT / path).read_text(encoding="utf-8")), "")
    return found


def named_functions(page):
    """Each ``path.py: function`` in backticks, in order."""
    return [
        found.groups()
        for text in in_backticks(page)
        if (found := re.fullmatch(r"([\w/]+\.py): ([\w.]+)", text))
    ]


def unresolved(page):
    return [
        f"{path}: {name}"
        for path, name in named_functions(page)
        if not (ROOT / path).is_file() or name not in definitions(path)
    ]


def folders_with_modules():
    return {
        f"{path.parent.relative_to(ROOT)}/" for room in ROOMS for path in (ROOT / room).rglob("__init__.py")
    }


def rows(page, heading):
    """The rows of the table below a heading, without its head: lists of cells."""
    part = page.partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def without(expected, found):
    """What follows in the list expected and not, in this order, among what was found."""
    left = iter(found)
    return next((each for each in expected if each not in left), None)


@pytest.mark.parametrize("name", PAGES)
def test_every_path_is_there(name):
    assert len(list(paths(PAGES[name]))) >= 30
    assert missing(PAGES[name]) == []


def test_a_path_that_is_not_there_is_seen():
    planted = (
        "A `viz/contour/nothing.py`, `viz/`, `surfaces/nowhere/`, `docs/none.md` and `viz/gone.py: draw`."
    )
    assert missing(planted) == ["viz/contour/nothing.py", "surfaces/nowhere/", "docs/none.md", "viz/gone.py"]
    assert missing("`make quick`, `sgd:lr=0.1`, `adam`, `viz/charts/NAME.py`, `cli.py`, `outputs/`") == []


def test_every_folder_is_named_with_a_line():
    named = {row[0].strip("`") for row in rows(PAGES["docs/architecture.md"], "## The tree")}
    assert named == folders_with_modules()
    assert len(named) >= 20


@pytest.mark.parametrize("name", PAGES)
def test_every_function_is_there(name):
    assert unresolved(PAGES[name]) == []


def test_a_function_that_is_not_there_is_seen():
    planted = "`cli.py: main`, `cli.py: no_such`, `viz/gone.py: draw`, `viz/animation.py: Animation.no_such`"
    assert unresolved(planted) == [
        "cli.py: no_such",
        "viz/gone.py: draw",
        "viz/animation.py: Animation.no_such",
    ]


def test_the_way_of_a_learning_rate_is_the_way_it_takes(tmp_path, monkeypatch):
    from descent import cli

    way = [
        row[0].strip("`") for row in rows(PAGES["docs/architecture.md"], "## The way of one learning rate")
    ]
    assert len(way) >= 25
    assert way == [": ".join(each) for each in named_functions(PAGES["docs/architecture.md"])]
    codes, here = [], str(ROOT)

    def note(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(here):
            codes.append(frame.f_code)

    for path in {each.partition(": ")[0] for each in way}:  # imports take long where every call is noted
        importlib.import_module(".".join(("descent", *Path(path).with_suffix("").parts)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        sys, "argv", ["descent", "compare", "beale", "-o", "sgd", "--lr", "0.01", "--steps", "4"]
    )
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        sys.setprofile(before)
    assert ended.value.code == 0
    assert Path("outputs/beale.gif").exists()
    called = [
        f"{Path(code.co_filename).relative_to(ROOT).as_posix()}: {code.co_qualname}"
        for code, _ in itertools.groupby(codes)  # of many calls in a row, one
    ]
    assert without(way, called) is None
    assert without([*way, way[0]], called) == way[0]  # the order counts
    assert without(["viz/pages/strip.py: draw_strip"], called)  # and what was not called is seen


def test_the_seven_things_are_in_the_table():
    table = rows(PAGES["CONTRIBUTING.md"], "## What to touch")
    assert {row[0] for row in table} == THINGS
    for thing, count, *touched in table:
        sources = list(paths(touched[0]))
        patterns = re.findall(r"`[\w/]*[A-Z]+\.py`", touched[0])
        assert len({*sources, *patterns}) == int(count), thing
        assert not any(path.startswith(("tests/", "docs/")) for path in sources), thing
        assert any(path.startswith("tests/") for path in paths(touched[1])), thing


def test_the_readme_leads_to_both_pages():
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("## How it is built")[2]
    assert all(f"]({name})" in readme for name in PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    for target in re.findall(r"\]\(((?!http)[^)#]+)", PAGES[name]):
        assert (ROOT / name).parent.joinpath(target).exists(), target


def test_every_target_of_make_that_is_named_is_there():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(
        re.findall(r"\bmake ([a-z]+)\b(?=[`\s])", "\n".join(in_backticks(PAGES["CONTRIBUTING.md"])) + "\n")
    )
    assert {"quick", "check", "test", "same"} <= targets
    assert {"quick", "check", "test"} <= named <= targets


@pytest.fixture(scope="module")
def quick():
    spec = importlib.util.spec_from_file_location("quick", ROOT / "tests" / "quick.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_quick_runs_the_tests_of_a_folder_with_the_structure(quick, capsys):
    assert quick.main(["--dry-run", "viz/contour"]) == 0
    assert capsys.readouterr().out == "quick: tests/test_structure.py tests/viz/contour\n"
    with pytest.raises(SystemExit, match="there are no tests of 'viz/nowhere'"):
        quick.main(["--dry-run", "viz/nowhere"])


def test_quick_without_a_folder_goes_by_what_is_changed(quick, capsys, monkeypatch):
    monkeypatch.setattr(quick, "changed", list)
    quick.main(["--dry-run"])
    assert capsys.readouterr().out == "quick: tests/test_public.py tests/test_structure.py\n"
    monkeypatch.setattr(quick, "changed", lambda: ["viz/words/prose.py", "tests/viz/words/test_words.py"])
    quick.main(["--dry-run"])
    assert capsys.readouterr().out == "quick: tests/test_public.py tests/test_structure.py tests/viz/words\n"


def test_quick_sees_changed_and_new_files(quick, tmp_path, monkeypatch):
    def git(*arguments):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=tmp_path, check=True
        )

    for name in ("same", "edited", "staged", "gone"):
        (tmp_path / name).write_text(name)
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "a")
    for name in ("edited", "staged", "new one"):
        (tmp_path / name).write_text("other")
    (tmp_path / "gone").unlink()
    git("add", "staged")
    monkeypatch.setattr(quick, "ROOT", tmp_path)
    assert quick.changed() == ["edited", "gone", "new one", "staged"]


def test_quick_knows_the_tests_of_every_folder(quick):
    folders = sorted(each.rstrip("/") for each in folders_with_modules())
    for folder in folders:
        assert (ROOT / "tests" / folder).is_dir(), folder
        if "/" in folder:
            assert quick.tests_of([f"{folder}/any.py"]) == {f"tests/{folder}"}
    beside = quick.tests_of(["commands/any.py", "LICENSE", "viz/animation.py"])
    assert beside == {"tests/commands", "tests/viz/test_notebook.py", "tests/viz/test_pytest_plugin.py"}
    gone = ["tests/conftest.py", "tests/viz/gone/test_gone.py", "tests/test_cli.py"]
    assert quick.tests_of(gone) == {"tests/test_cli.py"}
    for path in (*quick.LONG, *(each for tests in quick.OF_FILES.values() for each in tests)):
        assert (ROOT / path).is_file(), path


def test_quick_leaves_long_files_out_where_their_module_is_the_same(quick, monkeypatch):
    long = "tests/viz/files/test_gif.py"
    monkeypatch.setattr(quick, "LONG", {long: 70})
    assert quick.chosen(quick.tests_of(["viz/files/apng.py"])) == (["tests/viz/files"], [long])
    assert quick.chosen(quick.tests_of(["viz/files/gif.py"])) == (["tests/viz/files"], [])
    assert quick.chosen(quick.tests_of([long])) == ([long], [])
    assert quick.chosen(quick.tests_of_room("viz/files/gif")) == ([long], [])
    assert quick.chosen({"tests/viz/words"}) == (["tests/viz/words"], [])
