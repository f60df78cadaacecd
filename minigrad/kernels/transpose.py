"""Copies in row-major order: csrc/transpose.c."""

from __future__ import annotations

import numpy as np

from .._native import empty, exchanged
from .base import Array, doors

__all__ = ["expand", "transpose"]


def transpose(x: Array) -> Array:
    """x, contiguous, of shape (batch, rows, cols, inner), as (batch, cols, rows, inner)."""
    batch, rows, cols, inner = x.shape
    y = empty((batch, cols, rows, inner), x.dtype)
    doors.transpose(y, x)
    return y


def expand(x: Array, shape: tuple[int, ...]) -> Array:
    """x, broadcast to `shape`, in memory of its own."""
    lying = exchanged(x) if x.shape == shape else None
    if lying is not None:
        return transpose(lying).reshape(shape)
    y = empty(shape, x.dtype)
    np.copyto(y, x)
    return y
