"""Tensors with parts of them replaced, by index, mask or place; and what scattered elements are combined to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.op import Op, Variable, unwrap, wrap
from ..tensor import Tensor, method
from .arithmetic import mul
from .dims import own_dim, wrap_dim
from .division import div
from .expanding import expand
from .gathering import indices_of, places_along, scatter, scatter_add, with_mask
from .indexing import Accumulate, Pick, Put, Slice, single
from .reduction import Prod, leave_one_out
from .selection import where
from .shape import flatten, movedim, reshape
from .subscripts import ALL, check_range, positions, split_index

__all__ = [
    "diagonal_scatter",
    "index_copy",
    "index_fill",
    "index_put",
    "index_reduce",
    "masked_scatter",
    "put",
    "scatter_reduce",
    "select_scatter",
    "slice_scatter",
]


# ---- parts replaced ------------------------------------------------------------------------------


@method(inplace=True)
def index_fill(input: Any, dim: int, index: Any, value: Any) -> Tensor:
    """Return `input` with `value`, a number or 0-d Tensor, in the slices `index` of `dim`."""
    rows = indices_of(index, "index_fill").reshape(-1)
    value = single(value, "index_fill")
    if not input.ndim:
        return index_fill(input.reshape(1), dim, rows, value).reshape(())
    dim = wrap_dim(dim, input.ndim)
    check_range(rows, -input.shape[dim], input.shape[dim], dim)
    once = np.unique(np.where(rows < 0, rows + input.shape[dim], rows))
    return Put((ALL,) * dim + (once,))(input, value)


@method(inplace=True)
def index_copy(input: Any, dim: int, index: Any, source: Any) -> Tensor:
    """Return `input` with source[i] as its slice number index[i] along `dim`, for every i."""
    rows = indices_of(index, "index_copy").reshape(-1)
    if not input.ndim:
        return index_copy(input.reshape(1), dim, rows, source.reshape(-1)).reshape(())
    dim = wrap_dim(dim, input.ndim)
    expected = (*input.shape[:dim], len(rows), *input.shape[dim + 1 :])
    if tuple(source.shape) != expected:
        raise IndexError(
            f"index_copy(): source has shape {list(source.shape)}; for input {list(input.shape)} "
            f"and {len(rows)} indices along dimension {dim} it should be {list(expected)}"
        )
    check_dtypes("index_copy", input, source)
    check_range(rows, 0, input.shape[dim], dim)
    return Put((ALL,) * dim + (rows,))(input, source)


@method(inplace=True)
def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Tensor:
    """Return `input` with `values`, broadcast, at input[indices]; with `accumulate` added there,
    once for each time that an element occurs.

    `indices` is a tuple of integer Tensors or masks; None stands for a whole dimension.
    """
    check_dtypes("index_put", input, values)
    items = tuple(ALL if item is None else item for item in indices)
    _, advanced = split_index(items, input.shape, check=True)
    if advanced is None:
        raise IndexError(
            "index_put: expected at least one integer Tensor or mask among the indices"
        )
    if not accumulate:
        return Put(advanced)(input, values)
    shape = unwrap(input)[advanced].shape
    return Accumulate(advanced)(input, values if values.shape == shape else expand(values, shape))


@method(inplace=True)
def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Tensor:
    """Return `input` with source[i] at place index[i] of its elements in row-major order; with
    `accumulate` added there.
    """
    check_dtypes("put", input, source)
    rows, flat = indices_of(index, "put").reshape(-1), flatten(input)
    if math.prod(source.shape) != len(rows):
        raise IndexError(
            f"put_(): Expected source and index to have the same number of elements, but got "
            f"source.numel() = {math.prod(source.shape)}, index.numel() = {len(rows)}"
        )
    check_range(rows, -flat.shape[0], flat.shape[0], 0)
    changed = (Accumulate if accumulate else Put)((rows,))(flat, flatten(source))
    return reshape(changed, input.shape)


@method()
def fill_diagonal_(input: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Replace the elements whose indices are all equal, in place; with `wrap`, the diagonal of a
    matrix begins anew below each square, one row left out.
    """
    shape = input.array.shape
    if len(shape) < 2:
        raise RuntimeError(f"fill_diagonal_: dimensions must larger than 1, not {list(shape)}")
    if len(shape) > 2 and len(set(shape)) > 1:
        raise RuntimeError(
            f"fill_diagonal_: all dimensions of input must be of equal length, not {list(shape)}"
        )
    if wrap and len(shape) == 2:
        places = np.arange(0, math.prod(shape), shape[1] + 1)
        index = np.unravel_index(places, shape)
    else:
        index = (np.arange(min(shape)),) * len(shape)
    return Put(index).change(input, fill_value, operation="fill_diagonal_")


@method(inplace=True)
def masked_scatter(input: Any, mask: Any, source: Any) -> Tensor:
    """Return `input` with the elements of `source`, in their order, where the boolean `mask` is
    true, both broadcast.
    """
    check_dtypes("masked_scatter", input, source)
    input, mask = with_mask(input, mask, "masked_scatter")
    count = int(np.count_nonzero(mask))
    source = flatten(source)
    if source.shape[0] < count:
        raise RuntimeError(
            f"masked_scatter: Number of elements of source < number of ones in mask: "
            f"{source.shape[0]} < {count}"
        )
    return Put((mask,))(input, Slice((slice(0, count), ...))(source))


@method()
def select_scatter(input: Any, src: Any, dim: int, index: int) -> Tensor:
    """Return `input` with `src` as its slice number `index` along `dim`."""
    dim = own_dim("select_scatter", dim, input.shape)
    check_range(int(index), -input.shape[dim], input.shape[dim], dim)
    return _replaced(input, (ALL,) * dim + (int(index), ...), src)


@method()
def slice_scatter(
    input: Any,
    src: Any,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Tensor:
    """Return `input` with `src` in place of start:end:step of dimension `dim`."""
    dim = own_dim("slice_scatter", dim, input.shape)
    return _replaced(input, (ALL,) * dim + (slice(start, end, step), ...), src)


@method()
def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Return `input` with `src` as its diagonal: see `diagonal`."""
    moved = movedim(input, (dim1, dim2), (-2, -1))
    rows, columns = moved.shape[-2:]
    first = np.arange(max(0, min(rows + min(offset, 0), columns - max(offset, 0))))
    index = (..., first - min(offset, 0), first + max(offset, 0))
    return movedim(_replaced(moved, index, src), (-2, -1), (dim1, dim2))


def _replaced(input: Any, index: tuple[Any, ...], src: Any) -> Any:
    shape = unwrap(input)[index].shape
    if tuple(src.shape) != shape:
        raise RuntimeError(
            f"expected src to have a size equal to the slice of self. src size = "
            f"{list(src.shape)}, slice size = {list(shape)}"
        )
    return Put(index)(input, src)


def check_dtypes(name: str, input: Any, source: Any) -> None:
    if input.dtype != source.dtype:
        raise RuntimeError(
            f"{name}: expected self and source to have same dtypes but got {input.dtype} and "
            f"{source.dtype}"
        )


# ---- elements combined ---------------------------------------------------------------------------


class ScatterExtremum(Op):
    """The largest, or smallest, of x and what is scattered to its place: those that attain it share
    the gradient evenly."""

    __slots__ = ("index", "ufunc")

    def __init__(self, ufunc: np.ufunc, index: tuple[Any, ...]) -> None:
        self.ufunc = ufunc
        self.index = index

    def forward(self, x: np.ndarray, src: np.ndarray) -> np.ndarray:
        self.inputs = (x, src, *self.index)
        self.output = x.copy()
        self.ufunc.at(self.output, self.index, src)
        return self.output

    def backward(self, grad: Any) -> tuple[Any, Any]:
        x, src = map(unwrap, self.inputs[:2])
        best = unwrap(self.output)
        first, others = x == best, src == best[self.index]
        count = first.astype(best.dtype)
        np.add.at(count, self.index, others)
        share = div(grad, count)
        return mul(share, first), mul(Pick(self.index)(share), others)


class ScatterProduct(Op):
    """x times all that is scattered to its place"""

    __slots__ = ("index",)

    def __init__(self, index: tuple[Any, ...]) -> None:
        self.index = index

    def forward(self, x: np.ndarray, src: np.ndarray) -> np.ndarray:
        self.inputs = (x, src, *self.index)
        self.output = x.copy()
        np.multiply.at(self.output, self.index, src)
        return self.output

    def backward(self, grad: Any) -> tuple[Any, Any]:
        x, src = self.inputs[:2]
        zero, zeros = unwrap(x) == 0, unwrap(src) == 0
        if not zero.any() and not zeros.any():
            total = mul(grad, self.output)
            return div(total, x), div(Pick(self.index)(total), src)
        if isinstance(grad, Variable):
            table, places = self.factors(x, src)
            others = Prod((2,))(leave_one_out(table, 1))
            shares = mul(grad.reshape(-1, 1), others)
            return shares[:, 0].reshape(x.shape), Pick(places)(shares).reshape(src.shape)
        # A product with one zero has a slope at that zero only, one with several has none.
        count = zero.astype(np.int64)
        np.add.at(count, self.index, zeros)
        x, src = where(zero, 1, x), where(zeros, 1, src)
        total = mul(grad, ScatterProduct(self.index)(x, src))
        return (
            div(mul(total, count == zero), x),
            div(mul(Pick(self.index)(total), count[self.index] == zeros), src),
        )

    def factors(self, x: Tensor, src: Tensor) -> tuple[Tensor, tuple[np.ndarray, np.ndarray]]:
        """Return a row of factors for each element of x: itself, what is scattered to it, and then
        ones; and the rows and columns where those of src are."""
        rows = positions(x.shape, self.index).reshape(-1)
        count = np.bincount(rows, minlength=x.array.size)
        order = rows.argsort(kind="stable")
        columns = np.empty_like(rows)
        columns[order] = 1 + np.arange(len(rows)) - (count.cumsum() - count)[rows[order]]
        ones = wrap(np.ones((x.array.size, 1 + count.max()), x.dtype))
        table = Put((ALL, 0))(ones, x.reshape(-1))
        return Put((rows, columns))(table, src.reshape(-1)), (rows, columns)


# What leaves every number as it is.
_NEUTRAL = {"sum": 0, "mean": 0, "prod": 1, "amax": -np.inf, "amin": np.inf}


@method(inplace=True)
def scatter_reduce(
    input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True
) -> Tensor:
    """Return `input` with each element combined with those of `src` that `index` sends there (see
    `scatter`), by `reduce`: "sum", "prod", "mean", "amax" or "amin".

    Unless `include_self`, an element that something is sent to does not take part itself. Equal
    extrema share the gradient.
    """
    if reduce not in _NEUTRAL:
        raise RuntimeError(
            f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
        )
    check_dtypes("scatter_reduce", input, src)
    if not input.ndim:
        rows = indices_of(index, "scatter_reduce").reshape(-1)
        return scatter_reduce(
            input.reshape(1), dim, rows, src.reshape(-1), reduce, include_self=include_self
        ).reshape(())
    rows = indices_of(index, "scatter_reduce")
    where_to = places_along(input, dim, rows, "scatter_reduce")
    if src.ndim != rows.ndim or any(n > m for n, m in zip(rows.shape, src.shape, strict=True)):
        raise RuntimeError(
            f"scatter_reduce: expected index {list(rows.shape)} to be no larger than src "
            f"{list(src.shape)}"
        )
    src = Slice((*map(slice, rows.shape), ...))(src)
    if not include_self:
        neutral = _NEUTRAL[reduce]
        if input.dtype.kind != "f" and reduce in ("amax", "amin"):
            info = np.iinfo(np.uint8 if input.dtype.kind == "b" else input.dtype)
            neutral = info.min if reduce == "amax" else info.max
        input = scatter(input, dim, rows, value=neutral)
    if reduce in ("sum", "mean"):
        total = scatter_add(input, dim, rows, src)
        if reduce == "sum":
            return total
        count = np.ones(input.shape, np.int64)
        if not include_self:
            count[where_to] = 0
        np.add.at(count, where_to, 1)
        mode = None if input.dtype.kind == "f" else "floor"
        return div(total, np.maximum(count, 1).astype(input.dtype), rounding_mode=mode)
    if reduce == "prod":
        return ScatterProduct(where_to)(input, src)
    return ScatterExtremum(np.maximum if reduce == "amax" else np.minimum, where_to)(input, src)


@method(inplace=True)
def index_reduce(
    input: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True
) -> Tensor:
    """Return `input` with its slices number index[i] along `dim` combined with source[i], by
    `reduce`: "prod", "mean", "amax" or "amin"; see `scatter_reduce`.
    """
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(
            f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}."
        )
    rows = indices_of(index, "index_reduce").reshape(-1)
    dim = wrap_dim(dim, input.ndim)
    expected = (*input.shape[:dim], len(rows), *input.shape[dim + 1 :]) if input.ndim else (1,)
    if tuple(source.shape or (1,)) != expected:
        raise RuntimeError(
            f"index_reduce(): source has shape {list(source.shape)}; for input {list(input.shape)} "
            f"and {len(rows)} indices along dimension {dim} it should be {list(expected)}"
        )
    rows = rows.reshape((-1,) + (1,) * (source.ndim - dim - 1)) if source.ndim else rows
    rows = np.broadcast_to(rows, source.shape) if source.ndim else rows.reshape(())
    return scatter_reduce(input, dim, rows, source, reduce, include_self=include_self)
