"""Element types: PyTorch's names for NumPy's dtypes, the default one, and PyTorch's rules of promotion."""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy as np

from . import kernels

__all__ = [
    "bool",
    "can_cast",
    "double",
    "dtype",
    "finfo",
    "float",
    "float16",
    "float32",
    "float64",
    "get_default_dtype",
    "half",
    "iinfo",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "long",
    "promote_types",
    "result_type",
    "set_default_dtype",
    "short",
    "uint8",
]

float16 = half = np.dtype(np.float16)
float32 = float = np.dtype(np.float32)
float64 = double = np.dtype(np.float64)
uint8 = np.dtype(np.uint8)
int8 = np.dtype(np.int8)
int16 = short = np.dtype(np.int16)
int32 = int = np.dtype(np.int32)
int64 = long = np.dtype(np.int64)
bool = np.dtype(np.bool_)
dtype, finfo, iinfo = np.dtype, np.finfo, np.iinfo

_default = float32


def get_default_dtype() -> np.dtype:
    """Return the dtype of new floating-point tensors: float32 unless it was set."""
    return _default


def set_default_dtype(d: Any) -> None:
    """Make `d`, float32 or float64, the dtype of new floating-point tensors."""
    global _default
    d = np.dtype(d)
    if d.kind != "f":
        raise TypeError(f"only floating-point types are supported as the default type, not {d}")
    _default = d


def floating(array: np.ndarray) -> np.ndarray:
    """Return integers and booleans as the default dtype, floating-point arrays as they are."""
    return array if array.dtype.kind == "f" else array.astype(_default)


# bool < integers < floating point: only a value of a higher category widens another one's dtype.
_CATEGORY = {"b": 0, "u": 1, "i": 1, "f": 2}
_WEAKEST = {0: bool, 1: int64}


def result_type(*values: Any) -> np.dtype:
    """Return the dtype in which PyTorch computes with these values: arrays, Tensors, or Python numbers.

    An array with dimensions outranks a 0-d one, which outranks a Python number; the lower rank counts only where its
    category (bool, integer, floating point) is higher.
    """
    ranks: list[np.dtype | None] = [None, None, None]
    for value in values:
        value = getattr(value, "array", value)
        if isinstance(value, (np.ndarray, np.generic)):
            rank, dtype = (0 if value.ndim else 1), value.dtype
        else:
            rank, dtype = 2, np.result_type(type(value))
            dtype = _WEAKEST.get(_category(dtype), _default)
        known = ranks[rank]
        ranks[rank] = dtype if known is None else promote_types(known, dtype)
    result: np.dtype | None = None
    for dtype in ranks:
        if dtype is not None and (result is None or _category(dtype) > _category(result)):
            result = dtype
    assert result is not None
    return result


def promote_types(type1: Any, type2: Any) -> np.dtype:
    """Return the smallest dtype that holds both: as NumPy, but floating point does not widen because of integers."""
    a, b = np.dtype(type1), np.dtype(type2)
    if _category(a) != _category(b) and "f" in (a.kind, b.kind):
        return a if a.kind == "f" else b
    return np.promote_types(a, b)


def can_cast(from_: Any, to: Any) -> Any:
    """Return whether a result of one dtype may be put into a tensor of the other: not if its category is higher."""
    return _category(np.dtype(from_)) <= _category(np.dtype(to))


def _category(dtype: np.dtype) -> Any:
    try:
        return _CATEGORY[dtype.kind]
    except KeyError:
        raise TypeError(
            f"tensors hold floating-point numbers, integers or booleans, not {dtype}"
        ) from None


def as_array(data: Any, dtype: Any = None) -> np.ndarray:
    """Return new memory with the values of `data`: a number, (nested) sequence, array or Tensor.

    NumPy arrays and scalars keep their dtype; Python floats take the default dtype, Python integers int64.
    """
    if hasattr(data, "array"):
        data = data.array
    elif isinstance(data, (list, tuple)):
        data = _unwrap(data)
    if isinstance(data, np.ndarray) and dtype in (None, data.dtype):
        _category(data.dtype)
        array = kernels.empty(data.shape, data.dtype)  # aligned, which np.array's memory is not
        np.copyto(array, data)
        return array
    typed = isinstance(data, np.generic)
    try:
        array = np.array(data, dtype=dtype, order="C")
    except (OverflowError, ValueError) as error:
        if isinstance(error, OverflowError) or "NaN" in str(error):
            raise RuntimeError(
                f"value cannot be converted to {np.dtype(dtype)} without overflow: {error}"
            ) from None
        rows = "its rows differ in length " * ("inhomogeneous" in str(error))
        raise ValueError(f"cannot make a tensor of this: {rows}({error})") from None
    if array.dtype == object:
        others = (type(item).__name__ for item in array.flat if not isinstance(item, Number))
        what = next(others, "integers of more than 64 bits")
        raise TypeError(f"tensors hold floating-point numbers, integers or booleans, not {what}")
    _category(array.dtype)
    if dtype is None and array.dtype.kind == "f" and not typed and not _holds_typed(data):
        array = array.astype(_default)
    return array


def _unwrap(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        return [_unwrap(item) for item in data]
    return getattr(data, "array", data)


def _holds_typed(data: Any) -> Any:
    while isinstance(data, list) and data:
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic))
