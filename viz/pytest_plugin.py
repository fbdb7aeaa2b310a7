"""The pytest plugin: a fixture that compares recordings with golden files beside the tests.

It stands here because it draws what differs; all that is computed is in `trajectories.golden`. Nothing but
pytest is loaded before a test asks for the fixture.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..trajectories.regression.golden import Check
    from ..trajectories.results.recording import Recording
    from ..trajectories.results.trajectory import Trajectory

_INI = "trajectory_tolerance"
# Plugins that run a test many times give it a parameter, whose part of the test's name is none of a golden's.
_REPEATS = {  # how the parameter's name begins: what to cut from the test's; {} is its value, from 1 on
    "__pytest_repeat_step_number": r"(^|-){}-\d+$",
    "__flakefinder_": r"^\d+(-|$)",
}
_WORDS = {  # what the end of the run says of golden files, by what was done to them and why
    "missing": "written, as there were none",
    "differs": "rewritten, as they differed",
    "broken": "rewritten, as they could not be read",
    "same": "rewritten, though they did not differ",
}


@final
class _Log:
    """The golden files that were written in this process or, with pytest-xdist, in its workers."""

    def __init__(self) -> None:
        self.written: list[list[str]] = []  # pairs: why, which file
        self.used: dict[str, str] = {}  # golden file, without case, to the test that used it


_LOG = pytest.StashKey[_Log]()
_PICTURES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that rewrite golden files, and where pictures go."""
    group = parser.getgroup("trajectories", "golden trajectories")
    group.addoption(
        "--trajectory-regen",
        action="store_true",
        help="Rewrite the golden trajectories that differ or cannot be read; the tests then pass.",
    )
    group.addoption(
        "--trajectory-regen-all",
        action="store_true",
        help="Rewrite all golden trajectories that the tests run use; the tests then pass.",
    )
    group.addoption(
        "--trajectory-pictures",
        metavar="DIR",
        help="Where a picture of each difference goes: by default beside the file of --html or --junitxml, "
        "else into pytest's temporary folder.",
    )
    parser.addini(
        _INI,
        "How far a trajectory may be from its golden file where a test does not say: "
        "same-machine, same-dtype, cpu-gpu or float32.",
        default="same-dtype",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin the log of what is written."""
    config.stash[_LOG] = _Log()


@final
class TrajectoryRegression:
    """What the fixture ``trajectory_regression`` is: checks against the golden files of one test."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._item = request.node
        self._config = request.config
        self._factory = request.getfixturevalue("tmp_path_factory")
        self._seen: set[str] = set()  # the golden files that this test has used already
        self._examples = bool(getattr(getattr(request.node, "obj", None), "is_hypothesis_test", False))

    def check(
        self,
        recording: Recording | Trajectory,
        name: str | None = None,
        rtol: float | None = None,
        atol: float | None = None,
        preset: str | None = None,
    ) -> None:
        """Compare with the golden file; write it and fail where there is none.

        Whatever else the run that wrote it does with that golden fails as well: a second attempt of a plugin
        that runs failed tests again, or another worker, would compare a descent with itself.

        Args:
            recording: What the test recorded; a trajectory alone is compared as well, without a landscape.
            name: Tells the checks of one test apart; the second and later ones need one. Examples of
                Hypothesis need one always, and those of the same name share a golden.
            rtol: The share of each quantity's size so far that it may differ by, in place of the preset's.
            atol: What it may differ by on top, in its own units.
            preset: What may have changed: "same-machine", "same-dtype", "cpu-gpu" or "float32"; the ini
                option ``trajectory_tolerance`` when None.

        Raises:
            DescentError: The recording is none, a tolerance is unknown, or a name is missing.
        """
        __tracebackhide__ = True
        from ..surfaces.errors import DescentError

        try:
            words = self._check(recording, name, rtol, atol, preset)
        except DescentError as error:
            raise error.with_traceback(None) from None  # of interest is the line of the test
        if words:
            pytest.fail(words, pytrace=False)

    def _check(
        self,
        recording: Recording | Trajectory,
        name: str | None,
        rtol: float | None,
        atol: float | None,
        preset: str | None,
    ) -> str:
        """Compare, and return why the test fails, or nothing."""
        from ..trajectories.regression import golden

        regen = golden.KEEP
        if self._config.getoption("trajectory_regen_all"):
            regen = golden.REGEN_ALL
        elif self._config.getoption("trajectory_regen"):
            regen = golden.REGEN
        tolerance = preset or cast("str", self._config.getini(_INI))
        path = self._path(name)
        mark = self._mark(path)
        begun = mark.exists()
        if regen == golden.KEEP and not path.exists():
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()  # before the golden is there, so that no other worker sees one without the other
        found = golden.check(path, recording, preset=tolerance, rtol=rtol, atol=atol, regen=regen)
        if found.written:
            self._config.stash[_LOG].written.append([found.state, self._shown(path)])
        if found.written and regen != golden.KEEP:
            return ""
        young = begun and not found.written
        if found.passed and not young:
            return ""
        words = [] if found.passed else [self._words(found), self._draw(found)]
        if young:
            words.append(
                f"{self._shown(path)} was written by an earlier attempt of this very run, so that there was "
                "no golden recording to compare with: look at it, commit it, and run the test again"
            )
        return "\n".join(filter(None, words))

    def _mark(self, path: Path) -> Path:
        """Return where it is noted, for all attempts and workers of this run, that it wrote a golden."""
        import hashlib

        base: Path = self._factory.getbasetemp()
        shared = base.parent if hasattr(self._config, "workerinput") else base
        return shared / "trajectories-written" / hashlib.sha256(str(path).encode()).hexdigest()

    def _path(self, name: str | None) -> Path:
        from ..surfaces.errors import DescentError
        from ..trajectories.regression.golden import file_name

        function, _, _ = self._item.name.partition("[")
        if self._examples and not name:
            raise DescentError(
                f"{function} runs once for each example of Hypothesis, so that a check needs a name that "
                "says which golden is the example's, as in check(recording, name=str(spec)); examples of "
                "the same name share one"
            )
        parameters = _parameters(self._item)
        classes = [node.name for node in self._item.listchain() if isinstance(node, pytest.Class)]
        file = file_name(".".join([*classes, function]), parameters, name or "")
        module = self._item.path
        path: Path = module.parent / module.stem / file
        used = self._config.stash[_LOG].used
        key = str(path).casefold()
        here = f"{self._item.parent.nodeid} {function}[{parameters}] {name or ''}"
        if used.setdefault(key, here) != here or (key in self._seen and not self._examples):
            raise DescentError(
                f"two checks would use the golden file {self._shown(path)}; give each a name, as in "
                "check(recording, name='second')"
            )
        self._seen.add(key)
        return path

    def _shown(self, path: Path) -> str:
        root = self._config.rootpath
        return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)

    def _words(self, found: Check) -> str:
        from ..surfaces.text import escaped

        words = found.message.replace(str(found.path), self._shown(found.path))
        hint = {
            "missing": "look at it (descent show FILE), commit it, and run the test again",
            "differs": "if this is how it is to be, rewrite it with --trajectory-regen",
            "broken": "rewrite it with --trajectory-regen",
        }.get(found.state)
        return escaped(f"{words}\n{hint}" if hint else words, keep="\n")

    def _draw(self, found: Check) -> str:
        if found.difference is None or found.expected is None or found.found is None:
            return ""
        path = self._folder() / found.path.parent.name / f"{found.path.stem}.png"
        try:
            from .animation import picture

            picture(found.expected, found.found, found.difference).save(path)
        except Exception as error:  # what cannot be drawn must not hide what differs
            return f"no picture: {' '.join(str(error).split()) or type(error).__name__}"
        self._item.stash.setdefault(_PICTURES, []).append(str(path))
        return f"picture: {path}"

    def _folder(self) -> Path:
        chosen = self._config.getoption("trajectory_pictures")
        if chosen:
            return Path(os.path.abspath(self._config.invocation_params.dir / chosen))
        for option in ("htmlpath", "xmlpath"):
            report = self._config.getoption(option, None)
            if report:
                return Path(report).absolute().parent / "trajectory-pictures"
        return cast("Path", self._factory.getbasetemp()) / "trajectory-pictures"


def _parameters(item: Any) -> str:
    """Return what stands in the brackets of a test's name, without the number of a repetition."""
    text: str = item.name.partition("[")[2].removesuffix("]")
    given = item.callspec.params if hasattr(item, "callspec") else {}
    for name, value in given.items():
        for begins, pattern in _REPEATS.items():
            if name.startswith(begins):
                text = re.sub(pattern.format(int(value) + 1), "", text)
    return text


@pytest.fixture
def trajectory_regression(request: pytest.FixtureRequest) -> TrajectoryRegression:
    """Compare recordings and trajectories with golden files: ``trajectory_regression.check(recording)``."""
    return TrajectoryRegression(request)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the pictures of a failed test to its report, where pytest-html makes one."""
    report = yield
    pictures = item.stash.get(_PICTURES, [])
    if report.when == "call" and pictures and _html(item.config):
        from base64 import b64encode

        extras = [
            *getattr(report, "extras", []),
            *(
                {
                    "name": Path(path).name,
                    "format_type": "image",
                    "content": b64encode(Path(path).read_bytes()).decode(),
                    "mime_type": "image/png",
                    "extension": "png",
                }
                for path in pictures
            ),
        ]
        report.__dict__["extras"] = extras  # where pytest-html looks for them
    return report


def _html(config: pytest.Config) -> bool:
    """Say whether pytest-html makes a report; workers of pytest-xdist make none, but pass pictures on."""
    return config.pluginmanager.hasplugin("html")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker of pytest-xdist wrote to the process that reports."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["descent_trajectories"] = session.config.stash[_LOG].written


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker wrote."""
    written = (getattr(node, "workeroutput", None) or {}).get("descent_trajectories", [])
    node.config.stash[_LOG].written.extend(written)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say which golden files were written, and why."""
    written = config.stash[_LOG].written
    if not written:
        return
    terminalreporter.section("golden trajectories")
    for state, words in _WORDS.items():
        files = sorted(file for why, file in written if why == state)
        if files:
            terminalreporter.line(f"{len(files)} {words}:")
            for file in files:
                terminalreporter.line(f"  {file}")
