"""Unpooling: the elements that a max pooling kept, put back where they came from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tensor import Tensor
from .dims import per_dim
from .gathering import indices_of, scatter
from .pooling import Sizes, check_planes
from .shape import reshape

__all__ = ["max_unpool1d", "max_unpool2d", "max_unpool3d"]


def max_unpool1d(
    input: Any,
    indices: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    output_size: Sizes | None = None,
) -> Tensor:
    """Return zeros with `input` at the places `indices`: max_unpool2d in one dimension."""
    return unpooled("max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Any,
    indices: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    output_size: Sizes | None = None,
) -> Tensor:
    """Return zeros with `input` at the places `indices`, both of which max_pool2d returned with the
    same numbers: (..., channels, height, width) -> (..., channels, *out).

    out = (size - 1) stride + kernel_size - 2 padding, or `output_size` (with or without batch and
    channels), less than a stride from it: several sizes pool to the same one. Of several elements
    for one place the last one stays. ValueError for another output_size, RuntimeError for shapes,
    or places outside of the result.
    """
    return unpooled("max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Any,
    indices: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    output_size: Sizes | None = None,
) -> Tensor:
    """Return zeros with `input` at the places `indices`: max_unpool2d for volumes (..., channels,
    depth, height, width)."""
    return unpooled("max_unpool3d", 3, input, indices, kernel_size, stride, padding, output_size)


def unpooled(
    name: str,
    dims: int,
    input: Any,
    indices: Any,
    kernel: Any,
    stride: Any,
    padding: Any,
    output_size: Any,
) -> Tensor:
    check_planes(name, dims, input, input.shape[1:])
    kernel = per_dim(name, "kernel_size", kernel, dims)
    stride = kernel if stride is None else per_dim(name, "stride", stride, dims)
    padding = per_dim(name, "padding", padding, dims)
    if min(stride) < 1:
        raise RuntimeError(f"{name}: strides should be greater than zero, but got stride={stride}")
    sizes = tuple(
        (n - 1) * s + k - 2 * p
        for n, s, k, p in zip(input.shape[-dims:], stride, kernel, padding, strict=True)
    )
    if output_size is not None:
        sizes = wanted_sizes(name, dims, tuple(output_size), sizes, stride)
    if min(sizes) < 0:
        raise ValueError(f"{name}: output_size must be non-negative, but it would be {sizes}")
    index, shape = indices_of(indices, name), tuple(input.shape)
    if index.shape != shape:
        raise RuntimeError(
            f"{name}: expected indices of the shape of input, {list(shape)}, as max_pool{dims}d returns "
            f"both, but got {list(index.shape)}"
        )
    count, room = math.prod(shape[-dims:]), math.prod(sizes)
    if index.size and not 0 <= index.min() <= index.max() < room:
        raise RuntimeError(
            f"{name}: found an invalid max index: they are from {index.min()} to {index.max()}, and the "
            f"output has {' x '.join(map(str, sizes))} places. Was it pooled with these numbers?"
        )
    lead = shape[:-dims]
    flat = [reshape(values, (*lead, count)) for values in (index, input)]
    nothing = np.zeros((*lead, room), input.dtype)
    return reshape(scatter(nothing, -1, *flat), (*lead, *sizes))


def wanted_sizes(name: str, dims: int, wanted: Sizes, sizes: Sizes, stride: Sizes) -> Sizes:
    """Return `wanted` without batch and channels; ValueError unless it pools to the same as `sizes`."""
    if len(wanted) not in (dims, dims + 2):
        raise ValueError(
            f"{name}: output_size should be a sequence containing {dims} or {dims + 2} elements, but it "
            f"has {len(wanted)}"
        )
    wanted = wanted[-dims:]
    if any(abs(w - n) >= s for w, n, s in zip(wanted, sizes, stride, strict=True)):
        raise ValueError(
            f"{name}: invalid output_size {wanted}: each must be less than the stride, {stride}, from "
            f"{sizes}"
        )
    return wanted
