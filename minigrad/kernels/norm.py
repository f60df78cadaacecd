"""Normalisation: csrc/norm.c."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .._native import are_channels, empty, empty_like, like
from .base import Array, contiguous, doors

__all__ = [
    "are_channels",
    "batch_norm",
    "batch_norm_backward",
    "batch_norm_eval",
    "batch_norm_eval_backward",
]


def _normalised(name: str, x: Array) -> tuple[Array, Array]:
    """x as a kernel can read it, and an array for y."""
    y = like(x)
    if y is None:
        (x,) = contiguous(name, x)
        y = empty_like(x)
    if x.ndim < 2:
        raise ValueError(f"{name}: expected x of shape (n, channels, ...), got {x.shape}")
    return x, y


def _channel(name: str, what: str, v: Array | None, x: Array) -> Array | None:
    """v, one number a channel of x or None, as a kernel can read it."""
    if are_channels(x, v):
        return v
    if v.shape != x.shape[1:2]:
        raise ValueError(
            f"{name}: {what} has shape {v.shape}, but the channels of x {x.shape} are {x.shape[1]}"
        )
    return np.asarray(v, x.dtype, order="C")


def batch_norm(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    momentum: float,
    eps: float,
) -> tuple[Array, Array, Array]:
    """(y, mean, rstd) with y = (x - mean) rstd weight + bias, rstd = 1 / sqrt(var + eps), by the
    batch's own mean and biased variance. In place: running <- (1 - momentum) running + momentum
    stat, with the unbiased variance.

    x and y (n, channels, ...), everything else (channels) or None."""
    x, y = _normalised("batch_norm", x)
    weight = _channel("batch_norm", "weight", weight, x)
    bias = _channel("batch_norm", "bias", bias, x)
    means = _channel("batch_norm", "running_mean", running_mean, x)
    variances = _channel("batch_norm", "running_var", running_var, x)
    mean, rstd = empty(x.shape[1], x.dtype), empty(x.shape[1], x.dtype)
    doors.batch_norm(y, mean, rstd, means, variances, x, weight, bias, momentum, eps)
    if means is not running_mean:  # of another type, or not contiguous
        running_mean[...] = means
    if variances is not running_var:
        running_var[...] = variances
    return y, mean, rstd


def _normalised_backward(
    door: Callable[..., None], grad: Array, x: Array, weight: Array | None, *others: Any
) -> tuple[Array, Array, Array]:
    name = door.__name__
    dx = like(x, grad)
    if dx is None:
        if grad.shape != x.shape:
            raise ValueError(f"{name}: the gradient has shape {grad.shape}, but x has {x.shape}")
        x, dx = _normalised(name, x)
        grad = np.asarray(grad, x.dtype, order="C")
    others = [
        _channel(name, "a statistic", v, x) if isinstance(v, np.ndarray) else v for v in others
    ]
    weight = _channel(name, "weight", weight, x)
    dweight, dbias = empty(x.shape[1], x.dtype), empty(x.shape[1], x.dtype)
    door(dx, dweight, dbias, grad, x, *others[:2], weight, *others[2:])
    return dx, dweight, dbias


def batch_norm_backward(
    grad: Array, x: Array, mean: Array, rstd: Array, weight: Array | None
) -> tuple[Array, Array, Array]:
    """(dx, dweight, dbias) of batch_norm, which returned mean and rstd."""
    return _normalised_backward(doors.batch_norm_backward, grad, x, weight, mean, rstd)


def batch_norm_eval(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array,
    running_var: Array,
    eps: float,
) -> Array:
    """y = (x - running_mean) / sqrt(running_var + eps) weight + bias; shapes as in batch_norm."""
    x, y = _normalised("batch_norm_eval", x)
    mean = _channel("batch_norm_eval", "running_mean", running_mean, x)
    var = _channel("batch_norm_eval", "running_var", running_var, x)
    weight = _channel("batch_norm_eval", "weight", weight, x)
    bias = _channel("batch_norm_eval", "bias", bias, x)
    doors.batch_norm_eval(y, x, mean, var, weight, bias, eps)
    return y


def batch_norm_eval_backward(
    grad: Array, x: Array, running_mean: Array, running_var: Array, weight: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    """(dx, dweight, dbias) of batch_norm_eval."""
    return _normalised_backward(
        doors.batch_norm_eval_backward, grad, x, weight, running_mean, running_var, eps
    )
