"""Functions of each element, and their backward passes: csrc/elementwise.c."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .._native import alike, like
from .base import Array, Kernel, backward, doors, empty, ufunc, unary
from .broadcast import ADD, DIV, DIV_INTO, MUL, SUB, SUB_FROM, broadcast

__all__ = [
    "accumulate",
    "add",
    "affine",
    "clamp",
    "clamp_backward",
    "div",
    "elu",
    "elu_backward",
    "erf",
    "erf_backward",
    "exp",
    "gelu",
    "gelu_backward",
    "gelu_tanh",
    "gelu_tanh_backward",
    "hardswish",
    "hardswish_backward",
    "huber",
    "leaky_relu",
    "leaky_relu_backward",
    "log",
    "mish",
    "mish_backward",
    "mul",
    "neg",
    "relu",
    "relu_backward",
    "selu",
    "selu_backward",
    "sigmoid",
    "sigmoid_backward",
    "sign",
    "silu",
    "silu_backward",
    "softplus",
    "softplus_backward",
    "sqrt",
    "sqrt_backward",
    "square",
    "square_backward",
    "sub",
    "tanh",
    "tanh_backward",
    "where",
]


# ---- arithmetic ----------------------------------------------------------------------------------


_NUMBERS = (float, int)


def binary(
    door: Callable[..., None],
    broadcasting: np.ufunc,
    operations: tuple[int, int],
    with_number: Callable[[float], tuple[float, float]] | None = None,
    from_number: Callable[[float], tuple[float, float]] | None = None,
) -> Kernel:
    """kernel(a, b) -> y. A number c beside an array x is `affine`: with_number(c) are scale and
    shift of x o c, from_number(c) those of c o x. `operations` are those of `broadcast`. NumPy serves
    what is neither that nor of one float type: integers, and whatever else broadcasts."""

    def kernel(a: Any, b: Any) -> Array:
        y = like(a, b)
        if y is not None:
            door(y, a, b)
            return y
        if with_number is not None and type(b) in _NUMBERS and a.dtype.char in "fd":
            return affine(a, *with_number(b))
        if from_number is not None and type(a) in _NUMBERS and b.dtype.char in "fd":
            return affine(b, *from_number(a))
        y = broadcast(a, b, *operations)
        return ufunc(broadcasting, a, b) if y is None else y

    kernel.__name__ = kernel.__qualname__ = door.__name__
    return kernel


affine = unary(doors.affine)  # x, scale, shift
add = binary(doors.add, np.add, (ADD, ADD), lambda c: (1, c), lambda c: (1, c))
sub = binary(doors.sub, np.subtract, (SUB, SUB_FROM), lambda c: (1, -c), lambda c: (-1, c))
# x c + -0: adding 0 instead would lose the sign of a zero.
mul = binary(doors.mul, np.multiply, (MUL, MUL), lambda c: (c, -0.0), lambda c: (c, -0.0))
div = binary(doors.div, np.true_divide, (DIV, DIV_INTO))


def accumulate(y: Array, x: Any) -> Array:
    """y += x, for an array y that the caller may write to; returns y."""
    if alike(y, x):
        doors.accumulate(y, x)
    elif y.shape == () and type(x) is int:
        y[()] = y.item() + x  # a counter: an eighth of what the ufunc takes
    else:
        np.add(y, x, out=y, casting="same_kind")
    return y


# ---- functions of one array: exp(x), and their backwards: exp_backward(grad, saved) -------------
# What is saved is the result (y) or the input (x), as the twin in minigrad.reference names it.

neg = unary(doors.neg, integers=np.negative)
square = unary(doors.square, integers=np.square)
square_backward = backward(doors.square_backward)  # x
sqrt = unary(doors.sqrt)
sqrt_backward = backward(doors.sqrt_backward)  # y
exp = unary(doors.exp)  # its backward is mul(grad, y)
log = unary(doors.log)  # its backward is div(grad, x)
tanh = unary(doors.tanh)
tanh_backward = backward(doors.tanh_backward)  # y
sigmoid = unary(doors.sigmoid)
sigmoid_backward = backward(doors.sigmoid_backward)  # y
erf = unary(doors.erf)
erf_backward = backward(doors.erf_backward)  # x
relu = unary(doors.relu)
relu_backward = backward(doors.relu_backward)  # y, or x
leaky_relu = unary(doors.leaky_relu)  # x, slope
leaky_relu_backward = backward(doors.leaky_relu_backward)  # x, slope
elu = unary(doors.elu)  # x, alpha
elu_backward = backward(doors.elu_backward)  # x, alpha
selu = unary(doors.selu)
selu_backward = backward(doors.selu_backward)  # x
gelu = unary(doors.gelu)
gelu_backward = backward(doors.gelu_backward)  # x
gelu_tanh = unary(doors.gelu_tanh)
gelu_tanh_backward = backward(doors.gelu_tanh_backward)  # x
silu = unary(doors.silu)
silu_backward = backward(doors.silu_backward)  # x
mish = unary(doors.mish)
mish_backward = backward(doors.mish_backward)  # x
hardswish = unary(doors.hardswish)
hardswish_backward = backward(doors.hardswish_backward)  # x
softplus = unary(doors.softplus)  # x, beta, threshold
softplus_backward = backward(doors.softplus_backward)  # x, beta, threshold
huber = unary(doors.huber)  # x, delta, scale
clamp_backward = backward(doors.clamp_backward)  # x, low, high


def sign(x: Array) -> Array:
    """-1, 0 or 1, NaN where x is; integers are kept."""
    y = like(x)
    if y is None:
        return ufunc(np.sign, x)
    doors.sign(y, x)
    return y


def clamp(x: Array, low: float, high: float) -> Array:
    """min(max(x, low), high), NaN where one of the three is."""
    y = like(x)
    if y is None:
        y = ufunc(np.maximum, x, low)
        np.minimum(y, high, out=y)
    else:
        doors.clamp(y, x, low, high)
    return y


def _is_zero(value: Any) -> bool:
    return type(value) in _NUMBERS and value == 0 and math.copysign(1, value) > 0


def where(condition: Array, a: Any, b: Any) -> Array:
    """a where the boolean condition holds, else b: arrays of its shape and one dtype, or one of them a number."""
    array = a if isinstance(a, np.ndarray) else b
    zero_a, zero_b = _is_zero(a), _is_zero(b)
    y = like(array) if zero_a or zero_b else like(a, b)
    if y is None or not (type(condition) is np.ndarray and condition.flags.c_contiguous):
        y = empty(array.shape, array.dtype)
        np.copyto(y, b)
        np.copyto(y, a, where=condition)
    else:
        doors.where(y, condition, None if zero_a else a, None if zero_b else b)
    return y
