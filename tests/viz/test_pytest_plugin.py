"""The pytest plugin, run in a pytest of its own."""

import importlib.metadata
import io
import json
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

import descent
from descent.trajectories.regression.difference import compare
from descent.trajectories.regression.golden import check
from descent.trajectories.regression.tolerances import tolerance
from descent.viz.animation import picture
from descent.viz.pytest_plugin import _parameters

# Recordings from NumPy alone, so that processes started here need not load torch.
HELPER = '''
import numpy as np
from descent import Outcome, Recipe, Recording, Trajectory
from descent.surfaces.field import Field

def record(lr=0.1, steps=12, kink=None, nan=False, spec=None):
    """Gradient descent on x**2 + 2 y**2; from step ``kink`` on with a wrong factor."""
    points = [np.array([1.0, -1.0])]
    for k in range(steps):
        factor = 1.001 if kink is not None and k + 1 >= kink else 1.0
        points.append(points[-1] - lr * factor * points[-1] * [2, 4])
    points = np.array(points)
    outcome = Outcome("finished")
    if nan:
        points[steps // 2 :] = np.nan
        points[-1] = np.inf
        outcome = Outcome("non-finite", steps // 2)
    with np.errstate(all="ignore"):
        losses, gradients = points[:, 0] ** 2 + 2 * points[:, 1] ** 2, points * [2, 4]
    spec = spec or f"sgd:lr={lr}"
    trajectory = Trajectory(spec, points, losses, gradients, np.full(steps, lr), outcome, steps)
    x = np.linspace(-2, 2, 40)
    field = Field(x, x, x**2 + 2 * x[:, None] ** 2)
    view = ((-2, 2), (-2, 2))
    recipe = Recipe("bowl", (spec,), (1.0, -1.0), steps, 0, "cpu", "float64", view, resolution=(40, 40))
    return Recording(field, (trajectory,), recipe)
'''


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Load what a run loads: what a run in this process loads first is dropped again at its end."""
    names = {}
    exec(HELPER, names)
    folder = tmp_path_factory.mktemp("loaded")
    one, other = names["record"](), names["record"](kink=5)
    check(folder / "one.npz", one)
    picture(one, other, compare(one, other, tolerance())).save(folder / "one.png")


@pytest.fixture
def suite(pytester, monkeypatch, loaded):
    """A folder with the helper, and a way to write and run its only test module."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makepyfile(helper=HELPER)
    pytester.makeini("[pytest]\npythonpath = .\n")

    def run(body, *options, **result):
        pytester.path.joinpath("test_it.py").write_text(
            f"import pytest\nfrom helper import record\n\n{body}\n"
        )
        done = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *options)
        if result:
            done.assert_outcomes(**result)
        return done

    run.path = pytester.path
    run.goldens = lambda: sorted(path.name for path in pytester.path.joinpath("test_it").glob("*"))
    run.golden = pytester.path / "test_it" / "test_one.npz"
    return run


def one(arguments="", check=""):
    return (
        f"def test_one(trajectory_regression):\n    trajectory_regression.check(record({arguments}){check})\n"
    )


def test_the_entry_point_is_there():
    (found,) = [
        each
        for each in importlib.metadata.entry_points(group="pytest11")
        if each.value == "descent.viz.pytest_plugin"
    ]
    assert found.name == "descent"


def test_nothing_heavy_is_loaded_before_a_check():
    code = (
        "import sys, descent.viz.pytest_plugin\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "print(loaded & {'torch', 'numpy', 'matplotlib', 'hypothesis'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"


def test_the_first_run_writes_the_golden_and_fails_and_the_second_passes(suite):
    done = suite(one(), failed=1)
    done.stdout.fnmatch_lines(
        [
            "*there was no golden recording, so test_it?test_one.npz was written*",
            "*golden trajectories*",
            "1 written, as there were none:",
            "  test_it?test_one.npz",
        ]
    )
    golden = descent.load(suite.golden)
    assert golden.recipe.specs == ("sgd:lr=0.1",)
    assert golden.field.z.shape == (33, 33)
    before = suite.golden.read_bytes()
    done = suite(one(), passed=1)
    done.stdout.no_fnmatch_line("*golden trajectories*")
    assert suite.golden.read_bytes() == before


def test_drift_fails_with_step_values_and_a_picture(suite):
    suite(one())
    before = suite.golden.read_bytes()
    done = suite(one("kink=5"), "--trajectory-pictures", "pictures", failed=1)
    done.stdout.fnmatch_lines(
        [
            "the descent went elsewhere than test_it?test_one.npz",
            "sgd:lr=0.1 differs from step 5 on, first in the update*",
            "*expected (*), found (*), apart *, allowed *",
            "*All before is the same to the last bit, so the update rule*",
            "if this is how it is to be, rewrite it with --trajectory-regen",
            "picture: *test_one.png",
        ]
    )
    picture = suite.path / "pictures" / "test_it" / "test_one.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert suite.golden.read_bytes() == before


def test_pictures_stand_beside_the_report(suite):
    suite(one())
    suite(one("kink=5"), "--junitxml", "reports/junit.xml", failed=1)
    assert (suite.path / "reports" / "trajectory-pictures" / "test_it" / "test_one.png").exists()


def test_pictures_are_handed_to_pytest_html(suite):
    suite(one())
    (suite.path / "conftest.py").write_text(
        "import pytest\n"
        "class Html: pass\n"
        "def pytest_configure(config):\n    config.pluginmanager.register(Html(), 'html')\n"
        "@pytest.hookimpl(trylast=True)\n"
        "def pytest_runtest_logreport(report):\n"
        "    for extra in getattr(report, 'extras', []):\n"
        "        print('EXTRA', report.when, extra['name'], extra['format_type'], extra['content'][:4])\n"
    )
    suite(one("kink=5"), "-s", failed=1).stdout.fnmatch_lines(["*EXTRA call test_one.png image iVBO*"])


def test_regen_rewrites_those_that_differ_only(suite):
    two = "def test_two(trajectory_regression):\n    trajectory_regression.check(record(0.2))\n"
    suite(one() + two, failed=2)
    other = suite.path / "test_it" / "test_two.npz"
    before, stamp = suite.golden.read_bytes(), other.stat().st_mtime_ns
    done = suite(one("kink=5") + two, "--trajectory-regen", passed=2)
    done.stdout.fnmatch_lines(["1 rewritten, as they differed:", "  test_it?test_one.npz"])
    assert suite.golden.read_bytes() != before
    assert other.stat().st_mtime_ns == stamp
    suite(one("kink=5") + two, passed=2)


def test_regen_all_rewrites_all(suite):
    suite(one(), failed=1)
    stamp = suite.golden.stat().st_mtime_ns
    done = suite(one(), "--trajectory-regen-all", passed=1)
    done.stdout.fnmatch_lines(["1 rewritten, though they did not differ:", "  test_it?test_one.npz"])
    assert suite.golden.stat().st_mtime_ns > stamp


def test_a_missing_golden_is_written_and_passes_when_asked_for(suite):
    done = suite(one(), "--trajectory-regen", passed=1)
    done.stdout.fnmatch_lines(["1 written, as there were none:"])


def test_parametrized_tests_and_classes_have_a_golden_each(suite):
    body = (
        "@pytest.mark.parametrize('lr', [0.1, 0.2], ids=['a/b', 'A/B'])\n"
        "def test_rates(trajectory_regression, lr):\n    trajectory_regression.check(record(lr))\n"
        "class TestIt:\n    class TestInner:\n"
        "        def test_rates(self, trajectory_regression):\n"
        "            trajectory_regression.check(record(0.3))\n"
        "            trajectory_regression.check(record(0.4).trajectories[0], name='alone')\n"
    )
    suite(body, "--trajectory-regen", passed=3)
    names = suite.goldens()
    assert len({name.casefold() for name in names}) == 4
    assert "TestIt.TestInner.test_rates.npz" in names
    assert all(
        set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
        for name in names
    )
    suite(body, passed=3)


def test_two_checks_of_one_test_need_names(suite):
    done = suite(one(check=")\n    trajectory_regression.check(record(0.2)"), "--trajectory-regen", failed=1)
    done.stdout.fnmatch_lines(
        ["*two checks would use the golden file test_it?test_one.npz; give each a name*"]
    )


def test_workers_of_xdist_report_what_they_wrote(suite):
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    body = (
        "@pytest.mark.parametrize('lr', [0.1, 0.2, 0.3])\n"
        "def test_rates(trajectory_regression, lr):\n    trajectory_regression.check(record(lr))\n"
    )
    done = suite(body, "-n", "2", failed=3)
    done.stdout.fnmatch_lines(["3 written, as there were none:", "  test_it?test_rates-0.1.npz"])
    suite(body, passed=3)
    done = suite(body.replace("record(lr)", "record(lr, kink=3)"), "-n", "2", "--trajectory-regen", passed=3)
    done.stdout.fnmatch_lines(["3 rewritten, as they differed:"])


def test_nan_and_infinity_are_values(suite):
    suite(one("nan=True"), failed=1)
    suite(one("nan=True"), passed=1)
    done = suite(one(), failed=1)
    done.stdout.fnmatch_lines(["*differs from step 6 on*", "*expected (nan, nan), found (*apart inf*"])


def test_a_golden_that_is_cut_off_is_said_and_rewritten_when_asked_for(suite):
    suite(one(), failed=1)
    whole = suite.golden.read_bytes()
    suite.golden.write_bytes(whole[:300])
    done = suite(one(), failed=1)
    done.stdout.fnmatch_lines(
        ["the golden recording cannot be read: test_it?test_one.npz is not a recording*", "rewrite it with *"]
    )
    assert suite.golden.read_bytes() == whole[:300]
    done = suite(one(), "--trajectory-regen", passed=1)
    done.stdout.fnmatch_lines(["1 rewritten, as they could not be read:"])
    assert suite.golden.read_bytes() == whole


def test_a_golden_from_a_newer_format_is_never_overwritten(suite):
    suite(one(), failed=1)
    with zipfile.ZipFile(suite.golden) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    header = json.loads(np.load(io.BytesIO(members["header.npy"])).tobytes())
    header["format_version"] = 99
    buffer = io.BytesIO()
    np.save(buffer, np.frombuffer(json.dumps(header).encode(), dtype=np.uint8))
    with zipfile.ZipFile(suite.golden, "w") as archive:
        for name, data in (members | {"header.npy": buffer.getvalue()}).items():
            archive.writestr(name, data)
    before = suite.golden.read_bytes()
    for option in ("--trajectory-regen", "--trajectory-regen-all", "-q"):
        done = suite(one(), option, failed=1)
        done.stdout.fnmatch_lines(["*test_one.npz was made by a newer descent (format 99*"])
    assert suite.golden.read_bytes() == before


def test_tolerances_come_from_the_check_or_from_the_settings(suite):
    suite(one(), failed=1)
    suite(one("kink=12", ", rtol=1e-2"), passed=1)
    suite(one("kink=12", ", preset='float32'"), passed=1)
    suite(one("kink=12", ", preset='float32', rtol=1e-9"), failed=1)
    suite(one("kink=12"), "-o", "trajectory_tolerance=float32", passed=1)
    done = suite(one("", ", preset='flaot32'"), failed=1)
    done.stdout.fnmatch_lines(["*unknown tolerance 'flaot32'; did you mean 'float32'?*"])


def test_only_recordings_and_trajectories_can_be_checked(suite):
    done = suite("def test_one(trajectory_regression):\n    trajectory_regression.check([1.0])\n", failed=1)
    done.stdout.fnmatch_lines(["*a Recording or a Trajectory can be checked, not a list*"])
    assert not suite.goldens()


# --- beside other plugins

AGAIN = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    "What plugins that run failed tests again do."
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for attempt in range(3):
        item._initrequest()
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        if not any(report.failed for report in reports):
            break
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True
"""
YOUNG = "*test_one*.npz was written by an earlier attempt of this very run*"


def test_no_attempt_within_the_run_that_wrote_a_golden_passes(suite):
    (suite.path / "conftest.py").write_text(AGAIN)
    done = suite(one(), failed=1)
    done.stdout.fnmatch_lines([YOUNG])
    done.stdout.fnmatch_lines(["1 written, as there were none:"])
    suite(one(), passed=1)


def test_an_attempt_that_differs_from_a_golden_of_the_same_run_says_so(suite):
    (suite.path / "conftest.py").write_text(AGAIN)
    body = f"RATES = iter([0.1, 0.2, 0.3])\n{one('next(RATES)')}"
    done = suite(body, "--trajectory-pictures", "pictures", failed=1)
    done.stdout.fnmatch_lines(["the descent went elsewhere than test_it?test_one.npz", YOUNG])


def test_reruns_do_not_pass_by_themselves(suite):
    pytest.importorskip("pytest_rerunfailures", reason="pytest-rerunfailures is not installed")
    done = suite(one(), "--reruns", "2")
    assert done.parseoutcomes() == {"failed": 1, "rerun": 2}
    done.stdout.fnmatch_lines([YOUNG])
    suite(one(), "--reruns", "2", passed=1)


def test_every_worker_that_runs_each_test_fails_where_one_wrote_the_golden(suite):
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    # The second waits until the first has written the golden.
    body = (
        "import os, time, pathlib\n"
        "def test_one(trajectory_regression):\n"
        "    golden = pathlib.Path('test_it/test_one.npz')\n"
        "    for _ in range(600):\n"
        "        if os.environ['PYTEST_XDIST_WORKER'] == 'gw0' or golden.exists(): break\n"
        "        time.sleep(0.05)\n"
        "    trajectory_regression.check(record())\n"
    )
    done = suite(body, "--dist", "each", "--tx", "2*popen", failed=2)
    done.stdout.fnmatch_lines([YOUNG])
    suite(body, "--dist", "each", "--tx", "2*popen", passed=2)


@pytest.mark.parametrize(
    ("plugin", "options", "times"),
    [
        ("pytest_repeat", ["--count", "3"], 3),
        ("pytest_flakefinder", ["--flake-finder", "--flake-runs", "3"], 3),
    ],
)
def test_repetitions_of_a_test_share_its_golden(plugin, options, times, suite):
    pytest.importorskip(plugin, reason=f"{plugin} is not installed")
    body = (
        one()
        + "@pytest.mark.parametrize('lr', [0.1, 0.2])\n"
        + "def test_rates(trajectory_regression, lr):\n    trajectory_regression.check(record(lr))\n"
    )
    suite(body, *options, failed=3 * times)
    assert suite.goldens() == ["test_one.npz", "test_rates-0.1.npz", "test_rates-0.2.npz"]
    suite(body, *options, passed=3 * times)
    suite(body, passed=3)


@pytest.mark.parametrize(
    ("name", "form"),
    [("__pytest_repeat_step_number", "{}-12"), ("__flakefinder_test_one", "{}")],
)
@pytest.mark.parametrize("others", ["", "1-12", "0", "1-12-1-12"])
@pytest.mark.parametrize("value", [0, 10])
def test_the_number_of_a_repetition_is_no_part_of_a_name(name, form, others, value):
    first = "flake" in name
    number = form.format(value if first else value + 1)
    text = "-".join(filter(None, (number, others) if first else (others, number)))
    item = SimpleNamespace(name=f"test_one[{text}]", callspec=SimpleNamespace(params={name: value}))
    assert _parameters(item) == others


def test_examples_of_hypothesis_need_names_and_share_the_golden_of_a_name(suite):
    body = (
        "from hypothesis import HealthCheck, given, settings, strategies as st\n"
        "@settings(max_examples=8, derandomize=True, database=None,\n"
        "          suppress_health_check=[HealthCheck.function_scoped_fixture])\n"
        "@given(lr=st.sampled_from([0.1, 0.2]))\n"
        "def test_one(trajectory_regression, lr):\n"
        "    trajectory_regression.check(record(lr){})\n"
    )
    suite(body.format(""), failed=1).stdout.fnmatch_lines(
        ["*test_one runs once for each example of Hypothesis, so that a check needs a name*"]
    )
    assert not suite.goldens()
    named = body.format(", name=str(lr)")
    suite(named, failed=1).stdout.fnmatch_lines([YOUNG])  # Hypothesis runs a failing example again
    assert suite.goldens() == ["test_one-0.1.npz", "test_one-0.2.npz"]
    suite(named, passed=1)


def test_what_cannot_be_checked_fails_at_the_line_of_the_test(suite):
    done = suite(one("", ", preset='flaot32'"), failed=1)
    done.stdout.fnmatch_lines([">   *trajectory_regression.check(*preset='flaot32')", "E   *flaot32*"])
    done.stdout.no_fnmatch_line("*pytest_plugin.py*")
    done.stdout.no_fnmatch_line("*golden.py*")
