"""A tensor's memory seen with other steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd.op import Op, Variable, unwrap, wrap
from ..tensor import Tensor, method, view_inplace_form
from .conversion import clone
from .creation import empty
from .indexing import Accumulate, accumulate

__all__ = ["as_strided", "as_strided_scatter", "empty_permuted", "empty_strided"]


class AsStrided(Op):
    """y[i, j, ...] = x[offset + i stride_0 + j stride_1 + ...], x seen as one dimension: a view.

    source  the shape of x
    """

    __slots__ = ("offset", "shape", "source", "stride")
    is_view = True

    def __init__(self, shape: tuple[int, ...], stride: tuple[int, ...], offset: int) -> None:
        self.shape, self.stride, self.offset = shape, stride, offset

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.source = x.shape
        steps = tuple(step * x.itemsize for step in self.stride)
        flat = x.reshape(-1)[self.offset :]
        return np.lib.stride_tricks.as_strided(flat, self.shape, steps)

    def backward(self, grad: Any) -> Any:
        size = math.prod(self.source)
        places = self.unused().forward(np.arange(size)).reshape(-1)
        if isinstance(grad, Variable):
            zeros = wrap(np.zeros(size, grad.dtype))
            return Accumulate((places,))(zeros, grad.reshape(-1)).reshape(self.source)
        zeros = np.zeros(size, grad.dtype)
        accumulate(zeros, (places,), grad.reshape(-1))
        return zeros.reshape(self.source)


@method()
def as_strided(
    input: Any, size: Sequence[int], stride: Sequence[int], storage_offset: int = 0
) -> Tensor:
    """Return a view of shape `size` whose neighbours along dimension d are stride[d] elements apart.

    y[i, j, ...] = x[storage_offset + i stride[0] + j stride[1] + ...], x in row-major order, which
    `input` must be in; the offset counts from its first element. RuntimeError for what lies beyond
    its last one.
    """
    size, stride = tuple(size), tuple(stride)
    if len(size) != len(stride):
        raise RuntimeError(
            f"as_strided: size {list(size)} and stride {list(stride)} differ in their length"
        )
    if min(stride, default=0) < 0 or storage_offset < 0:
        raise RuntimeError(
            f"as_strided: Negative strides are not supported, nor offsets: got strides "
            f"{list(stride)}, offset {storage_offset}"
        )
    if not unwrap(input).flags.c_contiguous:
        raise RuntimeError("as_strided: the input is not contiguous; use contiguous() before")
    last = storage_offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if 0 not in size and last >= math.prod(input.shape):
        raise RuntimeError(
            f"as_strided: size {list(size)}, stride {list(stride)} and offset {storage_offset} "
            f"reach element {last} of {math.prod(input.shape)}"
        )
    return AsStrided(size, stride, storage_offset)(input)


Tensor.as_strided_ = view_inplace_form(as_strided, "as_strided_")  # type: ignore[attr-defined]


@method()
def as_strided_scatter(
    input: Any, src: Any, size: Sequence[int], stride: Sequence[int], storage_offset: int = 0
) -> Tensor:
    """Return a copy of `input` with `src` where `as_strided` with these arguments looks."""
    result = clone(input)
    place = as_strided(result, size, stride, storage_offset)
    if tuple(place.shape) != tuple(src.shape):
        raise RuntimeError(
            f"as_strided_scatter: expected src to have a size equal to the slice of self. src size = "
            f"{list(src.shape)}, slice size = {list(place.shape)}"
        )
    place.copy_(src)
    return result


def empty_strided(size: Sequence[int], stride: Sequence[int], **options: Any) -> Tensor:
    """Return a tensor of shape `size` whose values are whatever was in its memory, and whose neighbours
    along dimension d are stride[d] elements apart. `options` are those of `empty`.
    """
    steps = zip(size, stride, strict=True)
    length = 0 if 0 in size else 1 + sum((n - 1) * step for n, step in steps)
    requires_grad = options.pop("requires_grad", False)
    memory = empty(length, **options).array
    bytes_apart = tuple(step * memory.itemsize for step in stride)
    result = wrap(np.lib.stride_tricks.as_strided(memory, tuple(size), bytes_apart))
    return result.requires_grad_() if requires_grad else result


@method("new_empty_strided")
def _new_empty_strided(
    input: Tensor, size: Sequence[int], stride: Sequence[int], dtype: Any = None, **options: Any
) -> Tensor:
    """As `empty_strided`, with the dtype of this tensor unless another one is given."""
    return empty_strided(size, stride, dtype=dtype or input.dtype, **options)


def empty_permuted(size: Sequence[int], physical_layout: Sequence[int], **options: Any) -> Tensor:
    """Return an uninitialised tensor of shape `size` whose dimensions lie in memory in the order
    `physical_layout`, the last one densely. `options` are those of `empty`.
    """
    if sorted(physical_layout) != list(range(len(size))):
        raise RuntimeError(
            f"Dimensions in physical_layout must be unique and those of a tensor of shape "
            f"{list(size)}, not {list(physical_layout)}"
        )
    stride, step = [0] * len(size), 1
    for dim in reversed(physical_layout):
        stride[dim], step = step, step * max(size[dim], 1)
    return empty_strided(size, stride, **options)
