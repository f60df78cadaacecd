"""What may have no answer, with an `info` for each matrix in place of an error: 0, or where its calculation ended."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import return_types
from ..autograd.op import unwrap, wrap_like
from ..ops.selection import where
from .checks import LinAlgError
from .decompositions import cholesky
from .elimination import lu_factor_ex
from .inverses import inv
from .solving import is_vector, solve

__all__ = ["cholesky_ex", "inv_ex", "solve_ex"]


def attempted(
    name: str,
    A: Any,
    check_errors: bool,
    end: Callable[[np.ndarray], int],
    function: Callable[[Any], Any],
    dims: int = 2,
) -> tuple[Any, Any]:
    """Return function(A), whose last `dims` dimensions belong to one matrix of A, and the infos; where one is not 0,
    the answer is nan. `end` says it of a single matrix; `name` is for errors."""
    try:
        return function(A), wrap_like(np.zeros(A.shape[:-2], np.int32), A)
    except LinAlgError as error:
        if check_errors:
            _, _, why = str(error).partition(": ")
            raise LinAlgError(f"{name}: {why}") from None
    n = A.shape[-1]
    matrices = unwrap(A).reshape((math.prod(A.shape[:-2]), n, n))
    info = np.array([end(matrix) for matrix in matrices], np.int32).reshape(A.shape[:-2])
    bad = info > 0
    result = function(where(bad[..., None, None], np.eye(n, dtype=A.dtype), A))
    return where(bad.reshape(bad.shape + (1,) * dims), math.nan, result), wrap_like(info, A)


def solvable(function: Callable[[np.ndarray], Any], matrix: np.ndarray) -> bool:
    try:
        function(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def definite_until(matrix: np.ndarray) -> int:
    """Return the order of the first leading minor that is not positive, 0 if all are."""
    orders = range(1, len(matrix) + 1)
    return next((k for k in orders if not solvable(np.linalg.cholesky, matrix[:k, :k])), 0)


def regular_until(matrix: np.ndarray) -> int:
    """Return which pivot, counted from 1, is the first that is 0, 0 if none is."""
    if solvable(np.linalg.inv, matrix):
        return 0
    return int(lu_factor_ex(matrix).info) or len(matrix)


def cholesky_ex(
    A: Any, *, upper: bool = False, check_errors: bool = False
) -> return_types.linalg_cholesky_ex:
    """Return (L, info), L of `cholesky`: info is 0, or the order of the first leading minor that is not positive."""
    return return_types.linalg_cholesky_ex(
        *attempted(
            "linalg.cholesky_ex", A, check_errors, definite_until, lambda A: cholesky(A, upper)
        )
    )


def inv_ex(A: Any, *, check_errors: bool = False) -> return_types.linalg_inv_ex:
    """Return (inverse, info), of `inv`: info is 0, or which pivot, counted from 1, is the first that is 0."""
    return return_types.linalg_inv_ex(
        *attempted("linalg.inv_ex", A, check_errors, regular_until, inv)
    )


def solve_ex(
    A: Any, B: Any, *, left: bool = True, check_errors: bool = False
) -> return_types.linalg_solve_ex:
    """Return (X, info), X of `solve`: info is 0, or which pivot, counted from 1, is the first that is 0."""
    dims = 1 if is_vector(A, B) else 2
    return return_types.linalg_solve_ex(
        *attempted(
            "linalg.solve_ex",
            A,
            check_errors,
            regular_until,
            lambda A: solve(A, B, left=left),
            dims,
        )
    )
