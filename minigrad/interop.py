"""Tensors among others: NumPy's protocols, DLPack, copies and pickles.

- `np.asarray(t)` is the array itself, even where `t` requires grad (PyTorch refuses).
- NumPy's functions and operators with a twin here are applied as that twin, so they are recorded:
  `np.exp(t)`, `np.float32(2) * t`, `array @ t`, `np.sum(t, axis=0)`.
- All others, and calls with options that the twin lacks (`out=`, `where=`, `ufunc.reduce`, ...), work
  on the values and return arrays, as they would for `np.asarray(t)`. So does `array += t`.
- A Tensor and what `np.from_dlpack`, `torch.from_dlpack` or our `from_dlpack` make of it share memory.
- Copies are leaves, and pickles leave the gradient behind, as in PyTorch.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any, SupportsIndex

import numpy as np

from . import ops
from .autograd.op import wrap
from .tensor import Tensor

__all__ = ["from_dlpack"]


# NumPy


def _along(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, axis=None, keepdims=False: function(a, axis, keepdims)


def _moment(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, axis=None, ddof=0, keepdims=False: function(
        a, axis, keepdim=keepdims, correction=ddof
    )


def _dot(a: Any, b: Any) -> Any:
    if max(np.ndim(a), np.ndim(b)) > 2:
        raise TypeError("np.dot of a Tensor with more than 2 dimensions: use matmul or einsum")
    return ops.matmul(a, b) if min(np.ndim(a), np.ndim(b)) else ops.mul(a, b)


_UFUNCS = {
    getattr(np, name): function
    for name, function in vars(ops).items()
    if isinstance(getattr(np, name, None), np.ufunc)
} | {
    np.equal: ops.eq,  # whereas `equal` is one answer for all elements
    np.not_equal: ops.ne,
    np.greater: ops.gt,
    np.greater_equal: ops.ge,
    np.less: ops.lt,
    np.less_equal: ops.le,
    np.power: ops.pow,
    np.rint: ops.round,
}

# Each takes what NumPy's function takes, by NumPy's names, as far as ours can do it.
_FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.all: _along(ops.all),
    np.amax: _along(ops.amax),
    np.amin: _along(ops.amin),
    np.any: _along(ops.any),
    np.argmax: _along(ops.argmax),
    np.argmin: _along(ops.argmin),
    np.argsort: lambda a, axis=-1: ops.argsort(a, axis),
    np.broadcast_to: lambda array, shape: ops.broadcast_to(array, shape),
    np.clip: lambda a, a_min=None, a_max=None: ops.clamp(a, a_min, a_max),
    np.concatenate: lambda arrays, axis=0: ops.cat(arrays, axis),
    np.cumprod: lambda a, axis: ops.cumprod(a, axis),
    np.cumsum: lambda a, axis: ops.cumsum(a, axis),
    np.diag: lambda v, k=0: ops.diag(v, k),
    np.diagonal: lambda a, offset=0, axis1=0, axis2=1: ops.diagonal(a, offset, axis1, axis2),
    np.dot: _dot,
    np.einsum: lambda subscripts, *operands: ops.einsum(subscripts, *operands),
    np.expand_dims: lambda a, axis: ops.unsqueeze(a, axis),
    np.flip: lambda m, axis: ops.flip(m, axis),
    np.hstack: lambda tup: ops.hstack(tup),
    np.linalg.norm: lambda x, axis=None, keepdims=False: ops.norm(x, 2, axis, keepdims),
    np.max: _along(ops.amax),
    np.mean: _along(ops.mean),
    np.min: _along(ops.amin),
    np.moveaxis: lambda a, source, destination: ops.moveaxis(a, source, destination),
    np.outer: lambda a, b: ops.outer(a, b),
    np.prod: _along(ops.prod),
    np.ravel: lambda a: ops.ravel(a),
    np.reshape: lambda a, shape: ops.reshape(a, shape),
    np.roll: lambda a, shift, axis=None: ops.roll(a, shift, axis),
    np.round: lambda a, decimals=0: ops.round(a, decimals=decimals),
    np.sort: lambda a, axis=-1: ops.sort(a, axis).values,
    np.squeeze: lambda a, axis=None: ops.squeeze(a, axis),
    np.stack: lambda arrays, axis=0: ops.stack(arrays, axis),
    np.std: _moment(ops.std),
    np.sum: _along(ops.sum),
    np.swapaxes: lambda a, axis1, axis2: ops.swapaxes(a, axis1, axis2),
    np.tile: lambda A, reps: ops.tile(A, reps),
    np.transpose: lambda a, axes=None: ops.permute(a, *(axes or range(a.ndim)[::-1])),
    np.tril: lambda m, k=0: ops.tril(m, k),
    np.triu: lambda m, k=0: ops.triu(m, k),
    np.var: _moment(ops.var),
    np.vstack: lambda tup: ops.vstack(tup),
    np.where: lambda condition, x, y: ops.where(condition, x, y),
}


def _values(data: Any) -> Any:
    if isinstance(data, (tuple, list)):
        return (list if isinstance(data, list) else tuple)(map(_values, data))
    if isinstance(data, dict):
        return {key: _values(value) for key, value in data.items()}
    return data.array if isinstance(data, Tensor) else data


def _array(self: Tensor, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
    """Return the values: the array itself, unless `dtype` or `copy` asks for another one."""
    return np.array(self.array, dtype=dtype, copy=copy)


def _array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Apply the twin of a NumPy ufunc, or the ufunc itself to the values."""
    twin = _UFUNCS.get(ufunc)
    if twin is not None and method == "__call__" and not kwargs:
        return twin(*inputs)
    if any(isinstance(out, Tensor) for out in kwargs.get("out", ())):
        raise TypeError(
            f"np.{ufunc.__name__} cannot write to a Tensor (out=): nothing would record it"
        )
    return getattr(ufunc, method)(*_values(inputs), **_values(kwargs))


def _array_function(self: Tensor, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Apply the twin of a NumPy function, or the function itself to the values."""
    twin = _FUNCTIONS.get(func)
    if twin is not None:
        try:
            inspect.signature(twin).bind(*args, **kwargs)
        except TypeError:
            pass  # an option that the twin lacks
        else:
            return twin(*args, **kwargs)
    return func(*_values(args), **_values(kwargs))


# DLPack


def from_dlpack(ext_tensor: Any) -> Tensor:
    """Return a tensor over the memory of an object with DLPack's protocol (on the CPU), not a copy."""
    return wrap(np.from_dlpack(ext_tensor))


def _dlpack(self: Tensor, **options: Any) -> Any:
    """Return a DLPack capsule over the memory; BufferError for a tensor that requires grad."""
    if self.requires_grad:
        raise BufferError("can't export tensors that require gradient, use tensor.detach()")
    return self.array.__dlpack__(**options)


def _dlpack_device(self: Tensor) -> tuple[int, int]:
    """Return DLPack's (device type, id): the CPU."""
    return self.array.__dlpack_device__()


# Copies


def _rebuild(cls: type[Tensor], array: np.ndarray, requires_grad: bool, attributes: Any) -> Tensor:
    tensor = cls.__new__(cls)
    tensor.array = array
    tensor.node = tensor._grad = tensor._view = None
    if attributes:
        tensor.__dict__.update(attributes)
    return tensor.requires_grad_(requires_grad)


def _reduce_ex(self: Tensor, protocol: SupportsIndex) -> tuple[Any, ...]:
    """Pickle the values and whether they require grad; neither the gradient nor the graph."""
    return _rebuild, (type(self), self.array, self.requires_grad, getattr(self, "__dict__", None))


def _deepcopy(self: Tensor, memo: dict[int, Any]) -> Tensor:
    """Return a leaf over a copy of the values, with a copy of the gradient."""
    if not self.is_leaf:
        raise RuntimeError(
            "only Tensors created explicitly by the user (graph leaves) support deepcopy; "
            "use detach().clone() for the values of a computed one"
        )
    if id(self) not in memo:
        attributes = copy.deepcopy(getattr(self, "__dict__", None), memo)
        result = _rebuild(type(self), self.array.copy(order="K"), self.requires_grad, attributes)
        memo[id(self)] = result
        result._grad = copy.deepcopy(self._grad, memo)
    return memo[id(self)]


for _name, _function in {
    "__array__": _array,
    "__array_ufunc__": _array_ufunc,
    "__array_function__": _array_function,
    "__dlpack__": _dlpack,
    "__dlpack_device__": _dlpack_device,
    "__reduce_ex__": _reduce_ex,
    "__deepcopy__": _deepcopy,
}.items():
    setattr(Tensor, _name, _function)
