"""Pictures sampled at places of one's choice: the two halves of a spatial transformer."""

from __future__ import annotations

import functools
import itertools
import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd.op import unwrap
from ..tensor import Tensor
from .arithmetic import add, mul, sub
from .conversion import contiguous
from .gathering import index_select
from .joining import unbind
from .products import check_dtypes, matmul
from .selection import where
from .shape import reshape, transpose
from .upsampling import cubic_far, cubic_near

__all__ = ["affine_grid", "grid_sample"]

# Of a coordinate: which of the places each of a few taps reads, whether it is inside, its weight.
Taps = list[tuple[np.ndarray, np.ndarray, Any]]

MODES = ("bilinear", "nearest", "bicubic")
PADDING_MODES = ("zeros", "border", "reflection")


def affine_grid(theta: Any, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    """Return where `grid_sample` finds a picture of `size` moved by affine maps: theta (x, y, 1).

    theta  (N, 2, 3), or for volumes (N, 3, 4), that take (x, y, z, 1)
    size   (N, C, height, width) or (N, C, depth, height, width) -> (N, *places, 2 or 3)

    Coordinates go from -1 to 1, from the first place to the last with `align_corners`, else between
    their outer borders. Source: Jaderberg et al., "Spatial transformer networks" (2015). ValueError for
    shapes that do not fit, NotImplementedError for other numbers of dimensions.
    """
    align = aligned("affine_grid", align_corners)
    dims, sizes = len(size) - 2, tuple(size[2:])
    if dims not in (2, 3):
        raise NotImplementedError(
            f"affine_grid: size must be (N, C, height, width) or (N, C, depth, height, width), got "
            f"{tuple(size)}"
        )
    if theta.dtype.kind != "f":
        raise ValueError(
            f"affine_grid: expected theta to have a floating-point dtype, got {theta.dtype}"
        )
    if tuple(theta.shape[1:]) != (dims, dims + 1) or theta.ndim != 3:
        raise ValueError(
            f"affine_grid: expected theta of shape [{size[0]}, {dims}, {dims + 1}], a matrix for each "
            f"picture of size {tuple(size)}, got {list(theta.shape)}"
        )
    if min(size) < 1:
        raise ValueError(f"affine_grid: expected a size without zeros, got {tuple(size)}")
    if theta.shape[0] != size[0]:
        raise RuntimeError(
            f"affine_grid: there are {theta.shape[0]} matrices for {size[0]} pictures"
        )
    axes = []
    for n in sizes:
        ends = np.linspace(-1, 1, n) if n > 1 else np.zeros(1)
        axes.append(ends if align else ends * (n - 1) / n)
    mesh = np.meshgrid(*axes, indexing="ij")
    places = np.stack([*reversed(mesh), np.ones(sizes)], -1).reshape(-1, dims + 1)
    grid = matmul(places.astype(theta.dtype), transpose(theta, 1, 2))
    return reshape(grid, (size[0], *sizes, dims))


def grid_sample(
    input: Any,
    grid: Any,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Return what pictures have at the places of `grid`.

    input  (N, C, height, width), or volumes (N, C, depth, height, width)
    grid   (N, *out, 2) with (x, y), or (N, *out, 3) with (x, y, z) -> (N, C, *out)

    Coordinates go from -1 to 1, from the first place to the last with `align_corners`, else between
    their outer borders. `mode`: between the nearest places ("bilinear"; of volumes it is trilinear),
    the "nearest" itself, which has no gradient for the grid, or "bicubic", for pictures. What lies
    outside is by `padding_mode` 0 ("zeros"), the nearest at the "border", or mirrored ("reflection").

    Source: Jaderberg et al., "Spatial transformer networks" (2015). ValueError for other modes,
    RuntimeError for shapes or dtypes that do not fit.
    """
    if mode not in MODES:
        raise ValueError(f"grid_sample: expected mode to be one of {MODES}, but got {mode!r}")
    if padding_mode not in PADDING_MODES:
        raise ValueError(
            f"grid_sample: expected padding_mode to be one of {PADDING_MODES}, but got {padding_mode!r}"
        )
    align = aligned("grid_sample", align_corners)
    dims = input.ndim - 2
    if dims not in (2, 3) or grid.ndim != input.ndim or grid.shape[-1] != dims:
        raise RuntimeError(
            f"grid_sample: expected input (N, C, height, width) and grid (N, *out, 2), or input (N, C, "
            f"depth, height, width) and grid (N, *out, 3), got {list(input.shape)} and "
            f"{list(grid.shape)}"
        )
    if input.shape[0] != grid.shape[0] or 0 in input.shape[2:]:
        raise RuntimeError(
            f"grid_sample: input {list(input.shape)} must not be empty but in batch and channels, and "
            f"grid {list(grid.shape)} have the same batch"
        )
    if mode == "bicubic" and dims == 3:
        raise RuntimeError("grid_sample: bicubic interpolation only supports 4D input")
    check_dtypes("grid_sample", input, grid)
    if input.dtype.kind != "f":
        raise RuntimeError(f"grid_sample: expected float32 or float64, got {input.dtype}")
    batch, channels, *size = input.shape
    out, places = tuple(grid.shape[1:-1]), math.prod(size)
    coordinates = reversed(unbind(grid, -1))  # as the dimensions: y before x
    taps = [
        taps_of(x, n, mode, padding_mode, align) for x, n in zip(coordinates, size, strict=True)
    ]
    rows = transpose(reshape(input, (batch, channels, places)), 1, 2)
    rows = reshape(rows, (batch * places, channels))
    start = (np.arange(batch) * places).reshape(batch, *(1,) * dims)
    terms = []
    for corner in itertools.product(*taps):
        index, inside, weights = zip(*corner, strict=True)
        place = start + np.ravel_multi_index(index, size)
        weight = where(np.logical_and.reduce(inside), functools.reduce(mul, weights), 0.0)
        found = index_select(rows, 0, place.reshape(-1))
        terms.append(mul(found, reshape(weight, (place.size, 1))))
    y = reshape(functools.reduce(add, terms), (batch, math.prod(out), channels))
    return contiguous(reshape(transpose(y, 1, 2), (batch, channels, *out)))


def taps_of(x: Any, n: int, mode: str, padding_mode: str, align: bool) -> Taps:
    """Return what is read along a dimension of `n` places, for coordinates x between -1 and 1."""
    place = add(mul(x, (n - 1 if align else n) / 2), (n - 1) / 2)
    values = unwrap(place)
    if mode == "bicubic":
        low = np.floor(values)
        t = sub(place, low)
        weights = (
            cubic_far(t + 1, -0.75),
            cubic_near(t, -0.75),
            cubic_near(1 - t, -0.75),
            cubic_far(2 - t, -0.75),
        )
        read = (returned(low + i, n, padding_mode, align)[0] for i in range(-1, 3))
        return [tap(i, n, weight) for i, weight in zip(read, weights, strict=True)]
    back, slope = returned(values, n, padding_mode, align)
    if mode == "nearest":
        return [tap(np.rint(back), n, np.ones_like(back))]
    if padding_mode != "zeros":
        # Where the slope is 0 the place may be infinite.
        place = where(slope != 0, add(mul(place, slope), sub(back, mul(slope, values))), back)
    low = np.floor(back)
    t = sub(place, low)
    return [tap(low, n, sub(1, t)), tap(low + 1, n, t)]


def tap(index: np.ndarray, n: int, weight: Any) -> tuple[np.ndarray, np.ndarray, Any]:
    inside = (index >= 0) & (index < n)
    return np.where(inside, index, 0).astype(np.int64), inside, weight


def returned(
    place: np.ndarray, n: int, padding_mode: str, align: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return where a place outside is read instead, and the slope of that."""
    slope = np.ones_like(place)
    if padding_mode == "zeros":
        return place, slope
    if padding_mode == "reflection":
        low, span = (0, n - 1) if align else (-0.5, n)
        if span == 0:
            return np.zeros_like(place), np.zeros_like(place)
        with np.errstate(invalid="ignore"):  # of an infinite place
            turns, rest = np.divmod(abs(place - low), span)
        odd = turns % 2 == 1
        slope = np.where((place < low) != odd, -slope, slope)
        place = low + np.where(odd, span - rest, rest)
    slope = np.where((place > 0) & (place < n - 1), slope, 0)
    return place.clip(0, n - 1), slope


def aligned(name: str, align_corners: bool | None) -> bool:
    if align_corners is None:
        warnings.warn(
            f"{name}: align_corners is not given, and taken to be False: -1 and 1 are the outer borders "
            f"of the first and the last places",
            stacklevel=3,
        )
    return bool(align_corners)
