"""Functions of each element: powers, exponentials, logarithms.

Integers and booleans are taken as the default dtype, unless the function keeps them integers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op
from ..dtypes import float64, floating
from ..tensor import Tensor, method
from .arithmetic import add, mul, neg, sub
from .broadcasting import NUMBERS, Broadcasting, operator, zeros
from .comparison import eq, ge, logical_and
from .conversion import to
from .division import div
from .selection import where

__all__ = [
    "erf",
    "exp",
    "exp2",
    "expm1",
    "float_power",
    "ldexp",
    "log",
    "log1p",
    "log2",
    "log10",
    "pow",
    "reciprocal",
    "rsqrt",
    "sqrt",
    "square",
]


# ---- powers and roots ----------------------------------------------------------------------------


class Pow(Broadcasting):
    """a^b. As in PyTorch, the gradient of a is 0 where b = 0, that of b is 0 where a = 0 <= b."""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        self.inputs = (a, b)
        if isinstance(a, np.ndarray) and a.dtype.kind == "f" and isinstance(b, (int, float)):
            self.operands = self.output = None
            return power(a, b)
        x, y = self.align(a, b)
        self.inputs = (kept(a, x), b)
        if x.dtype.kind in "iu" and (y < 0).any():
            if isinstance(b, int):
                raise RuntimeError(
                    "Integers to negative integer powers are not allowed. Use floating-point tensors."
                )
            # 1/x^|y| rounded towards 0: nothing but 1 and -1 leave anything.
            inverse = np.where(np.abs(x) == 1, np.power(x, y % 2), 0)
            self.output = np.where(y < 0, inverse, np.power(x, np.maximum(y, 0)))
        else:
            self.output = kernels.ufunc(np.power, x, y)
        return self.output

    def backward(self, grad: Any) -> tuple[Any, Any]:
        need_a, need_b = self.needs(2)
        return self.undo(
            self._base_gradient(grad) if need_a else None,
            self._exponent_gradient(grad) if need_b and self.output is not None else None,
        )

    def _base_gradient(self, grad: Any) -> Any:
        """b a^(b-1)"""
        a, b = self.inputs
        if isinstance(b, (int, float)):
            return zeros(grad) if b == 0 else mul(grad, mul(a if b == 2 else pow(a, b - 1), b))
        return where(eq(b, 0), 0, mul(grad, mul(b, pow(a, sub(b, 1)))))

    def _exponent_gradient(self, grad: Any) -> Any:
        """a^b ln a"""
        a, b = self.inputs
        return mul(grad, where(logical_and(eq(a, 0), ge(b, 0)), 0, mul(self.output, log(a))))


def power(x: np.ndarray, exponent: float) -> np.ndarray:
    """Return x^exponent of floating-point numbers.

    The first whole powers are products: NumPy's power takes 80 ns for the third of a negative number.
    """
    if x.dtype.char in "fd":
        if exponent == 0.5:
            return kernels.sqrt(x)
        if exponent in (2, 3, 4):
            y = kernels.square(x)
            return y if exponent == 2 else kernels.mul(y, x if exponent == 3 else y)
    return kernels.ufunc(np.power, x, float(exponent))


def kept(operand: Any, aligned: np.ndarray) -> np.ndarray:
    """Return what backward needs of an operand: as it is if it may have a gradient, else in the
    dtype of the computation (the square of a uint8 may not be one)."""
    return operand if isinstance(operand, np.ndarray) and operand.dtype.kind == "f" else aligned


class Square(Op):
    """x^2"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        if x.dtype.kind == "b":
            x = x.astype(np.int64)
        self.inputs = (x,)
        return kernels.square(x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.square_backward(grad, x)
        return grad * (2 * x)


class Sqrt(Op):
    """sqrt x; at 0 its slope is infinite."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = kernels.sqrt(floating(x))
        return self.output

    def backward(self, grad: Any) -> Any:
        if isinstance(grad, np.ndarray):
            return kernels.sqrt_backward(grad, self.output)
        return grad / (2 * self.output)


class Rsqrt(Op):
    """y = 1 / sqrt x; dy/dx = -y^3 / 2"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = kernels.ufunc(np.reciprocal, kernels.sqrt(floating(x)))
        return self.output

    def backward(self, grad: Any) -> Any:
        y = self.output
        return mul(mul(grad, -0.5), mul(y, square(y)))


class Reciprocal(Op):
    """y = 1 / x; dy/dx = -y^2"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = kernels.ufunc(np.reciprocal, floating(x))
        return self.output

    def backward(self, grad: Any) -> Any:
        return neg(mul(grad, square(self.output)))


@method(inplace=True)
def pow(input: Any, exponent: Any) -> Tensor:
    """Return input^exponent, broadcast; either may be a number.

    The gradient of `input` is 0 where the exponent is 0, that of `exponent` is 0 where
    input = 0 <= exponent. Raises RuntimeError for an integer to a negative integer power.
    """
    return Pow()(input, exponent)


operator("pow", Pow, Tensor.pow_)  # type: ignore[attr-defined]


@method(inplace=True)
def square(input: Any) -> Tensor:
    """Return input^2; integers are kept."""
    return Square()(input)


@method(inplace=True)
def sqrt(input: Any) -> Tensor:
    """Return the square root; its gradient at 0 is infinite."""
    return Sqrt()(input)


@method(inplace=True)
def rsqrt(input: Any) -> Tensor:
    """Return 1 / sqrt(input)."""
    return Rsqrt()(input)


@method(inplace=True)
def reciprocal(input: Any) -> Tensor:
    """Return 1 / input."""
    return Reciprocal()(input)


@method(inplace=True)
def float_power(input: Any, exponent: Any) -> Tensor:
    """Return input^exponent, broadcast, in float64 whatever the dtypes of the operands."""
    return Pow()(*(_double(x) for x in (input, exponent)))


def _double(x: Any) -> Any:
    return np.float64(x) if isinstance(x, NUMBERS) else to(x, float64)


# ---- exponentials and logarithms -----------------------------------------------------------------


class Exp(Op):
    """y = e^x; dy/dx = y"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = kernels.exp(floating(x))
        return self.output

    def backward(self, grad: Any) -> Any:
        return mul(grad, self.output)


class Exp2(Op):
    """y = 2^x; dy/dx = y ln 2"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = kernels.ufunc(np.exp2, floating(x))
        return self.output

    def backward(self, grad: Any) -> Any:
        return mul(grad, mul(self.output, math.log(2)))


class Expm1(Op):
    """y = e^x - 1, accurate for small x; dy/dx = y + 1"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = kernels.ufunc(np.expm1, floating(x))
        return self.output

    def backward(self, grad: Any) -> Any:
        return mul(grad, add(self.output, 1))


class Log(Op):
    """ln x"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.log(floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return div(grad, x)


class Log2(Op):
    """ln x / ln 2"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.log2, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return div(grad, mul(x, math.log(2)))


class Log10(Op):
    """ln x / ln 10"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.log10, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return div(grad, mul(x, math.log(10)))


class Log1p(Op):
    """ln(1 + x), accurate for small x"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.log1p, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return div(grad, add(x, 1))


class Erf(Op):
    """2/sqrt(pi) times the integral of e^-t^2 from 0 to x"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.erf(floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.erf_backward(grad, x)
        return grad * (2 / math.sqrt(math.pi) * exp(-square(x)))


@method(inplace=True)
def exp(input: Any) -> Tensor:
    """Return e^input."""
    return Exp()(input)


@method(inplace=True)
def exp2(input: Any) -> Tensor:
    """Return 2^input."""
    return Exp2()(input)


@method(inplace=True)
def expm1(input: Any) -> Tensor:
    """Return e^input - 1, accurate for small values."""
    return Expm1()(input)


@method(inplace=True)
def log(input: Any) -> Tensor:
    """Return the natural logarithm."""
    return Log()(input)


@method(inplace=True)
def log2(input: Any) -> Tensor:
    """Return the logarithm to the base 2."""
    return Log2()(input)


@method(inplace=True)
def log10(input: Any) -> Tensor:
    """Return the logarithm to the base 10."""
    return Log10()(input)


@method(inplace=True)
def log1p(input: Any) -> Tensor:
    """Return ln(1 + input), accurate for small values."""
    return Log1p()(input)


@method(inplace=True)
def ldexp(input: Any, other: Any) -> Tensor:
    """Return input * 2^other, broadcast."""
    return mul(input, pow(2.0, other))


@method(inplace=True)
def erf(input: Any) -> Tensor:
    """Return the error function, 2/sqrt(pi) times the integral of e^-t^2 from 0 to input."""
    return Erf()(input)
