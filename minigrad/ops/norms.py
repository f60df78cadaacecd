"""Norms over some dimensions, of the elements as one vector."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..tensor import Tensor, method
from .arithmetic import mul
from .conversion import converted
from .dims import Dims, dims_of, numpy_names
from .division import div
from .extrema import extremum
from .pointwise import pow
from .reduction import Reduction, beside_zeros, check_floating
from .rounding import abs, sign

__all__ = ["norm"]


class Norm(Reduction):
    """(sum |x|^p)^(1/p), for p = 0 the number of nonzero elements; no gradient where it is 0."""

    __slots__ = ("p",)

    def __init__(self, p: float, dims: tuple[int, ...] | None, keepdim: bool) -> None:
        super().__init__(dims, keepdim)
        self.p = p

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        p = self.p
        if p == 0:
            return self.reduce(np.add, x != 0, x.dtype)
        if p == 2:
            total = self.reduce(np.add, kernels.square(x))
            self.output = np.sqrt(total, out=total)
        else:
            with np.errstate(all="ignore"):
                total = self.reduce(np.add, np.abs(x) ** p)
                self.output = np.power(total, 1 / p, out=total)
        return self.output

    def backward(self, grad: Any) -> Any:
        if self.p == 0:
            return None
        (x,), p = self.inputs, self.p
        grad, norm = beside_zeros(grad, self.output)
        if p == 2:
            return mul(x, self.restore(div(grad, norm)))
        direction, size = beside_zeros(sign(x), abs(x))
        scale = self.restore(div(grad, pow(norm, p - 1)))
        return mul(scale, mul(direction, pow(size, p - 1)))


@method()
@numpy_names
def norm(
    input: Any, p: float | str = "fro", dim: Dims = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """Return the p-norm over `dim`, of the elements as one vector: (sum |x|^p)^(1/p).

    "fro" is 2, inf the largest |x|, -inf the smallest, 0 the number of nonzero elements.
    The gradient where the norm is 0 is 0.
    """
    input = converted(input, dtype)
    check_floating("norm", input)
    if p == "fro" or p is None:
        p = 2
    if isinstance(p, str):
        raise ValueError(f"norm(): p is a number, inf, -inf or 'fro', not {p!r}")
    dims = dims_of(dim, input.ndim)
    lengths = input.shape if dims is None else [input.shape[d] for d in dims]
    if 0 in lengths and (p < 0 or math.isinf(p)):
        raise RuntimeError(
            f"norm(): there is no {p} norm of no elements, as along a dimension of length 0 of "
            f"shape {list(input.shape)}"
        )
    if math.isinf(p):
        return extremum("norm", np.maximum if p > 0 else np.minimum, abs(input), dims, keepdim)
    return Norm(p, dims, keepdim)(input)
