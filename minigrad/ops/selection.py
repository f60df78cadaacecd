"""One of several values, element by element: where, minimum, maximum, clamp."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op, unwrap, wrap
from ..tensor import Tensor, method
from .arithmetic import mul
from .broadcasting import NUMBERS, Arithmetic, Broadcasting, broadcast_shape, number_beside_floats
from .comparison import eq, ge, gt, isnan, le, logical_and, logical_or, lt

__all__ = [
    "clamp",
    "clamp_max",
    "clamp_min",
    "clip",
    "cond",
    "fmax",
    "fmin",
    "maximum",
    "minimum",
    "where",
]


class Where(Broadcasting):
    """x where the condition holds, else y: no gradient reaches the value that was not taken, not
    even a NaN."""

    __slots__ = ()

    def forward(self, condition: np.ndarray, x: Any, y: Any) -> np.ndarray:
        if condition.dtype.kind != "b":
            raise RuntimeError(
                f"where expected condition to be a boolean tensor, but got a tensor with dtype "
                f"{condition.dtype}; compare it with something, as in where(condition != 0, x, y)"
            )
        self.inputs = (condition, None, None)
        array = x if isinstance(x, np.ndarray) else y
        plain = kernels.alike(x, y) or number_beside_floats(x, y)
        if plain and condition.shape == array.shape:
            self.operands = None
            return kernels.where(condition, x, y)
        x, y = self.align(x, y)
        result = kernels.empty(broadcast_shape("Where", condition, x, y), x.dtype)
        np.copyto(result, y)
        np.copyto(result, x, where=condition)
        return result

    def backward(self, grad: Any) -> tuple[Any, Any, Any]:
        condition = self.inputs[0]
        _, need_x, need_y = self.needs(3)
        dx = where(condition, grad, 0) if need_x else None
        dy = where(condition, 0, grad) if need_y else None
        return None, *self.undo(dx, dy)


class OneOfTwo(Arithmetic):
    """What max(a, b), and min(a, b), have in common: NaN if one is."""

    __slots__ = ()

    ufunc: np.ufunc

    def forward(self, a: Any, b: Any) -> np.ndarray:
        self.inputs = (a, b)
        if kernels.alike(a, b):
            self.operands = None
        else:
            a, b = self.align(a, b)
        return kernels.ufunc(self.ufunc, a, b)

    def shares(self, grad: Any, a_loses: Any, b_loses: Any) -> tuple[Any, Any]:
        """Return the gradient of each: 0 where it loses, half where they are equal."""
        a, b = map(unwrap, self.inputs)
        need_a, need_b = self.needs(2)
        equal = eq(a, b)
        if equal.any():
            grad = where(equal, mul(grad, 0.5), grad)
        return self.undo(
            where(a_loses(a, b), 0, grad) if need_a else None,
            where(b_loses(a, b), 0, grad) if need_b else None,
        )


class Maximum(OneOfTwo):
    """max(a, b); where they are equal, each gets half of the gradient."""

    __slots__ = ()
    ufunc = np.maximum

    def backward(self, grad: Any) -> tuple[Any, Any]:
        return self.shares(grad, lt, gt)


class Minimum(OneOfTwo):
    """min(a, b); where they are equal, each gets half of the gradient."""

    __slots__ = ()
    ufunc = np.minimum

    def backward(self, grad: Any) -> tuple[Any, Any]:
        return self.shares(grad, gt, lt)


class Fmax(OneOfTwo):
    """max(a, b), the other one where one is NaN; a has the gradient where they are equal."""

    __slots__ = ()
    ufunc = np.fmax
    wins = staticmethod(ge)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        need_a, need_b = self.needs(2)
        from_a = logical_or(self.wins(a, b), isnan(b))
        return self.undo(
            where(from_a, grad, 0) if need_a else None, where(from_a, 0, grad) if need_b else None
        )


class Fmin(Fmax):
    """min(a, b), the other one where one is NaN; a has the gradient where they are equal."""

    __slots__ = ()
    ufunc = np.fmin
    wins = staticmethod(le)


class ClampMin(OneOfTwo):
    """max(x, bound): the gradient belongs to x where x >= bound, else to the bound."""

    __slots__ = ()
    ufunc = np.maximum

    def backward(self, grad: Any) -> tuple[Any, Any]:
        x, bound = self.inputs
        need_x, need_bound = self.needs(2)
        return self.undo(
            where(ge(x, bound), grad, 0) if need_x else None,
            where(lt(x, bound), grad, 0) if need_bound else None,
        )


class ClampMax(OneOfTwo):
    """min(x, bound): the gradient belongs to x where x <= bound, else to the bound."""

    __slots__ = ()
    ufunc = np.minimum

    def backward(self, grad: Any) -> tuple[Any, Any]:
        x, bound = self.inputs
        need_x, need_bound = self.needs(2)
        return self.undo(
            where(le(x, bound), grad, 0) if need_x else None,
            where(gt(x, bound), grad, 0) if need_bound else None,
        )


class Clamp(Op):
    """min(max(x, low), high) for two numbers, with the slope 1 also at both bounds"""

    __slots__ = ("high", "low")

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.clamp(x, self.low, self.high)

    def backward(self, grad: Any) -> Any:
        x = unwrap(self.inputs[0])
        if kernels.alike(grad, x):
            return kernels.clamp_backward(grad, x, self.low, self.high)
        return where(logical_and(ge(x, self.low), le(x, self.high)), grad, 0)


def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """Return `input` where the boolean `condition` holds, else `other`, broadcast.

    With the condition alone: the indices of its nonzero elements, one int64 Tensor a dimension.
    Raises RuntimeError for a condition that is not boolean, and for shapes that do not broadcast.
    """
    if input is None and other is None:
        return tuple(map(wrap, np.atleast_1d(unwrap(condition)).nonzero()))
    return Where()(condition, input, other)


@method("where")
def _where(self: Tensor, condition: Any, other: Any) -> Tensor:
    """Return this tensor where the boolean `condition` holds, else `other`, broadcast."""
    return where(condition, self, other)


@method()
def maximum(input: Any, other: Any) -> Tensor:
    """Return max(input, other), element by element, broadcast; NaN where one of them is.

    Where they are equal, each gets half of the gradient.
    """
    return Maximum()(input, other)


@method()
def minimum(input: Any, other: Any) -> Tensor:
    """Return min(input, other), element by element, broadcast; NaN where one of them is.

    Where they are equal, each gets half of the gradient.
    """
    return Minimum()(input, other)


@method()
def fmax(input: Any, other: Any) -> Tensor:
    """Return max(input, other), broadcast; where one of them is NaN, the other.

    Where they are equal, `input` gets the gradient.
    """
    return Fmax()(input, other)


@method()
def fmin(input: Any, other: Any) -> Tensor:
    """Return min(input, other), broadcast; where one of them is NaN, the other.

    Where they are equal, `input` gets the gradient.
    """
    return Fmin()(input, other)


@method(inplace=True)
def clamp_min(input: Any, min: Any) -> Tensor:
    """Return max(input, min), broadcast; at the bound the gradient belongs to `input`."""
    return ClampMin()(input, min)


@method(inplace=True)
def clamp_max(input: Any, max: Any) -> Tensor:
    """Return min(input, max), broadcast; at the bound the gradient belongs to `input`."""
    return ClampMax()(input, max)


@method("clamp", "clip", inplace=True)
def clamp(input: Any, min: Any = None, max: Any = None) -> Tensor:
    """Return min(max(input, min), max), broadcast: `max` wins if min > max.

    Bounds are numbers, Tensors or None (no bound). The gradient passes where min <= input <= max,
    bounds included. Raises RuntimeError if both bounds are None.
    """
    if min is None and max is None:
        raise RuntimeError("clamp: at least one of 'min' or 'max' must not be None")
    numbers = (*NUMBERS, type(None))
    if type(min) in numbers and type(max) in numbers and input.dtype.kind == "f":
        return Clamp(-math.inf if min is None else min, math.inf if max is None else max)(input)
    if min is not None:
        input = clamp_min(input, min)
    return input if max is None else clamp_max(input, max)


clip = clamp


def cond(
    pred: Any,
    true_fn: Callable[..., Any],
    false_fn: Callable[..., Any],
    operands: Sequence[Any] = (),
) -> Any:
    """Return true_fn(*operands) where `pred`, one element, holds, else false_fn(*operands); the other is not run."""
    return (true_fn if pred else false_fn)(*operands)
