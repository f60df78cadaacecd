"""Activations made of straight pieces (and hardswish, of a parabola between two): cheap, bounded, sparse."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op, wrap
from ..dtypes import floating
from ..random import Generator, default_generator
from ..tensor import Tensor, method
from .activation import leaky_relu
from .arithmetic import mul
from .broadcasting import Broadcasting
from .comparison import ge, gt, le, logical_and, lt
from .selection import Clamp, where

__all__ = [
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "prelu",
    "relu6",
    "rrelu",
    "softshrink",
    "threshold",
]


def between(grad: Any, x: Any, low: float, high: float) -> Any:
    """Return `grad` where low < x < high, else 0."""
    if kernels.alike(grad, x):  # the bounds excluded: those inside, next to them, included
        to = x.dtype.type
        low, high = np.nextafter(to(low), to(np.inf)), np.nextafter(to(high), to(-np.inf))
        return kernels.clamp_backward(grad, x, low, high)
    return where(logical_and(gt(x, low), lt(x, high)), grad, 0)


class Hardtanh(Clamp):
    """min(max(x, low), high), with the slope 0 at both bounds"""

    __slots__ = ()

    def backward(self, grad: Any) -> Any:
        return between(grad, *self.inputs, self.low, self.high)


class Hardsigmoid(Op):
    """min(max(x + 3, 0), 6) / 6, with the slope 0 at both bends"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.mul(kernels.clamp(kernels.add(x, 3), 0, 6), 1 / 6)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return between(mul(grad, 1 / 6), x, -3, 3)


class Hardswish(Op):
    """x min(max(x + 3, 0), 6) / 6; its slope is 0 up to -3, x / 3 + 1/2 below 3, then 1."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        self.inputs = (x,)
        return kernels.hardswish(x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.hardswish_backward(grad, x)
        return where(le(x, -3), 0, where(lt(x, 3), mul(grad, x * (1 / 3) + 0.5), grad))


class Hardshrink(Op):
    """x where |x| > bound, else 0"""

    __slots__ = ("bound",)

    def __init__(self, bound: float = 0.5) -> None:
        self.bound = bound

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return where(self.inside(x), 0, x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return where(self.inside(x), 0, grad)

    def inside(self, x: Any) -> Any:
        return logical_and(ge(x, -self.bound), le(x, self.bound))


class Softshrink(Hardshrink):
    """x - bound where x > bound, x + bound where x < -bound, else 0"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return kernels.sub(x, kernels.clamp(x, -self.bound, self.bound))


class Threshold(Op):
    """x where x > threshold, else value"""

    __slots__ = ("threshold", "value")

    def __init__(self, threshold: float, value: float) -> None:
        self.threshold, self.value = threshold, value

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return np.where(x <= self.threshold, x.dtype.type(self.value), x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return where(le(x, self.threshold), 0, grad)


class PReLU(Broadcasting):
    """x where x > 0, else weight x, where the weight broadcasts"""

    __slots__ = ()

    def forward(self, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
        self.inputs = (x, weight)
        x, weight = self.align(x, weight)
        return where(gt(x, 0), x, kernels.mul(x, weight))

    def backward(self, grad: Any) -> tuple[Any, Any]:
        x, weight = self.inputs
        need_x, need_weight = self.needs(2)
        positive = gt(x, 0)
        return self.undo(
            where(positive, grad, mul(grad, weight)) if need_x else None,
            where(positive, 0, mul(grad, x)) if need_weight else None,
        )


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Return min(max(input, min_val), max_val); at both bounds the gradient is 0.

    ValueError if min_val > max_val.
    """
    if min_val > max_val:
        raise ValueError(
            f"hardtanh: min_val cannot be greater than max_val, but {min_val} > {max_val}"
        )
    to = input.dtype.type
    return Hardtanh(to(min_val), to(max_val))(input)


def relu6(input: Any) -> Tensor:
    """Return min(max(input, 0), 6); at both bounds the gradient is 0."""
    return hardtanh(input, 0, 6)


def hardsigmoid(input: Any) -> Tensor:
    """Return min(max(input + 3, 0), 6) / 6; at both bends the gradient is 0."""
    return Hardsigmoid()(input)


def hardswish(input: Any) -> Tensor:
    """Return input * hardsigmoid(input): Howard et al., "Searching for MobileNetV3" (2019)."""
    return Hardswish()(input)


@method()
def hardshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """Return `input` where its magnitude exceeds lambd, else 0."""
    return Hardshrink(lambd)(input)


def softshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """Return `input` moved towards 0 by lambd, and 0 where it would pass it.

    RuntimeError for lambd < 0.
    """
    if not lambd >= 0:
        raise RuntimeError(f"softshrink: lambd must not be negative, but it is {lambd}")
    return Softshrink(lambd)(input)


def threshold(input: Any, threshold: float, value: float) -> Tensor:
    """Return `input` where it exceeds `threshold`, else `value`."""
    return Threshold(threshold, value)(input)


@method()
def prelu(input: Any, weight: Any) -> Tensor:
    """Return `input` where it is positive, else weight * input: He et al. (2015).

    `weight` is one number, or one for each channel: input (N, C, ...), weight (C).
    RuntimeError for other shapes.
    """
    if weight.ndim > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got shape "
            f"{list(weight.shape)}"
        )
    if weight.ndim and weight.shape[0] != 1:
        channels = input.shape[1] if input.ndim > 1 else 1
        if weight.shape[0] != channels:
            raise RuntimeError(
                f"prelu: Mismatch of parameter numbers and input channel size. Found parameter "
                f"numbers = {weight.shape[0]} and channel size = {channels}, of an input of shape "
                f"{list(input.shape)}"
            )
        weight = weight.reshape((-1,) + (1,) * (input.ndim - 2))
    return PReLU()(input, weight if input.ndim else weight.reshape(()))


def rrelu(
    input: Any,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    generator: Generator | None = None,
) -> Tensor:
    """Return `input` where it is positive, else slope * input: Xu et al. (2015).

    In `training` each slope is drawn uniformly from [lower, upper); else it is their mean.
    RuntimeError if lower > upper.
    """
    if lower > upper:
        raise RuntimeError(
            f"rrelu: Lower bound should be less than or equal to the upper bound, but "
            f"{lower} > {upper}"
        )
    if not training:
        return leaky_relu(input, (lower + upper) / 2)
    draw = (generator or default_generator).numpy.uniform
    return PReLU()(input, wrap(draw(lower, upper, input.shape).astype(input.dtype)))
