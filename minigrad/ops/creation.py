"""New tensors: from data, or filled with one value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Variable, unwrap, wrap
from ..tensor import Tensor, method
from .conversion import check_device, to
from .dims import by_name
from .shape import as_sizes

__all__ = [
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
    "as_tensor",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_numpy",
    "frombuffer",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "scalar_tensor",
    "tensor",
    "zeros",
    "zeros_like",
]


def new(array: np.ndarray, device: Any, requires_grad: bool) -> Tensor:
    check_device(device)
    result = wrap(array)
    return result.requires_grad_() if requires_grad else result


def supported(dtype: Any) -> np.dtype:
    """Return a dtype in native byte order; the default one for None; TypeError for one that tensors
    do not hold.
    """
    if dtype is None:
        return dtypes.get_default_dtype()
    if isinstance(dtype, np.dtype) and dtype.kind in "fiub" and dtype.isnative:
        return dtype
    return dtypes.promote_types(dtype, dtype).newbyteorder("=")


def lengths(size: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the shape given by sizes one by one, or as one sequence; RuntimeError if negative."""
    shape = as_sizes(size)
    if shape and min(shape) < 0:
        raise RuntimeError(f"a dimension cannot have a negative length: {list(shape)}")
    return shape


# From data


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor with a copy of `data`: a number, (nested) sequence, array or Tensor.

    Without `dtype`, arrays keep theirs; Python floats take the default dtype, integers int64.
    """
    array = dtypes.as_array(data, dtype)
    return new(
        array if array.dtype.isnative else array.astype(supported(array.dtype)),
        device,
        requires_grad,
    )


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """Return `data` as a tensor over the same memory where possible: an array or Tensor of that
    dtype; else a copy.
    """
    if isinstance(data, Variable):
        return to(data, dtype=dtype, device=device)
    if not isinstance(data, np.ndarray):
        return tensor(data, dtype=dtype, device=device)
    return new(
        data.astype(supported(data.dtype if dtype is None else dtype), copy=False), device, False
    )


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """Return a tensor over the memory of a NumPy array: a change in one is seen in the other."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    if supported(ndarray.dtype) != ndarray.dtype:
        raise ValueError(
            "given numpy array has byte order different from the native byte order "
            f"({ndarray.dtype.str}); use tensor(array), which converts it"
        )
    return wrap(ndarray)


def asarray(
    obj: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return `obj` as a tensor: always as a copy, never (ValueError if it takes one), or (None)
    only where necessary.

    Unlike `as_tensor`, it cuts a Tensor off from its graph unless `requires_grad`.
    """
    result = tensor(obj, dtype=dtype, device=device) if copy else as_tensor(obj, dtype, device)
    source = unwrap(obj)
    if copy is False and not (
        isinstance(source, np.ndarray) and np.shares_memory(result.array, source)
    ):
        raise ValueError(
            "can't alias arbitrary sequence or convert the dtype without a copy; use copy=None"
        )
    if isinstance(obj, Variable) and requires_grad and result.requires_grad:
        return result
    return new(result.array, None, requires_grad)


def frombuffer(
    buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Tensor:
    """Return `count` numbers (-1: all) of `dtype` over the memory of `buffer`, from byte `offset` on.

    ValueError for a buffer without elements, or of another number of them.
    """
    dtype = supported(dtype)
    rest = memoryview(buffer).nbytes - offset
    wanted = rest if count < 0 else count * dtype.itemsize
    if not count or not 0 < wanted <= rest or wanted % dtype.itemsize:
        raise ValueError(
            f"frombuffer(): {memoryview(buffer).nbytes} bytes from offset {offset} on do not hold "
            f"{'some' if count < 0 else count} whole elements of {dtype.itemsize} bytes"
        )
    return new(np.frombuffer(buffer, dtype, count, offset), None, requires_grad)


def _typed(name: str, dtype: np.dtype) -> Callable[..., Tensor]:
    def make(*data: Any) -> Tensor:
        sizes = all(isinstance(n, int) for n in data)
        return empty(*data or (0,), dtype=dtype) if sizes else tensor(*data, dtype=dtype)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"PyTorch's older form of `tensor`, or for sizes of `empty`, with dtype {dtype}."
    return make


FloatTensor = _typed("FloatTensor", dtypes.float32)
DoubleTensor = _typed("DoubleTensor", dtypes.float64)
LongTensor = _typed("LongTensor", dtypes.int64)
IntTensor = _typed("IntTensor", dtypes.int32)
ByteTensor = _typed("ByteTensor", dtypes.uint8)
ShortTensor = _typed("ShortTensor", dtypes.int16)
CharTensor = _typed("CharTensor", dtypes.int8)
BoolTensor = _typed("BoolTensor", dtypes.bool)


# Filled


@by_name("size")
def empty(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of shape `size` whose values are whatever was in its memory."""
    return new(kernels.empty(lengths(size), supported(dtype)), device, requires_grad)


@by_name("size")
def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of zeros of shape `size`."""
    return new(kernels.full(lengths(size), 0, supported(dtype)), device, requires_grad)


@by_name("size")
def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of ones of shape `size`."""
    return new(kernels.full(lengths(size), 1, supported(dtype)), device, requires_grad)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of shape `size` with `fill_value` everywhere; its dtype is that of the value
    unless given.
    """
    if type(fill_value) is float and dtype is None:
        value, dtype = fill_value, dtypes.get_default_dtype()
    else:
        value = dtypes.as_array(fill_value, dtype)
        dtype = value.dtype
    return new(kernels.full(lengths((size,)), value, dtype), device, requires_grad)


def scalar_tensor(
    s: float, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a 0-d tensor with the value `s`, in the default dtype unless another is given."""
    return full((), s, dtype=supported(dtype), device=device, requires_grad=requires_grad)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return an n x m (default: n x n) matrix with ones on the diagonal and zeros elsewhere."""
    lengths((n, n if m is None else m))
    return new(np.eye(n, m, dtype=supported(dtype)), device, requires_grad)


# Like another tensor


def like_form(
    create: Callable[..., Tensor], make: Callable[[tuple[int, ...], np.dtype], np.ndarray]
) -> Callable[..., Tensor]:
    """Return the form of `create` that takes shape and dtype from a tensor; `make` gives its array."""

    def like(
        input: Any,
        *,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        memory_format: Any = None,
    ) -> Tensor:
        source = unwrap(input)
        dtype = source.dtype if dtype is None else supported(dtype)
        return new(make(source.shape, dtype), device, requires_grad)

    like.__name__ = like.__qualname__ = f"{create.__name__}_like"
    like.__doc__ = (
        f"As `{create.__name__}`, with the shape and, unless given, the dtype of `input`."
    )
    return like


empty_like = like_form(empty, lambda shape, dtype: kernels.empty(shape, dtype))
zeros_like = like_form(zeros, lambda shape, dtype: kernels.full(shape, 0, dtype))
ones_like = like_form(ones, lambda shape, dtype: kernels.full(shape, 1, dtype))


def full_like(
    input: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """As `full`, with the shape and, unless given, the dtype of `input`."""
    return full(
        input.shape,
        fill_value,
        dtype=dtype or input.dtype,
        device=device,
        requires_grad=requires_grad,
    )


def _new_method(create: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def new(
        input: Tensor,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Tensor:
        return create(
            *args,
            dtype=input.dtype if dtype is None else dtype,
            device=device,
            requires_grad=requires_grad,
        )

    new.__doc__ = (
        f"As `{create.__name__}`, with the dtype of this tensor unless another one is given."
    )
    return new


for _create in (tensor, empty, zeros, ones, full):
    method(f"new_{_create.__name__}")(_new_method(_create))
