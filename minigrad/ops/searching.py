"""Where values are, and which ones: sorted sequences, sets."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.op import unwrap, wrap_like
from ..tensor import Tensor, method
from .gathering import nonzero

__all__ = ["argwhere", "bucketize", "isin", "searchsorted", "unique", "unique_consecutive"]


@method()
def argwhere(input: Any) -> Tensor:
    """Return the indices of the elements that are not zero, one row each."""
    return nonzero(input)


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Tensor:
    """Return which of `elements` are among `test_elements` (or, with `invert`, are not)."""
    found = np.isin(unwrap(elements), unwrap(test_elements), assume_unique, invert)
    return wrap_like(np.asarray(found), elements if hasattr(elements, "array") else test_elements)


def searchsorted(
    sorted_sequence: Any,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
) -> Tensor:
    """Return where each value of `input` belongs in the ascending `sorted_sequence`: before the
    first element that is not smaller, or, with `right`, that is larger.

    A sequence of several dimensions has one row for each row of `input`.
    """
    if side not in (None, "left", "right"):
        raise RuntimeError(f"searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError("searchsorted(): side and right can't be set to opposites")
    side = "right" if right or side == "right" else "left"
    sequence, values = np.asarray(unwrap(sorted_sequence)), np.asarray(unwrap(input))
    order = unwrap(sorter)
    if order is not None and order.shape != sequence.shape:
        raise RuntimeError(
            f"searchsorted(): boundary and sorter must have the same size, but got "
            f"{list(sequence.shape)} and {list(order.shape)}"
        )
    if order is not None:
        sequence = np.take_along_axis(sequence, order, -1)
    if sequence.ndim == 1:
        found = np.asarray(np.searchsorted(sequence, values, side))
    else:
        if values.shape[:-1] != sequence.shape[:-1] or not values.ndim:
            raise RuntimeError(
                f"searchsorted(): the first N-1 dimensions of the sequence and the input must "
                f"match, but their shapes are {list(sequence.shape)} and {list(values.shape)}"
            )
        found = np.empty(values.shape, np.int64)
        for row in np.ndindex(*values.shape[:-1]):
            found[row] = np.searchsorted(sequence[row], values[row], side)
    return wrap_like(found.astype(np.int32 if out_int32 else np.int64), sorted_sequence)


def bucketize(
    input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False
) -> Tensor:
    """Return the number of the bucket of each value: i where boundaries[i-1] < v <= boundaries[i],
    or, with `right`, boundaries[i-1] <= v < boundaries[i].
    """
    if np.ndim(unwrap(boundaries)) != 1:
        raise RuntimeError(
            f"bucketize(): boundaries tensor must be 1 dimension, not {np.ndim(unwrap(boundaries))}"
        )
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def _with_extras(input: Any, results: tuple[Any, ...], wanted: tuple[bool, ...]) -> Any:
    kept = [wrap_like(np.asarray(r), input) for r, w in zip(results, wanted, strict=True) if w]
    return kept[0] if len(kept) == 1 else tuple(kept)


@method()
def unique(
    input: Any,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """Return the different values (or, along `dim`, slices), in order; if asked for, also which of
    them each element is, and how often each occurs.
    """
    values, inverse, counts = np.unique(
        unwrap(input), return_inverse=True, return_counts=True, axis=dim
    )
    inverse = inverse.reshape(input.shape if dim is None else -1)
    return _with_extras(input, (values, inverse, counts), (True, return_inverse, return_counts))


@method()
def unique_consecutive(
    input: Any, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """Return the values (or, along `dim`, slices) without those equal to the one just before; if
    asked for, also which of them each element is, and how long each run is.
    """
    array = unwrap(input)
    axis = 0 if dim is None else dim
    rows = array.reshape(-1) if dim is None else array
    flat = np.moveaxis(rows, axis, 0).reshape(rows.shape[axis], -1)
    starts = np.ones(len(flat), bool)
    starts[1:] = (flat[1:] != flat[:-1]).any(1)
    inverse = np.cumsum(starts) - 1
    counts = np.bincount(inverse) if len(flat) else np.zeros(0, np.int64)
    values = np.compress(starts, rows, axis)
    inverse = inverse.reshape(array.shape if dim is None else -1)
    return _with_extras(input, (values, inverse, counts), (True, return_inverse, return_counts))
