"""Special functions under the names of `torch.special`: those that `torch` has too, and some that it has not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import dtypes, kernels
from .autograd.op import Op
from .ops.activation import sigmoid
from .ops.arithmetic import add, mul, neg
from .ops.pointwise import erf, exp2, expm1, log, log1p
from .ops.rounding import round
from .ops.softmax import log_softmax, logsumexp, softmax
from .ops.special import (
    XLogY,
    digamma,
    erfc,
    erfinv,
    lgamma,
    logit,
    mvlgamma,
    polygamma,
    sinc,
    xlogy,
)
from .tensor import Tensor

__all__ = [
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gammaln",
    "log1p",
    "log_softmax",
    "logit",
    "logsumexp",
    "multigammaln",
    "ndtr",
    "polygamma",
    "psi",
    "round",
    "sinc",
    "softmax",
    "xlog1py",
    "xlogy",
]

expit, gammaln, multigammaln, psi = sigmoid, lgamma, mvlgamma, digamma


class Entr(Op):
    """-x ln x, with the slope -(1 + ln x)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = dtypes.floating(x)
        self.inputs = (x,)
        product = kernels.mul(x, kernels.log(x))
        return np.where(x > 0, -product, np.where(x < 0, -math.inf, x)).astype(x.dtype)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return neg(mul(grad, add(log(x), 1)))


class XLog1pY(XLogY):
    """x ln(1 + y), and 0 where x = 0"""

    __slots__ = ()

    logarithm = staticmethod(log1p)

    @staticmethod
    def inside(y: Any) -> Any:
        return add(y, 1)


def entr(input: Any) -> Tensor:
    """Return -x ln x, a term of the entropy: 0 for 0, -inf below."""
    return Entr()(input)


def ndtr(input: Any) -> Tensor:
    """Return the normal distribution's probability of less than x, erfc(-x / sqrt 2) / 2."""
    return mul(erfc(mul(input, -math.sqrt(0.5))), 0.5)


def xlog1py(input: Any, other: Any) -> Tensor:
    """Return input * ln(1 + other), broadcast: 0 where input = 0, whatever `other` is (but NaN)."""
    return XLog1pY()(input, other)
