"""Sorting, and the largest elements. The gradient of a value goes to where it came from."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import return_types
from ..autograd.op import unwrap, wrap_like
from ..tensor import Tensor, method
from .dims import numpy_names, wrap_dim
from .gathering import pick_along
from .subscripts import ALL

__all__ = ["argsort", "msort", "sort", "topk"]


# Elements of an array up to which sorting all of it is faster than finding the k first and sorting those.
_SMALL = 1024


@method()
@numpy_names
def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """Return the indices (int64) that sort along `dim`; nan counts as the largest.

    Equal elements always keep their order: `stable` is there because PyTorch has it.
    """
    dim = wrap_dim(dim, input.ndim)
    return wrap_like(_order(unwrap(input), dim, descending), input)


@method()
@numpy_names
def sort(
    input: Any, dim: int = -1, descending: bool = False, stable: bool = True
) -> return_types.sort:
    """Return (values, indices): the elements in order along `dim`, and where they were."""
    dim = wrap_dim(dim, input.ndim)
    indices = _order(unwrap(input), dim, descending)
    return return_types.sort(pick_along(input, dim, indices), wrap_like(indices, input))


@method()
def msort(input: Any) -> Tensor:
    """Return the elements in ascending order along dimension 0."""
    return sort(input, 0).values


@method()
@numpy_names
def topk(
    input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> return_types.topk:
    """Return (values, indices) of the k largest (or smallest) elements along `dim`.

    They are in order unless `sorted` is false; nan counts as the largest.
    Raises RuntimeError if there are fewer than k.
    """
    dim = wrap_dim(dim, input.ndim)
    size = input.shape[dim] if input.ndim else 1
    if not 0 <= k <= size:
        raise RuntimeError(
            f"topk(): k is {k}, but dimension {dim} of {list(input.shape)} has {size} elements"
        )
    array = unwrap(input)
    if k in (0, size) or array.size <= _SMALL:
        indices = _order(array, dim, largest)
        if array.ndim:
            indices = np.ascontiguousarray(indices[(ALL,) * dim + (slice(k),)])
        elif not k:
            indices = np.take(indices, range(0), dim)
    else:
        first = size - k if largest else 0
        indices = np.argpartition(array, first if largest else k, dim)
        indices = np.take(indices, range(first, first + k), dim)
        if sorted:
            indices.sort(dim)  # among equal ones the first comes first
            order = _order(np.take_along_axis(array, indices, dim), dim, largest)
            indices = np.take_along_axis(indices, order, dim)
    return return_types.topk(pick_along(input, dim, indices), wrap_like(indices, input))


def _order(array: np.ndarray, dim: int, descending: bool) -> np.ndarray:
    if not array.ndim:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(array, axis=dim, kind="stable")
    # The reverse of a sorted reverse: so equal elements keep their order.
    backwards = (ALL,) * dim + (slice(None, None, -1),)
    order = array[backwards].argsort(axis=dim, kind="stable")
    return array.shape[dim] - 1 - order[backwards]
