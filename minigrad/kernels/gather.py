"""Rows of tables by index: csrc/gather.c."""

from __future__ import annotations

import numpy as np

from .._native import empty, first_outside, is_index_within
from .base import Array, contiguous, doors

__all__ = ["check_index", "gather_rows", "gather_rows_u8", "scatter_add_rows"]


def check_index(index: Array, size: int, what: str, among: str, ignore: int = 0) -> Array:
    """The index, integers of any type, as contiguous int64. TypeError if it is not integers;
    IndexError that names the first entry outside [0, size), other than `ignore`."""
    if is_index_within(index, size, ignore):
        return index
    if index.dtype.kind not in "iu":
        raise TypeError(f"{what} must be integers, got {index.dtype}")
    if index.dtype != np.int64 or not index.flags.c_contiguous:
        index = np.asarray(index, np.int64, order="C")
    first = first_outside(index, size, ignore) if size else 0
    if first < index.size:
        raise IndexError(
            f"{what} {index.flat[first]} at position {first} is out of range for {size} {among}, "
            f"which are 0 to {size - 1}"
        )
    return index


def _gathered(name: str, table: Array, index: Array, dtype: np.dtype) -> tuple[Array, Array]:
    """The index as the kernel reads it, and an array for the rows."""
    if index.ndim != 1 or table.ndim < 1:
        raise ValueError(
            f"{name}: expected an index of shape (rows,) and a table of shape (any, ...), got "
            f"{index.shape} and {table.shape}"
        )
    index = check_index(index, len(table), f"{name}: index", "rows")
    return index, empty((len(index), *table.shape[1:]), dtype)


def gather_rows(table: Array, index: Array) -> Array:
    """y_i = table_(index_i).  table (any, ...) of floats, index (rows), y (rows, ...)"""
    (table,) = contiguous("gather_rows", table)
    index, y = _gathered("gather_rows", table, index, table.dtype)
    doors.gather_rows(y, table, index)
    return y


def gather_rows_u8(table: Array, index: Array, values: Array) -> Array:
    """y_i = values[table_(index_i)]: rows of a table of bytes, in one pass as whatever the 256 byte
    values become, such as 0 ... 1.  table (any, ...), index (rows), values (256), y (rows, ...)"""
    if table.dtype != np.uint8 or values.shape != (256,):
        raise ValueError(
            "gather_rows_u8: expected a table of uint8 and 256 values, got "
            f"{table.dtype} and values of shape {values.shape}"
        )
    (values,) = contiguous("gather_rows_u8", values)
    index, y = _gathered("gather_rows_u8", table, index, values.dtype)
    doors.gather_rows_u8(y, np.asarray(table, order="C"), index, values)
    return y


def scatter_add_rows(table: Array, values: Array, index: Array) -> Array:
    """table_(index_i) += values_i in place, in the order of i: the gradient of gather_rows.
    table (any, ...), contiguous, values (rows, ...) of its dtype, index (rows)"""
    if values.dtype != table.dtype or values.shape != (*index.shape, *table.shape[1:]):
        raise ValueError(
            f"scatter_add_rows: values {values.dtype} {values.shape} for an index of {index.shape} "
            f"and a table {table.dtype} {table.shape}"
        )
    index = check_index(index, len(table), "scatter_add_rows: index", "rows")
    doors.scatter_add_rows(table, *contiguous("scatter_add_rows", values), index)
    return table
