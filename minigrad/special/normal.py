"""The normal distribution: its probabilities, their logarithms and quantiles, and the scaled error function."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.op import Op
from ..ops.arithmetic import mul, sub
from ..ops.division import div
from ..ops.pointwise import exp, square
from ..ops.special import erfc, erfc_values, erfcx_values, erfinv_values, evaluated
from ..tensor import Tensor

__all__ = ["erfcx", "log_ndtr", "ndtr", "ndtri"]


def log_ndtr_values(x: np.ndarray) -> np.ndarray:
    """ln of ndtr(x)"""
    z = x * math.sqrt(0.5)
    left = np.log(erfcx_values(np.maximum(-z, 0.5)) / 2) - np.square(x) / 2
    return np.where(x < -1, left, np.log1p(-erfc_values(z) / 2))


def ndtri_values(p: np.ndarray) -> np.ndarray:
    """The x with ndtr(x) = p: in the middle by erfinv; in the tails by Newton's method for the logarithm of
    the smaller side, from there."""
    middle = math.sqrt(2) * erfinv_values(2 * p - 1)
    side = np.minimum(p, 1 - p)
    start = np.log(2 * side)  # that of erfc, which is e^-z^2 / (z sqrt pi) or less
    x = -np.sqrt(np.maximum(-2 * start - np.log(math.pi * np.maximum(-start, 0.1)), 0.1))
    for _ in range(6):
        slope = math.sqrt(2 / math.pi) / erfcx_values(-x * math.sqrt(0.5))
        x = x - (log_ndtr_values(x) - np.log(side)) / slope
    x = np.where(side == 0, -np.inf, x)
    tails = np.where(p < 0.5, x, -x)
    inside = (p >= 0) & (p <= 1)
    return np.where((p > 0.25) & (p < 0.75), middle, np.where(inside, tails, np.nan))


class Erfcx(Op):
    """y = e^x^2 erfc(x), dy/dx = 2xy - 2 / sqrt(pi)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        self.output = evaluated(erfcx_values, x)
        return self.output

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return mul(grad, sub(mul(mul(x, 2), self.output), 2 / math.sqrt(math.pi)))


class LogNdtr(Op):
    """ln of ndtr(x); its slope is sqrt(2 / pi) / erfcx(-x / sqrt 2)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return evaluated(log_ndtr_values, x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return div(mul(grad, math.sqrt(2 / math.pi)), erfcx(mul(x, -math.sqrt(0.5))))


class Ndtri(Op):
    """The x with ndtr(x) = p; dx/dp = sqrt(2 pi) e^(x^2 / 2)"""

    __slots__ = ()

    def forward(self, p: np.ndarray) -> np.ndarray:
        self.output = evaluated(ndtri_values, p)
        return self.output

    def backward(self, grad: Any) -> Any:
        return mul(grad, mul(exp(div(square(self.output), 2)), math.sqrt(2 * math.pi)))


def erfcx(input: Any) -> Tensor:
    """Return e^input^2 erfc(input), which does not become 0 as fast as erfc does."""
    return Erfcx()(input)


def ndtr(input: Any) -> Tensor:
    """Return the normal distribution's probability of less than x, erfc(-x / sqrt 2) / 2."""
    return mul(erfc(mul(input, -math.sqrt(0.5))), 0.5)


def log_ndtr(input: Any) -> Tensor:
    """Return ln of ndtr(input), with all digits also where that probability is nothing."""
    return LogNdtr()(input)


def ndtri(input: Any) -> Tensor:
    """Return the x with ndtr(x) = input: -inf for 0, inf for 1, NaN outside."""
    return Ndtri()(input)
