"""What the families of kernels are made of: the choice of doors, and entries of the common shapes."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from .. import _native, reference
from .._native import empty, empty_like, like, plain, run_ufunc

Array = np.ndarray
Kernel = Callable[..., Array]

_choice = os.environ.get("MINIGRAD_KERNELS") or "native"
if _choice not in ("native", "reference"):
    raise ImportError(f"MINIGRAD_KERNELS={_choice}: expected 'native' or 'reference'")
doors: ModuleType = _native if _choice == "native" else reference


def contiguous(name: str, *arrays: Array) -> tuple[Array, ...]:
    """The arrays as C-contiguous ones of one float type; TypeError if they cannot be."""
    if plain(*arrays):
        return arrays
    dtype = np.result_type(*arrays)
    if dtype.kind in "iub":
        dtype = np.dtype(np.float32)
    if dtype not in (np.float32, np.float64):
        raise TypeError(f"{name}: expected float32 or float64, got {dtype}")
    # Not ascontiguousarray: it would make 0-d arrays 1-d.
    return tuple(np.asarray(a, dtype.newbyteorder("="), order="C") for a in arrays)


def unary(door: Callable[..., None], integers: np.ufunc | None = None) -> Kernel:
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


def backward(door: Callable[..., None]) -> Kernel:
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


# Elements from which it pays to find out type and shape of a result and recycle its memory.
_RECYCLE_FROM = 4096
# Which warn of nothing. A guard against warnings takes three times as long as one of these on a
# small array.
_SILENT = {
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.maximum, np.minimum, np.fmax, np.fmin, np.isnan, np.isinf, np.isfinite, np.signbit),
    *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
    *(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert),
}


def ufunc(function: np.ufunc, *operands: Any) -> Array:
    """function(*operands) for any NumPy ufunc with one output, with the result in recycled memory, and
    on all threads where its loop allows it (csrc/ufunc.c).

    Operands are arrays and Python scalars; they broadcast and promote as in NumPy. As in the
    kernels, infinities and NaN come without a warning."""
    if function in _SILENT:
        size = getattr(operands[0], "size", 0) + getattr(operands[-1], "size", 0)
        if size < _RECYCLE_FROM:
            return np.asarray(function(*operands, order="C"))
    arrays = [x for x in operands if isinstance(x, np.ndarray)]
    result = arrays[0] if len(arrays) == 1 else np.broadcast(*arrays)
    with np.errstate(all="ignore"):
        if result.size < _RECYCLE_FROM:
            return np.asarray(function(*operands, order="C"))
        # A bool is an int to Python, but not to NumPy; int and float stay weak.
        dtypes = [np.asarray(x).dtype if type(x) not in (int, float) else type(x) for x in operands]
        out = empty(result.shape, function.resolve_dtypes((*dtypes, None))[-1])
        return out if run_ufunc(function, out, operands) else function(*operands, out=out)


def full(shape: tuple[int, ...], value: Any, dtype: np.dtype) -> Array:
    """An array of `value` everywhere."""
    y = empty(shape, dtype)
    y.fill(value)
    return y
