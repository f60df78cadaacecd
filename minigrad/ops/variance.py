"""Variance and standard deviation over some dimensions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Variable
from ..tensor import Tensor, method
from .arithmetic import mul, sub
from .dims import Dims, dims_of, numpy_names
from .division import div
from .reduction import Mean, Reduction, beside_zeros, check_floating, mean

__all__ = ["std", "std_mean", "var", "var_mean"]


class Var(Reduction):
    """sum (x - mean x)^2 / max(0, n - correction)"""

    __slots__ = ("correction",)

    def __init__(self, dims: tuple[int, ...] | None, keepdim: bool, correction: float) -> None:
        super().__init__(dims, keepdim)
        self.correction = correction

    @property
    def freedom(self) -> float:
        """The degrees of freedom, n - correction; forward divides by 0 if there are less."""
        return self.count - self.correction

    def centered(self, x: np.ndarray) -> np.ndarray:
        """Return x - mean x, in memory of its own."""
        mean = self.restored(kernels.sum(x, self.dims))
        np.divide(mean, self.count or math.nan, out=mean)
        return np.subtract(x, mean, out=kernels.empty(x.shape, x.dtype))

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs, self.shape = (x,), x.shape
        with np.errstate(all="ignore"):
            total = self.reduce(np.add, kernels.square(self.centered(x)))
            return np.divide(total, self.freedom if self.freedom > 0 else 0, out=total)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        scale = self.restore(mul(grad, 2 / self.freedom if self.freedom else math.inf))
        if isinstance(grad, Variable):
            return mul(sub(x, Mean(self.dims, True)(x)), scale)
        with np.errstate(all="ignore"):
            result = self.centered(x)
            return np.multiply(result, scale, out=result)


class Std(Var):
    """sqrt(var x); no gradient where it is 0."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        variance = super().forward(x)
        self.output = np.sqrt(variance, out=variance)
        return self.output

    def backward(self, grad: Any) -> Any:
        grad, std = beside_zeros(grad, self.output)
        return super().backward(div(grad, mul(std, 2)))


@method()
@numpy_names
def var(
    input: Any,
    dim: Dims | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """Return the variance over `dim`: sum (x - mean)^2 / max(0, n - correction).

    `correction` is 1 by default; `unbiased` is its older form: True for 1, False for 0.
    """
    return Var(*_variance("var", input, dim, unbiased, keepdim, correction))(input)


@method()
@numpy_names
def std(
    input: Any,
    dim: Dims | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """Return the standard deviation over `dim`, sqrt(var); its gradient at 0 is 0."""
    return Std(*_variance("std", input, dim, unbiased, keepdim, correction))(input)


def _variance(
    name: str, input: Any, dim: Any, unbiased: bool | None, keepdim: bool, correction: float | None
) -> tuple[tuple[int, ...] | None, bool, float]:
    check_floating(name, input)
    if isinstance(dim, bool):  # PyTorch's form var(unbiased)
        dim, unbiased = None, dim
    if unbiased is not None and correction is not None:
        raise TypeError(
            f"{name}(): unbiased={unbiased} and correction={correction} say the same; "
            f"give one of them"
        )
    if correction is None:
        correction = 0 if unbiased is False else 1
    return dims_of(dim, input.ndim), keepdim, correction


def var_mean(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Return (`var`, `mean`) over `dim`."""
    over = None if isinstance(dim, bool) else dim
    spread = var(input, dim, unbiased, keepdim, correction=correction)
    return spread, mean(input, over, keepdim)


def std_mean(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Return (`std`, `mean`) over `dim`."""
    over = None if isinstance(dim, bool) else dim
    spread = std(input, dim, unbiased, keepdim, correction=correction)
    return spread, mean(input, over, keepdim)
