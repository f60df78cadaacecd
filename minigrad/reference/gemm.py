"""Matrix products."""

from __future__ import annotations

import numpy as np

__all__ = ["linear_backward", "matmul"]

Array = np.ndarray


def matmul(
    c: Array,
    a: Array,
    b: Array,
    bias: Array | None,
    transpose_a: int,
    transpose_b: int,
    add_to_c: int,
) -> None:
    """c = op(a) op(b) + bias, or c += op(a) op(b); op transposes where the flag says so. Stacks of
    matrices broadcast."""
    a = a.mT if transpose_a else a
    b = b.mT if transpose_b else b
    if add_to_c:
        c += a @ b
        return
    np.matmul(a, b, out=c)
    if bias is not None:
        c += bias


def linear_backward(
    dx: Array | None,
    dw: Array | None,
    db: Array | None,
    dy: Array,
    x: Array | None,
    w: Array | None,
) -> None:
    """dx = dy w, dw = dy^T x, db = the sum of dy's rows; those that are not None."""
    if dx is not None:
        np.matmul(dy, w, out=dx)
    if dw is not None:
        np.matmul(dy.T, x, out=dw)
    if db is not None:
        np.sum(dy, 0, out=db)
