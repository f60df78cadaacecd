"""What is asked of matrices, and the error that says what they lack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class LinAlgError(RuntimeError):
    """A matrix that has no inverse or no such decomposition, or an iteration that did not converge."""


def check_matrix(name: str, A: Any, square: bool = False) -> None:
    """Raise RuntimeError unless A holds floating-point matrices, square ones if need be."""
    check_floating(name, A)
    if A.ndim < 2:
        raise RuntimeError(
            f"{name}: the input tensor A must have at least 2 dimensions, not shape {list(A.shape)}"
        )
    if square and A.shape[-1] != A.shape[-2]:
        raise RuntimeError(
            f"{name}: A must be batches of square matrices, but they are {A.shape[-2]} by "
            f"{A.shape[-1]} matrices"
        )


def check_floating(name: str, A: Any) -> None:
    if A.dtype not in (np.float32, np.float64):
        raise RuntimeError(f"{name}: expected a float32 or float64 tensor as input, got {A.dtype}")


def solved(name: str, why: str, function: Callable[..., Any], *arrays: Any, **options: Any) -> Any:
    """Return NumPy's answer; where it has none, LinAlgError with `why`, for the function `name`."""
    try:
        return function(*arrays, **options)
    except np.linalg.LinAlgError as error:
        raise LinAlgError(f"{name}: {why} ({error})") from None
