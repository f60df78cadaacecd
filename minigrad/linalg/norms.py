"""Norms of vectors and of matrices, and the condition number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.op import unwrap
from ..ops.arithmetic import mul
from ..ops.conversion import to
from ..ops.dims import numpy_names, wrap_dim
from ..ops.division import div
from ..ops.extrema import amax, amin
from ..ops.norms import norm as norm_of_elements
from ..ops.reduction import sum
from ..ops.rounding import abs
from ..ops.selection import where
from ..ops.shape import movedim, unsqueeze
from ..tensor import Tensor
from .checks import LinAlgError, check_floating, check_matrix
from .decompositions import svdvals
from .inverses import inv

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]


@numpy_names
def vector_norm(
    x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """Return (sum |x|^ord)^(1/ord) over `dim`, all of them for None.

    inf is the largest |x|, -inf the smallest, 0 the number of nonzero elements. Its gradient where
    it is 0 is 0.
    """
    x = x if dtype is None else to(x, dtype)
    check_floating("linalg.vector_norm", x)
    return norm_of_elements(x, ord, dim, keepdim)


@numpy_names
def matrix_norm(
    A: Any,
    ord: float | str = "fro",
    dim: Any = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Tensor:
    """Return a norm of the matrices in the dimensions `dim`.

    "fro" sqrt(sum a^2); "nuc" the sum of the singular values, 2 the largest, -2 the smallest of
    them; 1 the largest sum of |a| of a column, inf that of a row, -1 and -inf the smallest ones.
    """
    A = A if dtype is None else to(A, dtype)
    check_matrix("linalg.matrix_norm", A)
    if len(dim) != 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple, not {dim}")
    rows, columns = (wrap_dim(d, A.ndim) for d in dim)
    if ord == "fro":
        return norm_of_elements(A, 2, (rows, columns), keepdim)
    if ord in ("nuc", 2, -2):
        values = svdvals(movedim(A, (rows, columns), (-2, -1)))
        result = sum(values, -1) if ord == "nuc" else extremum(values, -1, False, ord > 0)
        for d in sorted((rows, columns)) if keepdim else ():
            result = unsqueeze(result, d)
        return result
    if ord not in (1, -1, math.inf, -math.inf):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    summed, compared = (rows, columns) if ord in (1, -1) else (columns, rows)
    sums = sum(abs(A), summed, True)
    result = extremum(sums, compared, True, ord > 0)
    return result if keepdim else result.squeeze((rows, columns))


def extremum(x: Any, dim: int, keepdim: bool, largest: bool) -> Any:
    """Return the largest, or smallest, along `dim` of what is not negative: of nothing, 0 is the
    largest, and an IndexError the smallest."""
    if largest and not x.shape[dim]:
        return sum(x, dim, keepdim)
    return (amax if largest else amin)(x, dim, keepdim)


@numpy_names
def norm(
    A: Any,
    ord: float | str | None = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Tensor:
    """Return a norm of a vector or a matrix.

    Over one dimension, or all in one if `ord` is None, it is `vector_norm`; over two it is
    `matrix_norm`, but for ord=None, the root of all squares.
    """
    if ord is not None and dim is None and A.ndim not in (1, 2):
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. "
            f"Got shape {list(A.shape)}"
        )
    of_matrices = A.ndim == 2 if dim is None else not isinstance(dim, int) and len(dim) == 2
    if ord is not None and (of_matrices or isinstance(ord, str)):
        return matrix_norm(A, ord, (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)


def cond(A: Any, p: float | str | None = None) -> Tensor:
    """Return the condition number |A| |A^-1| for a norm p; None is 2, the ratio of the largest
    singular value to the smallest. It is infinite where A is singular.
    """
    check_matrix("linalg.cond", A, square=p not in (None, 2, -2))
    if 0 in A.shape:
        return sum(A, (-2, -1))
    if p in (None, 2, -2):
        values = svdvals(A)
        ends = values[..., 0], values[..., -1]
        return div(*(ends[::-1] if p == -2 else ends))
    try:
        return mul(matrix_norm(A, p), matrix_norm(inv(A), p))
    except LinAlgError:
        singular = np.linalg.slogdet(unwrap(A)).sign == 0
        regular = where(singular[..., None, None], np.eye(A.shape[-1], dtype=A.dtype), A)
        return where(singular, math.inf, mul(matrix_norm(regular, p), matrix_norm(inv(regular), p)))
