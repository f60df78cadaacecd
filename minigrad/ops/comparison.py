"""Questions whose answers are booleans: nothing here has a gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Variable, unwrap, wrap, wrap_like
from ..tensor import Tensor, method
from .broadcasting import OPERANDS, aligned, paired

__all__ = [
    "allclose",
    "eq",
    "equal",
    "ge",
    "greater",
    "greater_equal",
    "gt",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "le",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "lt",
    "ne",
    "not_equal",
    "signbit",
]


def apply(function: Callable[..., np.ndarray], name: str, *values: Any) -> Any:
    """Return `function` of the values, brought to one dtype: a Tensor if one of them is."""
    result = function(*aligned(name, *map(unwrap, values)))
    return wrap(result) if any(isinstance(v, Variable) for v in values) else result


def apply_ufunc(function: np.ufunc, input: Any) -> Any:
    """Return a NumPy ufunc of each element: a Tensor of a Tensor."""
    x = unwrap(input)
    (x,) = (x,) if isinstance(x, np.ndarray) else aligned(function.__name__, x)
    return wrap_like(kernels.ufunc(function, x), input)


def compare(function: np.ufunc, input: Any, other: Any) -> Any:
    """Return a NumPy ufunc of two values, brought to one dtype: a Tensor if one of them is."""
    x, y = unwrap(input), unwrap(other)
    if not paired(x, y):
        return apply(partial(kernels.ufunc, function), function.__name__, input, other)
    result = kernels.ufunc(function, x, y)
    return result if x is input and y is other else wrap(result)


@method(inplace=True)
def eq(input: Any, other: Any) -> Tensor:
    """Return whether input == other, element by element, broadcast."""
    return compare(np.equal, input, other)


@method("ne", "not_equal", inplace=True)
def ne(input: Any, other: Any) -> Tensor:
    """Return whether input != other, element by element, broadcast."""
    return compare(np.not_equal, input, other)


@method("lt", "less", inplace=True)
def lt(input: Any, other: Any) -> Tensor:
    """Return whether input < other, element by element, broadcast."""
    return compare(np.less, input, other)


@method("le", "less_equal", inplace=True)
def le(input: Any, other: Any) -> Tensor:
    """Return whether input <= other, element by element, broadcast."""
    return compare(np.less_equal, input, other)


@method("gt", "greater", inplace=True)
def gt(input: Any, other: Any) -> Tensor:
    """Return whether input > other, element by element, broadcast."""
    return compare(np.greater, input, other)


@method("ge", "greater_equal", inplace=True)
def ge(input: Any, other: Any) -> Tensor:
    """Return whether input >= other, element by element, broadcast."""
    return compare(np.greater_equal, input, other)


not_equal, less, less_equal, greater, greater_equal = ne, lt, le, gt, ge


@method(inplace=True)
def logical_and(input: Any, other: Any) -> Tensor:
    """Return whether both are nonzero, element by element, broadcast."""
    return compare(np.logical_and, input, other)


@method(inplace=True)
def logical_or(input: Any, other: Any) -> Tensor:
    """Return whether at least one is nonzero, element by element, broadcast."""
    return compare(np.logical_or, input, other)


@method(inplace=True)
def logical_xor(input: Any, other: Any) -> Tensor:
    """Return whether exactly one is nonzero, element by element, broadcast."""
    return compare(np.logical_xor, input, other)


@method(inplace=True)
def logical_not(input: Any) -> Tensor:
    """Return whether each element is zero."""
    return apply_ufunc(np.logical_not, input)


@method()
def isnan(input: Any) -> Tensor:
    """Return whether each element is NaN."""
    return apply_ufunc(np.isnan, input)


@method()
def isinf(input: Any) -> Tensor:
    """Return whether each element is infinite."""
    return apply_ufunc(np.isinf, input)


@method()
def isposinf(input: Any) -> Tensor:
    """Return whether each element is +infinity."""
    return eq(input, math.inf)


@method()
def isneginf(input: Any) -> Tensor:
    """Return whether each element is -infinity."""
    return eq(input, -math.inf)


@method()
def isreal(input: Any) -> Tensor:
    """Return whether each element has no imaginary part: true, there being no complex numbers."""
    return wrap_like(np.ones(input.shape, bool), input)


@method()
def signbit(input: Any) -> Tensor:
    """Return whether each element is negative; a floating-point -0 is."""
    return apply_ufunc(np.signbit, input) if input.dtype.kind == "f" else lt(input, 0)


@method()
def isfinite(input: Any) -> Tensor:
    """Return whether each element is neither infinite nor NaN."""
    return apply_ufunc(np.isfinite, input)


@method()
def isclose(
    input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    """Return whether |input - other| <= atol + rtol |other|, element by element, broadcast."""
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise RuntimeError(f"isclose: {name} must not be negative, but it is {tolerance}")

    def close(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.asarray(np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan))

    return apply(close, "isclose", input, other)


@method()
def allclose(
    input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Return whether |input - other| <= atol + rtol |other| for all elements, broadcast."""
    return bool(isclose(input, other, rtol, atol, equal_nan).all())


@method()
def equal(input: Any, other: Any) -> bool:
    """Return whether shapes and all elements agree."""
    return input.shape == other.shape and bool(eq(input, other).all())


def install(name: str, function: Callable[[Tensor, Any], Any]) -> None:
    """Give Tensor the operator `name`; with what is no operand it leaves the matter to that."""

    def dunder(self: Tensor, other: Any) -> Any:
        return function(self, other) if isinstance(other, OPERANDS) else NotImplemented

    dunder.__name__ = dunder.__qualname__ = name
    setattr(Tensor, name, dunder)


for _function in (eq, ne, lt, le, gt, ge):
    install(f"__{_function.__name__}__", _function)
