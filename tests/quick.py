"""The tests that a change needs first: ``make quick``, or ``make quick ROOM=viz/contour``.

A folder of the package has its tests in the folder of the same name under tests/. With ROOM those run;
without it, those of every file that differs from the last commit, new files included. The structure of
the house is always tested, and without ROOM the public names are too; where nothing is changed, these two
are all.

What is marked ``slow`` is left out, and what LONG names in most cases. `make test` runs everything: this
is the loop while you work, and no proof that all is well elsewhere.

    python tests/quick.py                 # by what is changed
    python tests/quick.py viz/contour     # one folder
    python tests/quick.py viz/files/gif   # one module that has a test file of its own
    python tests/quick.py --dry-run       # only say what would run
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("surfaces", "trajectories", "viz", "commands", "courses", "sphinxext")
STRUCTURE, PUBLIC = "tests/test_structure.py", "tests/test_public.py"
OF_FILES = {  # files that lie in no room -> their tests
    "__init__.py": (PUBLIC,),
    "cli.py": ("tests/commands/test_command_line.py",),
    "README.md": ("tests/test_contributing.py",),
    "CONTRIBUTING.md": ("tests/test_contributing.py",),
    "Makefile": ("tests/test_contributing.py",),
    **{
        f"docs/{name}": ("tests/test_site.py",)
        for name in ("tutorial.md", "how-to-teach.md", "index.md", "conf.py")
    },
    "docs/sphinx.md": ("tests/sphinxext/test_builds.py",),
    "docs/courses.md": ("tests/test_docs.py",),
    "docs/architecture.md": ("tests/test_contributing.py",),
    "docs/explore.md": ("tests/test_docs.py",),
    "docs/film-your-own-training.md": ("tests/test_docs.py",),
    "docs/matrices-and-dimensions.md": ("tests/test_docs.py",),
    "docs/pictures.md": ("tests/test_docs.py",),
    "docs/test-your-optimizer.md": ("tests/test_docs.py",),
}
# Test files with which their folder takes more than a minute, and their seconds of a processor shared by two.
# They run where the module of their name is changed or named, or they are changed themselves: test_saving.py
# with saving.py.
LONG: dict[str, int] = {
    "tests/trajectories/testing/test_planted.py": 17,
    "tests/viz/files/test_saving.py": 17,
    "tests/viz/files/test_video.py": 16,
}


def changed() -> list[str]:
    """Return the paths, from the root on, of what differs from the last commit, new files included."""
    commands = (
        ["git", "diff", "--name-only", "-z", "HEAD"],
        ["git", "ls-files", "--others", "--exclude-standard", "-z"],
    )
    found = [
        subprocess.run(each, cwd=ROOT, check=True, capture_output=True, text=True).stdout for each in commands
    ]
    return sorted({path for text in found for path in text.split("\0") if path})


def tests_of_room(room: str) -> set[str]:
    """Return the tests of a folder of the package, or of one module that has a test file of its own.

    The name of a whole room stands for all of its folders.

    >>> tests_of_room("viz/contour"), tests_of_room("viz/contour/"), tests_of_room("viz/contour/exits.py")
    ({'tests/viz/contour'}, {'tests/viz/contour'}, {'tests/viz/contour/test_exits.py'})
    """
    room = room.removesuffix("/").removesuffix(".py")
    if room.partition("/")[0] in ROOMS and (ROOT / room).is_dir():
        return {f"tests/{room}"}
    if room.partition("/")[0] in ROOMS and (own := _own(f"{room}.py")):
        return own
    folders = sorted(
        str(path.parent.relative_to(ROOT)) for each in ROOMS for path in (ROOT / each).rglob("__init__.py")
    )
    raise SystemExit(f"there are no tests of {room!r}; there are those of {', '.join(folders)}")


def _own(path: str) -> set[str]:
    """Return the test file of the same name as a module, if there is one."""
    folder, _, name = path.rpartition("/")
    test = f"tests/{folder}/test_{name}"
    return {test} if (ROOT / test).is_file() else set()


def tests_of(paths: list[str]) -> set[str]:
    """Return the tests of changed files; of a file that is gone those of its folder.

    >>> sorted(tests_of(["viz/contour/arrows.py", "viz/contour/panel.py", "LICENSE"]))
    ['tests/viz/contour', 'tests/viz/contour/test_arrows.py']
    >>> sorted(tests_of(["tests/viz/contour/test_exits.py", "docs/pictures.md"]))
    ['tests/test_docs.py', 'tests/viz/contour/test_exits.py']
    """
    found: set[str] = set()
    for path in paths:
        room, _, name = path.rpartition("/")
        if path in OF_FILES:
            found |= set(OF_FILES[path])
        elif path.startswith("tests/"):
            if (ROOT / path).exists() and name.startswith("test_") and name.endswith(".py"):
                found.add(path)
        elif room.partition("/")[0] in ROOMS:
            found |= _own(path)
            if "/" in room or room == "commands":
                found |= {f"tests/{room}"} if (ROOT / "tests" / room).is_dir() else set()
            else:  # beside the folders of a room: the test files beside the folders of its tests
                found |= {str(test.relative_to(ROOT)) for test in (ROOT / "tests" / room).glob("test_*.py")}
    return found


def chosen(tests: set[str]) -> tuple[list[str], list[str]]:
    """Return the folders and files to run, none within another, and the long files in them to leave out.

    >>> chosen({"tests/viz/contour", "tests/viz/contour/test_exits.py"})
    (['tests/viz/contour'], [])
    """
    run = [each for each in sorted(tests) if not any(each.startswith(f"{other}/") for other in tests)]
    within = [each for each in LONG if any(each.startswith(f"{folder}/") for folder in run)]
    return run, [each for each in within if each not in tests]


def main(arguments: list[str]) -> int:
    """Run the tests of the folders that are named, or of what is changed."""
    rooms = [each for each in arguments if not each.startswith("-")]
    if rooms:
        tests = {STRUCTURE}.union(*map(tests_of_room, rooms))
    else:
        tests = {STRUCTURE, PUBLIC} | tests_of(changed())
    run, left_out = chosen(tests)
    print("quick:", *run, flush=True)
    if left_out:
        print("left out, too long for here:", *left_out, flush=True)
    if "--dry-run" in arguments:
        return 0
    workers = ("-n", "2", "--dist", "worksteal")  # as in `make test`
    line = [*(sys.executable, "-m", "pytest", "-q"), *workers, "-m", "not slow"]
    return subprocess.run([*line, *(f"--ignore={each}" for each in left_out), *run], cwd=ROOT).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
