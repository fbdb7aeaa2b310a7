"""Tables: a .csv file becomes samples, with its types as they are written."""

import numpy as np
import pytest

from descent import DescentError
from descent.surfaces.data.filmed import read
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


class Column:
    """As pandas has them: an array by ``__array__`` alone."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def __array__(self, dtype=None, copy=None):
        return self.values.astype(dtype) if dtype else self.values

    def __len__(self):
        return len(self.values)


class Table(Column):
    """As pandas has them: columns by name."""

    columns = ("rooms", "age", "price")

    def to_numpy(self):
        return self.values

    def __getitem__(self, name):
        return Table(self.values[:, :2]) if isinstance(name, list) else Column(self.values[:, 2])


def test_a_table_of_pandas_is_a_pair_of_its_inputs_and_its_target_and_alone_is_refused():
    table = Table(np.arange(60.0).reshape(20, 3))
    found = get_data((table[["rooms", "age"]], table["price"]))
    assert (found.task, found.inputs) == ("regression", (2,))
    batches = read((table[["rooms", "age"]], table["price"]), 100)
    assert batches.pair()[1].tolist() == [2.0 + 3 * k for k in range(20)]
    for reads in (get_data, lambda data: read(data, 100)):
        with pytest.raises(DescentError, match="with the columns rooms, age, price, and does not say which"):
            reads(table)
