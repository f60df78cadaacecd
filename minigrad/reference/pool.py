"""Pooling: x (planes, height, width), y (planes, out_height, out_width); rows and cols say of each
window (first, end, number of elements)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

__all__ = ["avg_pool", "avg_pool_backward", "max_pool", "max_pool_backward"]

Array = np.ndarray


def _windows(rows: Array, cols: Array, *steps: int) -> Iterator[tuple]:
    """Of each output its place, the slices of its window, and how many elements that counts as."""
    down, right = steps or (1, 1)
    for i, (top, bottom, height) in enumerate(rows):
        for j, (left, end, width) in enumerate(cols):
            yield i, j, slice(top, bottom, down), slice(left, end, right), height * width


def max_pool(
    y: Array,
    index: Array,
    x: Array,
    rows: Array,
    cols: Array,
    dilation_h: int,
    dilation_w: int,
) -> None:
    places = np.arange(x.shape[1] * x.shape[2]).reshape(x.shape[1:])
    for i, j, u, v, _ in _windows(rows, cols, dilation_h, dilation_w):
        window = x[:, u, v].reshape(len(x), places[u, v].size)
        nan = np.isnan(window)
        last_nan = nan.shape[1] - 1 - nan[:, ::-1].argmax(1)
        largest = np.where(nan.any(1), last_nan, window.argmax(1))
        y[:, i, j] = np.take_along_axis(window, largest[:, None], 1)[:, 0]
        index[:, i, j] = places[u, v].reshape(-1)[largest]


def max_pool_backward(dx: Array, grad: Array, index: Array) -> None:
    dx[...] = 0
    flat = dx.reshape(len(dx), dx.shape[1] * dx.shape[2])
    for i, j in np.ndindex(index.shape[1:]):
        flat[np.arange(len(dx)), index[:, i, j]] += grad[:, i, j]


def avg_pool(y: Array, x: Array, rows: Array, cols: Array, divisor: float) -> None:
    for i, j, u, v, size in _windows(rows, cols):
        y[:, i, j] = x[:, u, v].sum((1, 2)) / (divisor or size)


def avg_pool_backward(dx: Array, grad: Array, rows: Array, cols: Array, divisor: float) -> None:
    dx[...] = 0
    for i, j, u, v, size in _windows(rows, cols):
        dx[:, u, v] += grad[:, i, j, None, None] / (divisor or size)
