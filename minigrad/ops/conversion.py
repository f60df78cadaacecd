"""The same values in another dtype, or in other memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Op, Variable, unwrap, wrap
from ..tensor import Tensor, method

__all__ = ["clone"]


class Clone(Op):
    """x, in memory of its own."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        return kernels.expand(x, x.shape)

    def backward(self, grad: Any) -> Any:
        return grad


class Cast(Op):
    """x in another dtype; its gradient is cast back.

    source  the dtype of x
    """

    __slots__ = ("dtype", "source")

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = dtype

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.source = x.dtype
        result = kernels.empty(x.shape, self.dtype)
        if x.dtype.kind == "b":
            np.copyto(result, x)
            return result
        with np.errstate(invalid="ignore", over="ignore"):
            np.copyto(result, x, casting="unsafe")
        return result

    def backward(self, grad: Any) -> Any:
        return Cast(self.source)(grad)


@method()
def clone(input: Any, *, memory_format: Any = None) -> Tensor:
    """Return a copy in memory of its own, through which gradients flow; NumPy knows no `memory_format`."""
    return Clone()(input)


@method()
def contiguous(input: Any, memory_format: Any = None) -> Tensor:
    """Return `input` itself if its elements lie in memory in row-major order, else a copy that
    does; whatever the `memory_format`.
    """
    return input if unwrap(input).flags.c_contiguous else Clone()(input)


@method()
def to(
    input: Any,
    *args: Any,
    dtype: Any = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Return the values as another dtype, or `input` itself if nothing changes and no `copy` is
    asked for.

    x.to(dtype), x.to(other) for the dtype of another Tensor, x.to("cpu"), x.to("cpu", dtype), each
    with PyTorch's (non_blocking, copy) behind it; nothing here blocks. `memory_format` changes nothing.
    Gradients flow between floating-point dtypes and are cast back. RuntimeError for a device other
    than the CPU.
    """
    flags = [arg for arg in args if isinstance(arg, bool)]
    copy = copy or flags[1:] == [True]
    for arg in args[: len(args) - len(flags)]:
        if isinstance(arg, Variable):
            dtype = arg.array.dtype
        elif isinstance(arg, str):
            device = arg
        elif arg is not None:
            dtype = arg
    check_device(device)
    source = unwrap(input).dtype
    dtype = source if dtype is None else dtypes.promote_types(dtype, dtype)
    if dtype == source:
        return Clone()(input) if copy else input
    return _cast(input, dtype)


def _cast(input: Any, dtype: np.dtype) -> Any:
    if dtype.kind != "f" and isinstance(input, Variable):
        return wrap(Cast(dtype).forward(input.array))  # integers and booleans have no gradient
    return Cast(dtype)(input)


def check_device(device: Any) -> None:
    """Raise RuntimeError unless `device` is None or the CPU, the one device there is."""
    if device is not None and str(device) not in ("cpu", "cpu:0"):
        raise RuntimeError(
            f"minigrad computes on the CPU alone: there is no device {str(device)!r}. Use "
            "device='cpu'."
        )


# What the dtypes are called in PyTorch's older names of types, such as "torch.FloatTensor".
_OLDER = {
    **{"float16": "Half", "float32": "Float", "float64": "Double", "bool": "Bool"},
    **{"uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long"},
}


def older_type(type: Any) -> np.dtype | None:
    """Return the dtype for "torch.FloatTensor" or FloatTensor, and its like; None for anything else."""
    name = (type if isinstance(type, str) else getattr(type, "__name__", "")).rpartition(".")[2]
    return next((np.dtype(n) for n, older in _OLDER.items() if name == f"{older}Tensor"), None)


@method("type")
def cast(input: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """Return the values as `dtype`, which may be a type of PyTorch's older kind (FloatTensor, "torch.FloatTensor"):
    see `to`; without one, the name of that type.
    """
    if dtype is None:
        return f"torch.{_OLDER[input.dtype.name]}Tensor"
    older = older_type(dtype)
    if older is None and isinstance(dtype, str):
        raise ValueError(f"invalid type: {dtype!r}")
    return to(input, older or dtype)


@method()
def type_as(input: Any, other: Any) -> Tensor:
    """Return the values in the dtype of `other`."""
    return to(input, other)


def converted(input: Any, dtype: Any) -> Any:
    """Return `input` in the `dtype` asked for, if one was."""
    return input if dtype is None else to(input, dtype)


@method()
def cpu(input: Any) -> Tensor:
    """Return `input` itself: it is on the CPU."""
    return input


@method()
def cuda(input: Any, device: Any = None) -> Tensor:
    """Raise RuntimeError: there is no device but the CPU."""
    return to(input, device="cuda")


def _conversion(dtype: np.dtype) -> Any:
    def convert(input: Any) -> Tensor:
        return input if input.dtype == dtype else _cast(input, dtype)

    convert.__doc__ = f"Return the values as {dtype}: see `to`."
    return convert


for _name in ("float", "double", "half", "long", "int", "short", "bool"):
    method(_name)(_conversion(getattr(dtypes, _name)))
method("byte")(_conversion(dtypes.uint8))
method("char")(_conversion(dtypes.int8))
