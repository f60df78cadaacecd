"""Sums, products and truths over some dimensions, and what all reductions have in common."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Op, Variable, unwrap, wrap_like
from ..tensor import Tensor, method
from .arithmetic import add, mul
from .conversion import converted
from .dims import Dims, dims_of, numpy_names, wrap_dim
from .division import div

__all__ = ["all", "any", "count_nonzero", "mean", "prod", "sum"]


class Reduction(Op):
    """An operation that reduces the dimensions `dims` (None: all of them).

    shape  that of the input, set by `reduce`
    """

    __slots__ = ("dims", "keepdim", "shape")

    def __init__(self, dims: tuple[int, ...] | None = None, keepdim: bool = False) -> None:
        self.dims = dims
        self.keepdim = keepdim

    def reduce(self, ufunc: np.ufunc, x: np.ndarray, dtype: Any = None) -> np.ndarray:
        """Return ufunc.reduce(x) over the dimensions."""
        self.shape = x.shape
        if ufunc is np.add and dtype is None:
            total = kernels.sum(x, self.dims)
            return self.restored(total) if self.keepdim else total
        dims = self.dims
        if dims is None:
            with np.errstate(all="ignore"):
                return np.asarray(ufunc.reduce(x, axis=None, dtype=dtype, keepdims=self.keepdim))
        if self.keepdim:
            shape = [1 if i in dims else n for i, n in enumerate(x.shape)]
        else:
            shape = [n for i, n in enumerate(x.shape) if i not in dims]
        out = kernels.empty(tuple(shape), dtype or x.dtype)
        with np.errstate(all="ignore"):
            return ufunc.reduce(x, axis=dims, out=out, dtype=dtype, keepdims=self.keepdim)

    @property
    def count(self) -> int:
        """The number of elements that make one of the result."""
        return math.prod(self.shape if self.dims is None else [self.shape[i] for i in self.dims])

    def restore(self, value: Any) -> Any:
        """Return the result, or its gradient, so that it broadcasts against the input."""
        return value if self.keepdim or self.dims is None else self.restored(value)

    def restored(self, value: Any) -> Any:
        """Return what has lost the reduced dimensions with 1 in their place."""
        dims = self.dims
        return value.reshape(
            [1 if dims is None or i in dims else n for i, n in enumerate(self.shape)]
        )

    def spread(self, value: Any) -> Any:
        """Return the result, or its gradient, in the shape of the input."""
        value = self.restore(value)
        if isinstance(value, Variable):
            return value.expand(self.shape)
        return kernels.expand(value, self.shape)


class Sum(Reduction):
    """sum x; integers are summed as int64."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        if x.dtype.kind == "b" and self.dims is None and not self.keepdim:
            return np.asarray(np.count_nonzero(x))
        return self.reduce(np.add, x, None if x.dtype.kind == "f" else dtypes.int64)

    def backward(self, grad: Any) -> Any:
        return self.spread(grad)


class Mean(Reduction):
    """sum x / n"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        if x.dtype == np.float16:  # the sum of many does not fit it, their mean does
            return kernels.div(self.reduce(np.add, x, np.float32), self.count or math.nan).astype(
                x.dtype
            )
        return kernels.div(self.reduce(np.add, x), self.count or math.nan)

    def backward(self, grad: Any) -> Any:
        return self.spread(div(grad, self.count or math.nan))


class Prod(Reduction):
    """prod x; integers as int64. dx_k = prod_{i != k} x_i, which is y / x_k where no x is 0."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        self.output = self.reduce(np.multiply, x, None if x.dtype.kind == "f" else dtypes.int64)
        return self.output

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        zero = unwrap(x) == 0
        if not zero.any():
            return div(self.restore(mul(grad, self.output)), x)
        if isinstance(grad, Variable):
            if self.dims is None:
                others = Prod((1,))(leave_one_out(x.reshape(-1), 0)).reshape(self.shape)
            else:
                (dim,) = self.dims
                others = Prod((x.ndim,))(leave_one_out(x, dim)).transpose(dim, -1)
            return mul(self.restore(grad), others)
        # A slice with one zero has a gradient at that zero only, one with several has none.
        nonzero = np.where(zero, x.dtype.type(1), x)
        product = np.multiply.reduce(nonzero, axis=self.dims, keepdims=True)
        zeros = np.add.reduce(zero, axis=self.dims, keepdims=True, dtype=np.int64)
        return np.asarray(self.restore(grad) * (zeros == zero) * product / nonzero)


def leave_one_out(x: Tensor, dim: int) -> Tensor:
    """Return, for each k along `dim`, x with 1 in place of x_k: (..., n) -> (..., k, n).

    `dim` is exchanged with the last dimension.
    """
    unit = np.eye(x.shape[dim], dtype=x.dtype)
    return add(mul(x.transpose(dim, -1).unsqueeze(-2), 1 - unit), unit)


def beside_zeros(grad: Any, x: Any) -> tuple[Any, Any]:
    """Return `grad` with 0 where x is 0, and x with 1 there, to divide by."""
    zero = np.asarray(unwrap(x) == 0)
    return (mul(grad, ~zero), add(x, zero)) if zero.any() else (grad, x)


def check_floating(name: str, input: Any) -> None:
    if input.dtype.kind != "f":
        raise RuntimeError(
            f"{name}(): the input is {input.dtype}, and its {name} would need a fraction; "
            f"convert it first, as in x.float().{name}()"
        )


@method()
@numpy_names
def sum(input: Any, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Return the sum over `dim`, one, several or (None) all; integers are summed as int64."""
    total = Sum(dims_of(dim, input.ndim), keepdim)(converted(input, dtype))
    return converted(total, dtype)


@method()
@numpy_names
def mean(input: Any, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Return the mean over `dim`, nan where there are no elements; RuntimeError for integers."""
    input = converted(input, dtype)
    check_floating("mean", input)
    return Mean(dims_of(dim, input.ndim), keepdim)(input)


@method()
@numpy_names
def prod(input: Any, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Return the product over one dimension, or all for None; integers are multiplied as int64."""
    if dim is not None:
        dim = wrap_dim(dim, input.ndim)
    dims = None if dim is None or not input.ndim else (dim,)
    return converted(Prod(dims, keepdim)(converted(input, dtype)), dtype)


@method()
@numpy_names
def all(input: Any, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return whether every element over `dim` is true (not 0)."""
    return _truth(np.logical_and, input, dim, keepdim)


@method()
@numpy_names
def any(input: Any, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return whether some element over `dim` is true (not 0)."""
    return _truth(np.logical_or, input, dim, keepdim)


def _truth(ufunc: np.ufunc, input: Any, dim: Dims, keepdim: bool) -> Any:
    dims = dims_of(dim, input.ndim)
    return wrap_like(np.asarray(ufunc.reduce(unwrap(input), axis=dims, keepdims=keepdim)), input)


@method()
@numpy_names
def count_nonzero(input: Any, dim: Dims = None) -> Tensor:
    """Return the number of elements over `dim` that are not 0."""
    return wrap_like(
        np.asarray(np.count_nonzero(unwrap(input), axis=dims_of(dim, input.ndim))), input
    )
