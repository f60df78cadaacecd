"""Sums: exactness beside NumPy's, and which dimensions are summed (test_kernels.py: the twins)."""

from __future__ import annotations

import numpy as np
import pytest
from minigrad._native import sum_arguments

from minigrad import kernels, reference


@pytest.mark.parametrize("dims", [None, (0,), (1,)])
@pytest.mark.parametrize("shape", [(1000, 1000), (100_000, 10), (10, 100_000), (300, 33)])
def test_as_exact_as_numpy(shape: tuple[int, ...], dims: tuple[int, ...] | None) -> None:
    x = np.random.default_rng(0).random(shape, np.float32)
    exact = x.sum(dims, dtype=np.float64)
    error = np.abs(kernels.sum(x, dims) - exact).max()
    # NumPy adds pairwise along the last dimension only, elsewhere one row after the other.
    assert error <= max(np.abs(x.sum(dims) - exact).max(), np.spacing(np.float32(exact.max())))


@pytest.mark.parametrize("dims", [None, (), (0,), (2,), (1, 2), (0, 1), (0, 2), (0, 1, 2)])
def test_dimensions(dims: tuple[int, ...] | None) -> None:
    x = np.random.default_rng(0).standard_normal((4, 5, 6))
    for y in (x, x.transpose(1, 2, 0), x.astype(np.int64), x[:, :0], x[0, 0, 0]):
        if y.ndim == 3 or dims in (None, ()):
            total = kernels.sum(y, dims)
            np.testing.assert_allclose(total, y.sum(dims), rtol=1e-13)
            assert type(total) is np.ndarray and total.dtype == y.sum(dims).dtype


@pytest.mark.parametrize("dims", [(2,), (-1,), (0, 1, 2), (2, 0)])
def test_dimensions_that_are_not_there(dims: tuple[int, ...]) -> None:
    with pytest.raises(IndexError):
        kernels.sum(np.ones((3, 4)), dims)


@pytest.mark.parametrize(("shape", "dim"), [((20, 5000), 1), ((5000, 20), 0), ((100_000,), 0)])
def test_running_sums_round_once(shape: tuple[int, ...], dim: int) -> None:
    x = np.random.default_rng(0).random(shape, np.float32)
    for reverse in (False, True):
        exact = np.flip(x, dim) if reverse else x
        exact = exact.cumsum(dim, dtype=np.float64)
        exact = np.flip(exact, dim) if reverse else exact
        y = kernels.cumsum(x, dim, reverse)
        assert (np.abs(y - exact) <= np.spacing(y)).all()


def test_running_sums_of_infinities() -> None:
    x = np.ones((3, 7), np.float32)
    x[0, 3], x[1, 4], x[2, 2] = np.inf, np.nan, -np.inf
    x[2, 5] = np.inf
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(kernels.cumsum(x, 1), x.cumsum(1))
        np.testing.assert_array_equal(kernels.cumsum(x.T, 0), x.T.cumsum(0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_running_sums_of_a_row_are_the_same_alone(dtype: type) -> None:
    x = np.tile(np.random.default_rng(0).random(3000).astype(dtype), (17, 1))
    y = kernels.cumsum(x[0], 0)
    assert (kernels.cumsum(x, 1) == y).all()
    assert (y == kernels.cumsum(x.T, 0).T).all()


def test_infinities_and_nan() -> None:
    x = np.ones((3, 100), np.float32)
    x[0, 7], x[1, 8], x[2, 9] = np.inf, np.nan, -np.inf
    np.testing.assert_array_equal(kernels.sum(x, (1,)), [np.inf, np.nan, -np.inf])
    assert np.isnan(kernels.sum(x))


def test_the_twin_fills_a_result_of_any_shape():
    y, x = sum_arguments(np.ones((2, 3, 4, 5)), (2, 3))
    reference.sum(y, x)
    assert np.array_equal(y, np.full((2, 3), 20.0))
