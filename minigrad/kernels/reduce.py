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
    """The sum over `dims`, counted from the front; None for all. NumPy serves what is not contiguous
    float32 or float64."""
    if not plain(x):
        return np.asarray(np.add.reduce(x, axis=dims))
    shape = x.shape
    dims = tuple(range(len(shape))) if dims is None else sorted(dims)
    if not dims:
        return x.copy()
    end = dims[-1] + 1
    count = 1  # of the last dimensions, as far as they are neighbours
    while count < len(dims) and dims[-count - 1] == end - count - 1:
        count += 1
    before, summed, after = shape[: end - count], shape[end - count : end], shape[end:]
    y = empty(before + after, x.dtype)
    doors.sum(y, x.reshape((math.prod(before), math.prod(summed), math.prod(after))))
    return y if count == len(dims) else sum(y, tuple(dims[:-count]))
