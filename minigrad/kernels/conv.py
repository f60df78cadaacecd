"""Convolutions: csrc/conv.c and csrc/conv_weight.c.

Images x (n, channels, height, width) or sequences x (n, channels, length); weight (filters, channels
of a group, *kernel), y (n, filters, *out). Stride, padding and dilation are one number a dimension,
the padding that before the first element; what there is behind the last follows from the sizes.
"""

from __future__ import annotations

import functools

import numpy as np

from .._native import empty
from .base import Array, contiguous, doors

__all__ = ["conv", "conv_transpose", "conv_weight"]

Sizes = tuple[int, ...]


@functools.lru_cache(maxsize=512)
def _geometry(stride: Sizes, padding: Sizes, dilation: Sizes) -> Array:
    """The numbers as the kernels read them: a sequence is an image of height 1."""
    if len(stride) == 1:
        stride, padding, dilation = (1, *stride), (0, *padding), (1, *dilation)
    numbers = np.array(stride + padding + dilation)
    numbers.flags.writeable = False
    return numbers


def _image(x: Array) -> Array:
    return x if x.ndim == 4 else x[:, :, None]


def _groups(name: str, channels: int, weight: Sizes) -> int:
    """How many groups there are; ValueError if the shapes cannot belong together."""
    groups = channels // weight[1] if weight[1] else 1
    if weight[1] * groups != channels or weight[0] % max(groups, 1):
        raise ValueError(f"{name}: {channels} channels do not fit a weight of shape {weight}")
    return groups


def conv(
    x: Array,
    weight: Array,
    bias: Array | None,
    size: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
) -> Array:
    """y_oij = bias_o + sum_cpq weight_ocpq x_cuv, u = i stride - padding + p dilation and v likewise,
    with zeros around x; `size` is that of y's images."""
    _groups("conv", x.shape[1], weight.shape)
    x, weight = contiguous("conv", x, weight)
    if bias is not None:
        bias = np.asarray(bias, x.dtype, order="C")
    y = empty((len(x), len(weight), *size), x.dtype)
    doors.conv(_image(y), _image(x), _image(weight), bias, _geometry(stride, padding, dilation))
    return y


def conv_transpose(
    y: Array,
    weight: Array,
    bias: Array | None,
    channels: int,
    size: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
) -> Array:
    """bias + the gradient of conv's x, of `channels` and `size`, for the gradient y of its result."""
    _groups("conv_transpose", channels, weight.shape)
    y, weight = contiguous("conv_transpose", y, weight)
    if bias is not None:
        bias = np.asarray(bias, y.dtype, order="C")
    x = empty((len(y), channels, *size), y.dtype)
    doors.conv_transpose(
        _image(x), _image(y), _image(weight), bias, _geometry(stride, padding, dilation)
    )
    return x


def conv_weight(
    dy: Array,
    x: Array,
    shape: Sizes,
    with_bias: bool,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
) -> tuple[Array, Array | None]:
    """The gradients of conv's weight, of `shape`, and of its bias (else None), for that of y."""
    _groups("conv_weight", x.shape[1], shape)
    dy, x = contiguous("conv_weight", dy, x)
    dweight = empty(shape, x.dtype)
    dbias = empty((shape[0],), x.dtype) if with_bias else None
    doors.conv_weight(
        _image(dweight), dbias, _image(dy), _image(x), _geometry(stride, padding, dilation)
    )
    return dweight, dbias
