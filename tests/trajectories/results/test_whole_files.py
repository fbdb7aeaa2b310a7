"""Files appear whole or not at all."""

import os
import stat
import subprocess
import sys

import pytest

from descent import DescentError
from descent.trajectories.results.whole_files import writing


def test_a_file_appears_when_the_block_ends(tmp_path):
    path = tmp_path / "new" / "folder" / "picture.svg"
    with writing(path) as temporary:
        assert temporary.parent == path.parent
        assert temporary.suffix == ".svg"
        temporary.write_text("all of it")
        assert not path.exists()
    assert path.read_text() == "all of it"
    assert os.listdir(path.parent) == ["picture.svg"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_interrupted_write_leaves_nothing(tmp_path, error):
    path = tmp_path / "a.npz"

    def interrupted():
        with writing(path) as temporary:
            temporary.write_text("half of")
            raise error

    with pytest.raises(error):
        interrupted()
    assert os.listdir(tmp_path) == []


def test_an_interrupted_write_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.npz"
    path.write_text("old")

    def interrupted():
        with writing(path) as temporary:
            temporary.write_text("new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.npz"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_permissions_follow_the_umask(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        with writing(tmp_path / "a.txt") as temporary:
            temporary.write_text("")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == mode


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    with writing(tmp_path / "link.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    cases = {
        tmp_path: "it is a folder",
        tmp_path / "file" / "a.txt": "file exists|not a directory",
        tmp_path / ("n" * 300 + ".txt"): "file name too long",
        "/dev/null": "not a regular file",
    }
    for path, reason in cases.items():
        with pytest.raises(DescentError, match=rf"^cannot write .*: .*({reason})"), writing(path):
            pytest.fail("the block ran")


def test_a_full_disk_is_said(tmp_path):
    def full():
        with writing(tmp_path / "a.txt"):
            raise OSError(28, "No space left on device")

    with pytest.raises(DescentError, match=r"cannot write .*a\.txt: no space left on device"):
        full()
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_closed_folder_is_said(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(DescentError, match="permission denied"), writing(tmp_path / "a.txt"):
        pytest.fail("the block ran")
    tmp_path.chmod(0o700)


def test_a_relative_path_is_written_where_it_was_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with writing("a.txt") as temporary:
        temporary.write_text("here")
    assert (tmp_path / "a.txt").read_text() == "here"


@pytest.mark.slow
def test_an_interrupt_from_the_keyboard_leaves_nothing(tmp_path):
    code = (  # what runs in the background would ignore SIGINT
        "import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from descent.trajectories.results.whole_files import writing\n"
        f"with writing({str(tmp_path / 'a.txt')!r}) as path:\n"
        "    path.write_text('half'); os.kill(os.getpid(), signal.SIGINT); import time; time.sleep(9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")
    assert os.listdir(tmp_path) == []
