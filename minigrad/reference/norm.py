"""Normalisation: x is (n, channels, *space)."""

from __future__ import annotations

import numpy as np

__all__ = ["batch_norm", "batch_norm_backward", "batch_norm_eval", "batch_norm_eval_backward"]

Array = np.ndarray


def _channels_last(x: Array) -> Array:
    return np.moveaxis(x, 1, -1)


def _channel_sum(x: Array) -> Array:
    return _channels_last(x).reshape(-1, x.shape[1]).sum(0, dtype=np.float64)


def batch_norm(
    y: Array,
    mean: Array,
    rstd: Array,
    running_mean: Array | None,
    running_var: Array | None,
    x: Array,
    weight: Array | None,
    bias: Array | None,
    momentum: float,
    eps: float,
) -> None:
    m = x.size // x.shape[1]
    exact_mean = _channel_sum(x) / m
    centred = _channels_last(x) - exact_mean
    var = np.square(centred).reshape(m, x.shape[1]).sum(0) / m
    mean[...], rstd[...] = exact_mean, 1 / np.sqrt(var + eps)
    if running_mean is not None and running_var is not None:
        running_mean[...] = (1 - momentum) * running_mean + momentum * exact_mean
        running_var[...] = (1 - momentum) * running_var + momentum * var * m / (m - 1)
    scaled = centred / np.sqrt(var + eps) * (1 if weight is None else weight)
    _channels_last(y)[...] = scaled + (0 if bias is None else bias)


def batch_norm_backward(
    dx: Array,
    dweight: Array,
    dbias: Array,
    grad: Array,
    x: Array,
    mean: Array,
    rstd: Array,
    weight: Array | None,
) -> None:
    m = x.size // x.shape[1]
    exact_mean = _channel_sum(x) / m  # more digits than `mean` has
    h = (_channels_last(x) - exact_mean) * rstd
    dweight[...] = (_channels_last(grad) * h).reshape(m, x.shape[1]).sum(0)
    dbias[...] = _channel_sum(grad)
    slope = rstd if weight is None else rstd * weight
    _channels_last(dx)[...] = slope * (_channels_last(grad) - dbias / m - h * (dweight / m))


def batch_norm_eval(
    y: Array,
    x: Array,
    mean: Array,
    var: Array,
    weight: Array | None,
    bias: Array | None,
    eps: float,
) -> None:
    slope = (1 if weight is None else weight) / np.sqrt(var + eps)
    _channels_last(y)[...] = (_channels_last(x) - mean) * slope + (0 if bias is None else bias)


def batch_norm_eval_backward(
    dx: Array,
    dweight: Array,
    dbias: Array,
    grad: Array,
    x: Array,
    mean: Array,
    var: Array,
    weight: Array | None,
    eps: float,
) -> None:
    rstd = 1 / np.sqrt(var + eps)
    dweight[...] = _channel_sum(np.moveaxis(_channels_last(x) - mean, -1, 1) * grad) * rstd
    dbias[...] = _channel_sum(grad)
    _channels_last(dx)[...] = _channels_last(grad) * rstd * (1 if weight is None else weight)
