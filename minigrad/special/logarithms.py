"""Terms of the entropy: products with logarithms, 0 where a factor is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Op
from ..ops.arithmetic import add, mul, neg
from ..ops.pointwise import log, log1p
from ..ops.special import XLogY
from ..tensor import Tensor

__all__ = ["entr", "xlog1py"]


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


def xlog1py(input: Any, other: Any) -> Tensor:
    """Return input * ln(1 + other), broadcast: 0 where input = 0, whatever `other` is (but NaN)."""
    return XLog1pY()(input, other)
