"""Matrix products: csrc/gemm.c."""

from __future__ import annotations

import numpy as np

from .._native import empty, layouts
from .base import Array, contiguous, doors

__all__ = [
    "matmul",
]


def matmul(a: Array, b: Array, bias: Array | None = None) -> Array:
    """y = a b + bias: (..., m, k) (..., k, n) -> (..., m, n), one dtype; stacks broadcast.

    Any layout is taken as it is, a transposed view (W.T) without a copy. `bias` (n,) is added to
    each row. Two matrices go to the kernel; stacks, integers and other strides to NumPy's matmul."""
    flags = layouts(a, b)
    if flags >= 0 and a.shape[1] == b.shape[0]:
        y = empty((a.shape[0], b.shape[1]), a.dtype)
        if bias is not None:
            (bias,) = contiguous("matmul", bias)
        a_by_columns, b_by_columns = flags & 1, flags >> 1
        doors.matmul(
            y,
            a.T if a_by_columns else a,
            b.T if b_by_columns else b,
            bias,
            a_by_columns,
            b_by_columns,
            0,
        )
        return y
    stack = () if a.ndim == b.ndim == 2 else np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    y = empty((*stack, a.shape[-2], b.shape[-1]), a.dtype)
    np.matmul(a, b, out=y)
    if bias is not None:
        y += bias
    return y
