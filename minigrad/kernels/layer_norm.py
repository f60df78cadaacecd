"""Normalisation within a sample: csrc/layer_norm.c."""

from __future__ import annotations

import numpy as np

from .._native import empty, empty_like, like
from .base import Array, contiguous, doors
from .reduce import sum

__all__ = ["layer_norm", "layer_norm_backward"]

# Samples whose parameters' gradients one thread adds up; each part then takes an addition more.
_SAMPLES = 32

# (samples, groups, channels, space): layer normalisation has one group and space 1.
Shape = tuple[int, int, int, int]


def layer_norm(
    x: Array, shape: Shape, weight: Array | None, bias: Array | None, eps: float, centred: bool
) -> tuple[Array, Array | None, Array]:
    """(y, mean, rstd) with y = (x - mean) rstd weight + bias and rstd = 1 / sqrt(var + eps), mean and
    biased variance over the last two dimensions of x seen as `shape`; not `centred`, mean is 0
    (and returned as None).

    x and y of any shape with as many elements, mean and rstd (samples, groups), weight and bias
    of groups x channels elements, or None."""
    y = like(x)
    if y is None:
        (x,) = contiguous("layer_norm", x)
        y = empty_like(x)
    mean = empty(shape[:2], x.dtype) if centred else None
    rstd = empty(shape[:2], x.dtype)
    weight, bias = _parameter(weight, x, shape), _parameter(bias, x, shape)
    doors.layer_norm(y.reshape(shape), mean, rstd, x.reshape(shape), weight, bias, eps)
    return y, mean, rstd


def layer_norm_backward(
    grad: Array, x: Array, shape: Shape, mean: Array | None, rstd: Array, weight: Array | None
) -> tuple[Array, Array, Array]:
    """(dx, dweight, dbias) of layer_norm, which returned mean and rstd; dweight and dbias
    (groups * channels)."""
    dx = like(x, grad)
    if dx is None:
        if grad.shape != x.shape:
            raise ValueError(
                f"layer_norm_backward: the gradient has shape {grad.shape}, but x has {x.shape}"
            )
        x, grad = contiguous("layer_norm_backward", x, grad)
        dx = empty_like(x)
    samples, groups, channels, _ = shape
    parts = max(-(-samples // _SAMPLES), 1)
    dweight, dbias = (empty((parts, groups, channels), x.dtype) for _ in range(2))
    weight = _parameter(weight, x, shape)
    arrays = (grad.reshape(shape), x.reshape(shape), mean, rstd, weight)
    doors.layer_norm_backward(dx.reshape(shape), dweight, dbias, *arrays)
    if parts == 1:
        return dx, dweight.reshape(-1), dbias.reshape(-1)
    return dx, sum(dweight, (0,)).reshape(-1), sum(dbias, (0,)).reshape(-1)


def _parameter(v: Array | None, x: Array, shape: Shape) -> Array | None:
    return None if v is None else np.asarray(v, x.dtype, order="C").reshape(shape[1:3])
