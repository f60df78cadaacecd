"""Normalisation within a sample: x is (samples, groups, channels, space)."""

from __future__ import annotations

import numpy as np

__all__ = ["layer_norm", "layer_norm_backward"]

Array = np.ndarray


def _centred(x: Array, mean: Array | None) -> Array:
    """x minus its mean over (channels, space), with more digits than `mean` has."""
    wide = x.astype(np.float64)
    return wide if mean is None else wide - wide.mean((2, 3), keepdims=True)


def _of_channels(v: Array | None, default: float) -> Array | float:
    return default if v is None else v[:, :, None]


def layer_norm(
    y: Array,
    mean: Array | None,
    rstd: Array,
    x: Array,
    weight: Array | None,
    bias: Array | None,
    eps: float,
) -> None:
    centred = _centred(x, mean)
    if mean is not None:
        mean[...] = x.mean((2, 3), dtype=np.float64)
    exact_rstd = 1 / np.sqrt(np.square(centred).mean((2, 3), keepdims=True) + eps)
    rstd[...] = exact_rstd[:, :, 0, 0]
    y[...] = centred * exact_rstd * _of_channels(weight, 1) + _of_channels(bias, 0)


def layer_norm_backward(
    dx: Array,
    dweight: Array,
    dbias: Array,
    grad: Array,
    x: Array,
    mean: Array | None,
    rstd: Array,
    weight: Array | None,
) -> None:
    slope = rstd[:, :, None, None].astype(np.float64)
    h = _centred(x, mean) * slope
    u = grad * _of_channels(weight, 1)
    inner = u - h * (u * h).mean((2, 3), keepdims=True)
    dx[...] = slope * (inner if mean is None else inner - u.mean((2, 3), keepdims=True))
    parts, samples = len(dweight), len(x)
    each = -(-samples // parts)
    for part in range(parts):
        rows = slice(part * each, (part + 1) * each)
        dweight[part] = (grad[rows] * h[rows]).sum((0, 3))
        dbias[part] = grad[rows].sum((0, 3))
