"""Windows: weights that fall off to both ends of a piece of a signal.

With `periodic`, of N = window_length steps, the first of the next period left out; else N is window_length - 1, and
both ends are alike. Source: Harris, "On the use of windows for harmonic analysis" (1978).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..tensor import Tensor
from .creation import new, supported

__all__ = ["bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"]


def window(
    name: str,
    values: Callable[[np.ndarray], np.ndarray],
    window_length: int,
    periodic: bool,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return values(n / N) for n = 0, 1, ..., window_length - 1; 1 alone."""
    dtype = supported(dtype)
    if window_length < 0:
        raise RuntimeError(
            f"{name} requires non-negative window_length, got window_length={window_length}"
        )
    if dtype.kind != "f":
        raise RuntimeError(f"{name} expects floating point dtypes, got: {dtype}")
    steps = window_length if periodic else window_length - 1
    places = np.arange(window_length) / max(steps, 1)
    found = values(places) if window_length != 1 else np.ones(1)
    return new(found.astype(dtype), device, requires_grad)


def bartlett_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """Return the triangle 1 - |2n/N - 1|."""
    return window(
        "bartlett_window", lambda x: 1 - np.abs(2 * x - 1), window_length, periodic, **options
    )


def hann_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """Return sin^2(pi n/N)."""
    return window(
        "hann_window", lambda x: np.sin(math.pi * x) ** 2, window_length, periodic, **options
    )


def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    **options: Any,
) -> Tensor:
    """Return alpha - beta cos(2 pi n/N)."""

    def values(x: np.ndarray) -> np.ndarray:
        return alpha - beta * np.cos(2 * math.pi * x)

    return window("hamming_window", values, window_length, periodic, **options)


def blackman_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """Return 0.42 - 0.5 cos(2 pi n/N) + 0.08 cos(4 pi n/N)."""

    def values(x: np.ndarray) -> np.ndarray:
        return 0.42 - 0.5 * np.cos(2 * math.pi * x) + 0.08 * np.cos(4 * math.pi * x)

    return window("blackman_window", values, window_length, periodic, **options)


def kaiser_window(
    window_length: int, periodic: bool = True, beta: float = 12.0, **options: Any
) -> Tensor:
    """Return I_0(beta sqrt(1 - (2n/N - 1)^2)) / I_0(beta)."""

    def values(x: np.ndarray) -> np.ndarray:
        return np.i0(beta * np.sqrt(np.maximum(1 - (2 * x - 1) ** 2, 0))) / np.i0(beta)

    return window("kaiser_window", values, window_length, periodic, **options)
