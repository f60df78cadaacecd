"""Transposed convolutions: what the backward pass of a convolution does with a gradient."""

from __future__ import annotations

import math
from typing import Any

from ..tensor import Tensor
from .arithmetic import add
from .convolution import Sizes, TransposedConvolution, check_bias, check_channels, check_operands
from .dims import check_numbers, per_dim
from .joining import pad
from .shape import permute, reshape
from .unfolding import Fold

__all__ = ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: int | Sizes = 1,
    padding: int | Sizes = 0,
    output_padding: int | Sizes = 0,
    groups: int = 1,
    dilation: int | Sizes = 1,
) -> Tensor:
    """Return the transposed convolution of sequences: conv_transpose2d in one dimension.

    input (batch, channels, length) or (channels, length), weight (channels, filters / groups,
    kernel), bias (filters) -> (batch, filters, out).
    """
    return transposed(
        "conv_transpose1d",
        1,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: int | Sizes = 1,
    padding: int | Sizes = 0,
    output_padding: int | Sizes = 0,
    groups: int = 1,
    dilation: int | Sizes = 1,
) -> Tensor:
    """Return the transposed convolution of images: what conv2d's backward does with a gradient.

    input (batch, channels, height, width) or (channels, height, width), weight (channels, filters /
    groups, *kernel), bias (filters) -> (batch, filters, *out), out = (size - 1) stride - 2 padding +
    dilation (kernel - 1) + output_padding + 1.
    RuntimeError for shapes, dtypes or numbers that do not fit.
    """
    return transposed(
        "conv_transpose2d",
        2,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: int | Sizes = 1,
    padding: int | Sizes = 0,
    output_padding: int | Sizes = 0,
    groups: int = 1,
    dilation: int | Sizes = 1,
) -> Tensor:
    """Return the transposed convolution of volumes: conv_transpose2d in three dimensions.

    input (batch, channels, depth, height, width) or (channels, depth, height, width), weight (channels,
    filters / groups, *kernel), bias (filters) -> (batch, filters, *out).
    """
    return transposed(
        "conv_transpose3d",
        3,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def transposed_of_volumes(
    y: Any,
    weight: Any,
    bias: Any,
    filters: int,
    out: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
) -> Any:
    """Return TransposedConvolution of volumes y (batch, channels, *size): the way of `of_volumes` back."""
    batch, channels, depth, *size = y.shape
    taps, *kernel = weight.shape[2:]
    images = reshape(permute(y, 0, 2, 1, 3, 4), (batch * depth, channels, *size))
    flat = reshape(weight, (channels, weight.shape[1] * taps, *kernel))
    op = TransposedConvolution(filters * taps, out[1:], stride[1:], padding[1:], dilation[1:])
    met = reshape(op(images, flat, None), (batch, depth, filters * taps, *out[1:]))
    places = math.prod(out[1:])
    met = reshape(permute(met, 0, 2, 1, 3, 4), (batch, filters * taps, depth * places))
    full = (depth - 1) * stride[0] + dilation[0] * (taps - 1) + 1
    slices = Fold((full, places), (taps, 1), (stride[0], 1), (0, 0), (dilation[0], 1))(met)
    slices = pad(slices, (0, 0, -padding[0], out[0] - full + padding[0]))
    x = reshape(slices, (batch, filters, *out))
    return x if bias is None else add(x, reshape(bias, (filters, 1, 1, 1)))


def transposed(
    name: str,
    dims: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> Tensor:
    check_operands(name, dims, input, weight, bias, groups)
    check_channels(name, dims, input, weight, weight.shape[0], "whose dimension 0 they are")
    filters = weight.shape[1] * groups
    check_bias(name, bias, filters, weight)
    stride = per_dim(name, "stride", stride, dims)
    dilation = per_dim(name, "dilation", dilation, dims)
    padding = per_dim(name, "padding", padding, dims)
    extra = per_dim(name, "output_padding", output_padding, dims)
    check_numbers(name, 1, stride=stride, dilation=dilation)
    check_numbers(name, 0, padding=padding, output_padding=extra)
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise RuntimeError(
            f"{name}: output padding must be smaller than either stride or dilation, but got "
            f"output_padding={extra}, stride={stride}, dilation={dilation}"
        )
    out = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + e + 1
        for n, s, p, d, k, e in zip(
            input.shape[-dims:], stride, padding, dilation, weight.shape[2:], extra, strict=True
        )
    )
    if min(out) < 1:
        raise RuntimeError(
            f"{name}: padding={padding} leaves nothing of the result: its size would be {out}"
        )
    batched = input if input.ndim == dims + 2 else input.reshape((1, *input.shape))
    geometry = (filters, out, stride, padding, dilation)
    if dims == 3:
        result = transposed_of_volumes(batched, weight, bias, *geometry)
    else:
        result = TransposedConvolution(*geometry)(batched, weight, bias)
    return result if batched is input else result.reshape(result.shape[1:])
