"""A course is checked before anything runs: every mistake is a sentence that names file, table and key."""

import json
from pathlib import Path

import jsonschema
import pytest

from descent.courses.keys import commands_that_draw, keys_of, schema
from descent.courses.manifest import read_course
from descent.surfaces.errors import DescentError, NotPossibleError

ROOT = Path(__file__).parents[2]


def test_figures_are_commands_with_the_defaults_of_all_and_of_theirs(course):
    read = read_course(course)
    assert read.title == "Small"
    assert read.out == course.parent / "figures"
    bowl, rates = read.figures
    assert bowl.words == (
        "compare",
        "sphere",
        "-o",
        "sgd:lr=0.1",
        "--steps=3",
        "--start=1,1",
        "--size=320x240",
    )
    assert bowl.files == ("bowl.png",)
    assert rates.words[:4] == ("sweep", "sphere", "-o", "sgd")
    assert "--steps=2" in rates.words  # steps of compare are not those of sweeps
    assert bowl.line.startswith("descent compare sphere -o sgd:lr=0.1 ")
    assert bowl.line.endswith(" --out=bowl.png")


def test_switches_lists_and_words_for_python_are_said_as_commands_have_them(course, change):
    change(
        (
            "start = [1, 1]",
            'start = "1,1"\nzoom = false\norbit = true\nfor = "print"\nmax_size = "90kB"\nhold = 2',
        )
    )
    words = read_course(course).figures[0].words
    assert {"--no-zoom", "--orbit", "--for=print", "--max-size=90kB", "--hold=2"} <= set(words)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "start = [1, 1]",
            "stat = [1, 1]",
            "small.toml: figures.bowl: unknown key 'stat'; did you mean 'start'?",
        ),
        ("[defaults]", "[default]", "small.toml: unknown key 'default'; did you mean 'defaults'?"),
        (
            'size = "320x240"',
            'siz = "320x240"',
            "small.toml: defaults: unknown key 'siz'; did you mean 'size'?",
        ),
        ("[defaults.compare]", "[defaults.comprae]", "unknown command 'comprae'; did you mean 'compare'?"),
        (
            'command = "sweep"',
            'command = "sweeps"',
            "figures.rates.command: unknown command 'sweeps'; did you mean",
        ),
        ('formats = ["png"]', 'formats = ["pgn"]', "unknown format 'pgn'; did you mean 'png'?"),
        ('formats = ["png"]', "formats = 3", "figures.bowl.formats is a text or a list of texts, not 3"),
        ('target = "sphere"\noptimizers = ["sgd:lr=0.1"]', "steps = 1", "figures.bowl: target is missing"),
        ("start = [1, 1]", "zoom = 3", "figures.bowl.zoom is true or false, not 3"),
        ("start = [1, 1]", "hold = true", "figures.bowl.hold is a number, not True"),
        ("start = [1, 1]", 'hold = "long"', "figures.bowl: Invalid value for '--hold'"),
        (
            "start = [1, 1]",
            "start = [1, [1]]",
            "figures.bowl.start is a text, a number or a list, not [1, [1]]",
        ),
        ("start = [1, 1]", "caption = 3", "figures.bowl.caption is a text, not 3"),
        ("[figures.bowl]", '[figures."../bowl"]', "a figure's name becomes that of its files"),
        ("[figures.bowl]", "[figures.RATES]", "figures.RATES and figures.rates would both write rates.png"),
        ('title = "Small"', "title = 3", "course.title is a text, not 3"),
        ('title = "Small"', "title = ", "small.toml is no TOML: "),
    ],
)
def test_every_mistake_is_a_sentence(course, change, old, new, said):
    change((old, new))
    with pytest.raises(DescentError) as caught:
        read_course(course)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_course_without_figures_and_one_that_is_not_there(tmp_path):
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    with pytest.raises(DescentError, match=r"empty\.toml has no figures: write a table \[figures\.NAME\]"):
        read_course(empty)
    for name in ("none.toml", "x" * 5000, "a\0b"):
        with pytest.raises(NotPossibleError):
            read_course(tmp_path / name)


def test_files_that_a_figure_names_are_known(course, change):
    (course.parent / "hills.py").write_text("def valley(x, y): return x * x + y * y\n")
    change(
        (
            'target = "sphere"\noptimizers = ["sgd:lr=0.1"]',
            'target = "hills:valley"\noptimizers = ["sgd:lr=0.1"]',
        )
    )
    assert read_course(course).figures[0].reads == ("hills.py",)


def test_the_schema_says_what_the_reader_takes(course):
    import tomllib

    found = schema(commands_that_draw())
    jsonschema.Draft7Validator.check_schema(found)
    read = tomllib.loads(course.read_text(encoding="utf-8"))
    jsonschema.validate(read, found)
    for wrong in ({"stat": 1}, {"zoom": 3}, {"caption": 3}, {"command": "sweeps"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"figures": {"a": {"target": "sphere"} | wrong}}, found)
    keys = {key for command in commands_that_draw().values() for key in keys_of(command)}
    assert keys == set(found["properties"]["figures"]["additionalProperties"]["properties"])
    json.dumps(found)


def test_the_course_of_the_page_is_read(tmp_path):
    page = (ROOT / "docs/courses.md").read_text(encoding="utf-8")
    path = tmp_path / "course.toml"
    path.write_text(page.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    assert [figure.name for figure in read_course(path).figures] == ["first-steps", "ravine", "rates"]
