"""Convolutions of sequences, images and volumes; what transposed ones are made of, too.

y = w * x is linear in both, so there are three operations, each the gradient of the others: with g
the gradient of y, sum(g (w * x)) is differentiated by x, by w and by g.

    Convolution           y from x and w
    TransposedConvolution dx from g and w
    WeightGradient        dw from g and x

Those of volumes are made of those of images: what a kernel meets in depth are channels to them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op
from ..errors import named_shape
from ..tensor import Tensor
from .conversion import contiguous
from .dims import AXES, check_numbers, per_dim
from .joining import pad
from .products import check_dtypes
from .shape import permute, reshape
from .unfolding import Unfold

__all__ = ["conv1d", "conv2d", "conv3d"]

Sizes = tuple[int, ...]


class Convolution(Op):
    """y_oij = bias_o + sum_cpq weight_ocpq x_cuv, u = i stride - padding + p dilation, v likewise.

    x (batch, groups channels, *size), weight (groups filters, channels, *kernel), bias (groups
    filters) or None, y (batch, groups filters, *out). `out` says how much padding there is behind.
    """

    __slots__ = ("geometry", "out", "shapes")

    def __init__(self, out: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> None:
        self.out = out
        self.geometry = (stride, padding, dilation)

    def forward(
        self, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None
    ) -> np.ndarray:
        need_x, need_weight, _ = self.needs(3)
        self.inputs = (x if need_weight else None, weight if need_x else None)
        self.shapes = (x.shape, weight.shape)
        return kernels.conv(x, weight, bias, self.out, *self.geometry)

    def backward(self, grad: Any) -> tuple[Any, Any, Any]:
        x, weight = self.inputs
        of_x, of_weight = self.shapes
        need_x, need_weight, need_bias = self.needs(3)
        dx = dweight = dbias = None
        if need_x:
            dx = TransposedConvolution(of_x[1], of_x[2:], *self.geometry)(grad, weight, None)
        if isinstance(grad, np.ndarray) and need_weight:
            dweight, dbias = kernels.conv_weight(
                grad, x, of_weight, bool(need_bias), *self.geometry
            )
            return dx, dweight, dbias
        if need_weight:
            dweight = WeightGradient(of_weight, *self.geometry)(grad, x)
        return dx, dweight, over_channels(grad) if need_bias else None


class TransposedConvolution(Op):
    """x = bias + what arrives at Convolution's x if y is the gradient of its result.

    y (batch, groups filters, *out), weight (groups filters, channels, *kernel), bias (groups
    channels) or None, x (batch, groups channels, *size).
    """

    __slots__ = ("channels", "geometry", "out", "shape", "size")

    def __init__(
        self, channels: int, size: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes
    ) -> None:
        self.channels = channels
        self.size = size
        self.geometry = (stride, padding, dilation)

    def forward(
        self, y: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None
    ) -> np.ndarray:
        need_y, need_weight, _ = self.needs(3)
        self.inputs = (y if need_weight else None, weight if need_y else None)
        self.out, self.shape = y.shape[2:], weight.shape
        return kernels.conv_transpose(y, weight, bias, self.channels, self.size, *self.geometry)

    def backward(self, grad: Any) -> tuple[Any, Any, Any]:
        y, weight = self.inputs
        need_y, need_weight, need_bias = self.needs(3)
        return (
            Convolution(self.out, *self.geometry)(grad, weight, None) if need_y else None,
            WeightGradient(self.shape, *self.geometry)(y, grad) if need_weight else None,
            over_channels(grad) if need_bias else None,
        )


class WeightGradient(Op):
    """The gradient of Convolution's weight, of `shape`, for x and the gradient y of its result."""

    __slots__ = ("geometry", "shape", "shapes")

    def __init__(self, shape: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> None:
        self.shape = shape
        self.geometry = (stride, padding, dilation)

    def forward(self, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        need_y, need_x = self.needs(2)
        self.inputs = (y if need_x else None, x if need_y else None)
        self.shapes = (y.shape, x.shape)
        return kernels.conv_weight(y, x, self.shape, False, *self.geometry)[0]

    def backward(self, grad: Any) -> tuple[Any, Any]:
        y, x = self.inputs
        of_y, of_x = self.shapes
        need_y, need_x = self.needs(2)
        transposed = TransposedConvolution(of_x[1], of_x[2:], *self.geometry) if need_x else None
        return (
            Convolution(of_y[2:], *self.geometry)(x, grad, None) if need_y else None,
            transposed(y, grad, None) if transposed else None,
        )


def over_channels(x: Any) -> Any:
    """Return the sum of each channel of x (batch, channels, ...)."""
    return x.sum((0, *range(2, x.ndim)))


# ---- what a call says, checked ---------------------------------------------------------------------


def check_operands(name: str, dims: int, input: Any, weight: Any, bias: Any, groups: int) -> None:
    """Raise RuntimeError unless the numbers of dimensions, the dtypes and the groups fit."""
    if weight.ndim != dims + 2 or input.ndim not in (dims + 1, dims + 2):
        axes = ", ".join(AXES[dims])
        raise RuntimeError(
            f"{name}: expected {dims + 2}D input (batch, channels, {axes}), or {dims + 1}D (channels, "
            f"{axes}), and {dims + 2}D weight, got input {list(input.shape)} and weight "
            f"{list(weight.shape)}"
        )
    check_dtypes(name, *(x for x in (input, weight, bias) if x is not None))
    if input.dtype.kind != "f":
        raise RuntimeError(f"{name}: expected float32 or float64, got {input.dtype}")
    if groups < 1:
        raise RuntimeError(f"{name}: non-positive groups is not supported, got groups={groups}")
    if weight.shape[0] % groups or not weight.shape[0]:
        raise RuntimeError(
            f"{name}: expected weight to be divisible by groups={groups} at dimension 0, and not "
            f"empty there, got weight {list(weight.shape)}"
        )
    if 0 in weight.shape[2:] or 0 in input.shape[-dims:]:
        raise RuntimeError(
            f"{name}: only the batch and the channels may be empty, got input {list(input.shape)} "
            f"and weight {list(weight.shape)}"
        )


def check_channels(name: str, dims: int, input: Any, weight: Any, expected: int, more: str) -> None:
    """Raise RuntimeError unless input has so many channels."""
    channels = input.shape[-dims - 1]
    if channels == expected:
        return
    axes = AXES[dims]
    hint = ""
    if input.shape[-1] == expected:
        batch = range(input.ndim - dims - 1)
        order = (*batch, input.ndim - 1, *range(len(batch), input.ndim - 1))
        hint = f". If the channels are last, move them: x.permute{tuple(order)}"
    elif input.ndim == dims + 1 and expected == 1:
        hint = ". A batch without a dimension for channels? Give it one: x.unsqueeze(1)"
    names = (*(("batch",) if input.ndim == dims + 2 else ()), "channels", *axes)
    raise RuntimeError(
        f"{name}: expected input to have {expected} channels, but got {channels} channels instead: "
        f"input has shape {named_shape(input.shape, names)}; weight is {list(weight.shape)}, {more}{hint}"
    )


def check_bias(name: str, bias: Any, filters: int, weight: Any) -> None:
    """Raise RuntimeError unless bias has one element a filter."""
    if bias is not None and tuple(bias.shape) != (filters,):
        raise RuntimeError(
            f"{name}: given weight of size {list(weight.shape)}, expected bias to be 1-dimensional "
            f"with {filters} elements, but got bias of size {list(bias.shape)} instead"
        )


# ---- convolutions ----------------------------------------------------------------------------------


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: int | Sizes = 1,
    padding: int | Sizes | str = 0,
    dilation: int | Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Return the cross-correlation of sequences with filters: conv2d in one dimension.

    input (batch, channels, length) or (channels, length), weight (filters, channels / groups,
    kernel), bias (filters) -> (batch, filters, out).
    """
    return convolution("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: int | Sizes = 1,
    padding: int | Sizes | str = 0,
    dilation: int | Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Return the cross-correlation of images with filters.

    y_oij = bias_o + sum_cpq weight_ocpq x_c,(i stride - padding + p dilation),(j ...), x zero outside.
    input (batch, channels, height, width) or (channels, height, width), weight (filters, channels /
    groups, *kernel), bias (filters) -> (batch, filters, *out), out = (size + 2 padding - dilation
    (kernel - 1) - 1) // stride + 1. padding="same" keeps the size, "valid" is 0.
    RuntimeError for shapes, dtypes or numbers that do not fit.
    """
    return convolution("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def convolution(
    name: str,
    dims: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Tensor:
    check_operands(name, dims, input, weight, bias, groups)
    expected = weight.shape[1] * groups
    check_channels(name, dims, input, weight, expected, f"groups={groups}")
    check_bias(name, bias, weight.shape[0], weight)
    stride = per_dim(name, "stride", stride, dims)
    dilation = per_dim(name, "dilation", dilation, dims)
    check_numbers(name, 1, stride=stride, dilation=dilation)
    size = input.shape[-dims:]
    reach = tuple(d * (k - 1) for d, k in zip(dilation, weight.shape[2:], strict=True))
    if padding == "same":
        if max(stride) > 1:
            raise RuntimeError(f"{name}: padding='same' is not supported for strided convolutions")
        padding, out = tuple(r // 2 for r in reach), size
    else:
        if isinstance(padding, str) and padding != "valid":
            raise RuntimeError(f"{name}: Invalid padding string: {padding!r}, it is same or valid")
        padding = per_dim(name, "padding", 0 if padding == "valid" else padding, dims)
        check_numbers(name, 0, padding=padding)
        out = tuple(
            (n + 2 * p - r - 1) // s + 1
            for n, p, r, s in zip(size, padding, reach, stride, strict=True)
        )
    if min(out) < 1:
        padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
        raise RuntimeError(
            f"{name}: the kernel reaches over {tuple(r + 1 for r in reach)} elements of the padded "
            f"input, which has only {padded}: Kernel size can't be greater than actual input size"
        )
    batched = input if input.ndim == dims + 2 else input.reshape((1, *input.shape))
    geometry = (out, stride, padding, dilation)
    if dims == 3:
        result = of_volumes(batched, weight, bias, *geometry)
    else:
        result = Convolution(*geometry)(batched, weight, bias)
    return result if batched is input else result.reshape(result.shape[1:])


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: int | Sizes = 1,
    padding: int | Sizes | str = 0,
    dilation: int | Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Return the cross-correlation of volumes with filters: conv2d in three dimensions.

    input (batch, channels, depth, height, width) or (channels, depth, height, width), weight (filters,
    channels / groups, *kernel), bias (filters) -> (batch, filters, *out).
    """
    return convolution("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def of_volumes(
    x: Any,
    weight: Any,
    bias: Any,
    out: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
) -> Any:
    """Return Convolution of volumes x (batch, channels, *size): the slices that each tap of the kernel
    meets in depth, as channels of images (batch out_depth, channels kernel_depth, *size)."""
    batch, channels, depth, *size = x.shape
    filters, _, taps, *kernel = weight.shape
    behind = (out[0] - 1) * stride[0] + dilation[0] * (taps - 1) + 1 - depth - padding[0]
    slices = reshape(x, (batch, channels, depth, math.prod(size)))
    slices = pad(slices, (0, 0, padding[0], max(behind, 0)))
    met = Unfold(slices.shape[2:], (taps, 1), (stride[0], 1), (0, 0), (dilation[0], 1))(slices)
    met = reshape(met, (batch, channels * taps, out[0], *size))
    images = reshape(permute(met, 0, 2, 1, 3, 4), (batch * out[0], channels * taps, *size))
    flat = reshape(weight, (filters, weight.shape[1] * taps, *kernel))
    y = Convolution(out[1:], stride[1:], padding[1:], dilation[1:])(images, flat, bias)
    return contiguous(permute(reshape(y, (batch, out[0], filters, *out[1:])), 0, 2, 1, 3, 4))
