"""Convolutions of sequences and images, forward and transposed.

y = w * x is linear in both, so there are three operations, each the gradient of the others: with g
the gradient of y, sum(g (w * x)) is differentiated by x, by w and by g.

    Convolution           y from x and w
    TransposedConvolution dx from g and w
    WeightGradient        dw from g and x
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op
from ..tensor import Tensor
from .dims import per_dim
from .products import check_dtypes

__all__ = [
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "fold",
    "unfold",
]

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

AXES = {1: ("length",), 2: ("height", "width")}


def described(shape: Sizes, *names: str) -> str:
    """Return a shape with the meaning of each size: "batch=64, channels=3, height=28, width=28"."""
    if len(shape) != len(names):
        return str(list(shape))
    return ", ".join(f"{name}={size}" for name, size in zip(names, shape, strict=True))


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
        order = (
            (0, dims + 1, *range(1, dims + 1))
            if input.ndim == dims + 2
            else (dims, 0, 1)[: dims + 1]
        )
        hint = f". If the channels are last, move them: x.permute{tuple(order)}"
    elif input.ndim == dims + 1 and expected == 1:
        hint = ". A batch without a dimension for channels? Give it one: x.unsqueeze(1)"
    names = (*(("batch",) if input.ndim == dims + 2 else ()), "channels", *axes)
    raise RuntimeError(
        f"{name}: expected input to have {expected} channels, but got {channels} channels instead: "
        f"input has {described(input.shape, *names)}; weight is {list(weight.shape)}, {more}{hint}"
    )


def check_bias(name: str, bias: Any, filters: int, weight: Any) -> None:
    """Raise RuntimeError unless bias has one element a filter."""
    if bias is not None and tuple(bias.shape) != (filters,):
        raise RuntimeError(
            f"{name}: given weight of size {list(weight.shape)}, expected bias to be 1-dimensional "
            f"with {filters} elements, but got bias of size {list(bias.shape)} instead"
        )


def check_numbers(name: str, least: int, **numbers: Sizes) -> None:
    """Raise RuntimeError for a stride, padding, ... below `least`."""
    for what, values in numbers.items():
        if min(values) < least:
            kind = "negative" if least == 0 else "non-positive"
            raise RuntimeError(f"{name}: {kind} {what} is not supported, got {what}={values}")


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
    result = Convolution(out, stride, padding, dilation)(batched, weight, bias)
    return result if batched is input else result.reshape(result.shape[1:])


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
    result = TransposedConvolution(filters, out, stride, padding, dilation)(batched, weight, bias)
    return result if batched is input else result.reshape(result.shape[1:])


# ---- the windows of an image as columns ------------------------------------------------------------


class Unfold(Op):
    """Column l of y is window l of x: x (batch, channels, height, width) -> (batch, channels kernel_h
    kernel_w, windows).
    """

    __slots__ = ("geometry", "kernel", "size")

    def __init__(
        self, size: Sizes, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes
    ) -> None:
        self.size = size
        self.kernel = kernel
        self.geometry = (stride, padding, dilation)

    def forward(self, x: np.ndarray) -> np.ndarray:
        padded = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in self.geometry[1])])
        counts = window_counts(self.size, self.kernel, *self.geometry)
        columns = kernels.empty((*x.shape[:2], *self.kernel, *counts), x.dtype)
        for tap in np.ndindex(self.kernel):
            columns[(..., *tap, slice(None), slice(None))] = padded[self.met_by(tap, counts)]
        rows = x.shape[1] * self.kernel[0] * self.kernel[1]
        return columns.reshape(len(x), rows, counts[0] * counts[1])

    def met_by(self, tap: Sizes, counts: Sizes) -> tuple[Any, ...]:
        """Return the index of what a tap of the kernel meets in the padded images."""
        stride, _, dilation = self.geometry
        return (
            ...,
            *(
                slice(t * d, t * d + (n - 1) * s + 1, s)
                for t, d, s, n in zip(tap, dilation, stride, counts, strict=True)
            ),
        )

    def backward(self, grad: Any) -> Any:
        return Fold(self.size, self.kernel, *self.geometry)(grad)


class Fold(Unfold):
    """The sum of windows, each at its place: Unfold's gradient."""

    __slots__ = ()

    def forward(self, columns: np.ndarray) -> np.ndarray:
        counts = window_counts(self.size, self.kernel, *self.geometry)
        channels = columns.shape[1] // (self.kernel[0] * self.kernel[1])
        windows = columns.reshape(len(columns), channels, *self.kernel, *counts)
        sizes = [n + 2 * p for n, p in zip(self.size, self.geometry[1], strict=True)]
        padded = np.zeros((*windows.shape[:2], *sizes), columns.dtype)
        for tap in np.ndindex(self.kernel):
            padded[self.met_by(tap, counts)] += windows[(..., *tap, slice(None), slice(None))]
        inner = (slice(p, p + n) for n, p in zip(self.size, self.geometry[1], strict=True))
        return np.ascontiguousarray(padded[(..., *inner)])

    def backward(self, grad: Any) -> Any:
        return Unfold(self.size, self.kernel, *self.geometry)(grad)


def window_counts(
    size: Sizes, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes
) -> Sizes:
    """Return how many windows there are along each dimension."""
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True)
    )


def window_geometry(
    name: str, size: Sizes, kernel: Any, dilation: Any, padding: Any, stride: Any
) -> tuple[Sizes, ...]:
    """Return kernel, stride, padding, dilation; RuntimeError where they do not fit `size`."""
    kernel = per_dim(name, "kernel_size", kernel, 2)
    dilation = per_dim(name, "dilation", dilation, 2)
    padding = per_dim(name, "padding", padding, 2)
    stride = per_dim(name, "stride", stride, 2)
    check_numbers(name, 1, kernel_size=kernel, dilation=dilation, stride=stride)
    check_numbers(name, 0, padding=padding)
    counts = window_counts(size, kernel, stride, padding, dilation)
    if min(counts) < 1:
        raise RuntimeError(
            f"{name}: an image of size {size} with kernel_size={kernel}, dilation={dilation}, "
            f"padding={padding} has {counts} windows, and must have at least one"
        )
    return kernel, stride, padding, dilation


def unfold(
    input: Any,
    kernel_size: int | Sizes,
    dilation: int | Sizes = 1,
    padding: int | Sizes = 0,
    stride: int | Sizes = 1,
) -> Tensor:
    """Return the windows of images as columns: (batch, channels, height, width) -> (batch, channels
    kernel_h kernel_w, windows); without batch, too. RuntimeError if there are none.
    """
    if input.ndim not in (3, 4):
        raise RuntimeError(
            f"unfold: expected input (batch, channels, height, width) or (channels, height, width), "
            f"got {list(input.shape)}"
        )
    size = input.shape[-2:]
    geometry = window_geometry("unfold", size, kernel_size, dilation, padding, stride)
    if input.ndim == 3:
        return Unfold(size, *geometry)(input.reshape((1, *input.shape)))[0]
    return Unfold(size, *geometry)(input)


def fold(
    input: Any,
    output_size: int | Sizes,
    kernel_size: int | Sizes,
    dilation: int | Sizes = 1,
    padding: int | Sizes = 0,
    stride: int | Sizes = 1,
) -> Tensor:
    """Return images of output_size, the sum of windows that unfold would make of them: (batch,
    channels kernel_h kernel_w, windows) -> (batch, channels, *output_size); without batch, too.
    RuntimeError if the sizes do not fit.
    """
    size = per_dim("fold", "output_size", output_size, 2)
    geometry = window_geometry("fold", size, kernel_size, dilation, padding, stride)
    (rows, cols), (down, right) = geometry[0], window_counts(size, *geometry)
    if (
        input.ndim not in (2, 3)
        or input.shape[-2] % (rows * cols)
        or input.shape[-1] != down * right
    ):
        raise RuntimeError(
            f"fold: expected input (batch, channels {rows} {cols}, {down} {right} = {down * right} "
            f"windows), with or without batch, got {list(input.shape)}"
        )
    if input.ndim == 2:
        return Fold(size, *geometry)(input.reshape((1, *input.shape)))[0]
    return Fold(size, *geometry)(input)
