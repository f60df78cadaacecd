"""A tensor's memory seen with other steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd.op import Op, Variable, unwrap, wrap
from ..tensor import Tensor, method
from .indexing import Accumulate, accumulate

__all__ = ["as_strided"]


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
