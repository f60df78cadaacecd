"""Differences, slopes and areas under curves given by points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd.op import unwrap
from ..tensor import Tensor, method
from .arithmetic import add, mul, sub
from .comparison import logical_xor
from .conversion import clone
from .cumulative import cumsum
from .dims import numpy_names, wrap_dim, wrap_dims
from .division import div
from .indexing import narrow
from .joining import cat
from .reduction import sum

__all__ = ["cumulative_trapezoid", "diff", "gradient", "trapezoid", "trapz"]


def _neighbours(x: Any, dim: int) -> tuple[Any, Any]:
    """Return x without its last, and without its first element along `dim`."""
    count = max(x.shape[dim] - 1, 0)
    return narrow(x, dim, 0, count), narrow(x, dim, x.shape[dim] - count, count)


@method()
@numpy_names
def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Tensor:
    """Return the differences x_{i+1} - x_i along `dim`, n times; of booleans, whether they differ.

    `prepend` and `append` are put before and behind the input first.
    """
    if not input.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    dim = wrap_dim(dim, input.ndim)
    if n == 0:
        return clone(input)
    ends = [x for x in (prepend, input, append) if x is not None]
    x = cat(ends, dim) if len(ends) > 1 else input
    for _ in range(min(n, x.shape[dim])):
        earlier, later = _neighbours(x, dim)
        x = (logical_xor if x.dtype.kind == "b" else sub)(later, earlier)
    return x


def _areas(name: str, y: Any, x: Any, dx: Any, dim: int) -> tuple[Any, int]:
    """Return the area of the trapezoid between each two neighbours, and `dim` from the front."""
    if not y.ndim:
        raise IndexError(f"{name}: dimension specified as {dim} but tensor has no dimensions")
    if x is not None and dx is not None:
        raise TypeError(
            f"{name}() takes x, the places of the points, or dx, their distance, not both"
        )
    dim = wrap_dim(dim, y.ndim)
    earlier, later = _neighbours(y, dim)
    means = div(add(earlier, later), 2)
    if x is None:
        return mul(means, 1 if dx is None else dx), dim
    if not x.ndim or x.shape[dim if x.ndim > 1 else 0] != y.shape[dim]:
        raise RuntimeError(
            f"{name}: There must be one `x` value for each sample point, but x has shape "
            f"{list(x.shape)}, y {list(y.shape)}"
        )
    if x.ndim == 1:
        x = x.reshape((-1,) + (1,) * (y.ndim - dim - 1))
        return mul(means, diff(x, dim=0)), dim
    return mul(means, diff(x, dim=dim)), dim


@numpy_names
def trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """Return the integral along `dim` by the trapezoidal rule: sum (y_i + y_{i+1}) / 2 * dx_i.

    The points are at `x`, one for all rows or as many as y has, or `dx` (1) apart.
    """
    areas, dim = _areas("trapezoid", y, x, dx, dim)
    return sum(areas, dim)


trapz = trapezoid


@numpy_names
def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """Return the integrals up to each point but the first: see `trapezoid`."""
    areas, dim = _areas("cumulative_trapezoid", y, x, dx, dim)
    return cumsum(areas, dim)


def gradient(
    input: Any, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1
) -> tuple[Tensor, ...]:
    """Return the slope along each of `dim` (None: all), from the neighbours on both sides.

    It is exact for parabolas, and at the two ends for polynomials of degree `edge_order`, 1 or 2:
    Fornberg, "Generation of finite difference formulas on arbitrarily spaced grids" (1988).
    `spacing` is the distance of the points, one for all dimensions or one each, or a sequence of
    vectors with their coordinates.
    """
    dims, spacing = wrap_dims(dim, input.ndim), 1 if spacing is None else spacing
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    if any(input.shape[d] < edge_order + 1 for d in dims):
        raise RuntimeError(
            f"torch.gradient expected each dimension size to be at least edge_order+1, the input "
            f"has shape {list(input.shape)}"
        )
    several = isinstance(spacing, Sequence)
    if several and len(spacing) != len(dims):
        raise RuntimeError(
            f"torch.gradient expected spacing to be a scalar, or a list of one for each of "
            f"{len(dims)} dimensions, but got {len(spacing)}"
        )
    steps = [np.asarray(unwrap(s)) for s in (spacing if several else [spacing] * len(dims))]
    for d, h in zip(dims, steps, strict=True):
        if h.ndim and h.shape != (input.shape[d],):
            raise RuntimeError(
                f"torch.gradient expected one coordinate for each of the {input.shape[d]} points "
                f"along dimension {d}, but got spacing of shape {list(h.shape)}"
            )
    dtype = np.dtype(np.float64) if input.dtype == np.float64 else np.dtype(np.float32)
    return tuple(
        _slope(
            input,
            d,
            (np.diff(h) if h.ndim else np.full(input.shape[d] - 1, h)).astype(dtype),
            edge_order,
        )
        for d, h in zip(dims, steps, strict=True)
    )


def _slope(x: Any, dim: int, steps: np.ndarray, edge_order: int) -> Any:
    """Return the slope along `dim`, where the points are `steps` apart."""
    size = x.shape[dim]
    column = (-1,) + (1,) * (x.ndim - dim - 1)

    def weighted(*terms: tuple[int, int, np.ndarray]) -> Any:
        total = None
        for start, length, weights in terms:
            term = mul(narrow(x, dim, start, length), weights.reshape(column))
            total = term if total is None else add(total, term)
        return total

    h, k = steps[:-1], steps[1:]
    inner = weighted(
        (0, size - 2, -k / (h * (h + k))),
        (1, size - 2, (k - h) / (h * k)),
        (2, size - 2, h / (k * (h + k))),
    )
    if edge_order == 1:
        first, last = (
            weighted((i, 1, -1 / steps[i : i + 1]), (i + 1, 1, 1 / steps[i : i + 1]))
            for i in (0, size - 2)
        )
    else:
        h, k = steps[:1], steps[1:2]
        first = weighted(
            (0, 1, -(2 * h + k) / (h * (h + k))),
            (1, 1, (h + k) / (h * k)),
            (2, 1, -h / (k * (h + k))),
        )
        h, k = steps[-2:-1], steps[-1:]
        last = weighted(
            (size - 3, 1, k / (h * (h + k))),
            (size - 2, 1, -(h + k) / (h * k)),
            (size - 1, 1, (h + 2 * k) / (k * (h + k))),
        )
    return cat([first, inner, last], dim)
