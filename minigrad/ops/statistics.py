"""Statistics: medians, quantiles, sums that leave out nan."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import return_types
from ..autograd.op import unwrap, wrap, wrap_like
from ..dtypes import get_default_dtype
from ..tensor import Tensor, method
from .arithmetic import add, mul, sub
from .conversion import clone, to
from .creation import ones
from .diagonals import diagonal
from .dims import numpy_names, wrap_dim
from .division import div
from .gathering import gather, pick_one_along
from .pointwise import sqrt
from .products import matmul
from .reduction import sum
from .selection import clamp_min, where
from .shape import flatten, moveaxis, reshape, unsqueeze
from .sorting import sort

__all__ = [
    "bincount",
    "corrcoef",
    "cov",
    "kthvalue",
    "median",
    "mode",
    "nanmean",
    "nanmedian",
    "nanquantile",
    "nansum",
    "quantile",
]


@method()
@numpy_names
def nansum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Return the sum over `dim`, nan taken as 0."""
    return sum(where(np.isnan(unwrap(input)), 0, input), dim, keepdim, dtype=dtype)


@method()
@numpy_names
def nanmean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Return the mean over `dim` of what is not nan; nan where all is."""
    if input.dtype.kind != "f":
        raise RuntimeError(f"nanmean(): expected input to have floating point, not {input.dtype}")
    total = nansum(input, dim, keepdim, dtype=dtype)
    return div(total, sum(wrap_like(~np.isnan(unwrap(input)), input), dim, keepdim))


def _ranked(input: Any, rank: Any, dim: int, keepdim: bool, ordered: Any) -> tuple[Any, Any]:
    """Return the elements at places `rank` of what is `ordered` along `dim`, and where they were."""
    index = unwrap(ordered)
    if input.ndim:
        index = np.take_along_axis(index, rank, dim)
        index = index.squeeze(dim)
    return pick_one_along(input, dim, index, keepdim)


def _median(name: str, input: Any, dim: int | None, keepdim: bool, leave_out: bool) -> Any:
    if dim is None:
        if not unwrap(input).size:
            return wrap_like(np.full((), np.nan, input.dtype), input)
        return _median(name, flatten(input), 0, False, leave_out).values
    dim = wrap_dim(dim, input.ndim)
    array = unwrap(input)
    if input.ndim and not array.shape[dim]:
        raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
    order = np.argsort(array, axis=dim, kind="stable") if input.ndim else np.zeros((), np.int64)
    nans = np.isnan(array) if array.dtype.kind == "f" else np.zeros(array.shape, bool)
    result = return_types.nanmedian if leave_out else return_types.median
    if not input.ndim:
        return result(*_ranked(input, None, dim, keepdim, order))
    size = array.shape[dim]
    count = size - nans.sum(dim, keepdims=True)
    # Of an even number the lower one; nan, which sorts last, wins where there is one.
    rank = np.maximum(count - 1, 0) // 2
    if not leave_out:
        rank = np.where(count < size, count, rank)
    return result(*_ranked(input, rank, dim, keepdim, order))


@method()
@numpy_names
def median(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the median, of an even number the lower one of the two in the middle; nan if there is
    one. Along `dim`: (values, indices).
    """
    return _median("median", input, dim, keepdim, leave_out=False)


@method()
@numpy_names
def nanmedian(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the median of what is not nan; along `dim`: (values, indices)."""
    return _median("nanmedian", input, dim, keepdim, leave_out=True)


@method()
@numpy_names
def mode(input: Any, dim: int = -1, keepdim: bool = False) -> return_types.mode:
    """Return (values, indices) of the most frequent element along `dim`: the smallest of several,
    and its last place. The gradient goes there.
    """
    dim = wrap_dim(dim, input.ndim)
    if not input.ndim:
        return return_types.mode(clone(input), wrap_like(np.zeros((), np.int64), input))
    if not input.shape[dim]:
        raise IndexError(f"mode(): Expected reduction dim {dim} to have non-zero size.")

    def last_place(row: np.ndarray) -> Any:
        values, counts = np.unique(row, return_counts=True)
        frequent = values[counts.argmax()]
        return np.flatnonzero(np.isnan(row) if frequent != frequent else row == frequent)[-1]

    indices = np.zeros((*input.shape[:dim], *input.shape[dim + 1 :]), np.int64)
    if indices.size:
        indices[...] = np.apply_along_axis(last_place, dim, unwrap(input))
    return return_types.mode(*pick_one_along(input, dim, indices, keepdim))


@method()
@numpy_names
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> return_types.kthvalue:
    """Return (values, indices) of the k-th smallest element along `dim`, counted from 1."""
    dim = wrap_dim(dim, input.ndim)
    size = input.shape[dim] if input.ndim else 1
    if not 1 <= k <= size:
        raise RuntimeError(
            f"kthvalue(): selected number k out of range for dimension {dim}: {k} of {size}"
        )
    array = unwrap(input)
    order = np.argsort(array, axis=dim, kind="stable") if input.ndim else np.zeros((), np.int64)
    rank = np.full([1] * input.ndim, k - 1)
    if input.ndim:
        rank = np.broadcast_to(rank, [1 if i == dim else n for i, n in enumerate(array.shape)])
    return return_types.kthvalue(*_ranked(input, rank, dim, keepdim, order))


_BETWEEN = ("linear", "lower", "higher", "nearest", "midpoint")


def _quantile(
    name: str,
    input: Any,
    q: Any,
    dim: int | None,
    keepdim: bool,
    interpolation: str,
    leave_out: bool,
) -> Any:
    if input.dtype.kind != "f":
        raise RuntimeError(f"{name}() input tensor must be either float or double dtype")
    if interpolation not in _BETWEEN:
        raise RuntimeError(
            f"{name}() interpolation must be one of {', '.join(_BETWEEN)}, but got {interpolation}"
        )
    places = np.asarray(unwrap(q), input.dtype)
    if getattr(unwrap(q), "dtype", input.dtype) != input.dtype:
        raise RuntimeError(
            f"{name}() q tensor must be same dtype as the input tensor, {input.dtype}"
        )
    if places.ndim > 1:
        raise RuntimeError(
            f"{name}() q must be a scalar or 1D tensor, but its shape is {list(places.shape)}"
        )
    if not ((places >= 0) & (places <= 1)).all():
        raise RuntimeError(f"{name}() q values must be in the range [0, 1]")
    if not unwrap(input).size:
        raise RuntimeError(f"{name}() input tensor must be non-empty")
    shape = [1] * input.ndim if dim is None else list(input.shape)
    if dim is None:
        rows = flatten(input)
    else:
        dim = wrap_dim(dim, input.ndim)
        rows = moveaxis(input, dim, -1) if input.ndim else reshape(input, (1,))
        if shape:
            shape[dim] = 1
    ordered = sort(rows, -1).values
    values = unwrap(ordered)
    count = (~np.isnan(values)).sum(-1, keepdims=True)
    size = values.shape[-1]
    among = np.maximum(count, 1) if leave_out else np.full(count.shape, size)
    rank = places.reshape(-1) * (among - 1).astype(input.dtype)
    if not leave_out:
        rank = np.where(count < size, size - 1, rank).astype(input.dtype)  # nan is there
    low, high = np.floor(rank).astype(np.int64), np.ceil(rank).astype(np.int64)
    if interpolation == "nearest":
        low = high = np.round(rank).astype(np.int64)
    elif interpolation == "higher":
        low = high
    elif interpolation == "lower":
        high = low
    result = gather(ordered, -1, low)
    if interpolation in ("linear", "midpoint"):
        weight = rank - low if interpolation == "linear" else np.where(high > low, 0.5, 0.0)
        above = gather(ordered, -1, high)
        result = add(result, mul(sub(above, result), weight.astype(input.dtype)))
    result = moveaxis(result, -1, 0)
    if keepdim:
        result = reshape(result, (-1, *shape))
    return result if places.ndim else result.select(0, 0)


@method()
@numpy_names
def quantile(
    input: Any,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """Return the q-quantiles along `dim`, or of all elements; several q make the first dimension.

    `interpolation` between two elements is "linear", "lower", "higher", "nearest" or "midpoint".
    nan if one is.
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation, leave_out=False)


@method()
@numpy_names
def nanquantile(
    input: Any,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """Return the quantiles of what is not nan: see `quantile`."""
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation, leave_out=True)


@method()
def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Tensor:
    """Return how often each of 0, 1, 2, ... is among the integers `input`, (n) -> (highest + 1), or
    the sums of their `weights`.
    """
    array = unwrap(input)
    if array.dtype.kind not in "iu" or array.ndim != 1 or (array < 0).any():
        raise RuntimeError(
            f"bincount only supports 1-d non-negative integral inputs, not {array.dtype} of shape "
            f"{list(array.shape)}"
        )
    if minlength < 0:
        raise RuntimeError("bincount: minlength should be >= 0")
    if weights is None:
        return wrap_like(np.bincount(array.astype(np.int64), minlength=minlength), input)
    given = unwrap(weights)
    if given.shape != array.shape:
        raise RuntimeError("bincount: weights should have the same length as input")
    counts = np.bincount(array.astype(np.int64), given, minlength)
    return wrap_like(counts.astype(given.dtype if given.dtype == np.float32 else np.float64), input)


@method()
def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Tensor:
    """Return the covariances of the rows of `input`, variables (rows) by observations (columns).

    Observations count `fweights` times (integers) and are as important as `aweights` says.
    """
    if input.ndim > 2:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer dimensions but got {input.ndim}"
        )
    rows = reshape(input, (1, -1)) if input.ndim < 2 else input
    rows = rows if rows.dtype.kind == "f" else to(rows, get_default_dtype())
    count = rows.shape[1]
    times = _observation_weights("fweights", fweights, count, "iu")
    importance = _observation_weights("aweights", aweights, count, "f")
    times, importance = (to(weights, rows.dtype) for weights in (times, importance))
    weights = mul(times, importance)
    total = sum(weights)
    lost = correction
    if aweights is not None:
        lost = mul(correction, div(sum(mul(weights, importance)), total))
    centered = sub(rows, div(sum(mul(rows, weights), 1, True), total))
    spread = matmul(mul(centered, weights), centered.t())
    result = div(spread, clamp_min(sub(total, lost), 0.0))
    return reshape(result, ()) if len(result) == 1 else result


def _observation_weights(name: str, weights: Any, count: int, kinds: str) -> Tensor:
    if weights is None:
        return ones(count)
    array = unwrap(weights)
    if array.dtype.kind not in kinds or array.shape != (count,) or (array < 0).any():
        raise RuntimeError(
            f"cov(): expected {name} to be {count} {'integers' if 'i' in kinds else 'numbers'}, "
            f"none negative, but it is {array.dtype} of shape {list(array.shape)}"
        )
    return weights if isinstance(weights, Tensor) else wrap(array)


@method()
def corrcoef(input: Any) -> Tensor:
    """Return the correlations of the rows of `input`: covariances over both standard deviations."""
    if input.ndim > 2:
        raise RuntimeError(
            f"corrcoef(): expected input to have two or fewer dimensions but got {input.ndim}"
        )
    c = cov(input)
    if not c.ndim:
        return div(c, c)
    scale = sqrt(diagonal(c))
    return div(div(c, unsqueeze(scale, 1)), scale)
