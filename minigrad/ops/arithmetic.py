"""Sums, differences and products."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op
from ..tensor import Tensor, method
from .broadcasting import Arithmetic, operator

__all__ = [
    "add",
    "addcmul",
    "lerp",
    "mul",
    "multiply",
    "neg",
    "negative",
    "positive",
    "rsub",
    "sub",
    "subtract",
]


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


def is_bool(operand: Any) -> bool:
    return np.asarray(operand).dtype.kind == "b"


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


subtract, multiply, negative = sub, mul, neg

operator("add", Add, Tensor.add_)
operator("sub", Sub, Tensor.sub_)
operator("mul", Mul, Tensor.mul_)
