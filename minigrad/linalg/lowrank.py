"""The largest singular values and eigenvalues of a matrix, with their vectors.

Source: Halko, Martinsson and Tropp, "Finding structure with randomness" (2011), algorithms 4.4 and 5.1.
"""

from __future__ import annotations

from typing import Any

from ..autograd.op import unwrap, wrap_like
from ..ops.arithmetic import sub
from ..ops.products import matmul
from ..ops.sampling import randn
from ..tensor import Tensor
from .checks import check_matrix
from .decompositions import qr, svd

__all__ = ["pca_lowrank", "svd_lowrank"]

Factors = tuple[Tensor, Tensor, Tensor]


def svd_lowrank(A: Any, q: int | None = 6, niter: int | None = 2, M: Any = None) -> Factors:
    """Return (U, S, V) with A - M about U diag(S) V^T, for the `q` largest singular values: (m, n) -> (m, q), (q),
    (n, q).

    It is exact where A has no more than q singular values besides 0, else the better, the faster they fall, and the
    more often (`niter`) A A^T is applied. It draws random numbers. A `q` above min(m, n) is min(m, n); ValueError for
    one below 0.
    """
    check_matrix("svd_lowrank", A)
    q = 6 if q is None else q
    niter = 2 if niter is None else niter
    if q < 0:
        raise ValueError(f"svd_lowrank: q(={q}) must be non-negative integer")
    q = min(q, *A.shape[-2:])
    if niter < 0:
        raise ValueError(f"svd_lowrank: niter(={niter}) must be non-negative integer")
    A = A if M is None else sub(A, M)
    random = wrap_like(unwrap(randn(A.shape[-1], q, dtype=A.dtype)), A)
    Q = qr(matmul(A, random)).Q
    for _ in range(niter):
        Q = qr(matmul(A, qr(matmul(A.mT, Q)).Q)).Q
    U, S, Vh = svd(matmul(Q.mT, A), full_matrices=False)
    return matmul(Q, U), S, Vh.mT


def pca_lowrank(A: Any, q: int | None = None, center: bool = True, niter: int = 2) -> Factors:
    """Return (U, S, V) of `svd_lowrank` for A less the mean of its rows: the columns of V are the principal axes.

    A has samples in its rows, (m, n); `q` is by default min(6, m, n); unless `center`, nothing is subtracted.
    """
    check_matrix("pca_lowrank", A)
    q = min(6, *A.shape[-2:]) if q is None else q
    if not 0 <= q <= min(A.shape[-2:]):
        raise ValueError(f"pca_lowrank: q(={q}) must be from 0 to min(m, n)={min(A.shape[-2:])}")
    return svd_lowrank(A, q, niter, A.mean(-2, keepdim=True) if center else None)
