"""The exponential moving average of a series."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.op import wrap
from ..tensor import Tensor


def ema(values: Any, beta: float, bias_correction: bool = False) -> Any:
    """Return the exponential moving average of a series, along its first dimension:

        S_0 = Y_0,   S_t = beta S_(t-1) + (1 - beta) Y_t,   0 <= beta < 1

    With bias_correction, as in Adam, S_t is the mean of Y_0 ... Y_t with weights beta^(t - k) for Y_k,
    where without it Y_0 has the weight of all that was before, too. `values` is a Tensor, array or list; the
    result is a Tensor or array of its shape, of its float type (float64 for integers). ValueError for another
    beta, or a single number. Source: Brown, "Exponential smoothing" (1956).
    """
    if not 0 <= beta < 1:
        raise ValueError(f"ema: beta must be in [0, 1), got {beta}")
    array = np.asarray(values.array if isinstance(values, Tensor) else values)
    if array.ndim == 0:
        raise ValueError("ema: expected a series, got a single number")
    result = np.array(array, array.dtype if array.dtype.kind == "f" else np.float64)
    if bias_correction and len(result):
        result[0] *= 1 - beta
    for t in range(1, len(result)):
        result[t] = beta * result[t - 1] + (1 - beta) * result[t]
    if bias_correction:
        weights = 1 - beta ** np.arange(1, len(result) + 1)
        result /= weights.reshape(-1, *[1] * (result.ndim - 1)).astype(result.dtype)
    return wrap(result) if isinstance(values, Tensor) else result
