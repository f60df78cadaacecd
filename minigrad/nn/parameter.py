"""Parameter: a Tensor that a Module trains."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Leaf, wrap
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


def empty_parameter(shape: tuple[int, ...], device: Any = None, dtype: Any = None) -> Parameter:
    """Return a Parameter whose values are yet to be drawn; RuntimeError for a negative length."""
    check_device(device)
    return Parameter(wrap(kernels.empty(lengths(shape), np.dtype(dtype or get_default_dtype()))))
