"""Orthogonal matrices as products of reflections (Householder's): Q = H_1 H_2 ... H_k, H_i = I - tau_i v_i v_i^T.

v_i is the column i of a matrix, but for 1 in its place i and 0 above it. Source: Golub and Van Loan, "Matrix
computations" (2013), chapter 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .. import return_types
from ..autograd.op import unwrap, wrap_like
from ..ops.arithmetic import add, mul, sub
from ..ops.diagonals import tril
from ..ops.products import matmul
from ..ops.shape import unsqueeze
from ..tensor import Tensor, method
from .checks import check_matrix

__all__ = ["geqrf", "householder_product", "ormqr"]


@method()
def geqrf(input: Any) -> return_types.geqrf:
    """Return (a, tau) of A = Q R: R on and above the diagonal of a, and below it, with tau, the reflections that
    Q is the product of; (m, n) -> (m, n), (min(m, n)). It has no gradient: `linalg.qr` has.
    """
    check_matrix("geqrf", input)
    transposed, tau = np.linalg.qr(unwrap(input), "raw")
    return return_types.geqrf(wrap_like(transposed.mT, input), wrap_like(tau, input))


@method("orgqr")
def householder_product(A: Any, tau: Any) -> Tensor:
    """Return the first n columns of Q, for the reflections in A and tau: (m, n), (k) -> (m, n), m >= n >= k."""
    check_reflections("householder_product", A, tau)
    m, n = A.shape[-2:]
    if m < n:
        raise RuntimeError(
            f"householder_product: the matrix must be (m, n) with m >= n, not {m} by {n}"
        )
    start = wrap_like(np.broadcast_to(np.eye(m, n, dtype=A.dtype), A.shape), A)
    return reflected(A, tau, start, reversed(range(tau.shape[-1])))


@method()
def ormqr(input: Any, tau: Any, other: Any, left: bool = True, transpose: bool = False) -> Tensor:
    """Return Q `other`, or `other` Q unless `left`, Q^T for Q if `transpose`: the product with the whole Q, without
    making it. Of the reflections in `input` (m, k) and `tau` (k), Q is (m, m).
    """
    check_reflections("ormqr", input, tau)
    check_matrix("ormqr", other)
    if not left:
        return ormqr(input, tau, other.mT, transpose=not transpose).mT
    if other.shape[-2] != input.shape[-2]:
        raise RuntimeError(
            f"ormqr: other {list(other.shape)} must have as many rows (left=True) or columns "
            f"(left=False) as the reflections have, {input.shape[-2]}"
        )
    steps = range(tau.shape[-1])
    return reflected(input, tau, other, steps if transpose else reversed(steps))


def reflected(A: Any, tau: Any, C: Any, order: Iterable[int]) -> Any:
    """Return C after the reflections of A and tau in this order."""
    V = add(tril(A, -1), np.eye(*A.shape[-2:], dtype=A.dtype))
    for i in order:
        v = V[..., i : i + 1]
        scaled = mul(v, unsqueeze(tau[..., i : i + 1], -1))
        C = sub(C, matmul(scaled, matmul(v.mT, C)))
    return C


def check_reflections(name: str, A: Any, tau: Any) -> None:
    check_matrix(name, A)
    if (
        A.shape[:-2] != tau.shape[:-1]
        or tau.ndim != A.ndim - 1
        or tau.shape[-1] > min(A.shape[-2:])
    ):
        raise RuntimeError(
            f"{name}: reflections are matrices (m, n), and for each a vector tau of at most min(m, n), "
            f"not {list(A.shape)} and {list(tau.shape)}"
        )
    if tau.dtype != A.dtype:
        raise RuntimeError(f"{name}: tau is {tau.dtype}, the matrix {A.dtype}; they must agree")
