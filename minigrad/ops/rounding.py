"""Magnitude, sign, rounding: functions of each element that are straight between their bends and jumps.

Integers stay integers, and are whole numbers already.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels, return_types
from ..autograd.op import Op, unwrap
from ..dtypes import floating
from ..tensor import Tensor, method
from .arithmetic import mul, sub
from .broadcasting import Broadcasting, zeros
from .comparison import isfinite, ne
from .division import div
from .selection import where

__all__ = [
    "abs",
    "absolute",
    "ceil",
    "copysign",
    "fix",
    "floor",
    "frac",
    "frexp",
    "heaviside",
    "nan_to_num",
    "nextafter",
    "round",
    "sgn",
    "sign",
    "trunc",
]


class Abs(Op):
    """|x|, with the slope 0 at 0"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.abs, x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return mul(grad, sign(x))


class Step(Op):
    """A function that is constant between its jumps, so that its gradient is zero."""

    __slots__ = ()

    ufunc: np.ufunc

    def forward(self, x: np.ndarray) -> np.ndarray:
        return kernels.ufunc(self.ufunc, x)

    def backward(self, grad: Any) -> Any:
        return zeros(grad)


class Frexp(Op):
    """(m, e) with x = m 2^e and 1/2 <= |m| < 1, both 0 for 0; the slope of m is 2^-e"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mantissa, self.saved = np.frexp(x)
        return mantissa, self.saved

    def backward(self, grad: Any, _: Any) -> Any:
        return mul(grad, np.ldexp(grad.dtype.type(1), -self.saved))


class Sign(Step):
    """-1, 0 or 1"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        return x.copy() if x.dtype.kind == "b" else kernels.sign(x)


class CopySign(Broadcasting):
    """|a| with the sign of b, also where b is a zero; its slope is 0 at a = 0, and for b"""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        a, b = map(floating, self.align(a, b))
        self.inputs = (a, b)
        return kernels.ufunc(np.copysign, a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = map(unwrap, self.inputs)
        need_a, need_b = self.needs(2)
        return self.undo(
            mul(grad, np.copysign(1, b) * np.sign(a)) if need_a else None,
            zeros(grad) if need_b else None,
        )


class Heaviside(Broadcasting):
    """0 where x < 0, 1 where x > 0, and `values` where x = 0"""

    __slots__ = ()

    def forward(self, x: Any, values: Any) -> np.ndarray:
        if isinstance(values, np.ndarray) and x.dtype != values.dtype:
            raise RuntimeError(
                f"heaviside is not implemented for tensors with different dtypes: the input is "
                f"{x.dtype}, the values are {values.dtype}"
            )
        x, values = self.align(x, values)
        self.inputs = (x, None)
        return np.where(x == 0, values, (x > 0).astype(x.dtype))

    def backward(self, grad: Any) -> tuple[Any, Any]:
        zero = unwrap(self.inputs[0]) == 0
        need_x, need_values = self.needs(2)
        return self.undo(
            zeros(grad) if need_x else None,
            where(zero, grad, 0) if need_values else None,
        )


class NextAfter(Broadcasting):
    """The number next to a on the way to b; its slope is 1, and 0 where a = b, and for b"""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        a, b = self.align(a, b)
        if a.dtype.kind != "f":
            raise NotImplementedError(f"nextafter: expected floating-point tensors, not {a.dtype}")
        self.inputs = (a, b)
        return kernels.ufunc(np.nextafter, a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        need_a, need_b = self.needs(2)
        return self.undo(
            where(ne(*self.inputs), grad, 0) if need_a else None, zeros(grad) if need_b else None
        )


class Rounding(Step):
    """One of the integers nearby; integers stay as they are."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        return super().forward(x) if x.dtype.kind == "f" else x.copy()


class Floor(Rounding):
    """The largest integer <= x"""

    __slots__ = ()
    ufunc = np.floor


class Ceil(Rounding):
    """The smallest integer >= x"""

    __slots__ = ()
    ufunc = np.ceil


class Trunc(Rounding):
    """The nearest integer towards 0"""

    __slots__ = ()
    ufunc = np.trunc


class Round(Rounding):
    """The nearest integer, the even one of two"""

    __slots__ = ()
    ufunc = np.rint


class NanToNum(Op):
    """x with numbers in place of NaN and the infinities, where its gradient is 0"""

    __slots__ = ("nan", "neginf", "posinf")

    def __init__(self, nan: float, posinf: float | None, neginf: float | None) -> None:
        self.nan, self.posinf, self.neginf = nan, posinf, neginf

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return np.asarray(np.nan_to_num(x, nan=self.nan, posinf=self.posinf, neginf=self.neginf))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return where(isfinite(x), grad, 0)


@method("abs", "absolute", "__abs__", inplace=True)
def abs(input: Any) -> Tensor:
    """Return the absolute value; its gradient at 0 is 0."""
    return Abs()(input)


@method("sign", "sgn", inplace=True)
def sign(input: Any) -> Tensor:
    """Return -1, 0 or 1, the sign of each element, and NaN for NaN (for which PyTorch has 0)."""
    return Sign()(input)


@method(inplace=True)
def copysign(input: Any, other: Any) -> Tensor:
    """Return |input| with the sign of `other`, broadcast; integers as floating-point numbers."""
    return CopySign()(input, other)


@method(inplace=True)
def heaviside(input: Any, values: Any) -> Tensor:
    """Return 0 where input < 0, 1 where input > 0, and `values`, broadcast, where input = 0.

    The gradient of `input` is zero. Raises RuntimeError for two dtypes.
    """
    return Heaviside()(input, values)


@method(inplace=True)
def nextafter(input: Any, other: Any) -> Tensor:
    """Return the floating-point number next to `input` in the direction of `other`, broadcast."""
    return NextAfter()(input, other)


@method(inplace=True)
def floor(input: Any) -> Tensor:
    """Return the largest integer <= input, in the dtype of input; its gradient is zero."""
    return Floor()(input)


@method(inplace=True)
def ceil(input: Any) -> Tensor:
    """Return the smallest integer >= input, in the dtype of input; its gradient is zero."""
    return Ceil()(input)


@method("trunc", "fix", inplace=True)
def trunc(input: Any) -> Tensor:
    """Return the nearest integer towards 0, in the dtype of input; its gradient is zero."""
    return Trunc()(input)


fix = trunc


@method(inplace=True)
def round(input: Any, *, decimals: int = 0) -> Tensor:
    """Return the nearest multiple of 10^-decimals, the even one of two; its gradient is zero."""
    if decimals == 0:
        return Round()(input)
    scale = 10.0 ** math.fabs(decimals)
    if decimals > 0:
        return div(Round()(mul(input, scale)), scale)
    return mul(Round()(div(input, scale)), scale)


@method(inplace=True)
def frac(input: Any) -> Tensor:
    """Return input - trunc(input), what follows the decimal point."""
    return sub(input, trunc(input))


@method(inplace=True)
def nan_to_num(
    input: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """Return `input` with `nan` for NaN, and for the infinities `posinf` and `neginf`.

    They default to the largest and the smallest number of the dtype. The gradient is 0 there.
    """
    return NanToNum(nan, posinf, neginf)(input)


absolute, sgn = abs, sign


@method()
def frexp(input: Any) -> return_types.frexp:
    """Return (mantissa, exponent) with input = mantissa 2^exponent, 1/2 <= |mantissa| < 1 unless it is 0, inf
    or NaN.
    """
    if input.dtype.kind != "f":
        raise RuntimeError(f"frexp() only supports floating-point dtypes, not {input.dtype}")
    return return_types.frexp(*Frexp()(input))
