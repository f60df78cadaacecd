"""New tensors of numbers equally far apart, or whose exponents are."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from .. import dtypes
from ..tensor import Tensor
from .creation import new, supported

__all__ = ["arange", "linspace", "logspace", "range"]


def arange(
    start: Any,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return start, start + step, ... up to and without `end`; arange(end) starts from 0.

    int64 if all three are integers. RuntimeError if the step leads away from the end.
    """
    if end is None:
        start, end = 0, start
    start, end, step = (x.item() if hasattr(x, "item") else x for x in (start, end, step))
    integers = isinstance(start, int) and isinstance(end, int) and isinstance(step, int)
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise RuntimeError(
            f"upper bound and lower bound inconsistent with step sign: from {start} to {end} by "
            f"{step}"
        )
    if dtype is None and integers:
        return new(np.arange(start, end, step, dtypes.int64), device, requires_grad)
    # In double precision, and from the start each time: adding up steps in float32 would drift.
    values = start + step * np.arange(math.ceil((end - start) / step))
    return new(values.astype(supported(dtype)), device, requires_grad)


def range(
    start: float,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return start, start + step, ... up to `end`, included: deprecated, for `arange` stops before its end."""
    warnings.warn(
        "range is deprecated, because it includes its end, as Python's range does not: use arange, or linspace",
        stacklevel=2,
    )
    if end is None:
        start, end = 0, start
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(
            f"upper bound and lower bound inconsistent with step sign: from {start} to {end} by {step}"
        )
    values = start + step * np.arange(int((end - start) / step) + 1)
    return new(values.astype(supported(dtype)), device, requires_grad)


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return `steps` values, equally far apart, from `start` to `end`, both included."""
    values = np.linspace(*ends("linspace", start, end, steps), steps)
    return new(values.astype(supported(dtype)), device, requires_grad)


def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return base^x for `steps` exponents x, equally far apart, from `start` to `end`, both
    included.
    """
    values = np.logspace(*ends("logspace", start, end, steps), steps, base=base)
    return new(values.astype(supported(dtype)), device, requires_grad)


def ends(name: str, start: Any, end: Any, steps: int) -> tuple[float, float]:
    """Return the ends as numbers; RuntimeError if one is none, or `steps` negative."""
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    if np.ndim(start) or np.ndim(end):
        raise RuntimeError(
            f"{name} only supports 0-dimensional start and end tensors, but got start with "
            f"{np.ndim(start)} dimension(s) and end with {np.ndim(end)} dimension(s)."
        )
    return float(start), float(end)
