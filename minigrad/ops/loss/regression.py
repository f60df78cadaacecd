"""Losses of a difference: mean squared error, absolute error, and what lies between (Huber)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import dtypes, kernels
from ...autograd.op import unwrap
from ...tensor import Tensor
from ..arithmetic import mul, neg, sub
from ..broadcasting import Broadcasting
from ..division import div
from ..reduction import sum
from ..rounding import sign
from ..selection import clamp
from .common import check_floating, check_reduction, check_same_shape, reduce

__all__ = ["huber_loss", "l1_loss", "mse_loss", "smooth_l1_loss"]


class DifferenceLoss(Broadcasting):
    """f(a - b), and its mean or sum: a subclass says what f and its slope are."""

    __slots__ = ("reduction",)

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def value(self, d: np.ndarray) -> np.ndarray:
        """Return f(d)."""
        raise NotImplementedError

    def slope(self, d: Any, grad: Any) -> Any:
        """Return f'(d) grad, of arrays and of Tensors alike."""
        raise NotImplementedError

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if not kernels.alike(a, b):
            a, b = map(dtypes.floating, self.align(a, b))
        else:
            self.operands = None
        self.inputs = (a, b)
        losses = self.value(kernels.sub(a, b))
        if self.reduction == "none":
            return losses
        total = kernels.sum(losses)
        # The mean of nothing is nan, as in PyTorch.
        return kernels.div(total, losses.size or np.nan) if self.reduction == "mean" else total

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        need_a, need_b = self.needs(2)
        if self.reduction == "mean":
            grad = div(grad, max(unwrap(a).size, 1))
        da = self.slope(sub(a, b), grad)
        return self.undo(da if need_a else None, neg(da) if need_b else None)


class SquaredError(DifferenceLoss):
    """(a - b)^2, and its mean or sum."""

    __slots__ = ()

    def value(self, d: np.ndarray) -> np.ndarray:
        return kernels.square(d)

    def slope(self, d: Any, grad: Any) -> Any:
        return mul(d, mul(grad, 2.0))


class AbsoluteError(DifferenceLoss):
    """|a - b|, and its mean or sum; its slope at 0 is 0."""

    __slots__ = ()

    def value(self, d: np.ndarray) -> np.ndarray:
        return kernels.ufunc(np.absolute, d)

    def slope(self, d: Any, grad: Any) -> Any:
        return mul(sign(d), grad)


class HuberError(DifferenceLoss):
    """scale times d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2); d = a - b.

    With c = min(max(d, -delta), delta), both are c (d - c / 2).
    """

    __slots__ = ("delta", "scale")

    def __init__(self, reduction: str = "mean", delta: float = 1.0, scale: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = delta
        self.scale = scale

    def value(self, d: np.ndarray) -> np.ndarray:
        return kernels.huber(d, self.delta, self.scale)

    def slope(self, d: Any, grad: Any) -> Any:
        return mul(clamp(d, -self.delta, self.delta), mul(grad, self.scale))


def mse_loss(input: Any, target: Any, *, reduction: str = "mean", weight: Any = None) -> Tensor:
    """Return mean((input - target)^2), for input and target of one shape.

    `reduction` "sum" gives the sum, "none" every square. With `weight`, of that shape too, it is
    sum(weight (input - target)^2) / sum(weight). ValueError if the shapes differ.
    """
    check("mse_loss", input, target, reduction)
    if weight is None:
        return SquaredError(reduction)(input, target)
    return weighted_mean("mse_loss", SquaredError("none")(input, target), weight, reduction)


def l1_loss(input: Any, target: Any, *, reduction: str = "mean", weight: Any = None) -> Tensor:
    """Return mean(|input - target|), for input and target of one shape.

    `reduction` "sum" gives the sum, "none" every difference. With `weight`, of that shape too, it
    is sum(weight |input - target|) / sum(weight). ValueError if the shapes differ.
    """
    check("l1_loss", input, target, reduction)
    if weight is None:
        return AbsoluteError(reduction)(input, target)
    return weighted_mean("l1_loss", AbsoluteError("none")(input, target), weight, reduction)


def smooth_l1_loss(
    input: Any, target: Any, *, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """Return the mean of d^2 / (2 beta) where |d| < beta, else |d| - beta / 2; d = input - target.

    With beta = 0 it is `l1_loss`. `reduction` "sum" gives the sum, "none" every loss. ValueError if
    the shapes differ, RuntimeError for beta < 0. Source: Girshick, Fast R-CNN (2015).
    """
    check("smooth_l1_loss", input, target, reduction)
    if beta < 0:
        raise RuntimeError(
            f"smooth_l1_loss does not support negative values for beta, and it is {beta}"
        )
    if beta == 0:
        return AbsoluteError(reduction)(input, target)
    return HuberError(reduction, beta, 1 / beta)(input, target)


def huber_loss(
    input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Tensor:
    """Return the mean of d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2); d = input - target.

    `reduction` "sum" gives the sum, "none" every loss; `weight`, of the same shape, multiplies
    them. ValueError if the shapes differ, RuntimeError for delta <= 0. Source: Huber, Robust
    estimation of a location parameter (1964).
    """
    check("huber_loss", input, target, reduction)
    if delta <= 0:
        raise RuntimeError(
            f"huber_loss does not support non-positive values for delta, and it is {delta}"
        )
    if weight is None:
        return HuberError(reduction, delta)(input, target)
    check_same_shape("huber_loss", input, weight, ("prediction", "weight"))
    return reduce(mul(HuberError("none", delta)(input, target), weight), reduction)


def check(name: str, input: Any, target: Any, reduction: str) -> None:
    """Raise for what does not fit a difference: see the functions of `common`."""
    check_reduction(reduction)
    check_same_shape(name, input, target)
    check_floating(name, input)


def weighted_mean(name: str, losses: Any, weight: Any, reduction: str) -> Any:
    """Return sum(weight losses) / sum(weight), or what else `reduction` says."""
    check_same_shape(name, losses, weight, ("prediction", "weight"))
    losses = mul(losses, weight)
    return div(sum(losses), sum(weight)) if reduction == "mean" else reduce(losses, reduction)
