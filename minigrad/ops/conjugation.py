"""What PyTorch asks of complex numbers, answered for real ones: there are no others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.op import Op
from ..dtypes import floating
from ..tensor import Tensor, method
from .arithmetic import mul
from .shape import transpose

__all__ = [
    "adjoint",
    "angle",
    "conj",
    "conj_physical",
    "imag",
    "is_conj",
    "is_neg",
    "real",
    "resolve_conj",
    "resolve_neg",
]


class Angle(Op):
    """pi for x < 0, else 0; NaN for NaN. Its gradient is zero."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = floating(x)
        result = np.where(x < 0, x.dtype.type(math.pi), x.dtype.type(0))
        return np.where(np.isnan(x), x, result)

    def backward(self, grad: Any) -> Any:
        return mul(grad, 0)


@method()
def angle(input: Any) -> Tensor:
    """Return the angle to the positive numbers: pi for negative ones, 0 for others."""
    return Angle()(input)


@method("conj", "conj_physical", "conj_physical_", "resolve_conj", "resolve_neg")
def conj(input: Any) -> Tensor:
    """Return `input` itself: real numbers are their own conjugates."""
    return input


conj_physical = resolve_conj = resolve_neg = real = conj
Tensor.real = property(conj)  # type: ignore[attr-defined]


def imag(input: Any) -> Tensor:
    """Raise RuntimeError: real numbers have no imaginary part to look at."""
    raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")


@method()
def is_conj(input: Any) -> bool:
    """Return False: no tensor is a view of the conjugates of another."""
    return False


@method()
def is_neg(input: Any) -> bool:
    """Return False: no tensor is a view of the negatives of another."""
    return False


@method()
def adjoint(input: Any) -> Tensor:
    """Return the matrices transposed: a view."""
    if input.ndim < 2:
        raise RuntimeError(
            f"tensor.adjoint() is only supported on matrices or batches of matrices. Got "
            f"{input.ndim}-D tensor."
        )
    return transpose(input, -2, -1)


def _adjoint_of_one(input: Tensor) -> Tensor:
    """The matrix transposed: a view."""
    if input.ndim not in (0, 2):
        raise RuntimeError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {input.ndim}-D tensor; mH "
            "is for batches of them."
        )
    return input.T if input.ndim else input


Tensor.H = property(_adjoint_of_one)  # type: ignore[attr-defined]
Tensor.mH = property(adjoint)  # type: ignore[attr-defined]
