"""Pooling: csrc/pool.c.

x (..., height, width), and rows (out_height, 3) and cols (out_width, 3) say of each window the
first element, the end, and by how many elements a mean is divided.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from .._native import empty
from .base import Array, contiguous, doors

__all__ = ["avg_pool", "avg_pool_backward", "max_pool", "max_pool_backward"]


def _planes(x: Array) -> Array:
    return x.reshape(math.prod(x.shape[:-2]), *x.shape[-2:])


@functools.lru_cache(maxsize=512)
def _are_inside(windows: bytes, size: int) -> bool:
    bounds = np.frombuffer(windows, np.int64).reshape(-1, 3)[:, :2]
    return bool(((bounds >= 0) & (bounds <= size)).all())


def _pooled(name: str, x: Array, rows: Array, cols: Array) -> tuple[Array, tuple[int, ...]]:
    """x as a kernel can read it, and the shape of y."""
    if x.ndim < 2:
        raise ValueError(f"{name}: expected x of shape (..., height, width), got {x.shape}")
    for windows, size in ((rows, x.shape[-2]), (cols, x.shape[-1])):
        if not _are_inside(windows.tobytes(), size):
            raise ValueError(f"{name}: there are windows that are not inside of x {x.shape}")
    (x,) = contiguous(name, x)
    return x, (*x.shape[:-2], len(rows), len(cols))


def max_pool(
    x: Array, rows: Array, cols: Array, dilation: tuple[int, int] = (1, 1)
) -> tuple[Array, Array]:
    """(y, index): the largest element of each window, of which every dilation-th row and column
    counts, and where in its plane (height width) it is: int32."""
    x, shape = _pooled("max_pool", x, rows, cols)
    y, index = empty(shape, x.dtype), empty(shape, np.int32)
    doors.max_pool(_planes(y), _planes(index), _planes(x), rows, cols, *dilation)
    return y, index


def max_pool_backward(grad: Array, index: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of max_pool's x, of that shape; index is what max_pool returned."""
    if grad.shape != index.shape:
        raise ValueError(
            f"max_pool_backward: the gradient has shape {grad.shape}, the result {index.shape}"
        )
    (grad,) = contiguous("max_pool_backward", grad)
    dx = empty(shape, grad.dtype)
    doors.max_pool_backward(_planes(dx), _planes(grad), _planes(index))
    return dx


def avg_pool(x: Array, rows: Array, cols: Array, divisor: float = 0) -> Array:
    """The sum of each window / divisor, or / the number that rows and cols say."""
    x, shape = _pooled("avg_pool", x, rows, cols)
    y = empty(shape, x.dtype)
    doors.avg_pool(_planes(y), _planes(x), rows, cols, divisor)
    return y


def avg_pool_backward(
    grad: Array, shape: tuple[int, ...], rows: Array, cols: Array, divisor: float = 0
) -> Array:
    """The gradient of avg_pool's x, of that shape."""
    if grad.shape != (*shape[:-2], len(rows), len(cols)):
        raise ValueError(
            f"avg_pool_backward: a gradient of shape {grad.shape} does not fit {len(rows)} x "
            f"{len(cols)} windows of {shape}"
        )
    (grad,) = contiguous("avg_pool_backward", grad)
    dx = empty(shape, grad.dtype)
    doors.avg_pool_backward(_planes(dx), _planes(grad), rows, cols, divisor)
    return dx
