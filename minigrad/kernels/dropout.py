"""Dropout: csrc/dropout.c."""

from __future__ import annotations

from .._native import empty_like, like
from .base import Array, contiguous, doors

__all__ = [
    "dropout",
]


def dropout(x: Array, p: float, seed: int, stream: int) -> Array:
    """y_i = x_i / (1 - p) with probability 1 - p, else x_i 0. Which one is a function of (seed,
    stream, i) alone, so the backward pass is dropout(grad, p, seed, stream)."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    y = like(x)
    if y is None:
        (x,) = contiguous("dropout", x)
        y = empty_like(x)
    keep = 1 - p
    doors.dropout(y, x, 1 / keep if keep else 0.0, round(keep * 2**32), seed, stream)
    return y
