"""Initialisers: fill a Tensor in place, unrecorded, and return it.

Each that draws takes a `generator`; the default is the one that `manual_seed` seeds.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from ..autograd.grad_mode import no_grad
from ..autograd.versions import change_of, record_changes
from ..ops.sampling import randperm
from ..random import Generator
from ..tensor import Tensor

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]


@no_grad()
def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Draw from the uniform distribution over [a, b)."""
    return tensor.uniform_(a, b, generator=generator)


@no_grad()
def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Draw from the normal distribution N(mean, std^2)."""
    return tensor.normal_(mean, std, generator=generator)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Draw from N(mean, std^2) what lies in [a, b]: what falls outside is drawn anew."""
    normal_(tensor, mean, std, generator)
    array = tensor.array
    outside = (array < a) | (array > b)
    if a > b or (outside.all() and outside.size > 100):
        raise ValueError(f"trunc_normal_: N({mean}, {std}^2) has next to nothing in [{a}, {b}]")
    while outside.any():
        array[outside] = normal_(Tensor(int(outside.sum())), mean, std, generator).array
        outside = (array < a) | (array > b)
    return tensor


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with `val`."""
    return _assign(tensor, val, "constant_")


def ones_(tensor: Tensor) -> Tensor:
    """Fill with 1."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with 0."""
    return constant_(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """Put the identity into a matrix: (n, m)."""
    _check_matrix("eye_", tensor)
    return _assign(tensor, np.eye(*tensor.shape), "eye_")


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Make a convolution's weight (out, in, *window) pass as many input channels on as it can.

    1 in the middle of the window where the channels in and out are the same, of each of `groups`,
    else 0. ValueError for other than 1 to 3 window dimensions, or groups that do not divide `out`.
    """
    if tensor.ndim not in (3, 4, 5):
        raise ValueError(
            f"dirac_: Only tensors with 3, 4, or 5 dimensions are supported (out, in, *window), "
            f"not shape {list(tensor.shape)}"
        )
    if tensor.shape[0] % groups:
        raise ValueError(
            f"dirac_: dim 0 must be divisible by groups: {tensor.shape[0]} by {groups}"
        )
    each = tensor.shape[0] // groups
    middle = tuple(size // 2 for size in tensor.shape[2:])
    values = np.zeros(tensor.shape, tensor.dtype)
    for group in range(groups):
        for channel in range(min(each, tensor.shape[1])):
            values[(group * each + channel, channel, *middle)] = 1
    return _assign(tensor, values, "dirac_")


def sparse_(
    tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None
) -> Tensor:
    """Draw a matrix (n, m) from N(0, std^2), then zero the share `sparsity` of each column.

    Source: Martens, "Deep learning via Hessian-free optimization" (2010).
    """
    _check_matrix("sparse_", tensor)
    rows, columns = tensor.shape
    normal_(tensor, 0, std, generator)
    for column in range(columns):
        chosen = randperm(rows, generator=generator).array[: math.ceil(sparsity * rows)]
        tensor.array[chosen, column] = 0
    return tensor


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Draw uniformly from +-gain sqrt(6 / (fan_in + fan_out)). Source: Glorot and Bengio (2010)."""
    bound = gain * math.sqrt(6 / max(sum(_fans(tensor)), 1))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Draw with std gain sqrt(2 / (fan_in + fan_out)). Source: Glorot and Bengio (2010)."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / max(sum(_fans(tensor)), 1)), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Draw uniformly from +-gain sqrt(3 / fan), the gain that of the nonlinearity that follows.

    `a` is the slope of a leaky ReLU. Source: He et al. (2015).
    """
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Draw with std gain / sqrt(fan), the gain that of the nonlinearity that follows.

    `a` is the slope of a leaky ReLU. Source: He et al. (2015).
    """
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Draw orthonormal rows (or columns, the shorter side), times gain: (n, m, ...) as (n, m...).

    Source: Saxe et al. (2013).
    """
    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    rows = tensor.shape[0]
    wide = normal_(Tensor(rows, tensor.numel() // max(rows, 1)).to(tensor.dtype), 0, 1, generator)
    tall = wide.array.T if wide.shape[0] < wide.shape[1] else wide.array
    q, r = np.linalg.qr(tall)
    q = q * np.where(np.diagonal(r) < 0, -1, 1)  # the signs that make the draw uniform
    q = q.T if wide.shape[0] < wide.shape[1] else q
    return _assign(tensor, gain * q.reshape(tensor.shape), "orthogonal_")


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor by which a nonlinearity shrinks the standard deviation, inverted.

    1 for linear and sigmoid, 5/3 for tanh, sqrt(2) for relu, sqrt(2 / (1 + param^2)) for
    leaky_relu (param 0.01 by default), 3/4 for selu.
    """
    if nonlinearity in ("linear", "sigmoid") or re.fullmatch(
        "conv(_transpose)?[123]d", nonlinearity
    ):
        return 1.0
    if nonlinearity == "tanh":
        return 5 / 3
    if nonlinearity == "relu":
        return math.sqrt(2)
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def _check_matrix(name: str, tensor: Tensor) -> None:
    if tensor.ndim != 2:
        raise ValueError(
            f"{name}: Only tensors with 2 dimensions are supported, not shape {list(tensor.shape)}"
        )


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan = _fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(max(fan, 1))


def _fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs an output sees, and outputs an input: of a weight (out, in, *window)."""
    if tensor.ndim < 2:
        raise ValueError(
            f"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, "
            f"and this one has shape {list(tensor.shape)}"
        )
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def _assign(tensor: Tensor, values: Any, operation: str) -> Tensor:
    if not tensor.array.flags.writeable:
        raise ValueError(f"{operation}: the tensor wraps a read-only NumPy array; use clone()")
    tensor.array[...] = values
    record_changes((change_of(tensor.array),), operation)
    return tensor
