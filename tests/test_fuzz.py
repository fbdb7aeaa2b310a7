"""Commands, options, recipes and files made at random end with 0, 1 or 2, a sentence, and leave nothing.

Some hundred examples in the usual run; ``make fuzz`` makes 50,000. All inputs are harmless: what could be
imported leaves a marker, and no marker may be there.
"""

import contextlib
import io
import json
import os
import resource
import sys
import tempfile
import time
import warnings
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import descent
from descent.cli import cli
from descent.viz.files.formats import FORMATS

MANY = int(os.environ.get("DESCENT_FUZZ", "0"))
SECONDS, GIGABYTES = 20.0, 1.5  # of an example; and of the process, most of which are libraries
FUZZ = settings(
    max_examples=MANY // 4 or 25,
    deadline=None,
    derandomize=not MANY,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def words_of(text):
    return text.split()


ODD = [
    *words_of("x ² ٣ -1 0 1 2.5 nan inf 1e400 true no none / // ../x . ./ a/ a.gif a.png a.npz , : @ = %"),
    *words_of(
        "%d.png %s.png /dev/full /dev/null /dev/zero /proc/self/mem 1,2 1,2,3,4 4,3,2,1 1:2:3 1e-5:1:3"
    ),
    *words_of("320x240 99999999999x2 adam sgd:lr=0.1 sgd:nesterov=no adam:betas=0.9 fuzz_marker.F:lr=1"),
    *words_of("sgd:lr=0.1@cosine:T_max=0 sgd:lr=0.1@lambda:lr_lambda=fuzz_marker:f beale Beale mlp moons"),
    *words_of("expr:x**2+y**2 expr:1/0 light dark expr:__import__('os') quadratic:condition=1e400"),
    *words_of(
        "quadratic:condition=² contour loss surface3d contour,loss 1kB 400kB 1e400GB -- - $(x) `x` ' \""
    ),
    *words_of("all auto cuda mps float16 float32 early log optimizer,lr lr gradient markdown latex html"),
    *("", "a b", "\n", "\r", "a\0b", "\ud800", "\x1b[2J", "\u202e", "x" * 5000, "9" * 400, "9" * 5000),
    *("expr:" + "-" * 900 + "x", "expr:x" + "**x" * 40),
]
WORDS = st.sampled_from(ODD) | st.text(max_size=12) | st.integers().map(str) | st.floats().map(str)
SMALL = {  # so that what runs at all runs for moments
    "compare": ("--steps", "2", "--size", "320x240", "--out", "o.png"),
    "record": ("--steps", "2", "--out", "o.npz"),
    "sweep": ("--steps", "2", "--lr", "0.1,0.2"),
    "basins": ("--steps", "2", "--starts", "3"),
    "explore": ("--steps", "2", "--starts", "2x3", "--lr", "0.1,0.2", "--out", "o.html"),
    "render": ("--size", "320x240", "--out", "o.png"),
    "again": ("--size", "320x240", "--out", "o.png"),
    "demo": ("--size", "320x240", "--out", "o.png"),
}
READERS = (["render", *SMALL["render"]], ["show"], ["again", *SMALL["again"]])
COSTLY = set(words_of("--steps --epochs --starts --seeds --fps --seconds --size --memory --samples --strip"))
CHEAP = [*words_of("x ² -1 0 1 2 3 nan 1e400 320x240 400x300 1MB -5"), "", "9" * 400, "9" * 5000]


class Files(NamedTuple):
    """What examples begin from."""

    contents: dict  # name -> bytes
    recipes: dict  # kind -> recipe

    def __repr__(self):  # which Hypothesis prints with each failure
        return "the files"


@pytest.fixture(scope="module")
def files():
    """Files to begin from: a recording, pictures in every format, and their recipes."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        recording = descent.record("sphere", "sgd:lr=0.1", steps=2, resolution=(4, 4))
        recording.save(Path(folder, "a.npz"))
        animation = descent.animate(recording, size="320x240", fps=5)
        for suffix in FORMATS:
            if suffix not in (".mp4", ".webm"):
                animation.save(Path(folder, f"a{suffix}"))
        animation.save(f"{folder}/a/")
        data = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in Path(folder).rglob("*.*")
            if path.is_file()
        }
    plain = json.loads(json.dumps(asdict(recording.recipe) | {"versions": dict(recording.recipe.versions)}))
    swept = descent.sweep("sphere", "sgd", "0.1,0.2", steps=2, resolution=(4, 4))
    basins = descent.basins("himmelblau", "sgd:lr=0.01", starts=3, steps=2)
    explored = descent.explore("sphere", "sgd", "0.1,0.2", starts=2, steps=2)
    kinds = {"recording": plain, "sweep": swept.recipe, "basins": basins.recipe}
    kinds["exploration"] = explored.recipe | {"hide": ["about"]}
    return Files(data, json.loads(json.dumps(kinds)))


@contextlib.contextmanager
def world(data):
    """A folder of its own with files and a module that leaves a mark; no part of a file may stay in it."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for name, content in data.items():
                Path(name).parent.mkdir(exist_ok=True)
                Path(name).write_bytes(content)
            mark = Path(folder, "mark")
            Path("fuzz_marker.py").write_text(f"open({str(mark)!r}, 'w')\ndef f(x): return 1.0\n")
            yield mark
            assert not list(Path(folder).rglob(".descent-*")), "a part of a file was left"
        finally:
            os.chdir(before)
            sys.modules.pop("fuzz_marker", None)


def run(arguments):
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = CliRunner().invoke(cli, arguments)
    error = result.exception
    assert error is None or isinstance(error, SystemExit), (arguments, repr(error)[:500])
    assert result.exit_code in (0, 1, 2), arguments
    assert "Traceback" not in result.output, arguments
    assert time.process_time() - start < SECONDS, arguments
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if sys.platform == "linux" else 1)
    assert peak < GIGABYTES * 1e9, (arguments, peak)
    return result


def lines():
    """Draw the words of a command: its name, a target or a file, and some of its options with odd values."""

    @st.composite
    def draw_line(draw):
        name = draw(st.sampled_from(sorted(cli.commands)))
        words = [name]
        command = cli.commands[name]
        for each in command.params:
            if isinstance(each, click.Argument):
                usual = ["a.npz", "a.gif", "a.pdf", "a", "beale", "parabola", "surfaces"]
                words.append(draw(st.sampled_from(usual) | WORDS))
        options = [each for each in command.params if isinstance(each, click.Option) and each.name != "help"]
        for each in draw(st.lists(st.sampled_from(options), max_size=4)) if options else ():
            flag = draw(st.sampled_from([*each.opts, *each.secondary_opts]))
            if each.is_flag:
                words.append(flag)
            else:
                costs = any(opt in COSTLY for opt in each.opts)
                words += [flag, draw(st.sampled_from(CHEAP) if costs else WORDS)]
        # No system hands a null byte to a program, and bytes that are no text as these surrogates alone.
        return [
            word.replace("\0", "").replace("\ud800", "\udc80")
            for word in [*words[:1], *SMALL.get(name, ()), *words[1:]]
        ]

    return draw_line()


@FUZZ
@given(words=lines())
def test_any_words_of_a_command_are_met_with_a_sentence(files, words):
    with world(files.contents):
        run(words)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


PLACE = st.floats(0, 1, exclude_max=True)  # on the way through a list or a file


def at(place, choices):
    """Return what stands at a share of the way through some choices."""
    return choices[int(place * len(choices))]


@FUZZ
@given(
    which=PLACE,
    changes=st.lists(st.tuples(PLACE, VALUES), max_size=3),
    look=st.dictionaries(
        st.sampled_from(["theme", "size", "fps", "panels", "zoom", "grid", "max_size", "x"]), VALUES
    ),
)
def test_any_recipe_is_run_or_refused_and_imports_nothing(files, which, changes, look):
    kind = at(which, sorted(files.recipes))
    recipe = files.recipes[kind] | {at(place, sorted(files.recipes[kind])): value for place, value in changes}
    info = PngInfo()
    notes = {"made_with": "descent-viz", "kind": kind, "recipe": recipe, "look": look}
    info.add_text("Description", json.dumps(notes))
    with world({}) as mark:
        Image.new("RGB", (4, 4)).save("a.png", pnginfo=info)
        sys.path.append(str(mark.parent))  # even where the module could be found
        try:
            run(["recipe", "a.png"])
            run(["again", "a.png", "--size", "320x240", "--out", "b.png"])
        finally:
            sys.path.remove(str(mark.parent))
        assert not mark.exists()


EDITS = st.tuples(
    st.sampled_from(["cut", "change", "double"]), PLACE, st.integers(1, 4000), st.binary(max_size=40)
)


@FUZZ
@given(which=PLACE, edits=st.lists(EDITS, min_size=1, max_size=4))
def test_any_damaged_file_is_read_or_refused(files, which, edits):
    name = at(which, sorted(files.contents))
    content = bytearray(files.contents[name])
    for what, share, length, more in edits:
        place = int(share * len(content))
        if what == "cut":
            del content[place : place + length]
        elif what == "change":
            content[place : place + len(more) // 2] = more
        else:
            content[place:place] = content[place : place + length]
    with world({**({} if "/" not in name else files.contents), name: bytes(content)}):
        path = name if "/" not in name else name.partition("/")[0]
        for command in (["recipe"], ["recipe", "--json"], *READERS):
            run([command[0], path, *command[1:]])


@FUZZ
@given(way=st.lists(PLACE, min_size=1, max_size=4), value=VALUES)
def test_any_header_of_a_recording_is_read_or_refused(files, way, value):
    with zipfile.ZipFile(io.BytesIO(files.contents["a.npz"])) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    header = place = json.loads(np.load(io.BytesIO(parts["header.npy"])).tobytes())
    for number, share in enumerate(way):
        key = at(share, sorted(place) if isinstance(place, dict) else range(len(place)))
        if number < len(way) - 1 and isinstance(place[key], dict | list) and place[key]:
            place = place[key]
        else:
            place[key] = value
            break
    written, file = io.BytesIO(), io.BytesIO()
    np.save(written, np.frombuffer(json.dumps(header).encode(), np.uint8))
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in (parts | {"header.npy": written.getvalue()}).items():
            archive.writestr(name, part)
    with world({"a.npz": file.getvalue()}):
        for command in (["recipe"], *READERS):
            run([command[0], "a.npz", *command[1:]])
