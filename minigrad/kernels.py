"""Numerical functions on NumPy arrays, as the rest of the library calls them: y = exp(x).

Each one validates, allocates its output in recycled memory, and calls a door: of `_native` (C), or
of `reference` (NumPy) where MINIGRAD_KERNELS=reference. Arrays of integers and booleans become
float32 where the function needs a fraction. A result is always an ndarray, 0-d ones included.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from . import _native, reference
from ._native import (
    alike,
    empty,
    empty_cache,
    empty_like,
    first_outside,
    layouts,
    like,
    memory_stats,
    plain,
)

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
    if plain(*arrays):
        return arrays
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


_NUMBERS = (float, int)


def _binary(
    door: Callable[..., None],
    broadcasting: np.ufunc,
    with_number: Callable[[float], tuple[float, float]] | None = None,
    from_number: Callable[[float], tuple[float, float]] | None = None,
) -> Kernel:
    """kernel(a, b) -> y. A number c beside an array x is `affine`: with_number(c) are scale and
    shift of x o c, from_number(c) those of c o x. NumPy serves what is neither that nor two equal
    shapes of one float type: broadcasting, integers."""

    def kernel(a: Any, b: Any) -> Array:
        y = like(a, b)
        if y is not None:
            door(y, a, b)
            return y
        if with_number is not None and type(b) in _NUMBERS and a.dtype.char in "fd":
            return affine(a, *with_number(b))
        if from_number is not None and type(a) in _NUMBERS and b.dtype.char in "fd":
            return affine(b, *from_number(a))
        return ufunc(broadcasting, a, b)

    kernel.__name__ = kernel.__qualname__ = door.__name__
    return kernel


# Elements from which it pays to find out type and shape of a result and recycle its memory.
_RECYCLE_FROM = 4096


def ufunc(function: np.ufunc, *operands: Any) -> Array:
    """function(*operands) for any NumPy ufunc with one output, with the result in recycled memory.

    Operands are arrays and Python scalars; they broadcast and promote as in NumPy. As in the
    kernels, infinities and NaN come without a warning."""
    arrays = [x for x in operands if isinstance(x, np.ndarray)]
    result = arrays[0] if len(arrays) == 1 else np.broadcast(*arrays)
    with np.errstate(all="ignore"):
        if result.size < _RECYCLE_FROM:
            return np.asarray(function(*operands, order="C"))
        # A bool is an int to Python, but not to NumPy; int and float stay weak.
        dtypes = [np.asarray(x).dtype if type(x) not in (int, float) else type(x) for x in operands]
        out = empty(result.shape, function.resolve_dtypes((*dtypes, None))[-1])
        return function(*operands, out=out)


# ---- arithmetic ----------------------------------------------------------------------------------

affine = _unary(_doors.affine)  # x, scale, shift
add = _binary(_doors.add, np.add, lambda c: (1, c), lambda c: (1, c))
sub = _binary(_doors.sub, np.subtract, lambda c: (1, -c), lambda c: (-1, c))
# x c + -0: adding 0 instead would lose the sign of a zero.
mul = _binary(_doors.mul, np.multiply, lambda c: (c, -0.0), lambda c: (c, -0.0))
div = _binary(_doors.div, np.true_divide)


def accumulate(y: Array, x: Any) -> Array:
    """y += x, for an array y that the caller may write to; returns y."""
    if alike(y, x):
        _doors.accumulate(y, x)
    else:
        np.add(y, x, out=y, casting="same_kind")
    return y


# ---- matrix product ------------------------------------------------------------------------------


def matmul(a: Array, b: Array, bias: Array | None = None) -> Array:
    """y = a b + bias: (..., m, k) (..., k, n) -> (..., m, n), one dtype; stacks broadcast.

    Any layout is taken as it is, a transposed view (W.T) without a copy. `bias` (n,) is added to
    each row. Two matrices go to the kernel; stacks, integers and other strides to NumPy's matmul."""
    flags = layouts(a, b)
    if flags >= 0 and a.shape[1] == b.shape[0]:
        y = empty((a.shape[0], b.shape[1]), a.dtype)
        if bias is not None:
            (bias,) = contiguous("matmul", bias)
        a_by_columns, b_by_columns = flags & 1, flags >> 1
        _doors.matmul(
            y,
            a.T if a_by_columns else a,
            b.T if b_by_columns else b,
            bias,
            a_by_columns,
            b_by_columns,
            0,
        )
        return y
    stack = () if a.ndim == b.ndim == 2 else np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    y = empty((*stack, a.shape[-2], b.shape[-1]), a.dtype)
    np.matmul(a, b, out=y)
    if bias is not None:
        y += bias
    return y


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


# ---- softmax.c: over the last dimension ----------------------------------------------------------

softmax = _unary(_doors.softmax)
softmax_backward = _backward(_doors.softmax_backward)  # y
log_softmax = _unary(_doors.log_softmax)
log_softmax_backward = _backward(_doors.log_softmax_backward)  # y


def cross_entropy(
    logits: Array, labels: Array, ignore_index: int = -100
) -> tuple[Array, Array, Array, float]:
    """(mean, losses, p, count): losses_i = -log p_(i, labels_i) with p = softmax(logits), 0 where
    labels_i is ignore_index; mean is that of the `count` others, as a 0-d array, nan if none.

    logits and p (rows, classes), labels and losses (rows). IndexError for a label that is no class.
    """
    p = like(logits)
    if p is None:
        (logits,) = contiguous("cross_entropy", logits)
        p = empty_like(logits)
    if logits.ndim != 2 or labels.shape != logits.shape[:1]:
        raise ValueError(
            "cross_entropy: expected logits of shape (rows, classes) and labels of shape (rows,), "
            f"got {logits.shape} and {labels.shape}"
        )
    labels = check_index(labels, logits.shape[1], "cross_entropy: label", "classes", ignore_index)
    losses, total = empty(labels.shape, p.dtype), empty(2, p.dtype)
    _doors.cross_entropy(total, losses, p, logits, labels, ignore_index)
    return total[0, ...], losses, p, total[1].item()


def cross_entropy_backward(
    grad: Array | float, p: Array, labels: Array, ignore_index: int = -100
) -> Array:
    """dlogits = grad (p - onehot(labels)), 0 where labels_i is ignore_index.

    grad (rows), or one number for all rows; p and labels as cross_entropy had them."""
    grad = np.asarray(grad, p.dtype, order="C")
    labels = check_index(labels, p.shape[1], "cross_entropy: label", "classes", ignore_index)
    if grad.ndim and grad.shape != labels.shape:
        raise ValueError(
            f"cross_entropy_backward: grad has shape {grad.shape}, but the labels {labels.shape}"
        )
    dlogits = empty_like(p)
    _doors.cross_entropy_backward(dlogits, grad, p, labels, ignore_index)
    return dlogits


# ---- norm.c --------------------------------------------------------------------------------------


def _normalised(name: str, x: Array) -> tuple[Array, Array]:
    """x as a kernel can read it, and an array for y."""
    y = like(x)
    if y is None:
        (x,) = contiguous(name, x)
        y = empty_like(x)
    if x.ndim < 2:
        raise ValueError(f"{name}: expected x of shape (n, channels, ...), got {x.shape}")
    return x, y


def _channel(name: str, what: str, v: Array | None, x: Array) -> Array | None:
    """v, one number a channel of x or None, as a kernel can read it."""
    if v is None:
        return None
    if v.shape != x.shape[1:2]:
        raise ValueError(
            f"{name}: {what} has shape {v.shape}, but the channels of x {x.shape} are {x.shape[1]}"
        )
    return np.asarray(v, x.dtype, order="C")


def batch_norm(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    momentum: float,
    eps: float,
) -> tuple[Array, Array, Array]:
    """(y, mean, rstd) with y = (x - mean) rstd weight + bias, rstd = 1 / sqrt(var + eps), by the
    batch's own mean and biased variance. In place: running <- (1 - momentum) running + momentum
    stat, with the unbiased variance.

    x and y (n, channels, ...), everything else (channels) or None."""
    x, y = _normalised("batch_norm", x)
    weight = _channel("batch_norm", "weight", weight, x)
    bias = _channel("batch_norm", "bias", bias, x)
    means = _channel("batch_norm", "running_mean", running_mean, x)
    variances = _channel("batch_norm", "running_var", running_var, x)
    mean, rstd = empty(x.shape[1], x.dtype), empty(x.shape[1], x.dtype)
    _doors.batch_norm(y, mean, rstd, means, variances, x, weight, bias, momentum, eps)
    if means is not running_mean:  # of another type, or not contiguous
        running_mean[...] = means
    if variances is not running_var:
        running_var[...] = variances
    return y, mean, rstd


def _normalised_backward(
    door: Callable[..., None], grad: Array, x: Array, weight: Array | None, *others: Any
) -> tuple[Array, Array, Array]:
    name = door.__name__
    dx = like(x, grad)
    if dx is None:
        if grad.shape != x.shape:
            raise ValueError(f"{name}: the gradient has shape {grad.shape}, but x has {x.shape}")
        x, dx = _normalised(name, x)
        grad = np.asarray(grad, x.dtype, order="C")
    others = [
        _channel(name, "a statistic", v, x) if isinstance(v, np.ndarray) else v for v in others
    ]
    weight = _channel(name, "weight", weight, x)
    dweight, dbias = empty(x.shape[1], x.dtype), empty(x.shape[1], x.dtype)
    door(dx, dweight, dbias, grad, x, *others[:2], weight, *others[2:])
    return dx, dweight, dbias


def batch_norm_backward(
    grad: Array, x: Array, mean: Array, rstd: Array, weight: Array | None
) -> tuple[Array, Array, Array]:
    """(dx, dweight, dbias) of batch_norm, which returned mean and rstd."""
    return _normalised_backward(_doors.batch_norm_backward, grad, x, weight, mean, rstd)


def batch_norm_eval(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array,
    running_var: Array,
    eps: float,
) -> Array:
    """y = (x - running_mean) / sqrt(running_var + eps) weight + bias; shapes as in batch_norm."""
    x, y = _normalised("batch_norm_eval", x)
    mean = _channel("batch_norm_eval", "running_mean", running_mean, x)
    var = _channel("batch_norm_eval", "running_var", running_var, x)
    weight = _channel("batch_norm_eval", "weight", weight, x)
    bias = _channel("batch_norm_eval", "bias", bias, x)
    _doors.batch_norm_eval(y, x, mean, var, weight, bias, eps)
    return y


def batch_norm_eval_backward(
    grad: Array, x: Array, running_mean: Array, running_var: Array, weight: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    """(dx, dweight, dbias) of batch_norm_eval."""
    return _normalised_backward(
        _doors.batch_norm_eval_backward, grad, x, weight, running_mean, running_var, eps
    )


# ---- dropout.c -----------------------------------------------------------------------------------


def dropout(x: Array, p: float, seed: int, stream: int) -> Array:
    """y_i = x_i / (1 - p) with probability 1 - p, else x_i 0. Which one is a function of (seed,
    stream, i) alone, so the backward pass is dropout(grad, p, seed, stream)."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    y = like(x)
    if y is None:
        (x,) = contiguous("dropout", x)
        y = empty_like(x)
    keep = 1 - p
    _doors.dropout(y, x, 1 / keep if keep else 0.0, round(keep * 2**32), seed, stream)
    return y


# ---- optim.c: in place, on lists of arrays, one a parameter --------------------------------------


def _update(
    door: Callable[..., None],
    names: tuple[str, ...],
    states: tuple[list[Array] | None, ...],
    grads: list[Array],
    *scalars: float,
) -> None:
    """door(*states, grads, *scalars); arrays that the door cannot take as they are, one by one."""
    if _native.updatable(grads, *states):
        if grads:
            door(*states, grads, *scalars)
        return
    name = door.__name__
    lists = {what: arrays for what, arrays in zip(names, states, strict=True) if arrays is not None}
    for what, arrays in lists.items():
        if len(arrays) != len(grads):
            raise ValueError(f"{name}: {len(grads)} gradients, but {len(arrays)} {what}")
        for k, (array, grad) in enumerate(zip(arrays, grads, strict=True)):
            if array.shape != grad.shape:
                raise ValueError(
                    f"{name}: {what}[{k}] has shape {array.shape}, its gradient {grad.shape}"
                )
            if not array.flags.writeable:
                raise ValueError(f"{name}: {what}[{k}] is read-only")
    for k, grad in enumerate(grads):
        arrays = [array[k] for array in lists.values()]
        copies = contiguous(name, *arrays)
        given = dict(zip(lists, ([copy] for copy in copies), strict=True))
        grad = np.asarray(grad, copies[0].dtype, order="C")
        door(*(given.get(what) for what in names), [grad], *scalars)
        for array, copy in zip(arrays, copies, strict=True):
            if copy is not array:
                array[...] = copy


def sgd(
    params: list[Array],
    grads: list[Array],
    *,
    lr: float,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """p <- p - lr g with g = grad + weight_decay p (-grad to maximise)."""
    sign = -1.0 if maximize else 1.0
    _update(_doors.sgd, ("params",), (params,), grads, -lr, weight_decay, sign)


def sgd_momentum(
    params: list[Array],
    grads: list[Array],
    buffers: list[Array],
    *,
    momentum: float,
    gain: float,
    step: float,
    nesterov: bool = False,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """buffer <- momentum buffer + gain g;  p <- p + step buffer, or with nesterov
    p <- p + step (g + momentum buffer). g as in sgd. Buffers start at 0.

    PyTorch's form: gain = 1 - dampening (1 at the first step), step = -lr. As an average:
    gain = 1 - momentum, step = -lr. As a velocity: gain = -lr, step = 1."""
    ahead, look = (1.0, momentum) if nesterov else (0.0, 1.0)
    _update(
        _doors.sgd_momentum,
        ("params", "buffers"),
        (params, buffers),
        grads,
        *(momentum, gain, step, ahead, look, weight_decay, -1.0 if maximize else 1.0),
    )


def adam(
    params: list[Array],
    grads: list[Array],
    exp_avgs: list[Array],
    exp_avg_sqs: list[Array],
    max_exp_avg_sqs: list[Array] | None = None,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    step: int,
    weight_decay: float = 0.0,
    decoupled: bool = False,
    maximize: bool = False,
) -> None:
    """avg <- beta1 avg + (1 - beta1) g;  sq <- beta2 sq + (1 - beta2) g g;
    p <- p - lr avg / (1 - beta1^step) / (sqrt(sq / (1 - beta2^step)) + eps)

    at the step-th step (from 1). g as in sgd; `decoupled` (AdamW) instead first shrinks p by
    1 - lr weight_decay. With max_exp_avg_sqs (amsgrad) the largest sq so far takes sq's place."""
    _update(
        _doors.adam,
        ("params", "exp_avgs", "exp_avg_sqs", "max_exp_avg_sqs"),
        (params, exp_avgs, exp_avg_sqs, max_exp_avg_sqs),
        grads,
        *(beta1, beta2, -lr / (1 - beta1**step), 1 / math.sqrt(1 - beta2**step), eps),
        0.0 if decoupled else weight_decay,
        1 - lr * weight_decay if decoupled else 1.0,
        -1.0 if maximize else 1.0,
    )


# ---- gather.c ------------------------------------------------------------------------------------


def check_index(index: Array, size: int, what: str, among: str, ignore: int = 0) -> Array:
    """The index, integers of any type, as contiguous int64. TypeError if it is not integers;
    IndexError that names the first entry outside [0, size), other than `ignore`."""
    if index.dtype.kind not in "iu":
        raise TypeError(f"{what} must be integers, got {index.dtype}")
    if index.dtype != np.int64 or not index.flags.c_contiguous:
        index = np.asarray(index, np.int64, order="C")
    first = first_outside(index, size, ignore) if size else 0
    if first < index.size:
        raise IndexError(
            f"{what} {index.flat[first]} at position {first} is out of range for {size} {among}"
        )
    return index


def _gathered(name: str, table: Array, index: Array, dtype: np.dtype) -> tuple[Array, Array]:
    """The index as the kernel reads it, and an array for the rows."""
    if index.ndim != 1 or table.ndim < 1:
        raise ValueError(
            f"{name}: expected an index of shape (rows,) and a table of shape (any, ...), got "
            f"{index.shape} and {table.shape}"
        )
    index = check_index(index, len(table), f"{name}: index", "rows")
    return index, empty((len(index), *table.shape[1:]), dtype)


def gather_rows(table: Array, index: Array) -> Array:
    """y_i = table_(index_i).  table (any, ...) of floats, index (rows), y (rows, ...)"""
    (table,) = contiguous("gather_rows", table)
    index, y = _gathered("gather_rows", table, index, table.dtype)
    _doors.gather_rows(y, table, index)
    return y


def gather_rows_u8(table: Array, index: Array, values: Array) -> Array:
    """y_i = values[table_(index_i)]: rows of a table of bytes, in one pass as whatever the 256 byte
    values become, such as 0 ... 1.  table (any, ...), index (rows), values (256), y (rows, ...)"""
    if table.dtype != np.uint8 or values.shape != (256,):
        raise ValueError(
            "gather_rows_u8: expected a table of uint8 and 256 values, got "
            f"{table.dtype} and values of shape {values.shape}"
        )
    (values,) = contiguous("gather_rows_u8", values)
    index, y = _gathered("gather_rows_u8", table, index, values.dtype)
    _doors.gather_rows_u8(y, np.asarray(table, order="C"), index, values)
    return y
