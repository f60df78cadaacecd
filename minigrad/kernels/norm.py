"""Normalisation: csrc/norm.c."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .._native import alike, are_channels, empty, empty_like
from .base import Array, contiguous, doors

__all__ = [
    "are_channels",
    "batch_norm",
    "batch_norm_backward",
    "batch_norm_eval",
    "batch_norm_eval_backward",
]


def _contiguous(name: str, x: Array, **values: Array | None) -> list[Any]:
    """x and the values, each one number a channel of it or None, as a kernel can read them."""
    (x,) = contiguous(name, x)
    if x.ndim < 2:
        raise ValueError(f"{name}: expected x of shape (n, channels, ...), got {x.shape}")
    for what, v in values.items():
        if v is not None and v.shape != x.shape[1:2]:
            raise ValueError(
                f"{name}: {what} has shape {v.shape}, but the channels of x {x.shape} are "
                f"{x.shape[1]}"
            )
    return [x, *(v if v is None else np.asarray(v, x.dtype, order="C") for v in values.values())]


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
    means, variances = running_mean, running_var
    if not are_channels(x, weight, bias, means, variances):
        given = {"weight": weight, "bias": bias, "running_mean": means, "running_var": variances}
        x, weight, bias, means, variances = _contiguous("batch_norm", x, **given)
    y, mean, rstd = empty_like(x), empty(x.shape[1], x.dtype), empty(x.shape[1], x.dtype)
    doors.batch_norm(y, mean, rstd, means, variances, x, weight, bias, momentum, eps)
    if means is not running_mean:  # of another type, or not contiguous
        running_mean[...] = means
    if variances is not running_var:
        running_var[...] = variances
    return y, mean, rstd


def _backward(
    door: Callable[..., None],
    grad: Array,
    x: Array,
    statistics: tuple[Array, Array],
    weight: Array | None,
    *eps: float,
) -> tuple[Array, Array, Array]:
    mean, spread = statistics
    if not (alike(grad, x) and are_channels(x, mean, spread, weight)):
        name = door.__name__
        if grad.shape != x.shape:
            raise ValueError(f"{name}: the gradient has shape {grad.shape}, but x has {x.shape}")
        given = {"mean": mean, "spread": spread, "weight": weight}
        x, mean, spread, weight = _contiguous(name, x, **given)
        grad = np.asarray(grad, x.dtype, order="C")
    dx, dweight, dbias = empty_like(x), empty_like(mean), empty_like(mean)
    door(dx, dweight, dbias, grad, x, mean, spread, weight, *eps)
    return dx, dweight, dbias


def batch_norm_backward(
    grad: Array, x: Array, mean: Array, rstd: Array, weight: Array | None
) -> tuple[Array, Array, Array]:
    """(dx, dweight, dbias) of batch_norm, which returned mean and rstd."""
    return _backward(doors.batch_norm_backward, grad, x, (mean, rstd), weight)


def batch_norm_eval(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array,
    running_var: Array,
    eps: float,
) -> Array:
    """y = (x - running_mean) / sqrt(running_var + eps) weight + bias; shapes as in batch_norm."""
    means, variances = running_mean, running_var
    if not are_channels(x, weight, bias, means, variances):
        given = {"weight": weight, "bias": bias, "running_mean": means, "running_var": variances}
        x, weight, bias, means, variances = _contiguous("batch_norm_eval", x, **given)
    y = empty_like(x)
    doors.batch_norm_eval(y, x, means, variances, weight, bias, eps)
    return y


def batch_norm_eval_backward(
    grad: Array, x: Array, running_mean: Array, running_var: Array, weight: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    """(dx, dweight, dbias) of batch_norm_eval."""
    statistics = (running_mean, running_var)
    return _backward(doors.batch_norm_eval_backward, grad, x, statistics, weight, eps)
