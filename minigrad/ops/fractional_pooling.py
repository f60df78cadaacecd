"""Fractional max pooling: the largest element of windows whose steps vary at random.

Source: Graham, "Fractional max-pooling" (2014).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.op import unwrap, wrap_like
from ..random import default_generator
from .dims import per_dim
from .extrema import max as max_along
from .gathering import gather
from .pooling import Sizes, check_planes
from .shape import reshape

__all__ = ["fractional_max_pool2d", "fractional_max_pool3d"]


def fractional_max_pool2d(
    input: Any,
    kernel_size: int | Sizes,
    output_size: int | Sizes | None = None,
    output_ratio: float | tuple[float, ...] | None = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """Return the largest element of each of output_size windows, whose steps vary at random, for each channel in its
    own way: (..., channels, height, width) -> (..., channels, *output_size).

    With a = (size - kernel_size) / (output_size - 1), window i of a dimension starts at floor(a (i + u)) - floor(a u),
    the last one at the end, for a random u. In place of output_size, `output_ratio` times the size. With return_indices
    also where in its plane each was found, as max_pool2d. ValueError or RuntimeError for numbers that do not fit.
    """
    return fractional(
        "fractional_max_pool2d",
        2,
        input,
        kernel_size,
        output_size,
        output_ratio,
        return_indices,
        _random_samples,
    )


def fractional_max_pool3d(
    input: Any,
    kernel_size: int | Sizes,
    output_size: int | Sizes | None = None,
    output_ratio: float | tuple[float, ...] | None = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """Return the largest element of windows whose steps vary at random: fractional_max_pool2d for volumes (...,
    channels, depth, height, width)."""
    return fractional(
        "fractional_max_pool3d",
        3,
        input,
        kernel_size,
        output_size,
        output_ratio,
        return_indices,
        _random_samples,
    )


def fractional(
    name: str,
    dims: int,
    input: Any,
    kernel: Any,
    size: Any,
    ratio: Any,
    return_indices: bool,
    u: Any,
) -> Any:
    check_planes(name, dims, input, input.shape[-dims - 1 :])
    lengths = input.shape[-dims:]
    sizes = output_sizes(name, lengths, size, ratio)
    kernel = per_dim(name, "kernel_size", kernel, dims)
    if any(k + out - 1 > n for n, k, out in zip(lengths, kernel, sizes, strict=True)):
        raise RuntimeError(
            f"{name}: windows of {kernel} are too large for {list(sizes)} of them in input of shape {list(input.shape)}"
        )
    planes = math.prod(input.shape[:-dims])
    u = default_generator.numpy.random((planes, dims)) if u is None else unwrap(u)
    u = u.reshape(-1, dims)[:planes]
    if dims == 2:
        u = u[:, ::-1]  # as PyTorch has it: of the width first
    index = np.zeros((planes, 1, 1), np.int64)  # (planes, windows, elements of one)
    for n, k, out, at in zip(lengths, kernel, sizes, u.T, strict=True):
        places = starts(n, k, out, at)[:, :, None] + np.arange(k)
        index = index[:, :, None, :, None] * n + places[:, None, :, None, :]
        index = index.reshape(planes, math.prod(index.shape[1:3]), math.prod(index.shape[3:]))
    flat = reshape(input, (planes, math.prod(lengths)))
    windows = reshape(gather(flat, 1, index.reshape(planes, -1)), index.shape)
    values, which = max_along(windows, 2)
    shape = (*input.shape[:-dims], *sizes)
    if not return_indices:
        return reshape(values, shape)
    where = np.take_along_axis(index, unwrap(which)[:, :, None], 2)
    return reshape(values, shape), wrap_like(where.reshape(shape), input)


def output_sizes(name: str, lengths: Sizes, size: Any, ratio: Any) -> Sizes:
    ratios = check_ratio(name, len(lengths), size, ratio)
    if size is not None:
        return per_dim(name, "output_size", size, len(lengths))
    return tuple(int(n * r) for n, r in zip(lengths, ratios, strict=True))


def check_ratio(name: str, dims: int, size: Any, ratio: Any) -> tuple[float, ...]:
    """Return the ratio of each dimension, if there is no `size` instead."""
    if (size is None) == (ratio is None):
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    if ratio is None:
        return ()
    ratios = tuple(ratio) if isinstance(ratio, (tuple, list)) else (ratio,) * dims
    if len(ratios) != dims or not all(0 < r < 1 for r in ratios):
        raise ValueError(
            f"{name}: output_ratio must be between 0 and 1 in each dimension (got {ratio})"
        )
    return ratios


def starts(n: int, kernel: int, out: int, u: np.ndarray) -> np.ndarray:
    """Return where the windows of one dimension start: (planes, out)."""
    u = u[:, None]
    step = (n - kernel) / (out - 1) if out > 1 else 0.0
    first = ((np.arange(out) + u) * step).astype(np.int64) - (u * step).astype(np.int64)
    first[:, -1:] = n - kernel
    return first
