"""Files appear whole or not at all."""

import os
import stat
import subprocess
import sys

import pytest

from descent import DescentError
from descent.trajectories.results.whole_files import clean, writing, writing_folder


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


def everything(_):
    """Own every file that stands in a folder."""
    return {"old.txt", "new.txt"}


def write_folder(path, ours=everything):
    with writing_folder(path, ours) as temporary:
        (temporary / "new.txt").write_text("new")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "old.txt").write_text("old")
    return tmp_path / "f"


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("when", [1, 2])
def test_an_interrupt_at_either_move_loses_no_folder(folder, monkeypatch, error, when):
    calls, real = [], os.replace

    def replace(one, other):
        calls.append(one)
        if len(calls) == when:
            raise error
        real(one, other)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises((error, DescentError)):
        write_folder(folder)
    assert os.listdir(folder.parent) == ["f"]
    assert os.listdir(folder) == ["old.txt"]


def test_an_interrupt_right_after_the_first_move_loses_no_folder(folder, monkeypatch):
    real = os.replace

    def replace(one, other):
        real(one, other)
        monkeypatch.setattr(os, "replace", real)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        write_folder(folder)
    assert os.listdir(folder.parent) == ["f"]
    assert os.listdir(folder) == ["old.txt"]


def test_a_kill_between_the_moves_is_put_right_by_the_next_run(folder):
    code = (
        "import os, signal, pathlib; real = os.replace\n"
        "from descent.trajectories.results import whole_files\n"
        "def replace(a, b): real(a, b); os.kill(os.getpid(), signal.SIGKILL)\n"
        "os.replace = replace\n"
        f"with whole_files.writing_folder({str(folder)!r}, lambda _: {{'old.txt'}}) as path:\n"
        "    (path / 'new.txt').write_text('new')"
    )
    subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    left = os.listdir(folder.parent)
    assert len(left) == 2
    assert "f" not in left
    with pytest.raises(DescentError, match=r"as old\.txt"):  # it is put back, and looked at as ever
        write_folder(folder, lambda _: {"new.txt"})
    assert os.listdir(folder) == ["old.txt"]
    write_folder(folder)
    assert os.listdir(folder) == ["new.txt"]


def aged(path, days):
    past = path.stat().st_mtime - days * 86400
    os.utime(path, (past, past))


def test_what_kills_left_is_removed_when_it_is_a_day_old(tmp_path):
    for name, days in (("aged", 1.1), ("young", 0.9)):
        (tmp_path / f".descent-0123abcd-{name}.gif").write_text("half")
        aged(tmp_path / f".descent-0123abcd-{name}.gif", days)
        (tmp_path / f".descent-0123abcd-{name}").mkdir()
        (tmp_path / f".descent-0123abcd-{name}" / "0.png").write_text("half")
        aged(tmp_path / f".descent-0123abcd-{name}", days)
    with writing(tmp_path / "a.txt") as temporary:
        temporary.write_text("all")
    assert sorted(os.listdir(tmp_path)) == [".descent-0123abcd-young", ".descent-0123abcd-young.gif", "a.txt"]


def test_nothing_else_is_removed(tmp_path):
    names = [
        "notes.txt",
        ".hidden",
        ".descent",
        ".descent-notes",
        ".descent-0123abc-x.gif",
        "descent-0123abcd-x",
    ]
    for name in names:
        (tmp_path / name).write_text("mine")
        aged(tmp_path / name, 99)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("mine")
    (tmp_path / ".descent-0123abcd-link").symlink_to(tmp_path / "mine")
    os.utime(tmp_path / ".descent-0123abcd-link", (0, 0), follow_symlinks=False)
    old = tmp_path / ".descent-old-0123abcd-frames"  # whose folder is not there: it is the only one
    old.mkdir()
    aged(old, 99)
    clean(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted([*names, "mine", old.name])
    assert (tmp_path / "mine" / "thesis.tex").exists()
    (tmp_path / "frames").mkdir()
    clean(tmp_path)
    assert old.name not in os.listdir(tmp_path)


@pytest.mark.parametrize("name", ["a\0b.txt", "a\ud800.txt"])
def test_names_that_no_file_can_have(tmp_path, name):
    with pytest.raises(DescentError, match="cannot be the name of a file"), writing(tmp_path / name):
        pytest.fail("the block ran")
    with pytest.raises(DescentError, match="cannot be the name of a file"):
        write_folder(tmp_path / name)


def test_a_folder_that_was_deleted_under_the_feet_is_said(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(DescentError, match="cannot write"), writing("a.txt"):
        pytest.fail("the block ran")
    with pytest.raises(DescentError, match="cannot write"):
        write_folder("f")


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
