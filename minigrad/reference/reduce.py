"""Sums over the middle dimension of x (outer, n, inner), and along it."""

from __future__ import annotations

import numpy as np

__all__ = ["cumsum", "sum"]

Array = np.ndarray


def sum(y: Array, x: Array) -> None:
    y[...] = np.add.reduce(x, axis=1, dtype=np.float64).reshape(y.shape)


def cumsum(y: Array, x: Array, reverse: int) -> None:
    step = -1 if reverse else 1
    y[:, ::step] = np.add.accumulate(x[:, ::step], axis=1)
