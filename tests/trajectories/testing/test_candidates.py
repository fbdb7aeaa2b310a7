"""A table of classes: its cases, the tests made of them, and the report."""

import json
import xml.etree.ElementTree as tree

import pytest
import torch

from descent import testing
from descent.surfaces.errors import DescentError
from descent.trajectories.testing.candidates import MATCHES, classes_of
from descent.trajectories.testing.conformance import as_json, as_markdown
from descent.trajectories.testing.soundness import RUNS

OWN = """
import torch

class MySGD(torch.optim.SGD):
    pass

class Deaf(torch.optim.SGD):
    def step(self, closure=None):
        super().step()

class NotOne:
    pass
"""
TABLE = """
import torch
from descent import testing
from own import Deaf, MySGD

test_optimizers = testing.test_of(
    [
        testing.Candidate(
            MySGD,
            {"lr": 0.01, "foreach": False},
            {"heavy ball": {"momentum": 0.9}},
            reference=torch.optim.SGD,
            cannot={"memory": "tried elsewhere"},
            match={"surfaces": ["beale"], "dtypes": ["float64"], "paths": ["plain"]},
        ),
        testing.Candidate(Deaf, {"lr": 0.01}),
    ]
)
"""


VIEWPORT = '<meta name="viewport" content="width=device-width">'


@pytest.fixture(scope="module")
def loaded():
    """Load what a run loads: what a run in this process loads first is dropped again at its end."""
    testing.assert_sound(torch.optim.SGD, options={"lr": 0.01})
    testing.assert_matches(
        torch.optim.SGD, torch.optim.SGD, surfaces=["beale"], paths=["foreach"], switches={}
    )


def test_one_line_gives_cases_with_ids_that_can_be_read(pytester, monkeypatch, loaded):
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makepyfile(own=OWN, test_them=TABLE)
    pytester.makeini("[pytest]\npythonpath = .\n")
    options = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    done = pytester.runpytest_inprocess(*options, "--collect-only", "-q")
    done.stdout.fnmatch_lines(
        [
            "test_them.py::test_optimizers[[]MySGD-zero gradients[]]",
            "test_them.py::test_optimizers[[]MySGD-matches[]]",
            "test_them.py::test_optimizers[[]MySGD[[]heavy ball[]]-matches[]]",
            "test_them.py::test_optimizers[[]Deaf-closure[]]",
        ]
    )
    chosen = "closure or memory or matches or older"
    done = pytester.runpytest_inprocess(*options, "-k", chosen, "-rs", "--junitxml", "them.xml")
    done.assert_outcomes(passed=5, failed=1, skipped=5)
    done.stdout.fnmatch_lines(["*AssertionError: Deaf: closure: step does not call its closure"])
    done.stdout.fnmatch_lines(["*tried elsewhere*"])
    done.stdout.no_fnmatch_line("*candidates.py:*AssertionError*")
    names = [each.get("name") for each in tree.parse(pytester.path / "them.xml").iter("testcase")]
    assert "test_optimizers[Deaf-closure]" in names


@pytest.fixture(scope="module")
def found():
    few = {name: "not here" for name in testing.CHECKS if name not in ("rate", "closure", "step count")}
    rprop = testing.Candidate(torch.optim.Rprop, {"lr": 0.01}, cannot=few, name="Rprop of torch")
    shapes = {"surfaces": (), "shapes": ["vector"], "switches": {}, "paths": ["foreach"]}
    adam = testing.Candidate(
        torch.optim.Adam,
        {"lr": 0.1},
        {"other": {"eps": 1e-3}},
        reference=torch.optim.Adam,
        reference_options={"lr": 0.2},
        cannot=few,
        match=shapes,
    )
    return testing.conformance([rprop, adam])


def test_the_report_has_a_row_for_each_variant_and_a_column_for_each_check(found):
    assert list(found.rows) == ["Rprop of torch", "Adam", "Adam[other]"]
    assert found.checks == [RUNS, *testing.CHECKS, MATCHES]
    assert not found.sound
    faults = [(case.row, finding.check, finding.step, finding.quantity) for case, finding in found.faults]
    assert faults == [
        ("Rprop of torch", "rate", 4, "rate"),
        ("Adam", "matches", 1, "update"),
        ("Adam[other]", "matches", 1, "update"),
    ]
    first = str(found).splitlines()
    assert first[0].split() == ["optimizer", "sound", "faults", "declared", "left", "out"]
    assert first[1].split() == ["Rprop", "of", "torch", "3", "1", str(len(testing.CHECKS) - 3), "0"]


def test_the_report_is_written_as_markdown_and_as_a_page(found, tmp_path):
    text = found.save(tmp_path / "report.md").read_text()
    assert text == as_markdown(found)
    assert "| rate | FAULT | ok | ok |" in text.splitlines()
    assert "- Rprop of torch, rate: a rate that is set in the groups before step 4 changes nothing" in text
    page = found.save(tmp_path / "report.html").read_text()
    root = tree.fromstring(
        page.removeprefix("<!doctype html>").replace('<meta charset="utf-8">', "").replace(VIEWPORT, "")
    )
    cells = root.findall(".//td")
    assert len(cells) == 3 * (len(testing.CHECKS) + 2)
    assert sum(each.text == "FAULT" for each in cells) == 3
    assert any("changes nothing" in each.get("title", "") for each in cells)
    with pytest.raises(DescentError, match=r"\.md"):
        found.save(tmp_path / "report.pdf")


def test_the_report_is_plain_json(found):
    again = json.loads(json.dumps(as_json(found)))
    assert again["sound"] is False
    assert {each["state"] for each in again["findings"]} == {"sound", "unsound", "declared"}


def test_tables_that_cannot_be_made():
    with pytest.raises(DescentError, match="two rows are called SGD; give one of them a name"):
        testing.cases([torch.optim.SGD, testing.Candidate(torch.optim.SGD, {"lr": 0.1})])
    with pytest.raises(DescentError, match="unknown check 'closur'; did you mean 'closure'"):
        testing.cases([testing.Candidate(torch.optim.SGD, cannot={"closur": "no"})])
    assert len(testing.cases([torch.optim.SGD])) == len(testing.CHECKS) + 1


def test_what_does_not_run_at_all_is_one_fault():
    class Broken(torch.optim.SGD):
        def step(self, closure=None):
            raise KeyError("lr")

    found = testing.conformance([Broken])
    ((case, finding),) = found.faults
    assert str(case) == "Broken-runs"
    assert "several: KeyError: 'lr'" in finding.words


@pytest.mark.muon
def test_a_package_gives_its_public_optimizers():
    assert classes_of("torch.optim.Adam") == [torch.optim.Adam]
    found = classes_of("torch.optim")
    assert {torch.optim.SGD, torch.optim.Muon} <= set(found)
    assert torch.optim.Optimizer not in found
    for path, words in [
        ("json", "json makes no class public that derives from torch.optim.Optimizer"),
        ("nowhere", "'nowhere' is neither a package nor package.Class"),
        ("torch.optim.lr_scheduler.StepLR", "does not derive from torch.optim.Optimizer"),
        ("torch.optim.Adm", "did you mean 'Adam'"),
    ]:
        with pytest.raises(DescentError, match=words):
            classes_of(path)
