"""Places along a dimension as weighted sums of other places."""

from __future__ import annotations

import numpy as np

__all__ = ["resample"]

Array = np.ndarray


def resample(y: Array, x: Array, starts: Array, index: Array, weights: Array) -> None:
    y[...] = 0
    for j in range(y.shape[1]):
        for k in range(starts[j], starts[j + 1]):
            y[:, j] += weights[k] * x[:, index[k]]
