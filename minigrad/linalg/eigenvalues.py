"""Eigenvalues and eigenvectors of matrices that need not be symmetric, where they are real."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import return_types
from ..ops.arithmetic import add, mul, sub
from ..ops.division import div
from ..ops.products import matmul
from ..ops.reduction import sum
from ..ops.shape import unsqueeze
from ..tensor import Tensor
from .checks import check_matrix, solved
from .decompositions import NOT_CONVERGED, Factorization, diagonal, differences
from .solving import Solve

__all__ = ["eig", "eigvals"]


class Eig(Factorization):
    """A V = V diag(w), the columns of V of length 1; dA = V^-T (diag(dw) + Z / E) V^T, where
    E_ij = w_j - w_i, and Z = V^T dV - V^T V diag(V^T dV) but for its diagonal, which is 0: Giles,
    and the condition on the length"""

    __slots__ = ()

    def forward(self, A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.inputs = (A,)
        w, V = solved("linalg.eig", NOT_CONVERGED, np.linalg.eig, A)
        if np.iscomplexobj(w):
            raise NotImplementedError(
                f"linalg.eig: {w[w.imag != 0].flat[0]:.4g} is one of the eigenvalues, and there are "
                "no complex numbers; symmetric matrices have real ones (linalg.eigh), and "
                "np.linalg.eig(np.asarray(A)) gives the complex ones"
            )
        self.saved = w, V
        return self.saved

    def backward(self, dw: Any, dV: Any) -> Any:
        w, V = self.results(dw, dV)
        inner = None if dw is None else diagonal(dw)
        if dV is not None:
            # The diagonal of V^T dV: the part of dV that would change a column's length.
            along = unsqueeze(sum(mul(V, dV), -2), -2)
            turned = matmul(V.mT, sub(dV, mul(V, along)))
            apart = mul(div(turned, differences(w)), 1 - np.eye(w.shape[-1], dtype=w.dtype))
            inner = apart if inner is None else add(inner, apart)
        return Solve()(V.mT, matmul(inner, V.mT))


def eig(A: Any) -> return_types.linalg_eig:
    """Return (eigenvalues, eigenvectors) of square matrices: in no order, and in the columns, of
    length 1.

    NotImplementedError where one is not real. The gradient of an eigenvector exists where its
    eigenvalue is single.
    """
    check_matrix("linalg.eig", A, square=True)
    return return_types.linalg_eig(*Eig()(A))


def eigvals(A: Any) -> Tensor:
    """Return the eigenvalues of square matrices, in no order; see `eig`."""
    return eig(A).eigenvalues
