"""An operation with faults, which the tests of `minigrad.testing` find."""

from __future__ import annotations

import numpy as np

import minigrad as mg
from minigrad.autograd import Op


class Square(Op):
    """x^2, with the faults that the tests ask for."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults

    def forward(self, x):
        self.inputs = (x,)
        y = x * x
        if "value" in self.faults:
            y = y + 1e-3
        if "float32" in self.faults:
            y = y.astype(np.float64)
        if "mutation" in self.faults:
            x[...] = 1
        if "layout" in self.faults and not x.flags.c_contiguous:
            y = y + 1
        return y

    def backward(self, grad, *_):
        (x,) = self.inputs
        if "gradient" in self.faults:
            return 2.01 * grad * x
        if "constant" in self.faults:
            return (
                grad * mg.tensor(2 * np.asarray(x)) if isinstance(grad, mg.Tensor) else 2 * grad * x
            )
        if "upstream" in self.faults and isinstance(grad, np.ndarray):
            grad *= 2
            return grad * x
        if "shape" in self.faults:
            return (2 * grad * x).reshape(-1)
        return 2 * grad * x
