"""Rows of tables by index."""

from __future__ import annotations

import numpy as np

__all__ = ["check_index", "gather_rows", "gather_rows_u8", "scatter_add_rows"]

Array = np.ndarray


def gather_rows(y: Array, table: Array, index: Array) -> None:
    y[...] = table[index]


def gather_rows_u8(y: Array, table: Array, index: Array, values: Array) -> None:
    y[...] = values[table[index]]


def scatter_add_rows(table: Array, values: Array, index: Array) -> None:
    np.add.at(table, index, values)


def check_index(place: Array, index: Array, limit: int, ignore: int) -> None:
    bad = ((index < 0) | (index >= limit)) & (index != ignore)
    place[0] = bad.argmax() if bad.any() else index.size
