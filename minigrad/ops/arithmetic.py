"""Sums, products, powers: operations on two operands that broadcast against each other."""

from __future__ import annotations

from collections.abc import Callable
from sys import getrefcount
from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.grad_mode import mode
from ..autograd.op import UNHELD, Op, Variable, wrap
from ..autograd.versions import tick
from ..tensor import Tensor, method

__all__ = [
    "add",
    "addcdiv",
    "addcmul",
    "div",
    "divide",
    "floor_divide",
    "fmod",
    "lerp",
    "mul",
    "multiply",
    "neg",
    "negative",
    "positive",
    "remainder",
    "rsub",
    "sub",
    "subtract",
    "true_divide",
]

# What an operator takes on its other side; with anything else it leaves the matter to that type.
OPERANDS = (Tensor, int, float, np.ndarray, np.generic)
NUMBERS = (int, float)


class Broadcasting(Op):
    """An operation on operands that are brought to one shape and dtype; `undo` takes gradients back
    to those of each one.

    operands  shape and dtype of each array among the operands; None where no gradient needs undoing
    """

    __slots__ = ("operands",)

    operands: tuple[tuple[tuple[int, ...], np.dtype] | None, ...] | None

    def align(self, *values: Any) -> tuple[np.ndarray, ...]:
        """Return the operands as `aligned` does, and remember what they were."""
        self.operands = tuple(
            (v.shape, v.dtype) if isinstance(v, np.ndarray) else None for v in values
        )
        return aligned(type(self).__name__, *values)

    def undo(self, *grads: Any) -> tuple[Any, ...]:
        """Sum each gradient over what its operand was broadcast along, in the operand's dtype."""
        if self.operands is None:
            return grads
        return tuple(
            grad if grad is None or operand is None else reduce_to(grad, *operand)
            for grad, operand in zip(grads, self.operands, strict=True)
        )


def aligned(name: str, *values: Any) -> tuple[np.ndarray, ...]:
    """Return arrays and numbers as arrays of one dtype, PyTorch's for them; `name` is for errors.

    Only a number that an integer dtype cannot hold (uint8 and -1) makes it int64: nothing wraps.
    Raises TypeError for what is neither, RuntimeError for shapes that do not broadcast.
    """
    dtype = _common_dtype(values)
    if dtype is None:
        for value in values:
            if not isinstance(value, OPERANDS):
                raise TypeError(
                    f"{name}: an operand must be a Tensor, an array or a number, "
                    f"not {type(value).__name__}"
                )
        dtype = dtypes.result_type(*values)
    try:
        arrays = tuple([np.asarray(value, dtype) for value in values])
    except OverflowError:
        arrays = tuple([np.asarray(value, dtypes.int64) for value in values])
    broadcast_shape(name, *arrays)
    return arrays


def number_beside_floats(a: Any, b: Any) -> bool:
    """Return whether one is a Python number and the other a floating-point array."""
    if type(b) in NUMBERS:
        return type(a) is np.ndarray and a.dtype.kind == "f"
    return type(a) in NUMBERS and type(b) is np.ndarray and b.dtype.kind == "f"


def paired(a: Any, b: Any) -> bool:
    """Return whether NumPy computes with a and b as they are: a number beside floating-point
    elements, or two arrays of one shape and dtype."""
    if kernels.alike(a, b) or number_beside_floats(a, b):
        return True
    both = type(a) is np.ndarray and type(b) is np.ndarray
    return both and a.dtype == b.dtype and a.shape == b.shape


def _common_dtype(values: tuple[Any, ...]) -> np.dtype | None:
    """Return the dtype of the arrays if they are alike, and floating-point where there are numbers:
    no promotion is needed then. None if it is not as simple as that."""
    common = None
    numbers = False
    for value in values:
        if type(value) is np.ndarray:
            if common is None:
                common = value.dtype
            elif value.dtype != common:
                return None
        elif type(value) in NUMBERS:
            numbers = True
        else:
            return None
    return None if numbers and (common is None or common.kind != "f") else common


def broadcast_shape(name: str, *arrays: np.ndarray) -> tuple[int, ...]:
    """Return the shape that the arrays broadcast to, or raise RuntimeError."""
    try:
        return np.broadcast(*arrays).shape
    except ValueError:
        shapes = [array.shape for array in arrays]
    for dim in range(1, max(map(len, shapes)) + 1):
        sizes = {shape[-dim] for shape in shapes if dim <= len(shape)} - {1}
        if len(sizes) > 1:
            break
    raise RuntimeError(
        f"{name}: shapes {' and '.join(str(list(s)) for s in shapes)} do not broadcast: dimension "
        f"-{dim} has the sizes {' and '.join(map(str, sorted(sizes)))}, which must be equal or 1"
    )


def reduce_to(grad: Any, shape: tuple[int, ...], dtype: np.dtype) -> Any:
    """Return `grad` summed over the dimensions along which a value of `shape` was broadcast."""
    if grad.shape != shape:
        extra = grad.ndim - len(shape)
        dims = tuple(range(extra)) + tuple(
            i + extra for i, n in enumerate(shape) if n == 1 and grad.shape[i + extra] != 1
        )
        if isinstance(grad, Variable):
            grad = grad.sum(dims, keepdim=True).reshape(shape)
        else:
            grad = kernels.sum(grad, dims).reshape(shape)
    if grad.dtype == dtype:
        return grad
    return grad.to(dtype) if isinstance(grad, Variable) else grad.astype(dtype)


_UNRECORDED = (None, None)


class Arithmetic(Broadcasting):
    """An operation on exactly two operands, with the recording of `Op.__call__` unrolled: this is
    the call that small networks spend their time in (1.4 us to record in general, 1.0 us so)."""

    __slots__ = ()

    def align(self, a: Any, b: Any) -> tuple[Any, Any]:
        """As always, except that a number beside a floating-point array stays a number: it has no
        say in the result's shape or dtype."""
        if number_beside_floats(a, b):
            self.operands = None
            return a, b
        return super().align(a, b)

    def __call__(self, a: Any, b: Any) -> Any:
        if getrefcount(self) > UNHELD:
            self.check_unused()
        if isinstance(a, Variable):
            if a._view is not None:
                a._view.refresh(a)
            x, node_a = a.array, a.node
        else:
            x, node_a = a, None
        if isinstance(b, Variable):
            if b._view is not None:
                b._view.refresh(b)
            y, node_b = b.array, b.node
        else:
            y, node_b = b, None
        if (node_a is None and node_b is None) or not mode.enabled:
            self.edges = _UNRECORDED
            result = self.forward(x, y)
            return wrap(result) if x is not a or y is not b else result
        self.edges = (node_a, node_b)
        result = self.forward(x, y)
        self.order = tick()
        return wrap(result, self)


class Add(Arithmetic):
    """a + b"""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        if not kernels.alike(a, b):
            a, b = self.align(a, b)
        else:
            self.operands = None
        return kernels.add(a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        need_a, need_b = self.needs(2)
        # The engine never writes into what it is given; who calls by hand (True, no node) may.
        grad_b = grad * 1 if need_b is True else grad
        return self.undo(grad if need_a else None, grad_b if need_b else None)


class Sub(Arithmetic):
    """a - b"""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        if not kernels.alike(a, b):
            x, y = self.align(a, b)
            if self.operands is not None and (is_bool(a) or is_bool(b)):
                raise RuntimeError(
                    "Subtraction, the `-` operator, with a bool tensor is not supported. To invert "
                    "a mask, use the `~` or `logical_not()` operator; of two masks, `^`."
                )
            a, b = x, y
        else:
            self.operands = None
        return kernels.sub(a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        need_a, need_b = self.needs(2)
        return self.undo(grad if need_a else None, neg(grad) if need_b else None)


class Mul(Arithmetic):
    """a * b"""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        need_a, need_b = self.needs(2)
        self.inputs = (a if need_b else None, b if need_a else None)
        if not kernels.alike(a, b):
            a, b = self.align(a, b)
        else:
            self.operands = None
        return kernels.mul(a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        need_a, need_b = self.needs(2)
        alike = self.operands is None and isinstance(grad, np.ndarray)
        times = kernels.mul if alike else mul
        return self.undo(times(grad, b) if need_a else None, times(grad, a) if need_b else None)


class Div(Arithmetic):
    """a / b; integers are divided as floating-point numbers."""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        _, need_b = self.needs(2)
        self.inputs = (a if need_b else None, b)
        if not kernels.alike(a, b):
            a, b = self.align(a, b)
            if self.operands is not None:  # they may be integers
                a, b = dtypes.floating(a), dtypes.floating(b)
        else:
            self.operands = None
        return kernels.div(a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        need_a, need_b = self.needs(2)
        return self.undo(
            div(grad, b) if need_a else None,
            neg(mul(grad, div(div(a, b), b))) if need_b else None,
        )


class FloorDivide(Broadcasting):
    """floor(a / b); its gradient is zero."""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        a, b = self.align(a, b)
        check_divisor(b, "floor_divide")
        return kernels.ufunc(np.floor_divide, a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        return self.undo(zeros(grad), zeros(grad))


class TruncDivide(Broadcasting):
    """trunc(a / b); its gradient is zero."""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        a, b = self.align(a, b)
        check_divisor(b, "div")
        if a.dtype.kind == "f":
            return kernels.ufunc(np.trunc, kernels.div(a, b))
        return kernels.ufunc(np.floor_divide, a - np.fmod(a, b), b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        return self.undo(zeros(grad), zeros(grad))


class Remainder(Broadcasting):
    """a - b floor(a / b), which has the sign of b."""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        self.inputs = (a, b)
        a, b = self.align(a, b)
        check_divisor(b, "remainder")
        return kernels.ufunc(np.remainder, a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        return self.undo(grad, neg(mul(grad, floor_divide(a, b))) if self.needs(2)[1] else None)


class Fmod(Broadcasting):
    """a - b trunc(a / b), which has the sign of a."""

    __slots__ = ()

    def forward(self, a: Any, b: Any) -> np.ndarray:
        self.inputs = (a, b)
        a, b = self.align(a, b)
        check_divisor(b, "fmod")
        return kernels.ufunc(np.fmod, a, b)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        quotient = div(a, b, rounding_mode="trunc") if self.needs(2)[1] else None
        return self.undo(grad, None if quotient is None else neg(mul(grad, quotient)))


def is_bool(operand: Any) -> bool:
    return np.asarray(operand).dtype.kind == "b"


def check_divisor(b: np.ndarray, name: str) -> None:
    """Raise if integers would be divided by zero: they have no infinity to answer with."""
    if b.dtype.kind != "f" and not b.all():
        raise RuntimeError(
            f"{name}: ZeroDivisionError: an integer is divided by zero; use floating-point tensors"
        )


def zeros(grad: Any) -> Any:
    """Return zeros in the shape of `grad`: what a function passes on that is constant between its
    jumps."""
    return wrap(np.zeros_like(grad.array)) if isinstance(grad, Variable) else np.zeros_like(grad)


class Neg(Op):
    """-x"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        if x.dtype.kind == "b":
            raise RuntimeError(
                "Negation, the `-` operator, on a bool tensor is not supported. "
                "To invert a mask, use the `~` or `logical_not()` operator instead."
            )
        return kernels.neg(x)

    def backward(self, grad: Any) -> Any:
        return neg(grad)


@method("add", inplace=True)
def add(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """Return input + alpha * other, broadcast."""
    return Add()(input, other if alpha == 1 else mul(other, alpha))


@method("sub", "subtract", inplace=True)
def sub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """Return input - alpha * other, broadcast."""
    return Sub()(input, other if alpha == 1 else mul(other, alpha))


@method("rsub")
def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """Return other - alpha * input, broadcast."""
    return sub(other, input, alpha=alpha)


@method("mul", "multiply", inplace=True)
def mul(input: Any, other: Any) -> Tensor:
    """Return input * other, broadcast."""
    return Mul()(input, other)


@method("div", "divide", inplace=True)
def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """Return input / other, broadcast, rounded towards zero ("trunc") or down ("floor") if wanted.

    Without rounding, integers are divided as floating-point numbers; a rounded quotient keeps the
    dtype, and its gradient is zero. Raises RuntimeError for an unknown rounding mode, and for the
    rounded quotient of an integer and 0.
    """
    if rounding_mode is None:
        return Div()(input, other)
    if rounding_mode == "floor":
        return FloorDivide()(input, other)
    if rounding_mode == "trunc":
        return TruncDivide()(input, other)
    raise RuntimeError(
        f"div expected rounding_mode to be one of None, 'trunc', or 'floor' "
        f"but found {rounding_mode!r}"
    )


@method("true_divide", inplace=True)
def true_divide(input: Any, other: Any) -> Tensor:
    """Return input / other, broadcast; integers are divided as floating-point numbers."""
    return Div()(input, other)


@method(inplace=True)
def floor_divide(input: Any, other: Any) -> Tensor:
    """Return floor(input / other), broadcast; integers are kept; its gradient is zero."""
    return FloorDivide()(input, other)


@method(inplace=True)
def remainder(input: Any, other: Any) -> Tensor:
    """Return input - other * floor(input / other), broadcast: it has the sign of `other`."""
    return Remainder()(input, other)


@method(inplace=True)
def fmod(input: Any, other: Any) -> Tensor:
    """Return input - other * trunc(input / other), broadcast: it has the sign of `input`."""
    return Fmod()(input, other)


@method("neg", "negative", "__neg__", inplace=True)
def neg(input: Any) -> Tensor:
    """Return -input."""
    return Neg()(input)


@method("positive", "__pos__")
def positive(input: Tensor) -> Tensor:
    """Return `input` itself."""
    return input


@method(inplace=True)
def lerp(input: Any, end: Any, weight: Any) -> Tensor:
    """Return input + weight * (end - input), broadcast: `input` at weight 0, `end` at weight 1."""
    return add(input, mul(weight, sub(end, input)))


@method(inplace=True)
def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Tensor:
    """Return input + value * tensor1 * tensor2, broadcast."""
    return add(input, mul(tensor1, tensor2), alpha=value)


@method(inplace=True)
def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Tensor:
    """Return input + value * tensor1 / tensor2, broadcast."""
    return add(input, div(tensor1, tensor2), alpha=value)


subtract, multiply, divide, negative = sub, mul, div, neg


def operator(name: str, op: Callable[[], Op], inplace: Callable[[Tensor, Any], Tensor]) -> None:
    """Give Tensor a binary operator: as `__name__`, reflected and in place."""

    def straight(self: Tensor, other: Any) -> Any:
        return op()(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def reflected(self: Tensor, other: Any) -> Any:
        return op()(other, self) if isinstance(other, OPERANDS) else NotImplemented

    def changing(self: Tensor, other: Any) -> Any:
        return inplace(self, other) if isinstance(other, OPERANDS) else NotImplemented

    for prefix, function in (("", straight), ("r", reflected), ("i", changing)):
        function.__name__ = function.__qualname__ = f"__{prefix}{name}__"
        setattr(Tensor, function.__name__, function)


operator("add", Add, Tensor.add_)
operator("sub", Sub, Tensor.sub_)
operator("mul", Mul, Tensor.mul_)
operator("truediv", Div, Tensor.div_)
operator("floordiv", FloorDivide, Tensor.floor_divide_)
operator("mod", Remainder, Tensor.remainder_)
