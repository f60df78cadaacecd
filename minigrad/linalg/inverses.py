"""Inverses, pseudo-inverses, and the least squares and the rank that come of these."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import return_types
from ..autograd.op import Op, unwrap, wrap_like
from ..ops.arithmetic import add, neg, sub
from ..ops.diagonals import tril, triu
from ..ops.pointwise import square
from ..ops.products import matmul
from ..ops.reduction import sum
from ..ops.shape import reshape, squeeze, unsqueeze
from ..tensor import Tensor, method
from .checks import check_matrix, solved
from .decompositions import NOT_CONVERGED, svdvals
from .solving import SINGULAR, is_vector

__all__ = ["cholesky_inverse", "inv", "lstsq", "matrix_rank", "pinv", "tensorinv"]


class Inverse(Op):
    """Y = A^-1; dA = -Y^T dY Y^T"""

    __slots__ = ()

    def forward(self, A: np.ndarray) -> np.ndarray:
        self.output = solved("linalg.inv", SINGULAR, np.linalg.inv, A)
        return self.output

    def backward(self, grad: Any) -> Any:
        Y = self.output.mT
        return neg(matmul(matmul(Y, grad), Y))


class PseudoInverse(Op):
    """P = A^+, singular values up to the tolerance counting as 0.

    dP = -P dA P + P P^T dA^T (I - A P) + (I - P A) dA^T P^T P: Golub and Pereyra, "The
    differentiation of pseudo-inverses and nonlinear least squares problems" (1973)
    """

    __slots__ = ("atol", "hermitian", "rtol")

    def __init__(self, atol: Any, rtol: Any, hermitian: bool) -> None:
        self.atol, self.rtol, self.hermitian = atol, rtol, hermitian

    def forward(self, A: np.ndarray) -> np.ndarray:
        self.inputs = (A,)
        options = {"full_matrices": False, "hermitian": self.hermitian}
        U, S, V = solved("linalg.pinv", NOT_CONVERGED, np.linalg.svd, A, **options)
        kept = tolerance(A, S, self.atol, self.rtol) < S
        S = np.where(kept, 1 / np.where(kept, S, 1), 0).astype(A.dtype)
        self.output = (V.mT * S[..., None, :]) @ U.mT
        return self.output

    def backward(self, grad: Any) -> Any:
        (A,), P = self.inputs, self.output
        PT, GT = P.mT, grad.mT
        first = matmul(matmul(PT, grad), PT)
        second = matmul(matmul(GT, P), PT)
        third = matmul(matmul(PT, P), GT)
        second = sub(second, matmul(A, matmul(P, second)))
        third = sub(third, matmul(matmul(third, P), A))
        return add(sub(second, first), third)


def tolerance(A: np.ndarray, S: np.ndarray, atol: Any, rtol: Any) -> np.ndarray:
    """Return max(atol, rtol sigma_1); rtol is by default eps max(m, n), 0 if atol is given."""
    if rtol is None:
        plain = atol is None or not np.any(unwrap(atol))
        rtol = np.finfo(A.dtype).eps * max(A.shape[-2:]) if plain else 0
    largest = S.max(-1, keepdims=True, initial=0)
    columns = [np.asarray(unwrap(0 if t is None else t))[..., None] for t in (atol, rtol)]
    return np.maximum(columns[0], columns[1] * largest)


@method()
def cholesky_inverse(L: Any, upper: bool = False) -> Tensor:
    """Return (L L^T)^-1, or (U^T U)^-1 if `upper`, for a factor that `cholesky` gave."""
    check_matrix("cholesky_inverse", L, square=True)
    factor = triu(L) if upper else tril(L)
    return inv(matmul(factor.mT, factor) if upper else matmul(factor, factor.mT))


@method("inverse")
def inv(A: Any) -> Tensor:
    """Return A^-1. LinAlgError where A is singular; to solve equations, `solve` is better."""
    check_matrix("linalg.inv", A, square=True)
    return Inverse()(A)


def pinv(
    A: Any, rcond: Any = None, *, atol: Any = None, rtol: Any = None, hermitian: bool = False
) -> Tensor:
    """Return Moore and Penrose's pseudo-inverse: (..., m, n) -> (..., n, m).

    Singular values up to max(atol, rtol * the largest) count as 0; `rtol`, or by its older name
    `rcond`, is by default eps * max(m, n), and 0 where `atol` is given.
    """
    check_matrix("linalg.pinv", A, square=hermitian)
    return PseudoInverse(atol, rcond if rtol is None else rtol, hermitian)(A)


def lstsq(
    A: Any, B: Any, rcond: float | None = None, *, driver: str | None = None
) -> return_types.linalg_lstsq:
    """Return (solution, residuals, rank, singular_values) of the least squares problem min |A X - B|.

    The solution is A^+ B, of the least norm, whatever LAPACK's `driver` of that name would do; what
    comes with it depends on `driver` as in PyTorch: "gelsy" (default) and "gelsd" and "gelss" tell
    the rank, the last two the singular values, all but "gelsy" the residuals, which are the sums of
    squares for each column of B, where A has more rows than columns and full rank.
    """
    check_matrix("linalg.lstsq", A)
    driver = "gelsy" if driver is None else driver
    if driver not in ("gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            f"linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss), not "
            f"{driver}"
        )
    vector = is_vector(A, B)
    rows = unsqueeze(B, -1) if vector else B
    if rows.ndim < 2 or rows.shape[-2] != A.shape[-2]:
        raise RuntimeError(
            f"linalg.lstsq: A {list(A.shape)} and B {list(B.shape)} differ in their rows"
        )
    X = matmul(pinv(A, rcond), rows)
    array, (m, n) = unwrap(A), A.shape[-2:]
    values = svdvals(array)
    rank = (values > tolerance(array, values, None, rcond)).sum(-1)
    residuals = wrap_like(np.zeros(0, A.dtype), A)
    if driver != "gelsy" and m > n and np.all(rank == n):
        residuals = sum(square(sub(matmul(A, X), rows)), -2)
    if driver == "gels":
        rank = np.zeros(0, np.int64)
    if driver in ("gels", "gelsy"):
        values = np.zeros(0, A.dtype)
    solution = squeeze(X, -1) if vector else X
    return return_types.linalg_lstsq(
        solution, residuals, wrap_like(np.asarray(rank), A), wrap_like(values, A)
    )


def matrix_rank(
    A: Any, tol: Any = None, *, atol: Any = None, rtol: Any = None, hermitian: bool = False
) -> Tensor:
    """Return how many singular values exceed max(atol, rtol * the largest), as `pinv` has it.

    `tol` is an older name of `atol`.
    """
    check_matrix("linalg.matrix_rank", A, square=hermitian)
    array = unwrap(A)
    S = solved(
        "linalg.matrix_rank",
        NOT_CONVERGED,
        np.linalg.svd,
        array,
        compute_uv=False,
        hermitian=hermitian,
    )
    rank = (tolerance(array, S, atol if tol is None else tol, rtol) < S).sum(-1)
    return wrap_like(np.asarray(rank), A)


def tensorinv(A: Any, ind: int = 2) -> Tensor:
    """Return the inverse of A as a matrix whose rows are the first `ind` dimensions."""
    rows, columns = math.prod(A.shape[:ind]), math.prod(A.shape[ind:])
    if ind <= 0 or rows != columns:
        raise RuntimeError(
            f"linalg.tensorinv: the first {ind} dimensions of {list(A.shape)} have {rows} elements "
            f"and the others {columns}; they must be as many"
        )
    return reshape(inv(reshape(A, (rows, columns))), (*A.shape[ind:], *A.shape[:ind]))
