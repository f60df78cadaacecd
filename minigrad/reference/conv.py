"""Convolutions: x (n, groups channels, height, width), y (n, groups filters, out_height, out_width),
weight (groups filters, channels, kernel_h, kernel_w); geometry: (stride_h, stride_w, pad_h, pad_w,
dilation_h, dilation_w)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

__all__ = ["conv", "conv_transpose", "conv_weight"]

Array = np.ndarray


def _grouped(x: Array, y: Array, weight: Array) -> tuple[Array, Array, Array]:
    """x, y and weight with a dimension for the groups."""
    groups = x.shape[1] // weight.shape[1] if weight.shape[1] else 1
    return (
        x.reshape(len(x), groups, weight.shape[1], *x.shape[2:]),
        y.reshape(len(y), groups, len(weight) // groups, *y.shape[2:]),
        weight.reshape(groups, len(weight) // groups, *weight.shape[1:]),
    )


def _padded(x: Array, y: Array, weight: Array, geometry: Array) -> tuple[Array, Array]:
    """Zeros around a copy of x as far as the kernel reaches, and the view of it that is the copy."""
    sizes = [
        max((out - 1) * stride + (kernel - 1) * dilation + 1, pad + size)
        for size, out, kernel, stride, pad, dilation in zip(
            x.shape[-2:], y.shape[-2:], weight.shape[-2:], *geometry.reshape(3, 2), strict=True
        )
    ]
    padded = np.zeros((*x.shape[:-2], *sizes), x.dtype)
    (top, left), (height, width) = geometry[2:4], x.shape[-2:]
    inner = padded[..., top : top + height, left : left + width]
    inner[...] = x
    return padded, inner


def _taps(padded: Array, y: Array, weight: Array, geometry: Array) -> Iterator[tuple]:
    """For each element of the kernel its weights, as a view, and what they meet in `padded`."""
    stride_h, stride_w, _, _, dilation_h, dilation_w = geometry
    out_height, out_width = y.shape[-2:]
    for p, q in np.ndindex(weight.shape[-2:]):
        rows = slice(p * dilation_h, p * dilation_h + (out_height - 1) * stride_h + 1, stride_h)
        cols = slice(q * dilation_w, q * dilation_w + (out_width - 1) * stride_w + 1, stride_w)
        yield weight[..., p, q], padded[..., rows, cols]


def conv(y: Array, x: Array, weight: Array, bias: Array | None, geometry: Array) -> None:
    x, result, weight = _grouped(x, y, weight)
    padded, _ = _padded(x, result, weight, geometry)
    result[...] = 0
    for w, part in _taps(padded, result, weight, geometry):
        result += np.einsum("gfc,ngchw->ngfhw", w, part)
    if bias is not None:
        y += bias[:, None, None]


def conv_transpose(x: Array, y: Array, weight: Array, bias: Array | None, geometry: Array) -> None:
    result, y, weight = _grouped(x, y, weight)
    padded, inner = _padded(np.zeros_like(result), y, weight, geometry)
    for w, part in _taps(padded, y, weight, geometry):
        part += np.einsum("gfc,ngfhw->ngchw", w, y)
    result[...] = inner
    if bias is not None:
        x += bias[:, None, None]


def conv_weight(dweight: Array, dbias: Array | None, dy: Array, x: Array, geometry: Array) -> None:
    x, grad, weight = _grouped(x, dy, dweight)
    padded, _ = _padded(x, grad, weight, geometry)
    for w, part in _taps(padded, grad, weight, geometry):
        w[...] = np.einsum("ngfhw,ngchw->gfc", grad, part)
    if dbias is not None:
        dbias[...] = dy.sum((0, 2, 3))
