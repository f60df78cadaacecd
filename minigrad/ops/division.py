"""Quotients and remainders."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..tensor import Tensor, method
from .arithmetic import add, mul, neg
from .broadcasting import Arithmetic, Broadcasting, operator, zeros

__all__ = ["addcdiv", "div", "divide", "floor_divide", "fmod", "remainder", "true_divide"]


class Div(Arithmetic):
    """a / b; integers are divided as floating-point numbers."""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        _, need_b = self.needs(2)
        self.inputs = (a if need_b else None, b)
        if not kernels.alike(a, b):
            a, b = self.align(a, b)
            if self.operands is not None:  # they may be integers
                a, b = dtypes.floating(a), dtypes.floating(b)
        else:
            self.operands = None
        return kernels.div(a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        need_a, need_b = self.needs(2)
        return self.undo(
            div(grad, b) if need_a else None,
            neg(mul(grad, div(div(a, b), b))) if need_b else None,
        )


class FloorDivide(Broadcasting):
    """floor(a / b); its gradient is zero."""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        a, b = self.align(a, b)
        check_divisor(b, "floor_divide")
        return kernels.ufunc(np.floor_divide, a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        return self.undo(zeros(grad), zeros(grad))


class TruncDivide(Broadcasting):
    """trunc(a / b); its gradient is zero."""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        a, b = self.align(a, b)
        check_divisor(b, "div")
        if a.dtype.kind == "f":
            return kernels.ufunc(np.trunc, kernels.div(a, b))
        return kernels.ufunc(np.floor_divide, a - np.fmod(a, b), b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        return self.undo(zeros(grad), zeros(grad))


class Remainder(Broadcasting):
    """a - b floor(a / b), which has the sign of b."""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        self.inputs = (a, b)
        a, b = self.align(a, b)
        check_divisor(b, "remainder")
        return kernels.ufunc(np.remainder, a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        return self.undo(grad, neg(mul(grad, floor_divide(a, b))) if self.needs(2)[1] else None)


class Fmod(Broadcasting):
    """a - b trunc(a / b), which has the sign of a."""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        self.inputs = (a, b)
        a, b = self.align(a, b)
        check_divisor(b, "fmod")
        return kernels.ufunc(np.fmod, a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        quotient = div(a, b, rounding_mode="trunc") if self.needs(2)[1] else None
        return self.undo(grad, None if quotient is None else neg(mul(grad, quotient)))


def check_divisor(b: np.ndarray, name: str) -> None:
    """Raise if integers would be divided by zero: they have no infinity to answer with."""
    if b.dtype.kind != "f" and not b.all():
        raise RuntimeError(
            f"{name}: ZeroDivisionError: an integer is divided by zero; use floating-point tensors"
        )


@method("div", "divide", inplace=True)
def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """Return input / other, broadcast, rounded towards zero ("trunc") or down ("floor") if wanted.

    Without rounding, integers are divided as floating-point numbers; a rounded quotient keeps the
    dtype, and its gradient is zero. Raises RuntimeError for an unknown rounding mode, and for the
    rounded quotient of an integer and 0.
    """
    if rounding_mode is None:
        return Div()(input, other)
    if rounding_mode == "floor":
        return FloorDivide()(input, other)
    if rounding_mode == "trunc":
        return TruncDivide()(input, other)
    raise RuntimeError(
        f"div expected rounding_mode to be one of None, 'trunc', or 'floor' "
        f"but found {rounding_mode!r}"
    )


@method("true_divide", inplace=True)
def true_divide(input: Any, other: Any) -> Tensor:
    """Return input / other, broadcast; integers are divided as floating-point numbers."""
    return Div()(input, other)


@method(inplace=True)
def floor_divide(input: Any, other: Any) -> Tensor:
    """Return floor(input / other), broadcast; integers are kept; its gradient is zero."""
    return FloorDivide()(input, other)


@method(inplace=True)
def remainder(input: Any, other: Any) -> Tensor:
    """Return input - other * floor(input / other), broadcast: it has the sign of `other`."""
    return Remainder()(input, other)


@method(inplace=True)
def fmod(input: Any, other: Any) -> Tensor:
    """Return input - other * trunc(input / other), broadcast: it has the sign of `input`."""
    return Fmod()(input, other)


@method(inplace=True)
def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Tensor:
    """Return input + value * tensor1 / tensor2, broadcast."""
    return add(input, div(tensor1, tensor2), alpha=value)


divide = div

operator("truediv", Div, Tensor.div_)
operator("floordiv", FloorDivide, Tensor.floor_divide_)
operator("mod", Remainder, Tensor.remainder_)
