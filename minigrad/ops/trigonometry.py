"""Circular and hyperbolic functions, and their inverses.

Integers and booleans are taken as the default dtype.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op
from ..dtypes import floating
from ..tensor import Tensor, method
from .arithmetic import add, mul, neg, sub
from .broadcasting import Broadcasting
from .comparison import eq
from .division import div
from .pointwise import kept, sqrt, square
from .selection import where

__all__ = [
    "acos",
    "acosh",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "deg2rad",
    "hypot",
    "rad2deg",
    "sin",
    "sinh",
    "tan",
    "tanh",
]


class Sin(Op):
    """sin x"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.sin, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return mul(grad, cos(x))


class Cos(Op):
    """cos x"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.cos, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return neg(mul(grad, sin(x)))


class Tan(Op):
    """y = tan x; dy/dx = 1 + y^2"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = kernels.ufunc(np.tan, floating(x))
        return self.output

    def backward(self, grad: Any) -> Any:
        return mul(grad, add(square(self.output), 1))


class Asin(Op):
    """arcsin x, with the slope 1 / sqrt(1 - x^2)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.arcsin, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return div(grad, sqrt(sub(1, square(x))))


class Acos(Op):
    """arccos x, with the slope -1 / sqrt(1 - x^2)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.arccos, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return neg(div(grad, sqrt(sub(1, square(x)))))


class Atan(Op):
    """arctan x, with the slope 1 / (1 + x^2)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.arctan, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return div(grad, add(square(x), 1))


class Atan2(Broadcasting):
    """The angle of the point (x, y): d = (x dy - y dx) / (x^2 + y^2), taken as 0 at the origin."""

    __slots__ = ()

    def forward(self, y: Any, x: Any) -> np.ndarray:
        b, a = map(floating, self.align(y, x))
        self.inputs = (kept(y, b), kept(x, a))
        return kernels.ufunc(np.arctan2, b, a)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        y, x = self.inputs
        need_y, need_x = self.needs(2)
        squares = add(square(y), square(x))
        scaled = where(eq(squares, 0), 0, div(grad, squares))
        return self.undo(
            mul(scaled, x) if need_y else None,
            neg(mul(scaled, y)) if need_x else None,
        )


class Hypot(Broadcasting):
    """y = sqrt(a^2 + b^2), the distance of the point (a, b) from the origin; dy/da = a / y"""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        a, b = map(floating, self.align(a, b))
        self.inputs = (a, b)
        self.output = kernels.ufunc(np.hypot, a, b)
        return self.output

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        need_a, need_b = self.needs(2)
        return self.undo(
            mul(grad, div(a, self.output)) if need_a else None,
            mul(grad, div(b, self.output)) if need_b else None,
        )


@method(inplace=True)
def sin(input: Any) -> Tensor:
    """Return the sine of radians."""
    return Sin()(input)


@method(inplace=True)
def cos(input: Any) -> Tensor:
    """Return the cosine of radians."""
    return Cos()(input)


@method(inplace=True)
def tan(input: Any) -> Tensor:
    """Return the tangent of radians."""
    return Tan()(input)


@method("asin", "arcsin", inplace=True)
def asin(input: Any) -> Tensor:
    """Return the angle in [-pi/2, pi/2] with this sine; its gradient at -1 and 1 is infinite."""
    return Asin()(input)


@method("acos", "arccos", inplace=True)
def acos(input: Any) -> Tensor:
    """Return the angle in [0, pi] with this cosine; its gradient at -1 and 1 is infinite."""
    return Acos()(input)


@method("atan", "arctan", inplace=True)
def atan(input: Any) -> Tensor:
    """Return the angle in [-pi/2, pi/2] with this tangent."""
    return Atan()(input)


@method("atan2", "arctan2", inplace=True)
def atan2(input: Any, other: Any) -> Tensor:
    """Return the angle in [-pi, pi] of the points (other, input), broadcast."""
    return Atan2()(input, other)


arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2


@method(inplace=True)
def hypot(input: Any, other: Any) -> Tensor:
    """Return sqrt(input^2 + other^2), broadcast, without overflow on the way."""
    return Hypot()(input, other)


@method(inplace=True)
def deg2rad(input: Any) -> Tensor:
    """Return angles given in degrees in radians."""
    return mul(input, math.pi / 180)


@method(inplace=True)
def rad2deg(input: Any) -> Tensor:
    """Return angles given in radians in degrees."""
    return mul(input, 180 / math.pi)


class Sinh(Op):
    """sinh x = (e^x - e^-x) / 2"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.sinh, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return mul(grad, cosh(x))


class Cosh(Op):
    """cosh x = (e^x + e^-x) / 2"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.cosh, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return mul(grad, sinh(x))


class Tanh(Op):
    """y = tanh x = sinh x / cosh x; dy/dx = 1 - y^2"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = kernels.tanh(floating(x))
        return self.output

    def backward(self, grad: Any) -> Any:
        if isinstance(grad, np.ndarray):
            return kernels.tanh_backward(grad, self.output)
        return grad * (1 - square(self.output))


class Asinh(Op):
    """arsinh x, with the slope 1 / sqrt(x^2 + 1)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.arcsinh, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return div(grad, sqrt(add(square(x), 1)))


class Acosh(Op):
    """arcosh x, with the slope 1 / sqrt(x^2 - 1)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.arccosh, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return div(grad, sqrt(sub(square(x), 1)))


class Atanh(Op):
    """artanh x, with the slope 1 / (1 - x^2)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.ufunc(np.arctanh, floating(x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return div(grad, sub(1, square(x)))


@method(inplace=True)
def sinh(input: Any) -> Tensor:
    """Return (e^input - e^-input) / 2."""
    return Sinh()(input)


@method(inplace=True)
def cosh(input: Any) -> Tensor:
    """Return (e^input + e^-input) / 2."""
    return Cosh()(input)


@method(inplace=True)
def tanh(input: Any) -> Tensor:
    """Return (e^input - e^-input) / (e^input + e^-input)."""
    return Tanh()(input)


@method("asinh", "arcsinh", inplace=True)
def asinh(input: Any) -> Tensor:
    """Return the number with this hyperbolic sine."""
    return Asinh()(input)


@method("acosh", "arccosh", inplace=True)
def acosh(input: Any) -> Tensor:
    """Return the nonnegative number with this hyperbolic cosine; its gradient at 1 is infinite."""
    return Acosh()(input)


@method("atanh", "arctanh", inplace=True)
def atanh(input: Any) -> Tensor:
    """Return the number with this hyperbolic tangent."""
    return Atanh()(input)


arcsinh, arccosh, arctanh = asinh, acosh, atanh
