"""Tables: a .csv file becomes samples, with its types as they are written."""

import numpy as np
import pytest

from descent import DescentError
from descent.surfaces.data.resolve import get_data
from descent.surfaces.data.tables import read_table
from descent.surfaces.errors import NotPossibleError

ROWS = [f"{k},{k / 7:.3f},{'abc'[k % 3]},{k % 2},{50 + 10 * k}" for k in range(20)]
TABLE = "\n".join(["size,age,kind,sold,price", *ROWS]) + "\n"


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "houses.csv").write_text(TABLE, encoding="utf-8-sig")
    return tmp_path / "houses.csv"


@pytest.mark.parametrize(
    ("options", "task", "y"),
    [
        (":drop=kind", "regression", [50 + 10 * k for k in range(20)]),
        (":target=price,drop=kind", "regression", [50 + 10 * k for k in range(20)]),
        (":target=age,drop=kind/price", "regression", [float(f"{k / 7:.3f}") for k in range(20)]),
        (":target=kind", "classification", [k % 3 for k in range(20)]),
        (":target=sold,drop=kind", "classification", [k % 2 for k in range(20)]),
        (":target=sold,task=numbers,drop=kind", "regression", [k % 2 for k in range(20)]),
        (":target=price,task=classes,drop=kind", "classification", list(range(20))),
    ],
)
def test_a_target_is_what_its_values_are(path, options, task, y):
    found = read_table(f"houses.csv{options}")
    assert found.task == task
    assert found.y.tolist() == y
    assert found.x.shape == (20, {":target=kind": 4, ":target=age,drop=kind/price": 2}.get(options, 3))
    assert np.array_equal(found.x[:, 0], np.arange(20))


def test_a_network_learns_from_a_table(path):
    data = get_data(f"{path}:target=kind")
    assert (data.task, data.inputs, data.outputs) == ("classification", (4,), 3)
    assert data.name == f"{path}:target=kind"


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (
            "houses.csv",
            DescentError,
            "the column 'kind' of 'houses.csv' holds 'a' in row 2, which is no number",
        ),
        ("houses.csv:target=prize", DescentError, "unknown column of 'houses.csv' 'prize'.*price"),
        ("houses.csv:drop=kin", DescentError, "unknown column"),
        ("houses.csv:target=sold,task=class", DescentError, "unknown task"),
        ("houses.csv:column=sold", DescentError, "unknown option"),
        ("houses.csv:target=kind,task=numbers", DescentError, "holds 'a' in row 2"),
        ("nowhere.csv", NotPossibleError, "there is no file 'nowhere.csv'"),
    ],
)
def test_refusals(path, text, kind, words):
    with pytest.raises(kind, match=words):
        get_data(text)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no rows below its headings"),
        ("a,b\n", "no rows below its headings"),
        ("a,a\n1,2\n", "not different names"),
        ("a,b\n1,2\n3\n", "row 3 of 'bad.csv' has 1 values, and there are 2 headings"),
        ("a\n" + "1\n" * 20, "no column besides the target"),
        ("a,b\n" + "1,\n" * 20, "the target 'b' of 'bad.csv' is empty in row 2"),
    ],
)
def test_what_is_no_table_is_refused(path, content, words):
    path.with_name("bad.csv").write_text(content, encoding="utf-8")
    with pytest.raises(DescentError, match=words):
        get_data("bad.csv")
