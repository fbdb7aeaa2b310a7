"""Fields: heights on a grid."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from descent.surfaces import Field, get, sample
from descent.surfaces import field as field_module
from descent.surfaces.errors import DescentError, NotPossibleError

VIEW = ((-1.0, 2.0), (-3.0, 0.5))


def test_heights_lie_at_row_y_and_column_x() -> None:
    surface = get("expr:x + 10*y")
    field = sample(surface, VIEW, resolution=(4, 3))
    assert field.x.tolist() == [-1, 0, 1, 2]
    assert field.y.tolist() == [-3, -1.25, 0.5]
    np.testing.assert_allclose(field.z, field.x[None, :] + 10 * field.y[:, None])


def test_the_surfaces_own_view_is_the_default() -> None:
    surface = get("branin")
    field = sample(surface, resolution=(5, 7))
    assert (field.x[0], field.x[-1]) == surface.view[0]
    assert (field.y[0], field.y[-1]) == surface.view[1]
    assert sample(surface).z.shape == (256, 256)


@pytest.mark.parametrize("chunk", [1, 7, 50, 10_000])
def test_rows_in_chunks_give_the_same_field(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sample(get("beale"), VIEW, resolution=(9, 11))
    monkeypatch.setattr(field_module, "CHUNK", chunk)
    np.testing.assert_allclose(sample(get("beale"), VIEW, resolution=(9, 11)).z, whole.z, rtol=1e-12)


def test_a_chunk_is_never_larger_than_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def function(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        sizes.append(x.numel())
        return x + y

    monkeypatch.setattr(field_module, "CHUNK", 40)
    sample(get(function), resolution=(10, 13))
    assert sizes == [40, 40, 40, 10]


def test_nothing_records_gradients() -> None:
    seen = []

    def function(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        seen.append(torch.is_grad_enabled())
        return x + y

    sample(get(function), resolution=(2, 2))
    assert seen == [False]


def test_heights_are_computed_in_the_given_dtype_and_kept_as_float64() -> None:
    surface = get("expr:(x + 1e9) - 1e9")
    double, single = (sample(surface, resolution=(3, 3), dtype=dtype) for dtype in ("float64", "float32"))
    assert double.z.dtype == single.z.dtype == np.float64
    assert single.z[0, 1] == double.z[0, 1] == 0
    assert double.z[0, 0] == pytest.approx(-5)
    assert single.z[0, 0] == 0


def test_heights_that_are_not_finite_are_kept() -> None:
    z = sample(get("expr:log(x)"), ((-1.0, 1.0), (0.0, 1.0)), resolution=(3, 2)).z
    assert np.isnan(z[:, 0]).all()
    assert (z[:, 1] == -np.inf).all()


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_cuda_gives_the_same_heights() -> None:
    for name in ("beale", "shubert", "de_jong_5", "expr:max(x, 0)*min(2, y)"):
        here, there = (sample(get(name), resolution=(64, 64), device=device) for device in ("cpu", "cuda"))
        np.testing.assert_allclose(here.z, there.z, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    "resolution", [(1, 5), (5, 1), (0, 0), (2.5, 3), (2,), (2, 3, 4), 5, "ab", None], ids=str
)
def test_a_resolution_that_is_none_is_refused(resolution: object) -> None:
    with pytest.raises(DescentError, match="two whole numbers"):
        sample(get("sphere"), resolution=resolution)  # type: ignore[arg-type]


def test_a_grid_of_numpy_integers_is_one() -> None:
    assert sample(get("sphere"), resolution=(np.int64(3), np.int32(2))).z.shape == (2, 3)


def test_a_view_that_is_none_is_refused() -> None:
    with pytest.raises(DescentError, match="the view must be finite"):
        sample(get("sphere"), ((1.0, -1.0), (0.0, 1.0)))


def test_an_unknown_dtype_or_device_is_refused() -> None:
    with pytest.raises(DescentError, match="'float64'"):
        sample(get("sphere"), dtype="float16")
    with pytest.raises(DescentError, match="unknown device 'gpu'"):
        sample(get("sphere"), device="gpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotPossibleError, match="device 'cuda' is not usable"):
        sample(get("sphere"), device="cuda")


# The data class


def test_a_field_holds_float64_arrays_and_does_not_change() -> None:
    field = Field([0, 1], [0, 1, 2], [[1, 2], [3, 4], [5, 6]])  # type: ignore[arg-type]
    assert field.x.dtype == field.y.dtype == field.z.dtype == np.float64
    with pytest.raises(dataclasses.FrozenInstanceError):
        field.x = field.y  # type: ignore[misc]


@pytest.mark.parametrize(
    ("x", "y", "z", "says"),
    [
        ([0, 1], [0, 1, 2], np.zeros((2, 3)), r"\(3, 2\), not \(2, 3\)"),
        ([0], [0, 1], np.zeros((2, 1)), "field's x needs shape"),
        ([0, 1], [[0, 1]], np.zeros((2, 2)), "field's y needs shape"),
        ([1, 0], [0, 1], np.zeros((2, 2)), "field's x must be finite and increasing"),
        ([0, 1], [0, 0], np.zeros((2, 2)), "field's y must be finite and increasing"),
        ([0, np.nan], [0, 1], np.zeros((2, 2)), "field's x must be finite"),
        ([0, np.inf], [0, 1], np.zeros((2, 2)), "field's x must be finite"),
        (["a", "b"], [0, 1], np.zeros((2, 2)), "field's x must be an array of numbers"),
    ],
)
def test_shapes_and_axes_are_checked(x: list, y: list, z: np.ndarray, says: str) -> None:
    with pytest.raises(DescentError, match=says):
        Field(np.array(x), np.array(y), z)
