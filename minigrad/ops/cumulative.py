"""Running sums, products, extrema, and logarithms of sums of exponentials."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes, kernels, return_types
from ..autograd.op import Op, Variable, unwrap, wrap_like
from ..tensor import Tensor, method
from .arithmetic import add, mul, neg, sub
from .comparison import gt, lt
from .conversion import clone, converted
from .dims import numpy_names, wrap_dim
from .division import div
from .gathering import gather
from .pointwise import exp, log
from .reduction import Sum, leave_one_out
from .selection import where

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "logcumsumexp"]


class CumSum(Op):
    """y_k = sum_{i <= k} x_i along `dim`, or, in reverse, i >= k"""

    __slots__ = ("dim", "reverse")

    def __init__(self, dim: int, reverse: bool = False) -> None:
        self.dim = dim
        self.reverse = reverse

    def forward(self, x: np.ndarray) -> np.ndarray:
        if x.ndim and x.dtype in (np.float32, np.float64):
            return kernels.cumsum(x, self.dim, self.reverse)
        if self.reverse and x.ndim:
            return np.flip(accumulated(np.add, np.flip(x, self.dim), self.dim), self.dim)
        return accumulated(np.add, x, self.dim)

    def backward(self, grad: Any) -> Any:
        return CumSum(self.dim, not self.reverse)(grad)


class CumProd(Op):
    """y_k = prod_{i <= k} x_i along `dim`; dx_k = sum_{j >= k} dy_j y_j / x_k, without zeros."""

    __slots__ = ("dim",)

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        self.output = accumulated(np.multiply, x, self.dim)
        return self.output

    def backward(self, grad: Any) -> Any:
        (x,), dim = self.inputs, self.dim
        suffix_sum = CumSum(dim, reverse=True)
        zero = np.asarray(unwrap(x) == 0)
        if not zero.any():
            return div(suffix_sum(mul(grad, self.output)), x)
        if not x.ndim:
            return grad
        if isinstance(grad, Variable):
            others = CumProd(x.ndim)(leave_one_out(x, dim))
            later = np.triu(np.ones(others.shape[-2:], x.dtype))
            terms = mul(mul(grad.transpose(dim, -1).unsqueeze(-2), others), later)
            return Sum((x.ndim,))(terms).transpose(dim, -1)
        # Up to the first zero of a slice the formula holds; at it, it holds with 1 in the zero's
        # place (so that y goes on to the next zero); after it, every y is 0.
        first = zero & (np.add.accumulate(zero, axis=dim, dtype=np.int64) == 1)
        one = x.dtype.type(1)
        at_first = suffix_sum(grad * np.multiply.accumulate(np.where(first, one, x), axis=dim))
        return np.where(first, at_first, suffix_sum(grad * self.output) / np.where(zero, one, x))


def accumulated(ufunc: np.ufunc, x: np.ndarray, dim: int) -> np.ndarray:
    """Return ufunc.accumulate(x) along `dim`, integers as int64; a 0-d array is its own."""
    dtype = x.dtype if x.dtype.kind == "f" else dtypes.int64
    if not x.ndim:
        return x.astype(dtype)
    with np.errstate(all="ignore"):
        return ufunc.accumulate(x, axis=dim, out=kernels.empty(x.shape, dtype))


class LogCumSumExp(Op):
    """y_k = ln sum_{i <= k} e^x_i along `dim`, or, in reverse, i >= k; without overflow.

    dx_k = sum_{j >= k} dy_j e^(x_k - y_j): for the positive dy, e to the power x_k + the same of
    ln dy - y in the other direction, and for the negative ones.
    """

    __slots__ = ("dim", "reverse")

    def __init__(self, dim: int, reverse: bool = False) -> None:
        self.dim = dim
        self.reverse = reverse

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        if self.reverse and x.ndim:
            y = accumulated(np.logaddexp, np.flip(x, self.dim), self.dim)
            self.output = np.flip(y, self.dim)
        else:
            self.output = accumulated(np.logaddexp, x, self.dim)
        return self.output

    def backward(self, grad: Any) -> Any:
        (x,), y = self.inputs, self.output
        parts = []
        for size, there in ((grad, gt(grad, 0)), (neg(grad), lt(grad, 0))):
            logs = where(there, sub(log(where(there, size, 1)), y), -math.inf)
            parts.append(exp(add(x, LogCumSumExp(self.dim, not self.reverse)(logs))))
        return sub(*parts)


@method()
@numpy_names
def cummax(input: Any, dim: int) -> return_types.cummax:
    """Return (values, indices) of the largest element so far along `dim`, the last one of equals."""
    return return_types.cummax(*_running(np.maximum, input, wrap_dim(dim, input.ndim)))


@method()
@numpy_names
def cummin(input: Any, dim: int) -> return_types.cummin:
    """Return (values, indices) of the smallest element so far along `dim`, the last one of equals."""
    return return_types.cummin(*_running(np.minimum, input, wrap_dim(dim, input.ndim)))


def _running(ufunc: np.ufunc, input: Any, dim: int) -> tuple[Any, Any]:
    array = unwrap(input)
    if not array.ndim:
        return clone(input), wrap_like(np.zeros((), np.int64), input)
    best = ufunc.accumulate(array, axis=dim)
    attained = (array == best) | (array != array)
    places = np.arange(array.shape[dim]).reshape((-1,) + (1,) * (array.ndim - dim - 1))
    indices = np.maximum.accumulate(np.where(attained, places, 0), axis=dim)
    return gather(input, dim, indices), wrap_like(indices, input)


@method()
@numpy_names
def logcumsumexp(input: Any, dim: int) -> Tensor:
    """Return ln sum_{i <= k} e^x_i for each k along `dim`, without overflow."""
    if input.dtype.kind != "f":
        raise NotImplementedError(f"logcumsumexp: expected floating-point input, not {input.dtype}")
    return LogCumSumExp(wrap_dim(dim, input.ndim))(input)


@method(inplace=True)
@numpy_names
def cumsum(input: Any, dim: int, *, dtype: Any = None) -> Tensor:
    """Return the running sums along `dim`: y_k = x_0 + ... + x_k."""
    return converted(CumSum(wrap_dim(dim, input.ndim))(converted(input, dtype)), dtype)


@method(inplace=True)
@numpy_names
def cumprod(input: Any, dim: int, *, dtype: Any = None) -> Tensor:
    """Return the running products along `dim`: y_k = x_0 ... x_k."""
    return converted(CumProd(wrap_dim(dim, input.ndim))(converted(input, dtype)), dtype)
