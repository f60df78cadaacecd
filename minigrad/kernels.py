"""Numerical functions on NumPy arrays, as the rest of the library calls them: y = exp(x).

Each one validates, allocates its output in recycled memory, and calls a door: of `_native` (C), or
of `reference` (NumPy) where MINIGRAD_KERNELS=reference. Arrays of integers and booleans become
float32 where the function needs a fraction. A result is always an ndarray, 0-d ones included.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from . import _native, reference
from ._native import alike, empty, empty_cache, empty_like, like, memory_stats

__all__ = ["alike", "empty", "empty_cache", "empty_like", "like", "memory_stats", "ufunc"]

Array = np.ndarray
Kernel = Callable[..., Array]

_choice = os.environ.get("MINIGRAD_KERNELS") or "native"
if _choice not in ("native", "reference"):
    raise ImportError(f"MINIGRAD_KERNELS={_choice}: expected 'native' or 'reference'")
_doors: ModuleType = _native if _choice == "native" else reference


# ---- what the functions below are made of --------------------------------------------------------


def contiguous(name: str, *arrays: Array) -> tuple[Array, ...]:
    """The arrays as C-contiguous ones of one float type; TypeError if they cannot be."""
    dtype = np.result_type(*arrays)
    if dtype.kind in "iub":
        dtype = np.dtype(np.float32)
    if dtype not in (np.float32, np.float64):
        raise TypeError(f"{name}: expected float32 or float64, got {dtype}")
    # Not ascontiguousarray: it would make 0-d arrays 1-d.
    return tuple(np.asarray(a, dtype.newbyteorder("="), order="C") for a in arrays)


def _unary(door: Callable[..., None], integers: np.ufunc | None = None) -> Kernel:
    """kernel(x, *parameters) -> y of x's shape. `integers` is what integer arrays go through, for
    functions that keep them integers."""
    name = door.__name__

    def kernel(x: Array, *parameters: float) -> Array:
        y = like(x)
        if y is None:
            if integers is not None and x.dtype.kind in "iub":
                return ufunc(integers, x)
            (x,) = contiguous(name, x)
            y = empty_like(x)
        door(y, x, *parameters)
        return y

    kernel.__name__ = kernel.__qualname__ = name
    return kernel


def _backward(door: Callable[..., None]) -> Kernel:
    """kernel(grad, saved, *parameters) -> dx, all of one shape."""
    name = door.__name__

    def kernel(grad: Array, saved: Array, *parameters: float) -> Array:
        dx = like(grad, saved)
        if dx is None:
            if grad.shape != saved.shape:
                raise ValueError(
                    f"{name}: the gradient has shape {grad.shape}, but what the forward pass saved "
                    f"has shape {saved.shape}"
                )
            grad, saved = contiguous(name, grad, saved)
            dx = empty_like(saved)
        door(dx, grad, saved, *parameters)
        return dx

    kernel.__name__ = kernel.__qualname__ = name
    return kernel


def _binary(door: Callable[..., None], broadcasting: np.ufunc) -> Kernel:
    """kernel(a, b) -> y. NumPy serves what is not two equal shapes of one float type: broadcasting,
    Python scalars, integers."""

    def kernel(a: Any, b: Any) -> Array:
        y = like(a, b)
        if y is None:
            return ufunc(broadcasting, a, b)
        door(y, a, b)
        return y

    kernel.__name__ = kernel.__qualname__ = door.__name__
    return kernel


# Elements from which it pays to find out type and shape of a result and recycle its memory.
_RECYCLE_FROM = 4096


def ufunc(function: np.ufunc, *operands: Any) -> Array:
    """function(*operands) for any NumPy ufunc with one output, with the result in recycled memory.

    Operands are arrays and Python scalars; they broadcast and promote as in NumPy."""
    size = 1
    for x in operands:
        size *= getattr(x, "size", 1)
    if size < _RECYCLE_FROM:  # then the result, which is no larger, is small
        return np.asarray(function(*operands, order="C"))
    shape = np.broadcast_shapes(*(np.shape(x) for x in operands))
    # A bool is an int to Python, but not to NumPy; int and float stay weak.
    dtypes = [np.asarray(x).dtype if type(x) not in (int, float) else type(x) for x in operands]
    out = empty(shape, function.resolve_dtypes((*dtypes, None))[-1])
    return function(*operands, out=out)


# ---- arithmetic ----------------------------------------------------------------------------------

add = _binary(_doors.add, np.add)
sub = _binary(_doors.sub, np.subtract)
mul = _binary(_doors.mul, np.multiply)
div = _binary(_doors.div, np.true_divide)


def accumulate(y: Array, x: Any) -> Array:
    """y += x, for an array y that the caller may write to; returns y."""
    if alike(y, x):
        _doors.accumulate(y, x)
    else:
        np.add(y, x, out=y, casting="same_kind")
    return y


# ---- matrix product ------------------------------------------------------------------------------


def matmul(
    a: Array,
    b: Array,
    bias: Array | None = None,
    out: Array | None = None,
    accumulate: bool = False,
) -> Array:
    """y = a b + bias: (..., m, k) (..., k, n) -> (..., m, n), one dtype; stacks broadcast.

    Any layout is taken as it is, a transposed view (W.T) without a copy. `bias` (n,) is added to
    each row. The result is put into `out`, or with `accumulate` added to it; returns it."""
    if out is None:
        stack = () if a.ndim == b.ndim == 2 else np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        out = empty((*stack, a.shape[-2], b.shape[-1]), a.dtype)
    elif accumulate:
        out += matmul(a, b, bias)
        return out
    np.matmul(a, b, out=out)
    if bias is not None:
        out += bias
    return out


# ---- functions of one array: exp(x), and their backwards: exp_backward(grad, saved) -------------
# What is saved is the result (y) or the input (x), as the twin in reference.py names it.

neg = _unary(_doors.neg, integers=np.negative)
square = _unary(_doors.square, integers=np.square)
square_backward = _backward(_doors.square_backward)  # x
sqrt = _unary(_doors.sqrt)
sqrt_backward = _backward(_doors.sqrt_backward)  # y
exp = _unary(_doors.exp)  # its backward is mul(grad, y)
log = _unary(_doors.log)  # its backward is div(grad, x)
tanh = _unary(_doors.tanh)
tanh_backward = _backward(_doors.tanh_backward)  # y
sigmoid = _unary(_doors.sigmoid)
sigmoid_backward = _backward(_doors.sigmoid_backward)  # y
erf = _unary(_doors.erf)
erf_backward = _backward(_doors.erf_backward)  # x
relu = _unary(_doors.relu)
relu_backward = _backward(_doors.relu_backward)  # y, or x
leaky_relu = _unary(_doors.leaky_relu)  # x, slope
leaky_relu_backward = _backward(_doors.leaky_relu_backward)  # x, slope
elu = _unary(_doors.elu)  # x, alpha
elu_backward = _backward(_doors.elu_backward)  # x, alpha
selu = _unary(_doors.selu)
selu_backward = _backward(_doors.selu_backward)  # x
gelu = _unary(_doors.gelu)
gelu_backward = _backward(_doors.gelu_backward)  # x
gelu_tanh = _unary(_doors.gelu_tanh)
gelu_tanh_backward = _backward(_doors.gelu_tanh_backward)  # x
silu = _unary(_doors.silu)
silu_backward = _backward(_doors.silu_backward)  # x
softplus = _unary(_doors.softplus)  # x, beta, threshold
softplus_backward = _backward(_doors.softplus_backward)  # x, beta, threshold
