"""Matrix products: csrc/gemm.c."""

from __future__ import annotations

import numpy as np

from .. import reference
from .._native import empty, linear_backward_arguments, matmul_arguments, simd
from .base import Array, contiguous, doors
from .reduce import sum

__all__ = ["linear_backward", "matmul", "product"]

# Without FMA instructions NumPy's BLAS is faster (measured: csrc/README.md). It has a pool of threads
# of its own, and the last bits may depend on how many.
MATMUL_BY_NUMPY = doors is reference or simd() == "baseline"
_multiply = reference.matmul if MATMUL_BY_NUMPY else doors.matmul


def product(a: Array, b: Array, bias: Array | None = None) -> Array | None:
    """y = a b + bias, as matmul has it, if the arrays are of one float type and fit each other, and
    lie in memory as the kernel takes them; None if not. One question, because who asks it each by
    itself waits longer than for a small product."""
    arguments = matmul_arguments(a, b, bias, None)
    if arguments is None:
        return None
    _multiply(*arguments)
    return arguments[0]


def matmul(a: Array, b: Array, bias: Array | None = None, add_to: Array | None = None) -> Array:
    """y = a b + bias: (..., m, k) (..., k, n) -> (..., m, n), one dtype; stacks broadcast.

    `bias` (n,) is added to each row. With `add_to`, a C-contiguous array of the result's shape and
    dtype, it is add_to += a b, which is returned; there is no bias then. Matrices by rows or by
    columns (W.T), also with gaps between them, are taken as they are; other strides are copied.
    Other dtypes than float32 and float64 go to NumPy's matmul."""
    arguments = matmul_arguments(a, b, bias, add_to)
    if arguments is None:
        if a.dtype not in (np.float32, np.float64) or a.dtype != b.dtype:
            stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
            y = empty((*stack, a.shape[-2], b.shape[-1]), np.result_type(a, b))
            with np.errstate(all="ignore"):
                np.matmul(a, b, out=y)
                return y if bias is None else np.add(y, bias, out=y)
        a, b = contiguous("matmul", a, b)
        if bias is not None:
            (bias,) = contiguous("matmul", bias)
        arguments = matmul_arguments(a, b, bias, add_to)
        if arguments is None:
            raise ValueError(f"matmul: {a.shape} and {b.shape} do not fit")
    _multiply(*arguments)
    return arguments[0]


def linear_backward(
    grad: Array, x: Array | None, weight: Array | None, need_bias: bool
) -> tuple[Array | None, Array | None, Array | None]:
    """(dx, dweight, dbias) of y = x weight^T + bias, for matrices: grad weight, unless weight is
    None; grad^T x, unless x is None; the sum of grad's rows, if it is needed.

    grad (rows, out), x (rows, in), weight (out, in)."""
    if not MATMUL_BY_NUMPY:
        arguments = linear_backward_arguments(grad, x, weight, need_bias)
        if arguments is not None:
            doors.linear_backward(*arguments)
            return arguments[:3]
    return (
        None if weight is None else matmul(grad, weight),
        None if x is None else matmul(grad.T, x),
        sum(grad, (0,)) if need_bias else None,
    )
