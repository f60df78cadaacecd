"""Where things are: indices of triangles, of flat positions, and the shape that several share."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.op import unwrap, wrap, wrap_like
from ..tensor import Tensor
from .conversion import check_device

__all__ = ["broadcast_shapes", "tril_indices", "triu_indices", "unravel_index"]


def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = np.int64, device: Any = None
) -> Tensor:
    """Return the rows and the columns of the elements on and below a diagonal: (2, n)."""
    return _triangle(np.tril_indices, row, col, offset, dtype, device)


def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = np.int64, device: Any = None
) -> Tensor:
    """Return the rows and the columns of the elements on and above a diagonal: (2, n)."""
    return _triangle(np.triu_indices, row, col, offset, dtype, device)


def _triangle(function: Any, row: int, col: int, offset: int, dtype: Any, device: Any) -> Tensor:
    check_device(device)
    for name, size in (("row", row), ("col", col)):
        if size < 0:
            raise RuntimeError(f"{name} must be non-negative, got {size}")
    return wrap(np.stack(function(row, offset, col)).astype(dtype))


def unravel_index(indices: Any, shape: Any) -> tuple[Tensor, ...]:
    """Return the coordinates, a Tensor for each dimension of `shape`, of positions counted through
    all elements in row-major order.
    """
    array = unwrap(indices)
    if array.dtype.kind not in "iu":
        raise TypeError(f"expected 'indices' to be integer dtype, but got {array.dtype}")
    try:
        found = np.unravel_index(array, shape)
    except ValueError as error:
        raise ValueError(f"unravel_index: {error}") from None
    return tuple(wrap_like(np.asarray(places), indices) for places in found)


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """Return the shape that tensors of these shapes broadcast to; RuntimeError if they do not."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise RuntimeError(f"broadcast_shapes: {error}") from None
