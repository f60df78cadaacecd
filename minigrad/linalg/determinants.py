"""Determinants and their logarithms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import return_types
from ..autograd.op import Op, unwrap
from ..ops.arithmetic import mul
from ..ops.selection import where
from ..ops.shape import reshape
from ..tensor import Tensor, method
from .checks import LinAlgError, check_matrix
from .inverses import Inverse

__all__ = ["det", "slogdet"]


class Det(Op):
    """y = det A; dA = dy y A^-T, of which y A^-T is the matrix of cofactors: it exists where A is
    singular as well, as U diag(prod_{j != i} s_j) V^T, det(U V^T) times, of the SVD."""

    __slots__ = ()

    def forward(self, A: np.ndarray) -> np.ndarray:
        self.inputs = (A,)
        self.output = np.asarray(np.linalg.det(A))
        return self.output

    def backward(self, grad: Any) -> Any:
        (A,) = self.inputs
        array, scale = unwrap(A), reshape(grad, (*grad.shape, 1, 1))
        try:
            return mul(mul(scale, reshape(self.output, scale.shape)), Inverse()(A).mT)
        except LinAlgError:
            U, S, V = np.linalg.svd(array)
            others = np.where(np.eye(S.shape[-1], dtype=bool), 1, S[..., None, :]).prod(-1)
            return mul(
                scale, np.linalg.det(U @ V)[..., None, None] * ((U * others[..., None, :]) @ V)
            )


class SlogDet(Op):
    """(sign, ln |det A|); the second one's dA is A^-T."""

    __slots__ = ()

    def forward(self, A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.inputs = (A,)
        return tuple(map(np.asarray, np.linalg.slogdet(A)))

    def backward(self, _: Any, grad: Any) -> Any:
        (A,) = self.inputs
        return None if grad is None else mul(reshape(grad, (*grad.shape, 1, 1)), Inverse()(A).mT)


@method()
def det(A: Any) -> Tensor:
    """Return the determinant: (..., n, n) -> (...)."""
    check_matrix("linalg.det", A, square=True)
    return Det()(A)


@method()
def slogdet(A: Any) -> return_types.linalg_slogdet:
    """Return (sign, logabsdet) of the determinant, which may be too large or small for a number."""
    check_matrix("linalg.slogdet", A, square=True)
    return return_types.linalg_slogdet(*SlogDet()(A))


@method()
def logdet(A: Any) -> Tensor:
    """Return ln det A: -inf where it is 0, NaN where it is negative."""
    check_matrix("logdet", A, square=True)
    sign, logabsdet = SlogDet()(A)
    return where(unwrap(sign) < 0, math.nan, logabsdet)
