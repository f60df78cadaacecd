"""Histograms: how many elements lie in each of some ranges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import return_types
from ..autograd.op import unwrap, wrap_like
from ..tensor import Tensor, method

__all__ = ["histc", "histogram", "histogramdd"]


@method()
def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """Return how many elements lie in each of `bins` equal parts of [min, max], or, where both are
    equal, of the range of the elements. What lies outside is not counted.
    """
    array = unwrap(input)
    if bins <= 0:
        raise RuntimeError(f"histc(): bins must be > 0, but got {bins}")
    if max < min:
        raise RuntimeError("histc(): max must be larger than min")
    if min == max and array.size:
        min, max = array.min(), array.max()
    if min == max:
        min, max = min - 1, max + 1
    if not np.isfinite([min, max]).all():
        raise RuntimeError(f"histc(): range of [{min}, {max}] is not finite")
    counts, _ = np.histogram(array, bins, (float(min), float(max)))
    return wrap_like(counts.astype(array.dtype), input)


@method()
def histogram(
    input: Any, bins: Any, *, range: Any = None, weight: Any = None, density: bool = False
) -> return_types.histogram:
    """Return (hist, bin_edges): how many elements, or how much `weight`, is in each bin.

    `bins` is their number, in equal parts of `range` or of that of the elements, or their edges.
    `density` divides by the total and by each width, so that the integral is 1.
    """
    array = unwrap(input)
    if array.dtype.kind != "f":
        raise NotImplementedError(f"histogram: expected floating-point input, not {array.dtype}")
    edges = unwrap(bins)
    weights = None if weight is None else unwrap(weight).reshape(-1)
    hist, edges = np.histogram(array.reshape(-1), edges, range, density, weights)
    return return_types.histogram(*(wrap_like(x.astype(array.dtype), input) for x in (hist, edges)))


def histogramdd(
    input: Any,
    bins: int | Sequence[Any],
    *,
    range: Sequence[float] | None = None,
    weight: Any = None,
    density: bool = False,
) -> return_types.histogramdd:
    """Return (hist, bin_edges) of points in D dimensions, (..., D): hist is D-dimensional, bin_edges D
    tensors.

    `bins` is a number for all dimensions, or for each its number or edges; `range` is the first and last edge
    of each, one after the other.
    """
    array = unwrap(input)
    if array.dtype.kind != "f":
        raise NotImplementedError(f"histogramdd: expected floating-point input, not {array.dtype}")
    points = array.reshape(-1, array.shape[-1])
    if not isinstance(bins, int) and len(bins) != points.shape[1]:
        raise RuntimeError(
            f"histogramdd: there are {len(bins)} bins for points in {points.shape[1]} dimensions"
        )
    edges = bins if isinstance(bins, int) else [unwrap(edge) for edge in bins]
    ends = None if range is None else list(zip(range[::2], range[1::2], strict=True))
    weights = None if weight is None else unwrap(weight).reshape(-1)
    hist, edges = np.histogramdd(points, edges, ends, density, weights)
    return return_types.histogramdd(
        wrap_like(hist.astype(array.dtype), input),
        tuple(wrap_like(edge.astype(array.dtype), input) for edge in edges),
    )
