"""Special functions: products with logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..tensor import Tensor, method
from .arithmetic import Broadcasting, div, mul
from .comparison import eq
from .pointwise import log
from .selection import where

__all__ = ["xlogy"]


class XLogY(Broadcasting):
    """x ln y, and 0 where x = 0 (also for y = 0, where the logarithm is infinite)"""

    __slots__ = ()

    def forward(self, x: Any, y: Any) -> np.ndarray:
        x, y = map(dtypes.floating, self.align(x, y))
        self.inputs = (x, y)
        product = kernels.mul(x, kernels.log(y))
        return where((x == 0) & ~np.isnan(y), product.dtype.type(0), product)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        x, y = self.inputs
        need_x, need_y = self.needs(2)
        return self.undo(
            mul(grad, where(eq(x, 0) & (y <= 0), 0, log(y))) if need_x else None,
            mul(grad, div(x, y)) if need_y else None,
        )


@method(inplace=True)
def xlogy(input: Any, other: Any) -> Tensor:
    """Return input * ln(other), broadcast: 0 where input = 0, whatever `other` is (but NaN)."""
    return XLogY()(input, other)
