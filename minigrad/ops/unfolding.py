"""The windows of an image as columns, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op
from ..tensor import Tensor
from .dims import check_numbers, per_dim

__all__ = ["fold", "unfold"]

Sizes = tuple[int, ...]


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
