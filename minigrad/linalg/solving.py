"""Solutions of linear equations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.op import Op
from ..ops.arithmetic import add, neg
from ..ops.diagonals import tril, triu
from ..ops.expanding import expand
from ..ops.products import matmul
from ..ops.shape import reshape, squeeze, unsqueeze
from ..tensor import Tensor, method
from .checks import check_floating, check_matrix, solved

__all__ = ["cholesky_solve", "solve", "solve_triangular", "tensorsolve"]


SINGULAR = "the input matrix is singular"
BLOCK = 32  # rows up to which NumPy solves a triangle


class Solve(Op):
    """X = A^-1 B; dB = A^-T dX, dA = -dB X^T"""

    __slots__ = ()

    def forward(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        self.inputs = (A, None)
        self.output = solved("linalg.solve", SINGULAR, np.linalg.solve, A, B)
        return self.output

    def backward(self, grad: Any) -> tuple[Any, Any]:
        need_A, need_B = self.needs(2)
        dB = self.transposed()(self.inputs[0].mT, grad)
        return neg(matmul(dB, self.output.mT)) if need_A else None, dB if need_B else None

    def transposed(self) -> Solve:
        """Return the operation that does the same for A^T."""
        return Solve()


class SolveTriangular(Solve):
    """X = A^-1 B for an A whose other triangle holds zeros: by substitution"""

    __slots__ = ("upper",)

    def __init__(self, upper: bool) -> None:
        self.upper = upper

    def forward(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        self.inputs = (A, None)
        with np.errstate(all="ignore"):  # a zero in the diagonal is divided by
            if self.upper:
                self.output = substituted(A, B)
            else:
                X = substituted(A[..., ::-1, ::-1], B[..., ::-1, :])
                self.output = np.ascontiguousarray(X[..., ::-1, :])
        return self.output

    def transposed(self) -> Solve:
        return SolveTriangular(not self.upper)


def substituted(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return A^-1 B for upper triangles A: the lower half of X first, which is then known in the equations of the
    upper one. Elimination has nothing to do in an upper triangle, nor rows to exchange: of a small one without zeros
    in its diagonal, what `numpy.linalg.solve` does is substitution.
    """
    n = A.shape[-1]
    if n == 1:
        return B / A
    if n <= BLOCK and np.diagonal(A, axis1=-2, axis2=-1).all():
        return np.linalg.solve(A, B)
    upper, lower = slice(n // 2), slice(n // 2, n)
    X = np.empty_like(B)
    X[..., lower, :] = known = substituted(A[..., lower, lower], B[..., lower, :])
    rest = B[..., upper, :] - A[..., upper, lower] @ known
    X[..., upper, :] = substituted(A[..., upper, upper], rest)
    return X


def is_vector(A: Any, B: Any) -> bool:
    """Return whether B holds vectors, one for each matrix of A, and not matrices."""
    return B.ndim == 1 or (A.ndim - 1 == B.ndim and tuple(B.shape) == tuple(A.shape[:-1]))


def stacked(name: str, *matrices: Any) -> list[Any]:
    """Return the matrices with their leading dimensions broadcast."""
    try:
        stack = np.broadcast_shapes(*(m.shape[:-2] for m in matrices))
    except ValueError:
        shapes = " and ".join(str(list(m.shape)) for m in matrices)
        raise RuntimeError(f"{name}: the leading dimensions of {shapes} do not broadcast") from None
    return [m if m.shape[:-2] == stack else expand(m, (*stack, *m.shape[-2:])) for m in matrices]


def check_equations(name: str, A: Any, B: Any, left: bool, vector: bool = False) -> None:
    """Raise RuntimeError unless A X = B, or else X A = B, could have a solution X, perhaps a vector."""
    check_matrix(name, A, square=True)
    check_floating(name, B)
    if A.dtype != B.dtype:
        raise RuntimeError(
            f"{name}: expected A and B to have the same dtype, but found A of type {A.dtype} "
            f"and B of type {B.dtype} instead"
        )
    if B.ndim < 2 - vector or A.shape[-1] != B.shape[-2 if left and not vector else -1]:
        raise RuntimeError(
            f"{name}: incompatible shapes of A and B for the equation {'AX' if left else 'XA'} = B: "
            f"{list(A.shape)} and {list(B.shape)}"
        )


def solve(A: Any, B: Any, *, left: bool = True) -> Tensor:
    """Return the X with A X = B (or, unless `left`, X A = B), for square matrices A.

    B is (..., n, k), or (..., n): one vector for each matrix. Leading dimensions broadcast.
    LinAlgError where A is singular; RuntimeError where shapes do not fit.
    """
    vector = is_vector(A, B)
    if vector and not left:
        raise RuntimeError("linalg.solve: left=False is for matrices, and B holds vectors")
    check_equations("linalg.solve", A, B, left, vector)
    rows = unsqueeze(B, -1) if vector else B
    if not left:
        return Solve()(*stacked("linalg.solve", A.mT, rows.mT)).mT
    X = Solve()(*stacked("linalg.solve", A, rows))
    return squeeze(X, -1) if vector else X


def solve_triangular(
    A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """Return the X with A X = B (or X A = B), for the upper or lower triangle of A.

    What is on the other side is not looked at, nor, if `unitriangular`, the diagonal: it is 1 then.
    A zero in the diagonal is divided by: the answer holds infinities and nans.
    """
    check_matrix("linalg.solve_triangular", B)
    check_equations("linalg.solve_triangular", A, B, left)
    if not left:
        return solve_triangular(A.mT, B.mT, upper=not upper, unitriangular=unitriangular).mT
    triangle = (triu if upper else tril)(A, (1 if upper else -1) if unitriangular else 0)
    if unitriangular:
        triangle = add(triangle, np.eye(A.shape[-1], dtype=A.dtype))
    return SolveTriangular(upper)(*stacked("linalg.solve_triangular", triangle, B))


@method()
def cholesky_solve(B: Any, L: Any, upper: bool = False) -> Tensor:
    """Return the X with L L^T X = B (U^T U X = B if `upper`), for a factor that `cholesky` gave."""
    check_matrix("cholesky_solve", B)
    half = solve_triangular(L.mT if upper else L, B, upper=False)
    return solve_triangular(L if upper else L.mT, half, upper=True)


def tensorsolve(A: Any, B: Any, dims: Any = None) -> Tensor:
    """Return the X with tensordot(A, X, X.ndim) = B; before that, `dims` of A are moved to its end."""
    if dims is not None:
        A = A.movedim(tuple(dims), tuple(range(A.ndim - len(dims), A.ndim)))
    shape, size = A.shape[B.ndim :], math.prod(B.shape)
    if math.prod(shape) != size:
        raise RuntimeError(
            f"linalg.tensorsolve: A {list(A.shape)} has {math.prod(shape)} elements after the "
            f"dimensions of B {list(B.shape)}, which has {size}; they must be as many"
        )
    return reshape(solve(reshape(A, (size, size)), reshape(B, size)), shape)
