"""Random changes to batches of images."""

from __future__ import annotations

import numpy as np

from .philox import philox

__all__ = ["crop", "erase", "gaussian_noise", "uniform", "warp_affine"]

Array = np.ndarray


def _at(x: Array, row: Array, col: Array, fill: float) -> Array:
    """x[n, :, row, col], or `fill` outside: row and col (n, rows, cols) to (n, channels, rows, cols)."""
    height, width = x.shape[2:]
    inside = (row >= 0) & (row < height) & (col >= 0) & (col < width)
    images = np.arange(len(x))[:, None, None]
    values = x[images, :, np.where(inside, row, 0), np.where(inside, col, 0)]
    values = np.where(inside[..., None], values, x.dtype.type(fill))
    return np.moveaxis(values, -1, 1)


def warp_affine(y: Array, x: Array, matrices: Array, fill: float) -> None:
    rows, cols = y.shape[2:]
    i, j = np.mgrid[:rows, :cols].astype(x.dtype)
    m = matrices[..., None, None]  # (n, 2, 3, 1, 1)
    place = m[:, :, 0] * i + m[:, :, 1] * j + m[:, :, 2]  # (n, 2, rows, cols)
    limits = np.reshape(x.shape[2:], (1, 2, 1, 1))
    place = np.clip(np.where(np.isnan(place), -1, place), -1, limits)
    low = np.floor(place).astype(np.int64)
    (row, col), (f, g) = np.moveaxis(low, 1, 0), np.moveaxis(place - low, 1, 0)[:, :, None]
    y[...] = (1 - f) * ((1 - g) * _at(x, row, col, fill) + g * _at(x, row, col + 1, fill)) + f * (
        (1 - g) * _at(x, row + 1, col, fill) + g * _at(x, row + 1, col + 1, fill)
    )


def crop(y: Array, x: Array, corners: Array, fill: float) -> None:
    rows, cols = y.shape[2:]
    top, left, down, right = corners.T[:, :, None, None]
    row = top + down * np.arange(rows)[:, None] + np.zeros(cols, np.int64)
    col = left + right * np.arange(cols) + np.zeros((rows, 1), np.int64)
    y[...] = _at(x, row, col, fill)


def erase(y: Array, x: Array, boxes: Array, value: float) -> None:
    y[...] = x
    for image, (top, left, high, wide) in zip(y, boxes, strict=True):
        image[:, top : top + high, left : left + wide] = value


def uniform(y: Array, seed: int, stream: int) -> None:
    numbers = philox(seed, stream, y.size)
    dropped = 8 if y.dtype == np.float32 else 0
    y[...] = ((numbers >> dropped) * 2.0 ** (dropped - 32)).reshape(y.shape)


def gaussian_noise(
    y: Array, x: Array, mean: float, sigma: float, low: float, high: float, seed: int, stream: int
) -> None:
    blocks = -(-x.size // 64)
    u, turn = np.moveaxis(philox(seed, stream, 64 * blocks).reshape(blocks, 2, 32), 1, 0)
    radius, angle = (((numbers >> 9) + 0.5) / 2**23 for numbers in (u, turn))
    z = np.sqrt(-2 * np.log(radius)) * np.exp(2j * np.pi * angle)
    z = np.stack([z.real, z.imag], 1).reshape(-1)[: x.size].reshape(x.shape)
    y[...] = np.clip(x + mean + sigma * z, low, high)
