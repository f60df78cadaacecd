"""From scores to probabilities along one dimension: softmax and log_softmax, a choice drawn by them, and
the logarithm of a sum of exponentials.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Op, Variable, unwrap
from ..random import default_generator
from ..tensor import Tensor, method
from .activation import sigmoid
from .arithmetic import add, mul, neg, sub
from .broadcasting import Broadcasting
from .conversion import converted
from .dims import Dims, dims_of, numpy_names, wrap_dim
from .division import div
from .pointwise import exp
from .reduction import Reduction

__all__ = [
    "gumbel_softmax",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logsumexp",
    "softmax",
    "softmin",
]


class Softmax(Op):
    """y_i = e^x_i / sum_j e^x_j; dx = y (grad - sum(grad y))"""

    __slots__ = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = along(self.dim, kernels.softmax, dtypes.floating(x))
        return self.output

    def backward(self, grad: Any) -> Any:
        y = self.output
        if isinstance(grad, np.ndarray):
            return along(self.dim, kernels.softmax_backward, grad, y)
        return y * (grad - (grad * y).sum(self.dim, keepdim=True))


class LogSoftmax(Op):
    """y_i = x_i - ln sum_j e^x_j; dx = grad - e^y sum(grad)"""

    __slots__ = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = along(self.dim, kernels.log_softmax, dtypes.floating(x))
        return self.output

    def backward(self, grad: Any) -> Any:
        y = self.output
        if isinstance(grad, np.ndarray):
            return along(self.dim, kernels.log_softmax_backward, grad, y)
        return grad - exp(y) * grad.sum(self.dim, keepdim=True)


def along(dim: int, kernel: Callable[..., np.ndarray], *arrays: np.ndarray) -> np.ndarray:
    """Apply a kernel over the last dimension to dimension `dim` of arrays of one shape."""
    shape = arrays[0].shape
    if dim in (-1, len(shape) - 1) and shape:
        return kernel(*arrays)
    moved = kernel(*(np.atleast_1d(a).swapaxes(dim, -1) for a in arrays))
    result = kernels.empty(shape, moved.dtype)
    result[...] = moved.swapaxes(dim, -1).reshape(shape)
    return result


@method()
@numpy_names
def softmax(input: Any, dim: int, dtype: Any = None) -> Tensor:
    """Return e^input_i / sum_j e^input_j, where j runs along `dim`; first converted to `dtype`.

    Raises IndexError if there is no dimension `dim`.
    """
    return Softmax(wrap_dim(dim, input.ndim))(converted(input, dtype))


@method()
@numpy_names
def log_softmax(input: Any, dim: int, dtype: Any = None) -> Tensor:
    """Return input_i - ln sum_j e^input_j, where j runs along `dim`; first converted to `dtype`.

    Raises IndexError if there is no dimension `dim`.
    """
    return LogSoftmax(wrap_dim(dim, input.ndim))(converted(input, dtype))


def softmin(input: Any, dim: int, dtype: Any = None) -> Tensor:
    """Return softmax(-input) along `dim`; first converted to `dtype`."""
    return softmax(neg(input), dim, dtype)


def gumbel_softmax(
    logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """Return softmax((logits + g) / tau) along `dim`, g = -ln(-ln u), u uniform in (0, 1): a choice
    by the probabilities softmax(logits), made differentiable.

    The smaller `tau`, the nearer to one-hot. `hard` gives the one-hot choice itself, with the gradient
    of the soft one. `eps` has no effect. Source: Jang, Gu and Poole, "Categorical reparameterization
    with Gumbel-softmax" (2017). IndexError if there is no dimension `dim`.
    """
    if eps != 1e-10:
        warnings.warn("gumbel_softmax: eps is deprecated and has no effect", stacklevel=2)
    dim = wrap_dim(dim, logits.ndim)
    noise = default_generator.numpy.gumbel(size=logits.shape).astype(
        dtypes.floating(unwrap(logits)).dtype
    )
    soft = softmax(div(add(logits, noise), tau), dim)
    if not hard:
        return soft
    values = np.atleast_1d(unwrap(soft))
    chosen = np.zeros_like(values)
    np.put_along_axis(chosen, np.expand_dims(values.argmax(dim), dim), 1, dim)
    return add(soft, (chosen - values).reshape(soft.shape))


class LogSumExp(Reduction):
    """log sum exp(x) = m + log sum exp(x - m), with m = max x so that no exp overflows"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = dtypes.floating(x)
        largest = np.maximum.reduce(x, axis=self.dims, keepdims=True, initial=-math.inf)
        largest = np.where(np.isfinite(largest), largest, x.dtype.type(0))
        with np.errstate(all="ignore"):
            below = np.subtract(x, largest, out=kernels.empty(x.shape, x.dtype))
            total = self.reduce(np.add, kernels.exp(below))
            np.log(total, out=total)
        total += largest.reshape(total.shape)
        self.inputs, self.output = (x,), total
        return total

    def backward(self, grad: Any) -> Any:
        (x,), total = self.inputs, self.restore(self.output)
        if isinstance(grad, Variable):
            return mul(self.restore(grad), exp(sub(x, total)))
        with np.errstate(all="ignore"):
            below = np.subtract(x, total, out=kernels.empty(x.shape, x.dtype))
            result = kernels.exp(below)
            return np.multiply(result, self.restore(grad), out=result)


@method()
@numpy_names
def logsumexp(input: Any, dim: Dims, keepdim: bool = False) -> Tensor:
    """Return log sum exp(x) over `dim`, without overflow; -inf where there are no elements."""
    return LogSumExp(dims_of(dim, input.ndim), keepdim)(input)


class LogAddExp(Broadcasting):
    """ln(e^a + e^b); its slopes are sigmoid(a - b) and sigmoid(b - a)"""

    __slots__ = ()

    base = math.e
    ufunc = np.logaddexp

    def forward(self, a: Any, b: Any) -> np.ndarray:
        a, b = map(dtypes.floating, self.align(a, b))
        self.inputs = (a, b)
        return kernels.ufunc(self.ufunc, a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        need_a, need_b = self.needs(2)
        difference = mul(sub(a, b), math.log(self.base))
        return self.undo(
            mul(grad, sigmoid(difference)) if need_a else None,
            mul(grad, sigmoid(neg(difference))) if need_b else None,
        )


class LogAddExp2(LogAddExp):
    """log2(2^a + 2^b)"""

    __slots__ = ()

    base = 2
    ufunc = np.logaddexp2


@method()
def logaddexp(input: Any, other: Any) -> Tensor:
    """Return ln(e^input + e^other), broadcast, without overflow."""
    return LogAddExp()(input, other)


@method()
def logaddexp2(input: Any, other: Any) -> Tensor:
    """Return log2(2^input + 2^other), broadcast, without overflow."""
    return LogAddExp2()(input, other)
