"""Matrix products: csrc/gemm.c."""

from __future__ import annotations

import numpy as np

from .._native import empty, matmul_arguments
from .base import Array, doors

__all__ = [
    "matmul",
    "product",
]


def product(a: Array, b: Array, bias: Array | None = None) -> Array | None:
    """y = a b + bias of two matrices (m, k) (k, n) and a row (n), if they are of one float type and
    fit each other, in a layout that the kernel takes as it is: by rows, or by columns (W.T); None
    if not. One question, because who asks it each by itself waits longer than for a small product.
    """
    arguments = matmul_arguments(a, b, bias)
    if arguments is None:
        return None
    doors.matmul(*arguments)
    return arguments[0]


def matmul(a: Array, b: Array, bias: Array | None = None) -> Array:
    """y = a b + bias: (..., m, k) (..., k, n) -> (..., m, n), one dtype; stacks broadcast.

    Any layout is taken as it is, a transposed view (W.T) without a copy. `bias` (n,) is added to
    each row. Two matrices go to the kernel; stacks, integers and other strides to NumPy's matmul."""
    y = product(a, b, bias)
    if y is not None:
        return y
    stack = () if a.ndim == b.ndim == 2 else np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    y = empty((*stack, a.shape[-2], b.shape[-1]), a.dtype)
    np.matmul(a, b, out=y)
    if bias is not None:
        y += bias
    return y
