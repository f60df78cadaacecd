"""Random changes to batches of images: csrc/augment.c."""

from __future__ import annotations

import math

import numpy as np

from .._native import empty, empty_like
from .base import Array, contiguous, doors

__all__ = ["crop", "erase", "gaussian_noise", "uniform", "warp_affine"]

Size = tuple[int, int]


def _images(name: str, x: Array) -> Array:
    """x as a kernel can read it."""
    (x,) = contiguous(name, x)
    if x.ndim != 4 or x.shape[2] * x.shape[3] >= 2**31:
        raise ValueError(
            f"{name}: expected images of shape (n, channels, height, width), of less than 2^31 "
            f"pixels each, got {x.shape}"
        )
    return x


def _per_image(name: str, what: str, values: Array, dtype: type, x: Array, *shape: int) -> Array:
    """values, one array of this shape an image, as a kernel can read it."""
    if values.shape != (len(x), *shape):
        raise ValueError(
            f"{name}: expected {what} of shape {(len(x), *shape)} for images of shape {x.shape}, "
            f"got {values.shape}"
        )
    return np.asarray(values, dtype, order="C")


def warp_affine(x: Array, matrices: Array, fill: float = 0.0, size: Size | None = None) -> Array:
    """y_ncij = x_nc at row m_n00 i + m_n01 j + m_n02 and column m_n10 i + m_n11 j + m_n12: bilinear,
    and `fill` at all places outside.

    x (n, channels, height, width), matrices m (n, 2, 3), y (n, channels, *size), as large as x
    unless there is a size."""
    x = _images("warp_affine", x)
    matrices = _per_image("warp_affine", "matrices", matrices, x.dtype, x, 2, 3)
    y = empty((*x.shape[:2], *(size or x.shape[2:])), x.dtype)
    if min(x.shape[2:]) < 2:  # the kernel wants two neighbours: what lies outside is `fill` as well
        missing = [(0, 0), (0, 0), *((0, max(0, 2 - size)) for size in x.shape[2:])]
        x = np.pad(x, missing, constant_values=fill)
    doors.warp_affine(y, x, matrices, fill)
    return y


def crop(x: Array, corners: Array, fill: float = 0.0, size: Size | None = None) -> Array:
    """y_ncij = x_nc at row top_n + i down_n and column left_n + j right_n, or `fill` where there is
    no such pixel.

    x (n, channels, height, width), corners (n, 4) of (top, left, down, right), down and right 1 or
    -1, y (n, channels, *size), as large as x unless there is a size."""
    x = _images("crop", x)
    corners = _per_image("crop", "corners", corners, np.int64, x, 4)
    if not np.all(np.abs(corners[:, 2:]) == 1):
        raise ValueError("crop: the steps down and right must be 1 or -1")
    y = empty((*x.shape[:2], *(size or x.shape[2:])), x.dtype)
    doors.crop(y, x, corners, fill)
    return y


def erase(x: Array, boxes: Array, value: float = 0.0) -> Array:
    """x with `value` in the rows top_n ... top_n + high_n - 1 and columns left_n ... left_n + wide_n
    - 1 of image n; what reaches outside is cut off.

    x (n, channels, height, width), boxes (n, 4) of (top, left, high, wide)."""
    x = _images("erase", x)
    boxes = _per_image("erase", "boxes", boxes, np.int64, x, 4)
    size = np.array(x.shape[2:])
    corner = np.clip(boxes[:, :2], 0, size)
    extent = np.clip(boxes[:, :2] + boxes[:, 2:], corner, size) - corner
    y = empty_like(x)
    doors.erase(y, x, np.concatenate([corner, extent], axis=1), value)
    return y


def uniform(shape: tuple[int, ...], seed: int, stream: int) -> Array:
    """float64 numbers in [0, 1), number i a function of (seed, stream, i)."""
    y = empty(shape, np.float64)
    doors.uniform(y, seed, stream)
    return y


def gaussian_noise(
    x: Array,
    mean: float,
    sigma: float,
    seed: int,
    stream: int,
    low: float = -math.inf,
    high: float = math.inf,
) -> Array:
    """y_i = clamp(x_i + mean + sigma z_i, low, high), z_i a normal number that is a function of
    (seed, stream, i)."""
    (x,) = contiguous("gaussian_noise", x)
    y = empty_like(x)
    doors.gaussian_noise(y, x, mean, sigma, low, high, seed, stream)
    return y
