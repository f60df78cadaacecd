"""Rows by index: any row shape, any integers, nothing outside the table."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import kernels


@pytest.mark.parametrize("row", [(), (5,), (2, 3), (0,)])
@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_rows(row: tuple[int, ...], dtype: type) -> None:
    table = np.random.default_rng(0).standard_normal((7, *row))
    for index in ([], [6], [3, 3, 0, 6, 1, 2, 2, 5, 4, 0, 6]):
        index = np.array(index, dtype)
        np.testing.assert_array_equal(kernels.gather_rows(table, index), table[index])
    np.testing.assert_array_equal(kernels.gather_rows(table[::2], np.array([3])), table[[6]])


def test_bytes_become_the_values_they_stand_for() -> None:
    table = np.arange(256, dtype=np.uint8).reshape(8, 4, 8)
    values = (np.arange(256, dtype=np.float32) / 255 - 0.1307) / 0.3081
    y = kernels.gather_rows_u8(table, np.array([7, 0, 7]), values)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, values[table[[7, 0, 7]]])


def test_refused() -> None:
    table = np.zeros((4, 3), np.float32)
    for index in ([0, 4], [1, -1], [0, 2**40]):
        with pytest.raises(IndexError, match=f"{index[1]} at position 1 .* 4 rows"):
            kernels.gather_rows(table, np.array(index))
    with pytest.raises(IndexError, match="0 rows"):
        kernels.gather_rows(table[:0], np.array([0]))
    with pytest.raises(TypeError, match="integers, got float64"):
        kernels.gather_rows(table, np.array([0.0]))
    with pytest.raises(ValueError, match=r"got \(1, 1\)"):
        kernels.gather_rows(table, np.array([[0]]))
    with pytest.raises(ValueError, match=r"256 values, got float32"):
        kernels.gather_rows_u8(table, np.array([0]), np.zeros(256, np.float32))


def test_rows_are_added_once_for_each_time_they_are_named() -> None:
    table = np.zeros((4, 3), np.float32)
    values = np.arange(9, dtype=np.float32).reshape(3, 3)
    assert kernels.scatter_add_rows(table, values, np.array([1, 3, 1])) is table
    np.testing.assert_array_equal(table, [[0] * 3, [6, 8, 10], [0] * 3, [3, 4, 5]])
    with pytest.raises(IndexError, match="index 4 at position 0"):
        kernels.scatter_add_rows(table, values[:1], np.array([4]))
    with pytest.raises(ValueError, match=r"values float64 \(3, 3\)"):
        kernels.scatter_add_rows(table, values.astype(np.float64), np.array([1, 3, 1]))
