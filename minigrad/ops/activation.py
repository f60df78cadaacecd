"""Activation functions: what a layer of a network sends its sums through."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op
from ..dtypes import floating
from ..tensor import Tensor, method
from .arithmetic import add, mul, sub
from .comparison import gt
from .dims import wrap_dim
from .indexing import narrow
from .pointwise import erf, exp, square
from .selection import clamp_max, where
from .trigonometry import tanh

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "leaky_relu",
    "logsigmoid",
    "mish",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "softsign",
    "tanhshrink",
]


class Sigmoid(Op):
    """y = 1 / (1 + e^-x); dy/dx = y (1 - y)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = kernels.sigmoid(floating(x))
        return self.output

    def backward(self, grad: Any) -> Any:
        y = self.output
        if isinstance(grad, np.ndarray):
            return kernels.sigmoid_backward(grad, y)
        return grad * (y * (1 - y))


class LogSigmoid(Op):
    """ln sigmoid(x) = -ln(1 + e^-x), a softplus with beta = -1; its slope is sigmoid(-x)."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.softplus(x, -1.0, math.inf)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.softplus_backward(grad, x, -1.0, math.inf)
        return grad * sigmoid(-x)


class ReLU(Op):
    """max(x, 0), with the slope 0 at 0"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        if x.dtype.kind != "f":
            return kernels.ufunc(np.maximum, x, 0)
        self.output = kernels.relu(x)
        return self.output

    def backward(self, grad: Any) -> Any:
        if isinstance(grad, np.ndarray):
            return kernels.relu_backward(grad, self.output)
        return where(gt(self.output, 0), grad, 0)


class LeakyReLU(Op):
    """x where x > 0, else slope x"""

    __slots__ = ("slope",)

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = slope

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.leaky_relu(x, self.slope)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.leaky_relu_backward(grad, x, self.slope)
        return where(gt(x, 0), grad, grad * self.slope)


class ELU(Op):
    """x where x > 0, else alpha (e^x - 1)"""

    __slots__ = ("alpha",)

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.elu(x, self.alpha)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.elu_backward(grad, x, self.alpha)
        # Clamped: what overflows in the branch not taken would come back as 0 * inf.
        return where(gt(x, 0), grad, grad * (self.alpha * exp(clamp_max(x, 0))))


class SELU(Op):
    """scale x where x > 0, else scale alpha (e^x - 1)"""

    __slots__ = ()

    alpha = 1.6732632423543772848
    scale = 1.0507009873554804934

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.selu(x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.selu_backward(grad, x)
        return self.scale * where(gt(x, 0), grad, grad * (self.alpha * exp(clamp_max(x, 0))))


class GELU(Op):
    """x Phi(x), where Phi(x) = (1 + erf(x / sqrt 2)) / 2 and Phi' = phi"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.gelu(x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.gelu_backward(grad, x)
        cdf = 0.5 * (1 + erf(x * math.sqrt(0.5)))
        pdf = exp(-0.5 * square(x)) / math.sqrt(2 * math.pi)
        return grad * (cdf + x * pdf)


class GELUTanh(Op):
    """x (1 + tanh u) / 2, where u = sqrt(2/pi) (x + 0.044715 x^3)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.gelu_tanh(x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.gelu_tanh_backward(grad, x)
        cubic = 0.044715 * square(x)
        t = tanh(math.sqrt(2 / math.pi) * x * (1 + cubic))
        du = math.sqrt(2 / math.pi) * (1 + 3 * cubic)
        return grad * (0.5 * (1 + t + x * (1 - square(t)) * du))


class SiLU(Op):
    """x s, where s = sigmoid(x); its slope is s (1 + x (1 - s))."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.silu(x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.silu_backward(grad, x)
        s = sigmoid(x)
        return grad * (s * (1 + x * (1 - s)))


class Softplus(Op):
    """ln(1 + e^(beta x)) / beta, and x where beta x > threshold; its slope is sigmoid(beta x)."""

    __slots__ = ("beta", "threshold")

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.softplus(x, self.beta, self.threshold)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.softplus_backward(grad, x, self.beta, self.threshold)
        z = self.beta * x
        return where(gt(z, self.threshold), grad, grad * sigmoid(z))


class CELU(Op):
    """x where x > 0, else alpha (e^(x / alpha) - 1)"""

    __slots__ = ("alpha",)

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        negative = kernels.mul(np.minimum(x, 0), 1 / self.alpha)
        return where(gt(x, 0), x, kernels.mul(kernels.ufunc(np.expm1, negative), self.alpha))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return where(gt(x, 0), grad, grad * exp(clamp_max(x * (1 / self.alpha), 0)))


class Mish(Op):
    """x t, where t = tanh(ln(1 + e^x)); its slope is t + x (1 - t^2) sigmoid(x)."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.mish(x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.mish_backward(grad, x)
        t = tanh(softplus(x))
        return mul(grad, add(t, mul(mul(x, sub(1, square(t))), sigmoid(x))))


class Softsign(Op):
    """x / (1 + |x|); its slope is 1 / (1 + |x|)^2."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.div(x, np.abs(x) + 1)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return grad / square(abs(x) + 1)


@method(inplace=True)
def sigmoid(input: Any) -> Tensor:
    """Return 1 / (1 + e^-input)."""
    return Sigmoid()(input)


def logsigmoid(input: Any) -> Tensor:
    """Return ln(1 / (1 + e^-input)), accurate also where the sigmoid rounds to 0 or 1."""
    return LogSigmoid()(input)


@method(inplace=True)
def relu(input: Any) -> Tensor:
    """Return max(input, 0); its gradient at 0 is 0."""
    return ReLU()(input)


def leaky_relu(input: Any, negative_slope: float = 0.01) -> Tensor:
    """Return `input` where it is positive, else negative_slope * input."""
    return LeakyReLU(negative_slope)(input)


def elu(input: Any, alpha: float = 1.0) -> Tensor:
    """Return `input` where it is positive, else alpha (e^input - 1): Clevert et al., 2015."""
    return ELU(alpha)(input)


def selu(input: Any) -> Tensor:
    """Return scale * elu(input, alpha), with the constants that keep means of 0 and variances of 1.

    alpha = 1.67326, scale = 1.05070: Klambauer et al., 2017.
    """
    return SELU()(input)


def gelu(input: Any, approximate: str = "none") -> Tensor:
    """Return input * Phi(input), Phi the normal distribution function: Hendrycks and Gimpel, 2016.

    approximate="tanh": input * (1 + tanh(sqrt(2/pi) (input + 0.044715 input^3))) / 2.
    """
    if approximate == "none":
        return GELU()(input)
    if approximate == "tanh":
        return GELUTanh()(input)
    raise RuntimeError(f"gelu: approximate must be 'none' or 'tanh', not {approximate!r}")


def silu(input: Any) -> Tensor:
    """Return input * sigmoid(input), also called swish."""
    return SiLU()(input)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Return ln(1 + e^(beta input)) / beta, and `input` itself where beta * input > threshold."""
    return Softplus(beta, threshold)(input)


@method(inplace=True)
def celu(input: Any, alpha: float = 1.0) -> Tensor:
    """Return `input` where it is positive, else alpha (e^(input / alpha) - 1): Barron, 2017.

    RuntimeError for alpha = 0.
    """
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return CELU(alpha)(input)


def mish(input: Any) -> Tensor:
    """Return input * tanh(softplus(input)): Misra, 2019."""
    return Mish()(input)


def softsign(input: Any) -> Tensor:
    """Return input / (1 + |input|)."""
    return Softsign()(input)


def tanhshrink(input: Any) -> Tensor:
    """Return input - tanh(input)."""
    return sub(input, tanh(input))


def glu(input: Any, dim: int = -1) -> Tensor:
    """Return a * sigmoid(b), a and b the halves of `dim`: Dauphin et al., 2016.

    (..., 2 n, ...) -> (..., n, ...). RuntimeError if the length of `dim` is odd.
    """
    if not input.ndim:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    dim = wrap_dim(dim, input.ndim)
    if input.shape[dim] % 2:
        raise RuntimeError(
            f"glu: Halving dimension must be even, but dimension {dim} is size {input.shape[dim]}"
        )
    half = input.shape[dim] // 2
    return mul(narrow(input, dim, 0, half), sigmoid(narrow(input, dim, half, half)))
