"""What `torch` itself, and not `torch.linalg`, has of linear algebra: the same under older names and signatures."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from ..ops.arithmetic import mul
from ..tensor import Tensor, method
from . import decompositions
from .decompositions import cholesky
from .determinants import det, logdet, slogdet
from .inverses import cholesky_inverse, inv, pinv
from .products import matrix_exp, matrix_power, multi_dot
from .solving import cholesky_solve

__all__ = [
    "chain_matmul",
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "det",
    "inverse",
    "logdet",
    "matrix_exp",
    "matrix_power",
    "pinverse",
    "qr",
    "slogdet",
    "svd",
]

SvdResult = namedtuple("svd", ("U", "S", "V"))

inverse = inv


@method()
def pinverse(input: Any, rcond: float = 1e-15) -> Tensor:
    """Return the pseudo-inverse: `linalg.pinv` with another default."""
    return pinv(input, rcond)


@method()
def qr(input: Any, some: bool = True) -> decompositions.QRResult:
    """Return (Q, R): `linalg.qr`, complete unless `some`."""
    return decompositions.qr(input, "reduced" if some else "complete")


@method()
def svd(input: Any, some: bool = True, compute_uv: bool = True) -> SvdResult:
    """Return (U, S, V), V where `linalg.svd` has its transpose; U and V are zeros unless
    `compute_uv`.
    """
    U, S, Vh = decompositions.svd(input, not some and compute_uv)
    if not compute_uv:
        U, Vh = mul(U.detach(), 0), mul(Vh.detach(), 0)
    return SvdResult(U, S, Vh.mT)


def chain_matmul(*matrices: Any) -> Tensor:
    """Return the product of matrices in the cheapest order: `linalg.multi_dot`."""
    return multi_dot(matrices)
