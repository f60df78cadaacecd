"""Parameter, a Tensor that a Module trains; Buffer, one that it does not; and what stands for either
while its shape is not known yet."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .. import kernels
from ..autograd.op import Leaf, Variable, wrap
from ..dtypes import as_array, get_default_dtype
from ..ops.conversion import check_device
from ..ops.creation import lengths
from ..tensor import Tensor


class Parameter(Tensor):
    """A leaf over the memory of `data` that becomes a parameter of the Module it is assigned to."""

    __slots__ = ()

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        if data is None:
            data = Tensor(0)
        self.array = data.array if isinstance(data, Tensor) else as_array(data)
        self.node = self._grad = self._view = None
        if requires_grad:
            if self.array.dtype.kind != "f":
                raise RuntimeError(
                    f"only Tensors of floating point dtype can require gradients, not "
                    f"{self.array.dtype}: pass requires_grad=False, or register a buffer"
                )
            self.node = Leaf(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        copy = memo[id(self)] = Parameter(wrap(self.array.copy()), self.requires_grad)
        return copy

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return Parameter, (self.array, self.requires_grad)

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()


class Buffer(Tensor):
    """A Tensor over the memory of `data` that becomes a buffer of the Module it is assigned to: part of
    its state, if `persistent` of its state_dict, but not trained."""

    __slots__ = ("persistent",)

    def __init__(self, data: Any = None, *, persistent: bool = True) -> None:
        if data is None:
            data = Tensor(0)
        self.array = data.array if isinstance(data, Tensor) else as_array(data)
        self.node = self._grad = self._view = None
        self.persistent = persistent

    def __deepcopy__(self, memo: dict[int, Any]) -> Buffer:
        copy = memo[id(self)] = Buffer(wrap(self.array.copy()), persistent=self.persistent)
        return copy

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return Buffer, (self.array,), (None, {"persistent": self.persistent})


def empty_parameter(shape: tuple[int, ...], device: Any = None, dtype: Any = None) -> Parameter:
    """Return a Parameter whose values are yet to be drawn; RuntimeError for a negative length."""
    check_device(device)
    return Parameter(wrap(kernels.empty(lengths(shape), np.dtype(dtype or get_default_dtype()))))


# Where a Tensor keeps its array, which the classes below hide.
_HELD = Variable.array


class Uninitialized(Tensor):
    """What UninitializedParameter and UninitializedBuffer share: a dtype, but no shape and no values.

    Whatever needs these raises ValueError, or RuntimeError for the shape.
    """

    __slots__ = ()

    cls_to_become: ClassVar[type[Tensor]]

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        check_device(device)
        _HELD.__set__(self, np.empty(0, dtype or get_default_dtype()))
        self.node = Leaf(self) if requires_grad else None
        self._grad = self._view = None

    @property
    def array(self) -> np.ndarray:  # type: ignore[override]
        raise ValueError(
            f"attempted to use an {type(self).__name__}: it belongs to a lazy module (LazyLinear, "
            f"LazyConv2d, ...), which knows its shape once it has seen an input. Call the model with a "
            f"batch first"
        )

    @property
    def shape(self) -> tuple[int, ...]:
        raise RuntimeError(
            f"an {type(self).__name__} has no shape: it belongs to a lazy module (LazyLinear, LazyConv2d, "
            f"...). Call the model with a batch first, also before its state_dict is loaded elsewhere"
        )

    @property
    def dtype(self) -> np.dtype:
        return _HELD.__get__(self).dtype

    def convert(self, *args: Any, **kwargs: Any) -> None:
        """Change the dtype, in place, as `Tensor.to` does."""
        _HELD.__set__(self, wrap(_HELD.__get__(self)).to(*args, **kwargs).array)

    def materialize(self, shape: tuple[int, ...], device: Any = None, dtype: Any = None) -> None:
        """Become a Parameter (or a Tensor) of `shape`, in place; its values are yet to be set."""
        check_device(device)
        array = kernels.empty(lengths(shape), np.dtype(dtype or self.dtype))
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        self.array = array  # type: ignore[misc]

    def detach(self) -> Uninitialized:  # type: ignore[override]
        """Return itself: so a state_dict shows it."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Uninitialized:
        copy = memo[id(self)] = type(self)(self.requires_grad, dtype=self.dtype)
        return copy

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self.requires_grad, None, self.dtype)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class UninitializedParameter(Uninitialized, Parameter):
    """A Parameter whose shape is not known yet: see `LazyLinear`."""

    __slots__ = ()
    cls_to_become = Parameter


class UninitializedBuffer(Uninitialized):
    """A buffer whose shape is not known yet: see `LazyBatchNorm1d`."""

    __slots__ = ()
    cls_to_become = Tensor

    def __init__(self, requires_grad: bool = False, device: Any = None, dtype: Any = None) -> None:
        super().__init__(requires_grad, device, dtype)
