"""Questions about a tensor that PyTorch answers by functions."""

from __future__ import annotations

import math
from typing import Any

from ..autograd.op import Variable, unwrap
from ..tensor import method

__all__ = [
    "get_device",
    "is_complex",
    "is_floating_point",
    "is_nonzero",
    "is_same_size",
    "is_signed",
    "is_tensor",
    "numel",
    "typename",
]


def is_tensor(obj: Any) -> bool:
    """Return whether `obj` is a Tensor."""
    return isinstance(obj, Variable)


def numel(input: Any) -> int:
    """Return the number of elements."""
    return math.prod(input.shape)


def is_floating_point(input: Any) -> bool:
    """Return whether the dtype is a floating-point one."""
    return bool(unwrap(input).dtype.kind == "f")


def typename(obj: Any) -> str:
    """Return the name of the type: of a Tensor as `obj.type()` has it, else with its module."""
    if isinstance(obj, Variable):
        return obj.type()  # type: ignore[attr-defined]
    kind = obj if isinstance(obj, type) or hasattr(obj, "__qualname__") else type(obj)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")


@method()
def is_complex(input: Any) -> bool:
    """Return False: there are no complex numbers."""
    return False


@method()
def is_signed(input: Any) -> bool:
    """Return whether the dtype has negative numbers."""
    return unwrap(input).dtype.kind in "fi"


@method()
def is_same_size(input: Any, other: Any) -> bool:
    """Return whether the shapes agree."""
    return tuple(input.shape) == tuple(other.shape)


@method()
def get_device(input: Any) -> int:
    """Return -1: the CPU has no number."""
    return -1


@method()
def is_nonzero(input: Any) -> bool:
    """Return whether the one element is not zero; RuntimeError unless there is one."""
    if math.prod(input.shape) != 1:
        raise RuntimeError(
            f"is_nonzero: Boolean value of a Tensor of shape {list(input.shape)} is ambiguous"
        )
    return bool(unwrap(input).item())
