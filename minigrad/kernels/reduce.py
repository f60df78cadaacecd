"""Sums: csrc/reduce.c."""

from __future__ import annotations

import math

import numpy as np

from .._native import empty, plain
from .base import Array, doors

__all__ = [
    "sum",
]


def sum(x: Array, dims: tuple[int, ...] | None = None) -> Array:
    """The sum over `dims`, counted from the front and in order; None for all.

    NumPy serves what is not contiguous float32 or float64, and dimensions that are not neighbours.
    """
    if not plain(x):
        return np.asarray(np.add.reduce(x, axis=dims))
    shape = x.shape
    first, last = (0, len(shape)) if dims is None else (dims[0], dims[-1] + 1) if dims else (0, 0)
    if dims is not None and last - first != len(dims):
        return np.asarray(np.add.reduce(x, axis=dims))
    before, summed, after = shape[:first], shape[first:last], shape[last:]
    y = empty(before + after, x.dtype)
    doors.sum(y, x.reshape((math.prod(before), math.prod(summed), math.prod(after))))
    return y
