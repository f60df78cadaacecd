"""Products of several matrices, powers and the exponential; products of vectors along a dimension."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.op import Op
from ..ops.arithmetic import mul
from ..ops.conversion import clone
from ..ops.diagonals import diagonal as diagonal_view
from ..ops.joining import cat
from ..ops.multilinear import cross as cross_product
from ..ops.pointwise import pow
from ..ops.products import matmul
from ..ops.reduction import sum
from ..ops.selection import where
from ..ops.shape import squeeze, unsqueeze
from ..tensor import Tensor, method
from .checks import check_matrix
from .inverses import inv

__all__ = [
    "cross",
    "diagonal",
    "matmul",
    "matrix_exp",
    "matrix_power",
    "multi_dot",
    "vander",
    "vecdot",
]


@method()
def matrix_power(A: Any, n: int) -> Tensor:
    """Return A^n, by repeated squaring; for a negative n, of the inverse."""
    check_matrix("linalg.matrix_power", A, square=True)
    if not isinstance(n, int):
        raise TypeError(f"matrix_power(): argument 'n' must be int, not {type(n).__name__}")
    if n < 0:
        A, n = inv(A), -n
    A = clone(A) if n == 1 else A
    power = None
    while n:
        if n & 1:
            power = A if power is None else matmul(power, A)
        n >>= 1
        if n:
            A = matmul(A, A)
    if power is None:
        power = where(np.True_, np.eye(A.shape[-1], dtype=A.dtype), A)
    return power


def vander(x: Any, N: int | None = None) -> Tensor:
    """Return the powers x^0 ... x^(N-1) of each element of vectors: (..., n) -> (..., n, N), N = n
    by default.
    """
    x = x if x.ndim else x.reshape(1)
    N = x.shape[-1] if N is None else N
    if N < 2:
        raise RuntimeError(f"linalg.vander: N must be greater than 1, not {N}")
    return pow(unsqueeze(x, -1), np.arange(N))


class MatrixExp(Op):
    """exp A = I + A + A^2/2! + ...: Taylor's series of A / 2^s, squared s times.

    dA is the upper right block of exp [[A^T, dY], [0, A^T]]: Najfeld and Havel, "Derivatives of the
    matrix exponential and their computation" (1995)
    """

    __slots__ = ()

    def forward(self, A: np.ndarray) -> np.ndarray:
        self.inputs = (A,)
        dtype, A = A.dtype, A.astype(np.float64)
        size = np.abs(A).sum(-2).max(initial=0)
        squarings = max(0, math.ceil(math.log2(size)) + 1) if 0 < size < math.inf else 0
        scaled = A / 2.0**squarings  # of norm 1/2 at most: 16 terms have all digits
        result = term = np.broadcast_to(np.eye(A.shape[-1]), A.shape)
        for k in range(1, 17):
            term = term @ scaled / k
            result = result + term
        for _ in range(squarings):
            result = result @ result
        return result.astype(dtype)

    def backward(self, grad: Any) -> Any:
        (A,) = self.inputs
        n, AT = A.shape[-1], A.mT
        blocks = cat([cat([AT, grad], -1), cat([mul(AT, 0), AT], -1)], -2)
        return MatrixExp()(blocks)[..., :n, n:]


@method()
def matrix_exp(A: Any) -> Tensor:
    """Return I + A + A^2/2! + A^3/3! + ..."""
    check_matrix("linalg.matrix_exp", A, square=True)
    return MatrixExp()(A)


def multi_dot(tensors: Any) -> Tensor:
    """Return the product of matrices in the order that needs the fewest multiplications.

    The first may be a row and the last a column, given as vectors. RuntimeError for less than two.
    """
    tensors = list(tensors)
    if len(tensors) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    for i, tensor in enumerate(tensors):
        ends = i in (0, len(tensors) - 1)
        if tensor.ndim != 2 and not (ends and tensor.ndim == 1):
            raise RuntimeError(
                f"multi_dot(): tensor {i} must be {'1D or 2D' if ends else '2D'} but got shape "
                f"{list(tensor.shape)}"
            )
    row, column = tensors[0].ndim == 1, tensors[-1].ndim == 1
    if row:
        tensors[0] = unsqueeze(tensors[0], 0)
    if column:
        tensors[-1] = unsqueeze(tensors[-1], 1)
    product = _chain(tensors)
    if row:
        product = squeeze(product, 0)
    return squeeze(product, -1) if column else product


def _chain(matrices: list[Any]) -> Any:
    """The product of matrices, split where that is cheapest: dynamic programming over all parts."""
    count = len(matrices)
    sizes = [m.shape[0] for m in matrices] + [matrices[-1].shape[1]]
    best = {(i, i + 1): (0, i) for i in range(count)}
    for length in range(2, count + 1):
        for i in range(count - length + 1):
            j = i + length
            best[i, j] = min(
                (best[i, k][0] + best[k, j][0] + sizes[i] * sizes[k] * sizes[j], k)
                for k in range(i + 1, j)
            )

    def product(i: int, j: int) -> Any:
        if j == i + 1:
            return matrices[i]
        middle = best[i, j][1]
        return matmul(product(i, middle), product(middle, j))

    return product(0, count)


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Tensor:
    """Return the sums of products along `dim`, broadcast."""
    return sum(mul(x, y), dim)


def cross(input: Any, other: Any, *, dim: int = -1) -> Tensor:
    """Return the cross product of vectors of 3 elements along `dim`, broadcast."""
    return cross_product(input, other, dim)


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Return a view of a diagonal of matrices."""
    return diagonal_view(A, offset, dim1, dim2)
