"""Sums, and running sums: csrc/reduce.c."""

from __future__ import annotations

import math

import numpy as np

from .._native import empty_like, plain, sum_arguments
from .base import Array, contiguous, doors

__all__ = ["cumsum", "sum"]


def sum(x: Array, dims: tuple[int, ...] | None = None) -> Array:
    """The sum over `dims`, counted from the front; None for all. NumPy serves what is not contiguous
    float32 or float64."""
    arguments = sum_arguments(x, dims)
    if arguments is not None:
        doors.sum(*arguments)
        return arguments[0]
    if not plain(x):
        with np.errstate(all="ignore"):
            return np.asarray(np.add.reduce(x, axis=dims))
    if not dims:
        return x.copy()
    dims = tuple(sorted(dims))
    if dims[0] < 0 or dims[-1] >= x.ndim:
        raise IndexError(f"sum: an array of {x.ndim} dimensions has no dimensions {dims}")
    start = len(dims) - 1  # of the last dimensions that are neighbours
    while start and dims[start - 1] == dims[start] - 1:
        start -= 1
    return sum(sum(x, dims[start:]), dims[:start]) if start else sum(x, dims)


def cumsum(x: Array, dim: int, reverse: bool = False) -> Array:
    """The sums of the elements of x up to each one along `dim`, or, in reverse, from each one on."""
    (x,) = contiguous("cumsum", x)
    y = empty_like(x)
    shape = math.prod(x.shape[:dim]), x.shape[dim], math.prod(x.shape[dim + 1 :])
    doors.cumsum(y.reshape(shape), x.reshape(shape), reverse)
    return y
