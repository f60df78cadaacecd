"""Pooling: the largest element, the mean, or a norm of each window of a sequence, an image or a volume.

A volume is pooled as its images are, and then along its depth.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op, wrap_like
from ..tensor import Tensor
from .activation import relu
from .arithmetic import mul, neg
from .dims import AXES, per_dim
from .gathering import gather
from .pointwise import pow
from .rounding import abs, sign

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
]

Sizes = tuple[int, ...]


class MaxPool(Op):
    """y = the largest element of each window of x (..., height, width); `saved` is where it is.

    dx is the gradient of y at that place, zero elsewhere.
    """

    __slots__ = ("cols", "dilation", "rows", "shape")

    def __init__(self, rows: np.ndarray, cols: np.ndarray, dilation: Sizes = (1, 1)) -> None:
        self.rows = rows
        self.cols = cols
        self.dilation = dilation

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.shape = x.shape
        y, self.saved = kernels.max_pool(x, self.rows, self.cols, self.dilation)
        return y

    def backward(self, grad: Any) -> Any:
        return PutBack(self.saved, self.shape)(grad)


class PutBack(Op):
    """Zeros of `shape` (..., height, width) with what is given at the places `index` of each plane."""

    __slots__ = ("index", "shape")

    def __init__(self, index: np.ndarray, shape: Sizes) -> None:
        self.index = index
        self.shape = shape

    def forward(self, y: np.ndarray) -> np.ndarray:
        return kernels.max_pool_backward(y, self.index, self.shape)

    def backward(self, grad: Any) -> Any:
        *planes, height, width = self.shape
        index = self.index.reshape((*planes, math.prod(self.index.shape[-2:]))).astype(np.int64)
        found = gather(grad.reshape((*planes, height * width)), -1, index)
        return found.reshape(self.index.shape)


class AvgPool(Op):
    """y = the mean of each window of x (..., height, width), or its sum / divisor if there is one."""

    __slots__ = ("cols", "divisor", "rows", "shape")

    def __init__(self, rows: np.ndarray, cols: np.ndarray, divisor: float = 0) -> None:
        self.rows = rows
        self.cols = cols
        self.divisor = divisor

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.shape = x.shape
        return kernels.avg_pool(x, self.rows, self.cols, self.divisor)

    def backward(self, grad: Any) -> Any:
        return SpreadBack(self.shape, self.rows, self.cols, self.divisor)(grad)


class SpreadBack(Op):
    """AvgPool's gradient: each element spread evenly over its window."""

    __slots__ = ("cols", "divisor", "rows", "shape")

    def __init__(self, shape: Sizes, rows: np.ndarray, cols: np.ndarray, divisor: float) -> None:
        self.shape = shape
        self.rows = rows
        self.cols = cols
        self.divisor = divisor

    def forward(self, y: np.ndarray) -> np.ndarray:
        return kernels.avg_pool_backward(y, self.shape, self.rows, self.cols, self.divisor)

    def backward(self, grad: Any) -> Any:
        return AvgPool(self.rows, self.cols, self.divisor)(grad)


# ---- where the windows are -------------------------------------------------------------------------


def shared(array: np.ndarray) -> np.ndarray:
    """Return an array that is handed out more than once, write-protected."""
    array.flags.writeable = False
    return array


# Of a dimension that is not pooled, as the height of a sequence.
ONE = shared(np.array([[0, 1, 1]]))


@functools.lru_cache(maxsize=512)
def windows(
    size: int,
    kernel: int,
    stride: int,
    padding: int,
    dilation: int,
    ceil_mode: bool,
    count_padding: bool,
) -> np.ndarray:
    """Return (first, end, number of elements) of each window along a dimension, as kernels.pool has
    it; no windows if the kernel is too large. ValueError for a window that holds padding only.
    """
    reach = dilation * (kernel - 1) + 1
    room = size + 2 * padding - reach
    count = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (count - 1) * stride >= size + padding:  # it would begin in the padding
        count -= 1
    first = np.arange(max(count, 0)) * stride - padding
    end = np.minimum(first + reach, size)
    counted = np.minimum(first + reach, size + padding) - first
    # The first row that is no padding, in steps of the dilation.
    first = np.where(first < 0, first % dilation, first)
    empty = np.flatnonzero(first >= end)
    if len(empty):
        raise ValueError(f"window {empty[0]} holds padding only")
    return shared(np.stack([first, end, counted if count_padding else end - first], 1))


@functools.lru_cache(maxsize=512)
def adaptive_windows(size: int, count: int) -> np.ndarray:
    """Return `count` windows that cover a dimension as evenly as possible."""
    i = np.arange(count)
    first, end = i * size // max(count, 1), -((-(i + 1) * size) // max(count, 1))
    return shared(np.stack([first, end, end - first], 1))


def pooling_windows(
    name: str,
    dims: int,
    input: Any,
    kernel: Any,
    stride: Any,
    padding: Any,
    dilation: Any = 1,
    ceil_mode: bool = False,
    count_padding: bool = True,
) -> list[np.ndarray]:
    """Return the windows of the last `dims` dimensions; RuntimeError where the numbers do not fit."""
    check_planes(name, dims, input, input.shape[-dims - 1 :])
    kernel = per_dim(name, "kernel_size", kernel, dims)
    # An empty stride is torch's way of saying: as the kernel.
    stride = kernel if stride is None or stride == () else per_dim(name, "stride", stride, dims)
    padding = per_dim(name, "padding", padding, dims)
    dilation = per_dim(name, "dilation", dilation, dims)
    if min(*kernel, *stride, *dilation) < 1:
        raise RuntimeError(
            f"{name}: kernel_size={kernel}, stride={stride} and dilation={dilation} should be greater "
            f"than zero"
        )
    if min(padding) < 0 or any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise RuntimeError(
            f"{name}: padding must be non-negative and at most half of the kernel, but got "
            f"padding={padding} and kernel_size={kernel}"
        )
    sizes = zip(input.shape[-dims:], kernel, stride, padding, dilation, strict=True)
    try:
        found = [windows(*numbers, bool(ceil_mode), bool(count_padding)) for numbers in sizes]
    except ValueError as error:
        raise RuntimeError(
            f"{name}: with padding={padding} and dilation={dilation} of input {list(input.shape)}, {error}"
        ) from None
    if not all(map(len, found)):
        raise RuntimeError(
            f"{name}: kernel_size={kernel} with padding={padding} and dilation={dilation} is larger "
            f"than the input, {list(input.shape)}: output size is too small"
        )
    return found


def check_planes(
    name: str, dims: int, input: Any, filled: Sizes, error: type[Exception] = RuntimeError
) -> None:
    """Raise `error` unless input is (batch, channels, *size) or (channels, *size), of which the
    lengths `filled` must not be 0."""
    if input.ndim not in (dims + 1, dims + 2) or 0 in filled or input.dtype.kind != "f":
        axes = ", ".join(AXES[dims])
        raise error(
            f"{name}: expected {dims + 1}D (channels, {axes}) or {dims + 2}D (batch, channels, {axes}) "
            f"input of floats, empty in its first dimension at most, got {list(input.shape)} of "
            f"{input.dtype}"
        )


def planes_of(input: Any, dims: int) -> Any:
    """Return sequences as images of height 1, others as they are."""
    return input.reshape((*input.shape[:-1], 1, input.shape[-1])) if dims == 1 else input


def from_planes(result: Any, dims: int) -> Any:
    """Return images of height 1 as sequences."""
    return result.reshape((*result.shape[:-2], result.shape[-1])) if dims == 1 else result


def columns_of(x: Any) -> tuple[Any, np.ndarray]:
    """Return volumes (..., depth, height, width) as images (..., depth, height width), and windows
    that leave each of their columns as it is: pooled, they are pooled along the depth."""
    count = x.shape[-2] * x.shape[-1]
    return x.reshape((*x.shape[:-2], count)), adaptive_windows(count, count)


def pooled_max(
    input: Any, dims: int, found: list[np.ndarray], dilation: Any, return_indices: bool
) -> Any:
    steps = per_dim("max_pool", "dilation", dilation, dims)
    op = MaxPool(*([ONE] * (2 - dims)), *found[-2:], ((1,) * (2 - dims) + steps)[-2:])
    y = from_planes(op(planes_of(input, dims)), dims)
    index = from_planes(op.saved, dims).astype(np.int64) if return_indices else None
    if dims == 3:
        shape = (*y.shape[:-3], len(found[0]), *y.shape[-2:])
        columns, each = columns_of(y)
        op = MaxPool(found[0], each, (steps[0], 1))
        y = op(columns).reshape(shape)
        if return_indices:
            # `op` says where in the pooled images; these, where in the images of the input.
            places = op.saved.reshape((*shape[:-3], math.prod(shape[-3:]))).astype(np.int64)
            pooled = index.reshape((*shape[:-3], math.prod(columns.shape[-2:])))
            depth = places // columns.shape[-1] * math.prod(input.shape[-2:])
            index = (depth + np.take_along_axis(pooled, places, -1)).reshape(shape)
    return (y, wrap_like(index, input)) if return_indices else y


def pooled_mean(input: Any, dims: int, found: list[np.ndarray], divisor: float = 0) -> Tensor:
    op = AvgPool(*([ONE] * (2 - dims)), *found[-2:], divisor)
    y = from_planes(op(planes_of(input, dims)), dims)
    if dims < 3:
        return y
    columns, each = columns_of(y)
    y = AvgPool(found[0], each, 1 if divisor else 0)(columns)
    return y.reshape((*y.shape[:-1], *(len(windows) for windows in found[1:])))


def pooled_norm(
    name: str,
    dims: int,
    input: Any,
    norm_type: float,
    kernel: Any,
    stride: Any,
    ceil_mode: bool,
) -> Tensor:
    found = pooling_windows(name, dims, input, kernel, stride, 0, 1, ceil_mode)
    if math.isinf(norm_type):
        if norm_type > 0:
            return pooled_max(abs(input), dims, found, 1, False)
        return neg(pooled_max(neg(abs(input)), dims, found, 1, False))
    mean = pooled_mean(pow(input, norm_type), dims, found)
    # relu, whose slope at 0 is 0, keeps the root's, which is infinite, from a window of zeros.
    total = mul(mul(sign(mean), relu(abs(mean))), math.prod(per_dim(name, "", kernel, dims)))
    return pow(total, 1 / norm_type)


# ---- the functions -----------------------------------------------------------------------------------


def max_pool1d(
    input: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    dilation: int | Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest element of each window: max_pool2d in one dimension."""
    found = pooling_windows(
        "max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode
    )
    return pooled_max(input, 1, found, dilation, return_indices)


def max_pool2d(
    input: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    dilation: int | Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest element of each window: (..., channels, height, width) -> (..., channels, *out).

    out = (size + 2 padding - dilation (kernel_size - 1) - 1) / stride + 1, rounded down, or up in
    ceil_mode; stride is kernel_size by default. With return_indices also where in its plane of height
    x width each was found, counted by rows. RuntimeError for numbers that do not fit the shape.
    """
    found = pooling_windows(
        "max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode
    )
    return pooled_max(input, 2, found, dilation, return_indices)


def max_pool3d(
    input: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    dilation: int | Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest element of each window: max_pool2d for volumes (..., channels, depth, height,
    width)."""
    found = pooling_windows(
        "max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode
    )
    return pooled_max(input, 3, found, dilation, return_indices)


def avg_pool1d(
    input: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Return the mean of each window: avg_pool2d in one dimension."""
    found = pooling_windows(
        "avg_pool1d", 1, input, kernel_size, stride, padding, 1, ceil_mode, count_include_pad
    )
    return pooled_mean(input, 1, found)


def avg_pool2d(
    input: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of each window: (..., channels, height, width) -> (..., channels, *out).

    The sum is divided by the window's elements, padding included unless count_include_pad is False,
    or by divisor_override. The size of the result is max_pool2d's. RuntimeError for numbers that do
    not fit the shape.
    """
    if divisor_override == 0:
        raise RuntimeError("avg_pool2d: divisor must be not zero")
    found = pooling_windows(
        "avg_pool2d", 2, input, kernel_size, stride, padding, 1, ceil_mode, count_include_pad
    )
    return pooled_mean(input, 2, found, divisor_override or 0)


def avg_pool3d(
    input: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of each window: avg_pool2d for volumes (..., channels, depth, height, width)."""
    if divisor_override == 0:
        raise RuntimeError("avg_pool3d: divisor must be not zero")
    found = pooling_windows(
        "avg_pool3d", 3, input, kernel_size, stride, padding, 1, ceil_mode, count_include_pad
    )
    return pooled_mean(input, 3, found, divisor_override or 0)


def lp_pool1d(
    input: Any,
    norm_type: float,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """Return (sum x^norm_type)^(1 / norm_type) of each window: lp_pool2d in one dimension."""
    return pooled_norm("lp_pool1d", 1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Any,
    norm_type: float,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """Return (sum x^norm_type)^(1 / norm_type) of each window: (..., channels, height, width) ->
    (..., channels, *out).

    1 is the sum, inf the largest |x|; an odd norm_type keeps the signs, and a negative sum may have no
    root (nan). The gradient of a window that sums to 0 is 0. A window that hangs over the edge, as in
    ceil_mode, counts as if it were full. The size of the result is max_pool2d's. RuntimeError for
    numbers that do not fit the shape.
    """
    return pooled_norm("lp_pool2d", 2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Any,
    norm_type: float,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """Return (sum x^norm_type)^(1 / norm_type) of each window: lp_pool2d for volumes (..., channels,
    depth, height, width)."""
    return pooled_norm("lp_pool3d", 3, input, norm_type, kernel_size, stride, ceil_mode)
