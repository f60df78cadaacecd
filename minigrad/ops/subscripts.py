"""What stands between the brackets of x[...]: read, checked, and split into a view and a copy."""

from __future__ import annotations

import functools
import math
import operator
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import unwrap

ALL = slice(None)


def split_index(
    index: Any, shape: tuple[int, ...], check: bool = False
) -> tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]:
    """Return the index as a basic one and an advanced one on what that gives; None does nothing.

    This is PyTorch's order, where x[0, :, [1, 2]] is x[0][:, [1, 2]]; for NumPy, an integer beside
    an array is an array as well. Without `check`, arrays of integers may be out of range: NumPy
    finds that out anyway, and is asked to name the dimension only then.
    """
    if type(index) in (int, slice) and shape:  # by far the most frequent
        if type(index) is int:
            check_range(index, -shape[0], shape[0], 0)
        return (index, ...), None
    items = [_item(item) for item in (index if type(index) is tuple else (index,))]
    used = sum(0 if item is None or item is ... else _consumed(item) for item in items)
    if used > len(shape):
        raise IndexError(
            f"too many indices for tensor of dimension {len(shape)}: {used}, for shape "
            f"{list(shape)}"
        )
    if sum(item is ... for item in items) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    basic: list[Any] = []
    advanced: list[Any] = []
    dim = 0
    for item in items:
        if type(item) is int:
            check_range(item, -shape[dim], shape[dim], dim)
            basic.append(item)
            dim += 1
        elif item is None:
            basic.append(None)
            advanced.append(ALL)
        elif item is ...:
            basic += (ALL,) * (len(shape) - used)
            advanced += (ALL,) * (len(shape) - used)
            dim += len(shape) - used
        elif type(item) is slice:
            basic.append(item)
            advanced.append(ALL)
            dim += 1
        elif item.dtype.kind == "b":
            if not item.ndim:  # x[True] is x[None], x[False] an empty part of that
                basic.append(None)
                advanced.append(item.reshape(1))
                continue
            if item.shape != shape[dim : dim + item.ndim]:
                raise IndexError(
                    f"The shape of the mask {list(item.shape)} at index {dim} does not match the "
                    f"shape of the indexed tensor {list(shape)} at index {dim}"
                )
            basic += (ALL,) * item.ndim
            advanced.append(item)
            dim += item.ndim
        else:
            if check:
                check_range(item, -shape[dim], shape[dim], dim)
            basic.append(ALL)
            advanced.append(item)
            dim += 1
    while advanced and advanced[-1] is ALL:
        advanced.pop()
    if not advanced:
        return (*basic, ...), None
    return (None if all(item is ALL or item == ALL for item in basic) else (*basic, ...)), tuple(
        advanced
    )


def _item(item: Any) -> Any:
    """Return one item of an index as an int, slice, None, Ellipsis, or an array of integers or
    booleans.
    """
    if type(item) in (int, slice) or item is None or item is ...:
        return item
    item = unwrap(item)
    if isinstance(item, (list, tuple, range)):
        item = np.asarray([unwrap(i) for i in item] or np.empty(0, np.int64))
    elif isinstance(item, (bool, np.generic)):
        item = np.asarray(item)
    if isinstance(item, np.ndarray):
        if item.dtype.kind == "b":
            return item
        if item.dtype.kind in "iu":
            return item.astype(np.intp, copy=False) if item.ndim else int(item)
        raise IndexError(
            f"tensors used as indices must be integer or bool tensors, not {item.dtype}"
        )
    try:
        return operator.index(item)
    except TypeError:
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and integer or bool Tensors "
            f"are valid indices (got {type(item).__name__})"
        ) from None


def _consumed(item: Any) -> int:
    return item.ndim if isinstance(item, np.ndarray) and item.dtype.kind == "b" else 1


def check_range(
    index: Any, low: int, high: int, dim: int, error: type[Exception] = IndexError
) -> None:
    """Raise an error if an integer, or one of an array, is not in [low, high)."""
    if type(index) is int:
        wrong = None if low <= index < high else index
    elif kernels.is_index_within(index, high, 0):
        return
    else:
        outside = index.size and (index.min() < low or index.max() >= high)
        wrong = index[(index < low) | (index >= high)][0] if outside else None
    if wrong is not None:
        raise error(f"index {wrong} is out of bounds for dimension {dim} with size {high}")


def positions(shape: tuple[int, ...], index: tuple[Any, ...]) -> np.ndarray:
    """Return where in row-major order the elements of x[index] are, for x of `shape`, in the shape
    of x[index].
    """
    numbers = len(index) == len(shape) and all(i is not ALL and i.dtype.kind != "b" for i in index)
    if numbers and 0 not in shape:  # of no elements, ravel_multi_index takes no index at all
        return np.ravel_multi_index(index, shape, mode="wrap")
    steps = [math.prod(shape[dim + 1 :]) for dim in range(len(shape))]
    picked: Any = 0
    dims: list[int] = []
    dim = 0
    for item in index:
        if item is ALL:
            dim += 1
            continue
        for rows in item.nonzero() if item.dtype.kind == "b" else (item,):
            picked = picked + np.where(rows < 0, rows + shape[dim], rows) * steps[dim]
            dims.append(dim)
            dim += 1
    others = [np.arange(shape[dim]) * steps[dim] for dim in range(len(shape)) if dim not in dims]
    # NumPy's and PyTorch's rule: what was picked stands where the picked dimensions were, or in
    # front if they were apart.
    place = dims[0] if dims[-1] - dims[0] == len(dims) - 1 else 0
    return functools.reduce(np.add.outer, (*others[:place], picked, *others[place:]))
