"""Matrices as products of simpler ones: Cholesky's, QR, eigenvectors, singular vectors.

Those with several results make them anew where their backward is recorded: what forward kept are arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import return_types
from ..autograd.op import Op, unwrap, wrap_like
from ..ops.arithmetic import add, mul, sub
from ..ops.diagonals import tril
from ..ops.division import div
from ..ops.joining import cat
from ..ops.products import matmul
from ..ops.shape import unsqueeze
from ..tensor import Tensor, method
from .checks import check_matrix, solved
from .solving import SolveTriangular

__all__ = ["cholesky", "eigh", "eigvalsh", "qr", "svd", "svdvals"]

NOT_CONVERGED = "the algorithm failed to converge"


class Cholesky(Op):
    """A = L L^T; dA = L^-T P L^-1, made symmetric, P the lower triangle of L^T dL with half of its
    diagonal: Murray, "Differentiation of the Cholesky decomposition" (2016)"""

    __slots__ = ()

    def forward(self, A: np.ndarray) -> np.ndarray:
        why = "the input is not positive-definite"
        self.output = solved("linalg.cholesky", why, np.linalg.cholesky, A)
        return self.output

    def backward(self, grad: Any) -> Any:
        LT = self.output.mT
        half = np.tril(np.ones(LT.shape[-2:], LT.dtype)) - np.eye(LT.shape[-1], dtype=LT.dtype) / 2
        inner = SolveTriangular(True)(LT, mul(matmul(LT, grad), half))
        dA = SolveTriangular(True)(LT, inner.mT)
        return mul(add(dA, dA.mT), 0.5)


class Factorization(Op):
    """An operation with several results, of which any may be without a gradient.

    saved  the results, as arrays
    """

    __slots__ = ()

    def results(self, *grads: Any) -> tuple[Any, ...]:
        """Return what `forward` did, recorded if the gradients are."""
        if all(grad is None or isinstance(grad, np.ndarray) for grad in grads):
            return self.saved
        return self.unused()(self.inputs[0])


class QR(Factorization):
    """A = Q R, R upper triangular: Roberts and Roberts, "QR and LQ decomposition matrix
    backpropagation algorithms for square, wide, and deep matrices" (2020)"""

    __slots__ = ("mode",)

    def __init__(self, mode: str) -> None:
        self.mode = mode

    def forward(self, A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.inputs = (A,)
        if self.mode == "r":
            self.saved = np.zeros(0, A.dtype), np.linalg.qr(A, "r")
        else:
            self.saved = tuple(np.linalg.qr(A, self.mode))
        return self.saved

    def backward(self, dQ: Any, dR: Any) -> Any:
        (A,), (m, n) = self.inputs, self.inputs[0].shape[-2:]
        if self.mode == "r" or (self.mode == "complete" and m > n):
            raise RuntimeError(
                f"linalg.qr: mode={self.mode!r} has no gradient for matrices of {m} by {n}, since "
                f"there Q is not unique; mode='reduced' has one"
            )
        Q, R = self.results(dQ, dR)
        if m >= n:
            return self.deep(Q, R, dQ, dR)
        # Wide: A = [X Y] with X = Q U, and R = [U V].
        Y, U = A[..., m:], R[..., :m]
        dU = None if dR is None else dR[..., :m]
        if dR is None:
            return cat([self.deep(Q, U, dQ, None), mul(Y, 0)], -1)
        dV = dR[..., m:]
        through = matmul(Y, dV.mT)
        dX = self.deep(Q, U, through if dQ is None else add(dQ, through), dU)
        return cat([dX, matmul(Q, dV)], -1)

    @staticmethod
    def deep(Q: Any, R: Any, dQ: Any, dR: Any) -> Any:
        """(dQ + Q S) R^-T, S the symmetric matrix with the lower triangle of R dR^T - dQ^T Q"""
        M = None if dR is None else matmul(R, dR.mT)
        if dQ is not None:
            M = mul(matmul(dQ.mT, Q), -1) if M is None else sub(M, matmul(dQ.mT, Q))
        S = add(tril(M), tril(M, -1).mT)
        inner = matmul(Q, S) if dQ is None else add(dQ, matmul(Q, S))
        return SolveTriangular(True)(R, inner.mT).mT


class Eigh(Factorization):
    """A = V diag(w) V^T for a symmetric A; dA = V (diag(dw) + (X - X^T) / 2E) V^T,
    where X = V^T dV and E_ij = w_j - w_i"""

    __slots__ = ("uplo",)

    def __init__(self, uplo: str) -> None:
        self.uplo = uplo

    def forward(self, A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.inputs = (A,)
        self.saved = tuple(solved("linalg.eigh", NOT_CONVERGED, np.linalg.eigh, A, self.uplo))
        return self.saved

    def backward(self, dw: Any, dV: Any) -> Any:
        w, V = self.results(dw, dV)
        inner = None if dw is None else diagonal(dw)
        if dV is not None:
            X = matmul(V.mT, dV)
            turned = div(sub(X, X.mT), mul(differences(w), 2))
            inner = turned if inner is None else add(inner, turned)
        return matmul(matmul(V, inner), V.mT)


def diagonal(w: Any) -> Any:
    """Return diag(w), for the last dimension of w."""
    return mul(unsqueeze(w, -1), np.eye(w.shape[-1], dtype=w.dtype))


def differences(w: Any) -> Any:
    """Return w_j - w_i, and 1 in the diagonal, to divide by."""
    unit = np.eye(w.shape[-1], dtype=w.dtype)
    return add(sub(unsqueeze(w, -2), unsqueeze(w, -1)), unit)


class SVD(Factorization):
    """A = U diag(s) V^T: Townsend, "Differentiating the singular value decomposition" (2016)

    dA = U ((skew(U^T dU) / E) diag(s) + diag(ds) + diag(s) skew(V^T dV) / E) V^T
         + (I - U U^T) dU diag(1/s) V^T + U diag(1/s) dV^T (I - V V^T),
    where skew(X) = X - X^T and E_ij = s_j^2 - s_i^2
    """

    __slots__ = ("full_matrices",)

    def __init__(self, full_matrices: bool) -> None:
        self.full_matrices = full_matrices

    def forward(self, A: np.ndarray) -> tuple[np.ndarray, ...]:
        self.inputs = (A,)
        self.saved = tuple(
            solved("linalg.svd", NOT_CONVERGED, np.linalg.svd, A, full_matrices=self.full_matrices)
        )
        return self.saved

    def backward(self, dU: Any, ds: Any, dVh: Any) -> Any:
        U, s, Vh = self.results(dU, ds, dVh)
        k = s.shape[-1]
        # Of full matrices, what is beyond the singular values is not unique, and has no gradient.
        U, Vh = U[..., :k], Vh[..., :k, :]
        dU = None if dU is None else dU[..., :k]
        dVh = None if dVh is None else dVh[..., :k, :]
        inner = None if ds is None else diagonal(ds)
        if dU is None and dVh is None:
            return matmul(matmul(U, inner), Vh)
        row, column = unsqueeze(s, -2), unsqueeze(s, -1)
        E = differences(mul(s, s))
        outer = []
        if dU is not None:
            products = matmul(U.mT, dU)
            part = mul(div(sub(products, products.mT), E), row)
            inner = part if inner is None else add(inner, part)
            if U.shape[-2] > k:
                apart = div(sub(dU, matmul(U, products)), row)
                outer.append(matmul(apart, Vh))
        if dVh is not None:
            products = matmul(Vh, dVh.mT)
            part = mul(column, div(sub(products, products.mT), E))
            inner = part if inner is None else add(inner, part)
            if Vh.shape[-1] > k:
                apart = div(sub(dVh, matmul(products.mT, Vh)), column)
                outer.append(matmul(U, apart))
        dA = matmul(matmul(U, inner), Vh)
        for part in outer:
            dA = add(dA, part)
        return dA


@method()
def cholesky(A: Any, upper: bool = False) -> Tensor:
    """Return the lower triangular L with A = L L^T, or `upper` U with A = U^T U.

    A is symmetric: what is above its diagonal is not looked at. LinAlgError where it is not
    positive definite.
    """
    check_matrix("linalg.cholesky", A, square=True)
    L = Cholesky()(A)
    return L.mT if upper else L


def qr(A: Any, mode: str = "reduced") -> return_types.linalg_qr:
    """Return (Q, R) with A = Q R: the columns of Q are orthonormal, R is upper triangular.

    (m, n) -> (m, k), (k, n), k = min(m, n); mode="complete": (m, m), (m, n); mode="r": R alone.
    """
    check_matrix("linalg.qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"qr received unrecognized mode '{mode}': it is reduced, complete or r")
    return return_types.linalg_qr(*QR(mode)(A))


def eigh(A: Any, UPLO: str = "L") -> return_types.linalg_eigh:
    """Return (eigenvalues, eigenvectors) of symmetric matrices: ascending ones, and in the columns.

    Only the lower (`UPLO` "L") or upper ("U") triangle is looked at. The gradient of an eigenvector
    exists where its eigenvalue is single.
    """
    check_matrix("linalg.eigh", A, square=True)
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"linalg.eigh: expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return return_types.linalg_eigh(*Eigh(UPLO.upper())(A))


def eigvalsh(A: Any, UPLO: str = "L") -> Tensor:
    """Return the eigenvalues of symmetric matrices, ascending."""
    return eigh(A, UPLO).eigenvalues


def svd(
    A: Any, full_matrices: bool = True, *, driver: str | None = None
) -> return_types.linalg_svd:
    """Return (U, S, Vh) with A = U diag(S) Vh: orthonormal columns and rows, S descending.

    (m, n) -> (m, k), (k), (k, n), k = min(m, n); with `full_matrices` (m, m), (k), (n, n). The
    gradient of a singular vector exists where its singular value is single. `driver` is there
    because PyTorch has it.
    """
    check_matrix("linalg.svd", A)
    return return_types.linalg_svd(*SVD(full_matrices)(A))


def svdvals(A: Any, *, driver: str | None = None) -> Tensor:
    """Return the singular values, descending; their gradient exists also where they are equal."""
    check_matrix("linalg.svdvals", A)
    if isinstance(A, Tensor) and A.requires_grad:
        return SVD(False)(A)[1]
    values = solved("linalg.svdvals", NOT_CONVERGED, np.linalg.svd, unwrap(A), compute_uv=False)
    return wrap_like(values, A)
