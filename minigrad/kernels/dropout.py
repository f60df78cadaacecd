"""Dropout: csrc/dropout.c."""

from __future__ import annotations

from .._native import empty_like, like
from .base import Array, contiguous, doors

__all__ = ["dropout"]


def dropout(x: Array, p: float, seed: int, stream: int, scale: float | None = None) -> Array:
    """y_i = scale x_i with probability 1 - p, else x_i 0; scale is 1 / (1 - p) by default. Which one
    is a function of (seed, stream, i) alone, so the backward pass is the same of the gradient."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    y = like(x)
    if y is None:
        (x,) = contiguous("dropout", x)
        y = empty_like(x)
    keep = 1 - p
    if scale is None:
        scale = 1 / keep if keep else 0.0
    doors.dropout(y, x, scale, round(keep * 2**32), seed, stream)
    return y
