"""Elements named by arrays of indices or by masks: gather and scatter, index_select, take, masks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.op import unwrap, wrap_like
from ..tensor import Tensor, method
from .arithmetic import mul
from .dims import numpy_names, own_dim, wrap_dim
from .expanding import expand
from .indexing import Accumulate, MaskedFill, Pick, Put, Slice, single
from .shape import flatten, reshape
from .subscripts import ALL, check_range

__all__ = [
    "gather",
    "index_add",
    "index_select",
    "masked_fill",
    "masked_select",
    "nonzero",
    "nonzero_static",
    "one_hot",
    "scatter",
    "scatter_add",
    "take",
    "take_along_dim",
]


def indices_of(index: Any, operation: str) -> np.ndarray:
    """Return the integers of an index argument as an array."""
    array = np.asarray(unwrap(index))
    if array.dtype.kind not in "iu" and array.size:
        raise RuntimeError(f"{operation}: expected integers for index, not {array.dtype}")
    return array.astype(np.intp, copy=False)


def places_along(input: Any, dim: int, index: Any, operation: str) -> tuple[Any, ...]:
    """Return the index that replaces coordinate `dim` of each position of `index` by the number
    there.

    x[i][j][k] with index[i][j][k] for i, if dim is 0; for j, if dim is 1; and so on.
    """
    shape = input.shape
    dim = own_dim(operation, dim, shape)
    rows = indices_of(index, operation)
    if rows.ndim != len(shape):
        raise RuntimeError(
            f"{operation}: Index tensor must have the same number of dimensions as input tensor, "
            f"but they have shapes {list(rows.shape)} and {list(shape)}"
        )
    if any(n > shape[i] for i, n in enumerate(rows.shape) if i != dim):
        raise RuntimeError(
            f"{operation}: Size does not match: expected index {list(rows.shape)} to be no "
            f"larger than self {list(shape)} apart from dimension {dim}"
        )
    check_range(rows, 0, shape[dim], dim, RuntimeError)
    return _beside(rows, dim)


def _beside(rows: np.ndarray, dim: int, reduced: bool = False) -> tuple[np.ndarray, ...]:
    """Return the index with `rows` for coordinate `dim` and, for the others, where in `rows` each
    of them stands; `reduced` rows have no dimension `dim` themselves."""
    # np.ogrid makes the same of it in four times the time.
    index = [
        np.arange(n).reshape((n,) + (1,) * (rows.ndim - 1 - i))
        for i, n in enumerate(rows.shape)
        if reduced or i != dim
    ]
    index.insert(dim, rows)
    return tuple(index)


def pick_along(input: Any, dim: int, rows: np.ndarray) -> Any:
    """As `gather`, for an index known to be in range and to name no element twice."""
    if not input.ndim:
        return gather(input, dim, rows)
    return Pick(_beside(rows, dim), distinct=True)(input)


def pick_one_along(input: Any, dim: int, rows: np.ndarray, keepdim: bool) -> tuple[Any, Any]:
    """Return element number `rows` of each line along `dim`, which `rows` has no dimension for, and
    `rows` as a result."""
    if keepdim and input.ndim:
        rows = np.expand_dims(rows, dim)
    if keepdim or not input.ndim:
        return pick_along(input, dim, rows), wrap_like(rows, input)
    return Pick(_beside(rows, dim, reduced=True), distinct=True)(input), wrap_like(rows, input)


@method()
@numpy_names
def index_select(input: Any, dim: int, index: Any) -> Tensor:
    """Return the slices of dimension `dim` that the integers `index` (one dimension) name, as a
    copy.
    """
    rows = indices_of(index, "index_select").reshape(-1) if np.ndim(unwrap(index)) < 2 else None
    if rows is None:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if not len(input.shape):  # a single number is a row of one
        return reshape(index_select(reshape(input, (1,)), dim, rows[:1]), ())
    dim = own_dim("index_select", dim, input.shape)
    check_range(rows, 0, input.shape[dim], dim)
    return Pick((ALL,) * dim + (rows,))(input)


def _index_add(input: Any, dim: int, index: Any, source: Any, operation: str) -> Accumulate:
    rows = indices_of(index, operation).reshape(-1)
    dim = own_dim(operation, dim, input.shape)
    expected = (*input.shape[:dim], len(rows), *input.shape[dim + 1 :])
    if tuple(source.shape) != expected:
        raise RuntimeError(
            f"{operation}: source has shape {list(source.shape)}; for input {list(input.shape)} "
            f"and {len(rows)} indices along dimension {dim} it should be {list(expected)}"
        )
    check_range(rows, 0, input.shape[dim], dim, RuntimeError)
    return Accumulate((ALL,) * dim + (rows,))


@method()
def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: Any = 1) -> Tensor:
    """Return `input` with alpha * source[i] added to its slice number index[i] along `dim`, for
    every i.
    """
    operation = _index_add(input, dim, index, source, "index_add")
    return operation(input, source if alpha == 1 else mul(source, alpha))


@method()
def index_add_(input: Tensor, dim: int, index: Any, source: Any, *, alpha: Any = 1) -> Tensor:
    """In-place form of `index_add`."""
    operation = _index_add(input, dim, index, source, "index_add_")
    return operation.change(
        input, source if alpha == 1 else mul(source, alpha), operation="index_add_"
    )


@method()
@numpy_names
def gather(input: Any, dim: int, index: Any) -> Tensor:
    """Return the elements along `dim` that `index` names: out[i][j] = input[index[i][j]][j], for
    dim = 0.

    The result has the shape of `index`, which in the other dimensions may be shorter than `input`,
    not longer.
    """
    if not len(input.shape):  # a single number is a row of one
        rows = indices_of(index, "gather")
        return reshape(gather(reshape(input, 1), dim, rows.reshape(-1)), rows.shape)
    return Pick(places_along(input, dim, index, "gather"))(input)


@method()
@numpy_names
def take_along_dim(input: Any, indices: Any, dim: int | None = None) -> Tensor:
    """Return the elements along `dim` that `indices` names, after broadcasting both; without `dim`,
    of the flat input.
    """
    rows = indices_of(indices, "take_along_dim")
    if dim is None:
        return gather(flatten(input), 0, rows.reshape(-1))
    ndim = len(input.shape)
    if rows.ndim != ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of "
            f"dimensions, but got {ndim} dimensions for input, and {rows.ndim} dimensions for "
            "indices"
        )
    dim = wrap_dim(dim, ndim)
    check_range(rows, -input.shape[dim], input.shape[dim], dim, RuntimeError)
    rows = np.where(rows < 0, rows + input.shape[dim], rows)

    def replaced(shape: tuple[int, ...], length: int) -> tuple[int, ...]:
        return (*shape[:dim], length, *shape[dim + 1 :])

    shape = np.broadcast_shapes(replaced(input.shape, 1), replaced(rows.shape, 1))
    rows = np.broadcast_to(rows, replaced(shape, rows.shape[dim]))
    return gather(expand(input, replaced(shape, input.shape[dim])), dim, rows)


@method()
def take(input: Any, index: Any) -> Tensor:
    """Return the elements of `input`, seen as one dimension, that the integers `index` name, in the
    shape of `index`.
    """
    rows = indices_of(index, "take")
    size = math.prod(input.shape)
    check_range(rows, -size, size, 0)
    return (
        Pick((rows,))(flatten(input))
        if rows.ndim
        else reshape(Pick((rows.reshape(1),))(flatten(input)), ())
    )


def _scatter(
    input: Any, dim: int, index: Any, src: Any, value: Any, operation: str
) -> tuple[tuple[Any, ...], Any]:
    """Return the index to write at, and what of `src` (or `value`, its name for a number) to write
    there.
    """
    if (src is None) == (value is None):
        raise TypeError(f"{operation}() takes one of src and value")
    src = value if src is None else src
    where = places_along(input, dim, index, operation)
    array = unwrap(src)
    if not isinstance(array, np.ndarray):
        return where, src
    if array.dtype != input.dtype:
        raise RuntimeError(
            f"{operation}(): Expected self.dtype to be equal to src.dtype, not {input.dtype} and "
            f"{array.dtype}"
        )
    shape = np.broadcast_shapes(*(rows.shape for rows in where))
    if array.ndim != len(shape) or any(n > m for n, m in zip(shape, array.shape, strict=True)):
        raise RuntimeError(
            f"{operation}: expected index {list(shape)} to be no larger than src "
            f"{list(array.shape)}"
        )
    return where, src if array.shape == shape else Slice((*map(slice, shape), ...))(src)


@method()
def scatter(input: Any, dim: int, index: Any, src: Any = None, *, value: Any = None) -> Tensor:
    """Return `input` with the elements of `src`, or one number, put where `index` says.

    out[index[i][j]][j] = src[i][j], for dim = 0; of several for one place, the last one stays.
    """
    where, src = _scatter(input, dim, index, src, value, "scatter")
    return Put(where)(input, src)


@method()
def scatter_(input: Tensor, dim: int, index: Any, src: Any = None, *, value: Any = None) -> Tensor:
    """In-place form of `scatter`."""
    where, src = _scatter(input, dim, index, src, value, "scatter_")
    return Put(where).change(input, src, operation="scatter_")


@method()
def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Tensor:
    """Return `input` with the elements of `src` added where `index` says: out[index[i][j]][j] +=
    src[i][j], for dim = 0.
    """
    where, src = _scatter(input, dim, index, src, None, "scatter_add")
    return Accumulate(where)(input, src)


@method()
def scatter_add_(input: Tensor, dim: int, index: Any, src: Any) -> Tensor:
    """In-place form of `scatter_add`."""
    where, src = _scatter(input, dim, index, src, None, "scatter_add_")
    return Accumulate(where).change(input, src, operation="scatter_add_")


def with_mask(input: Any, mask: Any, operation: str) -> tuple[Any, np.ndarray]:
    """Return both expanded to a common shape."""
    array = np.asarray(unwrap(mask))
    if array.dtype.kind != "b":
        raise RuntimeError(
            f"{operation} only supports boolean masks, but got mask with dtype {array.dtype}"
        )
    if array.shape == input.shape:
        return input, array
    try:
        shape = np.broadcast_shapes(input.shape, array.shape)
    except ValueError:
        raise RuntimeError(
            f"{operation}: a mask of shape {list(array.shape)} does not broadcast with an input "
            f"of shape {list(input.shape)}"
        ) from None
    return input if tuple(input.shape) == shape else expand(input, shape), np.broadcast_to(
        array, shape
    )


@method()
def masked_fill(input: Any, mask: Any, value: Any) -> Tensor:
    """Return `input` with `value`, a number or 0-d Tensor, wherever the boolean `mask`, broadcast,
    is true.
    """
    input, mask = with_mask(input, mask, "masked_fill")
    return MaskedFill(mask)(input, single(value, "masked_fill"))


@method()
def masked_fill_(input: Tensor, mask: Any, value: Any) -> Tensor:
    """In-place form of `masked_fill`: the mask broadcasts to the shape of the tensor."""
    expanded, mask = with_mask(input, mask, "masked_fill_")
    if expanded is not input:
        raise RuntimeError(
            f"masked_fill_: a mask of shape {list(mask.shape)} is larger than the tensor, "
            f"{list(input.shape)}"
        )
    return MaskedFill(mask).change(input, single(value, "masked_fill_"), operation="masked_fill_")


@method()
def masked_select(input: Any, mask: Any) -> Tensor:
    """Return the elements where the boolean `mask` is true, both broadcast, in one dimension."""
    input, mask = with_mask(input, mask, "masked_select")
    return Pick((mask,))(input) if mask.ndim else Pick((mask.reshape(1),))(reshape(input, (1,)))


@method()
def nonzero(input: Any, *, as_tuple: bool = False) -> Any:
    """Return the indices of the elements that are not zero: one row each, or (`as_tuple`) an array
    a dimension, to index with.
    """
    array = unwrap(input)
    results = (
        array.reshape(-1).nonzero()
        if as_tuple and not array.ndim
        else np.nonzero(array)
        if as_tuple
        else ()
    )
    if as_tuple:
        return tuple(wrap_like(result, input) for result in results)
    return wrap_like(np.argwhere(array), input)


@method()
def nonzero_static(input: Any, *, size: int, fill_value: int = -1) -> Tensor:
    """Return the first `size` rows of `nonzero(input)`, rows of `fill_value` where there are fewer."""
    if size < 0:
        raise RuntimeError(f"nonzero_static: 'size' must be a non-negative number, not {size}")
    found = unwrap(nonzero(input))[:size]
    missing = ((0, size - len(found)), (0, 0))
    return wrap_like(np.pad(found, missing, constant_values=fill_value), input)


def one_hot(tensor: Any, num_classes: int = -1) -> Tensor:
    """Return, for each integer class label, a row of `num_classes` zeros with a one in its place,
    int64.

    (*) -> (*, num_classes); -1 stands for the highest label + 1. RuntimeError for a label outside
    [0, num_classes).
    """
    labels = indices_of(tensor, "one_hot")
    if not labels.size and num_classes < 1:
        raise RuntimeError("Can not infer total number of classes from empty tensor.")
    if num_classes == -1:
        num_classes = int(labels.max()) + 1
    places = labels[..., None] == np.arange(num_classes)
    if np.count_nonzero(places) != labels.size:
        lowest, highest = int(labels.min()), int(labels.max())
        raise RuntimeError(
            f"one_hot: class values must be in [0, {num_classes}), num_classes being "
            f"{num_classes}, not {lowest if lowest < 0 else highest}"
        )
    return wrap_like(places.astype(np.int64), tensor)
