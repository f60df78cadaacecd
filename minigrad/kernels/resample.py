"""Places along a dimension as weighted sums of other places: csrc/resample.c."""

from __future__ import annotations

import functools
import math

import numpy as np

from .._native import empty
from .base import Array, contiguous, doors

__all__ = ["resample"]


# Sums up to which it is remembered where they lie: looking them up takes a copy of the indices.
_FEW = 16384


def _is_inside(starts: bytes, index: bytes, size: int) -> bool:
    ends, places = np.frombuffer(starts, np.int64), np.frombuffer(index, np.int64)
    ascending = (
        len(ends) > 0
        and ends[0] == 0
        and ends[-1] == len(places)
        and bool((np.diff(ends) >= 0).all())
    )
    return ascending and bool(((places >= 0) & (places < size)).all())


_is_known_inside = functools.lru_cache(maxsize=512)(_is_inside)


def resample(x: Array, dim: int, starts: Array, index: Array, weights: Array) -> Array:
    """y, of which place j along `dim` is the sum of weights[k] times place index[k] of x, for k from
    starts[j] to starts[j + 1] - 1; int64 indices."""
    size = x.shape[dim]
    is_inside = _is_known_inside if len(starts) + len(index) <= _FEW else _is_inside
    if len(index) != len(weights) or not is_inside(starts.tobytes(), index.tobytes(), size):
        raise ValueError(f"resample: the sums are not of places of x {x.shape} along {dim}")
    (x,) = contiguous("resample", x)
    new, inner = len(starts) - 1, math.prod(x.shape[dim + 1 :])
    y = empty((*x.shape[:dim], new, *x.shape[dim + 1 :]), x.dtype)
    outer = math.prod(x.shape[:dim])
    three = x.reshape(outer, size, inner)
    doors.resample(y.reshape(outer, new, inner), three, starts, index, weights.astype(x.dtype))
    return y
