"""Running sums and products."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Op, Variable, unwrap
from ..tensor import Tensor, method
from .arithmetic import div, mul
from .dims import numpy_names, wrap_dim
from .reduction import Sum, converted, leave_one_out

__all__ = [
    "cumprod",
    "cumsum",
]


class CumSum(Op):
    """y_k = sum_{i <= k} x_i along `dim`, or, in reverse, i >= k"""

    __slots__ = ("dim", "reverse")

    def __init__(self, dim: int, reverse: bool = False) -> None:
        self.dim = dim
        self.reverse = reverse

    def forward(self, x: np.ndarray) -> np.ndarray:
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
    return ufunc.accumulate(x, axis=dim, out=kernels.empty(x.shape, dtype))


@method()
@numpy_names
def cumsum(input: Any, dim: int, *, dtype: Any = None) -> Tensor:
    """Return the running sums along `dim`: y_k = x_0 + ... + x_k."""
    return converted(CumSum(wrap_dim(dim, input.ndim))(converted(input, dtype)), dtype)


@method()
@numpy_names
def cumprod(input: Any, dim: int, *, dtype: Any = None) -> Tensor:
    """Return the running products along `dim`: y_k = x_0 ... x_k."""
    return converted(CumProd(wrap_dim(dim, input.ndim))(converted(input, dtype)), dtype)
