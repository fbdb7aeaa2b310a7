"""Rows that are kept in memory or in a file: what is read is what was kept, and nothing is left behind."""

from __future__ import annotations

import gc
import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from descent.surfaces.networks import plane_axes, rows
from descent.surfaces.networks.rows import Kept, Rows, Store, finite, nothing

if TYPE_CHECKING:
    from pathlib import Path

COUNT, WIDE = 24, 500
IN_MEMORY, IN_A_FILE = (math.inf, 0), (0, 1e9)
LIMITS = {"in memory": IN_MEMORY, "in a file": IN_A_FILE, "first in memory": (10 * 4 * WIDE, 1e9)}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that large files lie in."""
    monkeypatch.setattr(rows, "folder_of_files", lambda: str(tmp_path))
    return tmp_path


def walk(dtype: torch.dtype = torch.float32) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 3 + torch.randn(COUNT, WIDE, generator=generator, dtype=dtype).cumsum(dim=0)


def kept(weights: torch.Tensor, limits: tuple[float, float]) -> Rows:
    store = Store(*limits)
    return Rows(store, [store.keep(row.clone()) for row in weights], [(0, nothing(weights.shape[1]))])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
def test_what_is_read_is_what_was_kept(limits: tuple[float, float], dtype: torch.dtype) -> None:
    weights = walk(dtype)
    found = kept(weights, limits)
    assert (found.shape, found.dtype, len(found)) == ((COUNT, WIDE), dtype, COUNT)
    assert torch.equal(found.whole(), weights)
    assert torch.equal(found[:, 7:90], weights[:, 7:90])
    assert torch.equal(found[:, 480:900], weights[:, 480:900])
    assert torch.equal(found[3], weights[3])
    assert torch.equal(found[-1], weights[-1])
    for some in (slice(2, 9), slice(None, -1), [0, -1], np.array([4, 4, 2]), torch.arange(COUNT) % 2 == 0):
        assert torch.equal(found[some].whole(), weights[some])
    assert torch.equal(found[4:].and_row(weights[0]).whole(), torch.cat([weights[4:], weights[:1]]))
    assert torch.equal(torch.stack(list(found)), weights)


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
def test_rows_from_before_a_part_was_found_have_what_stands_for_it(limits: tuple[float, float]) -> None:
    store = Store(*limits)
    first, second = torch.tensor([1.0, 2, 3]), torch.tensor([4.0, 5])
    vectors: list[Kept | torch.Tensor] = [
        store.keep(torch.tensor([10.0, 20, 30])),
        store.keep(torch.tensor([11.0, 21, 31, 41, 51])),
        torch.tensor([12.0, 22, 32, 42, 52]),
    ]
    found = Rows(store, vectors, [(3, second), (0, first)])  # the second part comes first in a row
    expected = [[4, 5, 10, 20, 30], [41, 51, 11, 21, 31], [42, 52, 12, 22, 32]]
    assert found.whole().tolist() == expected
    assert found[:, 1:3].tolist() == [row[1:3] for row in expected]
    assert found.and_row(torch.arange(5.0)).whole()[-1].tolist() == [0, 1, 2, 3, 4]


def test_room_is_used_again_and_counted() -> None:
    store, weights = Store(*IN_A_FILE), walk()
    made = [store.keep(row.clone()) for row in weights[:10]]
    assert store.bytes == 10 * 4 * WIDE
    for each in made[1::2]:
        store.drop(each)
    assert store.bytes == 5 * 4 * WIDE
    made = [*made[::2], *(store.keep(row.clone()) for row in weights[10:15])]
    found = Rows(store, made, [(0, nothing(WIDE))])
    assert torch.equal(found.whole(), weights[[0, 2, 4, 6, 8, 10, 11, 12, 13, 14]])
    assert max(each.place for each in made) == 9 * 4 * WIDE


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
def test_principal_components_by_blocks_are_the_dense_ones(
    limits: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "WIDEST", 37)
    weights = walk(torch.float64)
    found = kept(weights, limits)
    plane = plane_axes.pca(found)
    centred = weights.numpy() - weights.numpy().mean(axis=0)
    _, singular, right = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign((plane.directions.numpy() * right[:2]).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(plane.directions.numpy(), signs * right[:2], atol=1e-10)
    np.testing.assert_allclose(plane.origin.numpy(), weights.mean(dim=0).numpy(), rtol=1e-12)
    shares = singular**2 / (singular**2).sum()
    np.testing.assert_allclose(plane_axes.explained(plane, found), shares[:2], rtol=1e-10)
    same = plane_axes.pca(weights)
    assert torch.equal(plane.directions, same.directions)


def test_in_single_precision_the_components_are_the_dense_ones_to_a_millionth() -> None:
    weights = walk()
    plane = plane_axes.pca(kept(weights, IN_A_FILE))
    centred = weights.double().numpy() - weights.double().numpy().mean(axis=0)
    _, _, right = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign((plane.directions.double().numpy() * right[:2]).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(plane.directions.double().numpy(), signs * right[:2], atol=1e-6)
    coordinates = centred @ (signs * right[:2]).T
    wide = replace(plane, origin=plane.origin.double(), directions=plane.directions.double())
    inside = wide.project(weights.double()).numpy()
    np.testing.assert_allclose(inside, coordinates, atol=1e-6 * np.abs(coordinates).max())


def test_rows_that_are_not_finite_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "WIDEST", 37)
    weights = walk()
    weights[3, 400], weights[8, 0] = math.nan, math.inf
    expected = [k not in (3, 8) for k in range(COUNT)]
    assert finite(kept(weights, IN_A_FILE)).tolist() == expected


def test_the_file_has_no_name_and_is_closed_with_its_rows(folder: Path) -> None:
    found = kept(walk(), IN_A_FILE)
    file = found._store._file
    assert not file.closed
    assert list(folder.iterdir()) == []  # whatever ends the process, nothing is left
    del found
    for _ in range(500):  # until what is being written is written
        gc.collect()
        if file.closed:
            break
        time.sleep(0.01)
    assert file.closed


def test_no_file_is_written_where_none_is_allowed() -> None:
    for limits in ((0, 0), (1000, 10), IN_MEMORY):
        found = kept(walk(), limits)
        assert found._store._file is None
        assert found._store.limit == limits[0]
        assert torch.equal(found.whole(), walk())


def test_a_file_never_takes_more_than_half_of_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 5000}))
    assert kept(walk(), (1000, 1e9))._store.limit == 2500
    found = kept(walk(), (3000, 1e9))
    assert (found._store.limit, found._store._file) == (3000, None)


def test_what_cannot_be_written_is_said_and_stays_in_memory() -> None:
    class Full:
        def seek(self, _place: int) -> None:
            raise OSError(28, "No space left on device")

    store, weights = Store(*IN_A_FILE), walk()
    made = [store.keep(weights[0].clone())]
    assert made[0].writing is not None
    made[0].writing.result()
    there, store._file = store._file, Full()
    with pytest.raises(OSError, match="No space left"):
        made.extend(store.keep(row.clone()) for row in weights[1:])
    store._writer.shutdown()  # type: ignore[union-attr]
    store._file = there
    assert torch.equal(Rows(store, made, [(0, nothing(WIDE))]).whole(), weights[: len(made)])


def test_large_files_go_where_the_user_says_or_where_such_files_belong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(rows.tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert rows.folder_of_files() == str(tmp_path)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
def test_what_a_gpu_hands_over_is_what_was_there(limits: tuple[float, float]) -> None:
    store, weights = Store(*limits), walk()
    made = []
    for row in weights:
        made.append(store.keep(row.cuda()))
        torch.full_like(row.cuda(), -1)  # memory of the vector may be used again, but not too early
    assert torch.equal(Rows(store, made, [(0, nothing(WIDE))]).whole(), weights)
