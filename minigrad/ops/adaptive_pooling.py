"""Pooling to a given size: the largest element, or the mean, of windows that cover it evenly."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from .pooling import Sizes, adaptive_windows, check_planes, pooled_max, pooled_mean

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
]


def adapted(name: str, dims: int, input: Any, output_size: Any) -> list[np.ndarray]:
    """Return the windows that make the last dimensions output_size, None for as they are."""
    error = ValueError if input.ndim <= dims > 1 else RuntimeError
    check_planes(name, dims, input, input.shape[1:], error)
    sizes = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size,) * dims
    if len(sizes) != dims:
        raise RuntimeError(f"{name}: output_size must be {dims} numbers, got {output_size}")
    sizes = tuple(
        n if size is None else size for size, n in zip(sizes, input.shape[-dims:], strict=True)
    )
    if min(sizes) < 0:
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0, got {output_size}"
        )
    return [adaptive_windows(n, size) for n, size in zip(input.shape[-dims:], sizes, strict=True)]


def adaptive_avg_pool1d(input: Any, output_size: int | Sizes) -> Tensor:
    """Return the means of output_size windows: adaptive_avg_pool2d in one dimension."""
    return pooled_mean(input, 1, adapted("adaptive_avg_pool1d", 1, input, output_size))


def adaptive_avg_pool2d(input: Any, output_size: int | tuple[int | None, ...]) -> Tensor:
    """Return the means of output_size windows that cover each plane evenly.

    Window i of a dimension is floor(i size / out) ... ceil((i + 1) size / out) - 1; None leaves a
    dimension as it is. (..., channels, height, width) -> (..., channels, *output_size).
    """
    return pooled_mean(input, 2, adapted("adaptive_avg_pool2d", 2, input, output_size))


def adaptive_avg_pool3d(input: Any, output_size: int | tuple[int | None, ...]) -> Tensor:
    """Return the means of the windows of adaptive_avg_pool2d, for volumes (..., channels, depth,
    height, width)."""
    return pooled_mean(input, 3, adapted("adaptive_avg_pool3d", 3, input, output_size))


def adaptive_max_pool1d(input: Any, output_size: int | Sizes, return_indices: bool = False) -> Any:
    """Return the largest elements of output_size windows: adaptive_max_pool2d in one dimension."""
    found = adapted("adaptive_max_pool1d", 1, input, output_size)
    return pooled_max(input, 1, found, 1, return_indices)


def adaptive_max_pool2d(
    input: Any, output_size: int | tuple[int | None, ...], return_indices: bool = False
) -> Any:
    """Return the largest elements of the windows of adaptive_avg_pool2d; with return_indices also where
    they are, as max_pool2d."""
    found = adapted("adaptive_max_pool2d", 2, input, output_size)
    return pooled_max(input, 2, found, 1, return_indices)


def adaptive_max_pool3d(
    input: Any, output_size: int | tuple[int | None, ...], return_indices: bool = False
) -> Any:
    """Return the largest elements of the windows of adaptive_avg_pool3d; with return_indices also where
    they are, as max_pool3d."""
    found = adapted("adaptive_max_pool3d", 3, input, output_size)
    return pooled_max(input, 3, found, 1, return_indices)
