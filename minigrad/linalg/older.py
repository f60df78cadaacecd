"""What `torch` itself, and not `torch.linalg`, has of linear algebra: the same under older names and signatures."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import return_types
from ..ops.arithmetic import mul
from ..ops.conversion import clone
from ..ops.pointwise import pow
from ..ops.shape import unsqueeze
from ..tensor import Tensor, method
from . import decompositions, elimination
from .decompositions import cholesky
from .determinants import det, logdet, slogdet
from .elimination import lu_unpack
from .inverses import cholesky_inverse, inv, pinv
from .lowrank import pca_lowrank, svd_lowrank
from .products import matrix_exp, matrix_power, multi_dot
from .reflections import geqrf, householder_product, ormqr
from .solving import cholesky_solve, solve_triangular

__all__ = [
    "chain_matmul",
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "det",
    "geqrf",
    "inverse",
    "logdet",
    "lu",
    "lu_solve",
    "lu_unpack",
    "matrix_exp",
    "matrix_power",
    "orgqr",
    "ormqr",
    "pca_lowrank",
    "pinverse",
    "qr",
    "slogdet",
    "svd",
    "svd_lowrank",
    "triangular_solve",
    "vander",
]


inverse = inv
orgqr = householder_product


@method()
def lu(A: Any, pivot: bool = True, get_infos: bool = False) -> tuple[Any, ...]:
    """Return (LU, pivots), with `get_infos` (LU, pivots, info): `linalg.lu_factor_ex`."""
    found = elimination.lu_factor_ex(A, pivot=pivot, check_errors=not get_infos)
    return tuple(found) if get_infos else tuple(found[:2])


@method()
def lu_solve(b: Any, LU_data: Any, LU_pivots: Any) -> Tensor:
    """Return the X with A X = b: `linalg.lu_solve`."""
    return elimination.lu_solve(LU_data, LU_pivots, b)


@method()
def pinverse(input: Any, rcond: float = 1e-15) -> Tensor:
    """Return the pseudo-inverse: `linalg.pinv` with another default."""
    return pinv(input, rcond)


@method()
def qr(input: Any, some: bool = True) -> return_types.linalg_qr:
    """Return (Q, R): `linalg.qr`, complete unless `some`."""
    return decompositions.qr(input, "reduced" if some else "complete")


@method()
def svd(input: Any, some: bool = True, compute_uv: bool = True) -> return_types.svd:
    """Return (U, S, V), V where `linalg.svd` has its transpose; U and V are zeros unless
    `compute_uv`.
    """
    U, S, Vh = decompositions.svd(input, not some and compute_uv)
    if not compute_uv:
        U, Vh = mul(U.detach(), 0), mul(Vh.detach(), 0)
    return return_types.svd(U, S, Vh.mT)


@method()
def triangular_solve(
    b: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> return_types.triangular_solve:
    """Return (X, a copy of A) with A X = b, or A^T X = b: `linalg.solve_triangular`."""
    side = A.mT if transpose else A
    X = solve_triangular(side, b, upper=upper != transpose, unitriangular=unitriangular)
    return return_types.triangular_solve(X, clone(A))


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Tensor:
    """Return the powers x^(N-1) ... x^0 of each element of a vector: `linalg.vander`, decreasing."""
    if x.ndim != 1:
        raise RuntimeError(f"vander: x must be a one-dimensional tensor, not {list(x.shape)}")
    exponents = np.arange(x.shape[0] if N is None else N)
    return pow(unsqueeze(x, -1), exponents if increasing else exponents[::-1])


def chain_matmul(*matrices: Any) -> Tensor:
    """Return the product of matrices in the cheapest order: `linalg.multi_dot`."""
    return multi_dot(matrices)
