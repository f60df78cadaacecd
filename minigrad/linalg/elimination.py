"""Gaussian elimination: matrices as a permutation, a lower and an upper triangle, and what is solved with these."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import return_types
from ..autograd.op import unwrap, wrap_like
from ..ops.arithmetic import add, sub
from ..ops.diagonals import tril, triu
from ..ops.joining import cat
from ..ops.products import matmul
from ..tensor import Tensor
from .checks import LinAlgError, check_matrix
from .decompositions import Factorization
from .solving import SolveTriangular, check_equations, stacked

__all__ = ["lu", "lu_factor", "lu_factor_ex", "lu_solve", "lu_unpack"]


class LU(Factorization):
    """A = P L U, L without its diagonal of ones and U in one matrix; and the pivots: row j was
    exchanged with row pivots[j], counted from 1.

    Of a square A, dA = P L^-T (lower(L^T dL) + upper(dU U^T)) U^-T. What is beside, or below, the
    square is L^-1 A, or A U^-1: it has its own gradient, and a part in that of L, or U.
    """

    __slots__ = ()

    def forward(self, A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.inputs = (A,)
        self.saved = eliminated(A)
        return self.saved

    def backward(self, grad: Any, _: Any) -> Any:
        packed, pivots = self.results(grad)
        P, L, U = factors(packed, unwrap(pivots))
        m, n = grad.shape[-2:]
        k = min(m, n)
        L, U = L[..., :k, :], U[..., :k]
        lower = matmul(L.mT, tril(grad[..., :k, :k], -1))
        upper = matmul(triu(grad[..., :k, :k]), U.mT)
        if m < n:
            beside = grad[..., k:]
            lower = sub(lower, matmul(beside, triu(packed)[..., k:].mT))
        elif m > n:
            below = grad[..., k:, :]
            upper = sub(upper, matmul(packed[..., k:, :].mT, below))
        inner = SolveTriangular(True)(L.mT, add(tril(lower, -1), triu(upper)))
        dA = SolveTriangular(True)(U, inner.mT).mT
        if m < n:
            dA = cat([dA, SolveTriangular(True)(L.mT, beside)], -1)
        elif m > n:
            dA = cat([dA, SolveTriangular(True)(U, below.mT).mT], -2)
        return matmul(P, dA)


def eliminated(A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return L (below the diagonal) and U in one matrix, and the pivots, of each matrix."""
    m, n = A.shape[-2:]
    packed = A.reshape((math.prod(A.shape[:-2]), m, n)).copy()
    each = np.arange(len(packed))
    pivots = np.empty((len(packed), min(m, n)), np.int32)
    for j in range(min(m, n)):
        row = j + np.abs(packed[:, j:, j]).argmax(1)
        pivots[:, j] = row + 1
        packed[each, row], packed[:, j] = packed[:, j].copy(), packed[each, row]
        below, pivot = packed[:, j + 1 :, j], packed[:, j, j, None]
        np.divide(below, pivot, out=below, where=pivot != 0)
        packed[:, j + 1 :, j + 1 :] -= below[:, :, None] * packed[:, j, None, j + 1 :]
    return packed.reshape(A.shape), pivots.reshape((*A.shape[:-2], min(m, n)))


def permutation(pivots: np.ndarray, m: int, dtype: np.dtype) -> np.ndarray:
    """Return the matrices P with P^T A as A with the rows exchanged."""
    flat = pivots.reshape((math.prod(pivots.shape[:-1]), pivots.shape[-1]))
    order = np.tile(np.arange(m), (len(flat), 1))
    each = np.arange(len(flat))
    for j in range(flat.shape[1]):
        row = flat[:, j] - 1
        order[each, row], order[:, j] = order[:, j].copy(), order[each, row]
    return np.eye(m, dtype=dtype)[order].mT.reshape((*pivots.shape[:-1], m, m))


def factors(packed: Any, pivots: np.ndarray) -> tuple[np.ndarray, Any, Any]:
    """Return P, L and U."""
    m, n = packed.shape[-2:]
    k = min(m, n)
    L = add(tril(packed[..., :k], -1), np.eye(m, k, dtype=packed.dtype))
    return permutation(pivots, m, packed.dtype), L, triu(packed[..., :k, :])


def lu(A: Any, *, pivot: bool = True) -> return_types.linalg_lu:
    """Return (P, L, U) with A = P L U: a permutation, ones and what is below them, and an upper
    triangle; (m, n) -> (m, m), (m, k), (k, n), k = min(m, n).
    """
    LU, pivots, _ = lu_factor_ex(A, pivot=pivot)
    return return_types.linalg_lu(*lu_unpack(LU, pivots))


def lu_factor(A: Any, *, pivot: bool = True) -> return_types.linalg_lu_factor:
    """Return (LU, pivots), for `lu_solve`: L without its ones and U in one matrix, and the rows,
    counted from 1, with which each row in turn was exchanged.

    LinAlgError for a matrix with a zero in the diagonal of U.
    """
    LU, pivots, info = lu_factor_ex(A, pivot=pivot)
    if np.any(unwrap(info)):
        zero = np.max(unwrap(info))
        raise LinAlgError(
            f"linalg.lu_factor: U[{zero},{zero}] is zero and using it on lu_solve would result in a "
            f"division by zero; linalg.lu and linalg.lu_factor_ex take it"
        )
    return return_types.linalg_lu_factor(LU, pivots)


def lu_factor_ex(
    A: Any, *, pivot: bool = True, check_errors: bool = False
) -> return_types.linalg_lu_factor_ex:
    """Return (LU, pivots, info): as `lu_factor`, but `info` says for each matrix which element of
    the diagonal of U, counted from 1, is the first zero, 0 if none is.
    """
    check_matrix("linalg.lu_factor", A)
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")
    packed, pivots = LU()(A)
    zero = np.diagonal(unwrap(packed), axis1=-2, axis2=-1) == 0
    info = np.where(zero.any(-1), zero.argmax(-1) + 1, 0) if zero.shape[-1] else zero.sum(-1)
    if check_errors and np.any(info):
        raise LinAlgError(f"linalg.lu_factor_ex: U[{np.max(info)},{np.max(info)}] is zero")
    return return_types.linalg_lu_factor_ex(
        packed, pivots, wrap_like(np.asarray(info, np.int32), A)
    )


def lu_unpack(
    LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True
) -> return_types.lu_unpack:
    """Return the (P, L, U) that `lu_factor` has packed; what is not to be unpacked is empty."""
    P, L, U = factors(LU_data, unwrap(LU_pivots))
    nothing = wrap_like(np.zeros(0, LU_data.dtype), LU_data)
    if not unpack_data:
        L = U = nothing
    return return_types.lu_unpack(wrap_like(P, LU_data) if unpack_pivots else nothing, L, U)


def lu_solve(LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False) -> Tensor:
    """Return the X with A X = B (or, unless `left`, X A = B), for the A that `lu_factor` took apart,
    or its transpose, if `adjoint`.
    """
    check_matrix("linalg.lu_solve", B)
    check_equations("linalg.lu_solve", LU, B, left)
    if not left:
        return lu_solve(LU, pivots, B.mT, adjoint=not adjoint).mT
    P, L, U = factors(LU, unwrap(pivots))
    if adjoint:
        U, B = stacked("linalg.lu_solve", U, B)
        return matmul(P, SolveTriangular(True)(L.mT, SolveTriangular(False)(U.mT, B)))
    L, B = stacked("linalg.lu_solve", L, matmul(P.mT, B))
    return SolveTriangular(True)(U, SolveTriangular(False)(L, B))
