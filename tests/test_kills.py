"""Kills while something is written, and disks that are full or closed, lose nothing that was there before."""

import json
import os
import subprocess
import sys

import pytest

from descent.viz.files.formats import FORMATS

KILLS = int(os.environ.get("DESCENT_KILLS", "2"))  # of each format
NAMES = [*(f"a{suffix}" for suffix in FORMATS), "frames/", "a.npz"]

# One process loads everything; its children write, and are killed once their part of a file is there.
CODE = """
import json, os, pathlib, random, signal, sys, time, warnings
warnings.simplefilter("ignore")
import descent
from descent.viz.files import encoders
recording = descent.record("sphere", "sgd:lr=0.1", steps=30, resolution=(64, 64))
animation = descent.animate(recording, size="320x240", fps=10, zoom=False)
animation.frame(0)
kills, names, found = int(sys.argv[1]), json.loads(sys.argv[2]), {}
def save(name):
    return recording.save(name) if name.endswith(".npz") else animation.save(name)
def state():
    return {str(p): p.read_bytes() for p in pathlib.Path().rglob("*") if p.is_file()}
for name in names:
    save(name)
    before, left, early = state(), 0, 0
    for _ in range(kills):
        child = os.fork()
        if not child:
            save(name)
            os._exit(0)
        while not list(pathlib.Path().glob(".descent-*")) and os.waitpid(child, os.WNOHANG) == (0, 0):
            pass
        time.sleep(random.random() ** 3 * 0.2)
        try:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        except (ProcessLookupError, ChildProcessError):
            early += 1
        if name in ("a.mp4", "a.webm"):
            time.sleep(0.5)  # until ffmpeg, a process of its own, has ended the file that is made old below
        parts = [p for p in pathlib.Path().glob(".descent-*")]
        left += bool(parts)
        now = {p: data for p, data in state().items() if not p.startswith(".descent-")}
        old = [p for p in parts if p.name.startswith(".descent-old-")]
        assert now == before or (old and not now), name
        for part in pathlib.Path().glob(".descent-*"):
            os.utime(part, (0, 0))
        save(name)  # what was moved out of the way is put back, and what was left is removed
        assert state() == before, name
        assert not list(pathlib.Path().glob(".descent-*")), name
    found[name] = left
    for path in before:
        os.unlink(path)
    for folder in pathlib.Path().iterdir():
        folder.rmdir()
print(json.dumps(found))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_kill_in_the_middle_loses_nothing(tmp_path):
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", CODE, str(KILLS), json.dumps(NAMES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert set(found) == set(NAMES)
    assert sum(found.values()) >= len(NAMES) // 2, "most kills came while a part of a file was there"


SAVE = """
import sys, warnings
warnings.simplefilter("ignore")
import descent
from descent.surfaces.errors import DescentError
recording = descent.record("sphere", "sgd:lr=0.1", steps=3, resolution=(200, 200))
animation = descent.animate(recording, size="1600x1200", fps=5)
for name in sys.argv[1:]:
    try:
        recording.save(name) if name.endswith(".npz") else animation.still().save(name)
    except DescentError as error:
        print(error)
"""


def mounted(folder, *options):
    return subprocess.run(
        ["mount", "-t", "tmpfs", *options, "tmpfs", folder], capture_output=True, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize(("options", "words"), [("size=12k", "no space left on device"), ("ro", "read-only")])
def test_a_full_or_closed_disk_is_said_and_nothing_is_left(tmp_path, options, words):
    if sys.platform != "linux" or os.geteuid() or mounted(str(tmp_path), "-o", options).returncode:
        pytest.skip("only root may mount a disk of its own, and not everywhere")
    try:
        names = [f"{tmp_path}/a{suffix}" for suffix in (".pdf", ".svg", ".png", ".npz")]
        done = subprocess.run(
            [sys.executable, "-c", SAVE, *names], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        said = done.stdout.splitlines()
        assert len(said) == len(names), said
        assert all(line.startswith("cannot write") and words in line for line in said), said
        assert not list(tmp_path.iterdir())
    finally:
        subprocess.run(["umount", str(tmp_path)], check=False)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")
@pytest.mark.parametrize("words", [["list", "surfaces"], ["list", "surfaces", "--json"], ["--help"]])
def test_an_output_that_is_full_is_a_sentence(words):
    code = "from descent.cli import main; main()"
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code, *words], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "no space left on device" in done.stderr.lower()


def test_a_reader_that_goes_away_is_no_error():
    code = "from descent.cli import main; main()"
    line = f"{sys.executable} -c '{code}' list surfaces --json | head -n 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.stdout.strip() == "{"
