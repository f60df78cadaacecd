"""Reductions: sums, means, extrema and norms over some dimensions."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Op, Variable, unwrap, wrap_like
from ..tensor import Tensor, method
from .arithmetic import add, div, mul, sub
from .conversion import to
from .dims import numpy_names, wrap_dim, wrap_dims
from .gathering import pick_one_along
from .pointwise import exp, pow
from .rounding import abs, sign
from .selection import maximum, minimum

__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "logsumexp",
    "max",
    "mean",
    "min",
    "norm",
    "prod",
    "std",
    "sum",
    "var",
]

Dims = int | tuple[int, ...] | list[int] | None


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
        if self.dims is None:
            return np.asarray(ufunc.reduce(x, axis=None, dtype=dtype, keepdims=self.keepdim))
        dims = self.dims
        if self.keepdim:
            shape = [1 if i in dims else n for i, n in enumerate(x.shape)]
        else:
            shape = [n for i, n in enumerate(x.shape) if i not in dims]
        out = kernels.empty(tuple(shape), dtype or x.dtype)
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
        return kernels.div(self.reduce(np.add, x), self.count or math.nan)

    def backward(self, grad: Any) -> Any:
        return self.spread(div(grad, self.count or math.nan))


class Var(Reduction):
    """sum (x - mean x)^2 / max(0, n - correction)"""

    __slots__ = ("correction",)

    def __init__(self, dims: tuple[int, ...] | None, keepdim: bool, correction: float) -> None:
        super().__init__(dims, keepdim)
        self.correction = correction

    @property
    def freedom(self) -> float:
        """The degrees of freedom, n - correction; forward divides by 0 if there are less."""
        return self.count - self.correction

    def centered(self, x: np.ndarray) -> np.ndarray:
        """Return x - mean x, in memory of its own."""
        mean = self.restored(kernels.sum(x, self.dims))
        np.divide(mean, self.count or math.nan, out=mean)
        return np.subtract(x, mean, out=kernels.empty(x.shape, x.dtype))

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs, self.shape = (x,), x.shape
        with np.errstate(all="ignore"):
            total = self.reduce(np.add, kernels.square(self.centered(x)))
            return np.divide(total, self.freedom if self.freedom > 0 else 0, out=total)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        scale = self.restore(mul(grad, 2 / self.freedom if self.freedom else math.inf))
        if isinstance(grad, Variable):
            return mul(sub(x, Mean(self.dims, True)(x)), scale)
        with np.errstate(all="ignore"):
            result = self.centered(x)
            return np.multiply(result, scale, out=result)


class Std(Var):
    """sqrt(var x); no gradient where it is 0."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        variance = super().forward(x)
        self.output = np.sqrt(variance, out=variance)
        return self.output

    def backward(self, grad: Any) -> Any:
        grad, std = beside_zeros(grad, self.output)
        return super().backward(div(grad, mul(std, 2)))


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


class Extremum(Reduction):
    """max x, or min x: the gradient is shared evenly among all the elements that attain it."""

    __slots__ = ("ufunc",)

    def __init__(self, ufunc: np.ufunc, dims: tuple[int, ...] | None, keepdim: bool) -> None:
        super().__init__(dims, keepdim)
        self.ufunc = ufunc

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        self.output = self.reduce(self.ufunc, x)
        return self.output

    def backward(self, grad: Any) -> Any:
        x, best = unwrap(self.inputs[0]), unwrap(self.restore(self.output))
        attained = np.asarray(x == best)
        if (best != best).any():
            attained |= np.isnan(x) & np.isnan(best)
        count = np.add.reduce(attained, axis=self.dims, keepdims=self.keepdim, dtype=x.dtype)
        share = self.restore(div(grad, np.asarray(count)))
        if isinstance(grad, Variable):
            return mul(share, attained)
        return kernels.ufunc(np.multiply, share, attained)


class Norm(Reduction):
    """(sum |x|^p)^(1/p), for p = 0 the number of nonzero elements; no gradient where it is 0."""

    __slots__ = ("p",)

    def __init__(self, p: float, dims: tuple[int, ...] | None, keepdim: bool) -> None:
        super().__init__(dims, keepdim)
        self.p = p

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        p = self.p
        if p == 0:
            return self.reduce(np.add, x != 0, x.dtype)
        if p == 2:
            total = self.reduce(np.add, kernels.square(x))
            self.output = np.sqrt(total, out=total)
        else:
            with np.errstate(divide="ignore"):
                total = self.reduce(np.add, np.abs(x) ** p)
                self.output = np.power(total, 1 / p, out=total)
        return self.output

    def backward(self, grad: Any) -> Any:
        if self.p == 0:
            return None
        (x,), p = self.inputs, self.p
        grad, norm = beside_zeros(grad, self.output)
        if p == 2:
            return mul(x, self.restore(div(grad, norm)))
        direction, size = beside_zeros(sign(x), abs(x))
        scale = self.restore(div(grad, pow(norm, p - 1)))
        return mul(scale, mul(direction, pow(size, p - 1)))


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


def beside_zeros(grad: Any, x: Any) -> tuple[Any, Any]:
    """Return `grad` with 0 where x is 0, and x with 1 there, to divide by."""
    zero = np.asarray(unwrap(x) == 0)
    return (mul(grad, ~zero), add(x, zero)) if zero.any() else (grad, x)


def dims_of(dim: Dims, ndim: int) -> tuple[int, ...] | None:
    """Return the dimensions to reduce, counted from the front; None for all."""
    return None if dim is None or dim == () or dim == [] else wrap_dims(dim, ndim)


def converted(input: Any, dtype: Any) -> Any:
    """Return `input` in the `dtype` asked for, if one was."""
    return input if dtype is None else to(input, dtype)


def check_floating(name: str, input: Any) -> None:
    if input.dtype.kind != "f":
        raise RuntimeError(
            f"{name}(): the input is {input.dtype}, and its {name} would need a fraction; "
            f"convert it first, as in x.float().{name}()"
        )


def check_nonempty(name: str, input: Any, dims: Iterable[int] | None) -> None:
    """Raise if a dimension of length 0 is to be reduced, and nothing is the result of nothing."""
    if dims is None:
        if 0 in input.shape:
            raise RuntimeError(
                f"{name}(): the input, of shape {list(input.shape)}, has no elements, and so no "
                f"{name}; reduce a dimension that has some by the 'dim' argument"
            )
        return
    for dim in dims:
        if input.shape[dim] == 0:
            raise IndexError(
                f"{name}(): Expected reduction dim {dim} to have non-zero size, "
                f"the input has shape {list(input.shape)}"
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
def var(
    input: Any,
    dim: Dims | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """Return the variance over `dim`: sum (x - mean)^2 / max(0, n - correction).

    `correction` is 1 by default; `unbiased` is its older form: True for 1, False for 0.
    """
    return Var(*_variance("var", input, dim, unbiased, keepdim, correction))(input)


@method()
@numpy_names
def std(
    input: Any,
    dim: Dims | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """Return the standard deviation over `dim`, sqrt(var); its gradient at 0 is 0."""
    return Std(*_variance("std", input, dim, unbiased, keepdim, correction))(input)


def _variance(
    name: str, input: Any, dim: Any, unbiased: bool | None, keepdim: bool, correction: float | None
) -> tuple[tuple[int, ...] | None, bool, float]:
    check_floating(name, input)
    if isinstance(dim, bool):  # PyTorch's form var(unbiased)
        dim, unbiased = None, dim
    if unbiased is not None and correction is not None:
        raise TypeError(
            f"{name}(): unbiased={unbiased} and correction={correction} say the same; "
            f"give one of them"
        )
    if correction is None:
        correction = 0 if unbiased is False else 1
    return dims_of(dim, input.ndim), keepdim, correction


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
def amax(input: Any, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return the largest element over `dim`; those that are share the gradient evenly."""
    return _extremum("amax", np.maximum, input, dims_of(dim, input.ndim), keepdim)


@method()
@numpy_names
def amin(input: Any, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return the smallest element over `dim`; those that are share the gradient evenly."""
    return _extremum("amin", np.minimum, input, dims_of(dim, input.ndim), keepdim)


def _extremum(
    name: str, ufunc: np.ufunc, input: Any, dims: tuple[int, ...] | None, keepdim: bool
) -> Tensor:
    check_nonempty(name, input, dims)
    return Extremum(ufunc, dims, keepdim)(input)


MaxResult = namedtuple("max", ("values", "indices"))
MinResult = namedtuple("min", ("values", "indices"))


@method()
@numpy_names
def max(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Return the largest element, in one of three forms.

    max(x)                  of all; those that are share the gradient evenly
    max(x, dim, keepdim)    (values, indices) along `dim`, of the first one; the gradient goes there
    max(x, other)           maximum(x, other)
    """
    if dim is None:
        return _extremum("max", np.maximum, input, None, keepdim)
    if isinstance(dim, (Variable, np.ndarray)):
        return maximum(input, dim)
    return MaxResult(*_pick("max", np.ndarray.argmax, input, dim, keepdim))


@method()
@numpy_names
def min(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Return the smallest element, in the three forms of `max`."""
    if dim is None:
        return _extremum("min", np.minimum, input, None, keepdim)
    if isinstance(dim, (Variable, np.ndarray)):
        return minimum(input, dim)
    return MinResult(*_pick("min", np.ndarray.argmin, input, dim, keepdim))


def _pick(name: str, function: Any, input: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    if not isinstance(dim, int):
        raise TypeError(f"{name}(): dim is one dimension, not {dim!r}; a{name} takes several")
    dim = wrap_dim(dim, input.ndim)
    return pick_one_along(input, dim, _index(name, function, input, dim, False), keepdim)


@method()
@numpy_names
def argmax(input: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the (first) largest element along `dim`, or of all as one row."""
    return wrap_like(_index("argmax", np.ndarray.argmax, input, dim, keepdim), input)


@method()
@numpy_names
def argmin(input: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the (first) smallest element along `dim`, or of all as one row."""
    return wrap_like(_index("argmin", np.ndarray.argmin, input, dim, keepdim), input)


def _index(name: str, function: Any, input: Any, dim: int | None, keepdim: bool) -> np.ndarray:
    if dim is not None:
        dim = wrap_dim(dim, input.ndim)
    if not input.ndim:
        return np.zeros((), np.int64)
    check_nonempty(name, input, range(input.ndim) if dim is None else (dim,))
    return np.asarray(function(unwrap(input), dim, keepdims=keepdim))


@method()
@numpy_names
def norm(
    input: Any, p: float | str = "fro", dim: Dims = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """Return the p-norm over `dim`, of the elements as one vector: (sum |x|^p)^(1/p).

    "fro" is 2, inf the largest |x|, -inf the smallest, 0 the number of nonzero elements.
    The gradient where the norm is 0 is 0.
    """
    input = converted(input, dtype)
    check_floating("norm", input)
    if p == "fro" or p is None:
        p = 2
    if isinstance(p, str):
        raise ValueError(f"norm(): p is a number, inf, -inf or 'fro', not {p!r}")
    dims = dims_of(dim, input.ndim)
    lengths = input.shape if dims is None else [input.shape[d] for d in dims]
    if 0 in lengths and (p < 0 or math.isinf(p)):
        raise RuntimeError(
            f"norm(): there is no {p} norm of no elements, as along a dimension of length 0 of "
            f"shape {list(input.shape)}"
        )
    if math.isinf(p):
        return _extremum("norm", np.maximum if p > 0 else np.minimum, abs(input), dims, keepdim)
    return Norm(p, dims, keepdim)(input)


@method()
@numpy_names
def logsumexp(input: Any, dim: Dims, keepdim: bool = False) -> Tensor:
    """Return log sum exp(x) over `dim`, without overflow; -inf where there are no elements."""
    return LogSumExp(dims_of(dim, input.ndim), keepdim)(input)


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
