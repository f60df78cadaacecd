"""The largest and the smallest elements over some dimensions, and where they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .. import kernels, return_types
from ..autograd.op import Variable, unwrap, wrap_like
from ..tensor import Tensor, method
from .arithmetic import mul
from .dims import Dims, dims_of, numpy_names, wrap_dim
from .division import div
from .gathering import pick_one_along
from .reduction import Reduction
from .selection import maximum, minimum

__all__ = ["amax", "amin", "aminmax", "argmax", "argmin", "max", "min"]


class Extremum(Reduction):
    """max x, or min x: the gradient is shared evenly among all the elements that attain it."""

    __slots__ = ("ufunc",)

    def __init__(self, ufunc: np.ufunc, dims: tuple[int, ...] | None, keepdim: bool) -> None:
        super().__init__(dims, keepdim)
        self.ufunc = ufunc

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        self.output = self.reduce(self.ufunc, x)
        return self.output

    def backward(self, grad: Any) -> Any:
        x, best = unwrap(self.inputs[0]), unwrap(self.restore(self.output))
        attained = np.asarray(x == best)
        if (best != best).any():
            attained |= np.isnan(x) & np.isnan(best)
        count = np.add.reduce(attained, axis=self.dims, keepdims=self.keepdim, dtype=x.dtype)
        share = self.restore(div(grad, np.asarray(count)))
        if isinstance(grad, Variable):
            return mul(share, attained)
        return kernels.ufunc(np.multiply, share, attained)


def check_nonempty(name: str, input: Any, dims: Iterable[int] | None) -> None:
    """Raise if a dimension of length 0 is to be reduced, and nothing is the result of nothing."""
    if dims is None:
        if 0 in input.shape:
            raise RuntimeError(
                f"{name}(): the input, of shape {list(input.shape)}, has no elements, and so no "
                f"{name}; reduce a dimension that has some by the 'dim' argument"
            )
        return
    for dim in dims:
        if input.shape[dim] == 0:
            raise IndexError(
                f"{name}(): Expected reduction dim {dim} to have non-zero size, "
                f"the input has shape {list(input.shape)}"
            )


@method()
@numpy_names
def amax(input: Any, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return the largest element over `dim`; those that are share the gradient evenly."""
    return extremum("amax", np.maximum, input, dims_of(dim, input.ndim), keepdim)


@method()
@numpy_names
def amin(input: Any, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return the smallest element over `dim`; those that are share the gradient evenly."""
    return extremum("amin", np.minimum, input, dims_of(dim, input.ndim), keepdim)


def extremum(
    name: str, ufunc: np.ufunc, input: Any, dims: tuple[int, ...] | None, keepdim: bool
) -> Tensor:
    check_nonempty(name, input, dims)
    return Extremum(ufunc, dims, keepdim)(input)


@method()
@numpy_names
def max(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Return the largest element, in one of three forms.

    max(x)                  of all; those that are share the gradient evenly
    max(x, dim, keepdim)    (values, indices) along `dim`, of the first one; the gradient goes there
    max(x, other)           maximum(x, other)
    """
    if dim is None:
        return extremum("max", np.maximum, input, None, keepdim)
    if isinstance(dim, (Variable, np.ndarray)):
        return maximum(input, dim)
    return return_types.max(*_pick("max", np.ndarray.argmax, input, dim, keepdim))


@method()
@numpy_names
def min(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Return the smallest element, in the three forms of `max`."""
    if dim is None:
        return extremum("min", np.minimum, input, None, keepdim)
    if isinstance(dim, (Variable, np.ndarray)):
        return minimum(input, dim)
    return return_types.min(*_pick("min", np.ndarray.argmin, input, dim, keepdim))


def _pick(name: str, function: Any, input: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    if not isinstance(dim, int):
        raise TypeError(f"{name}(): dim is one dimension, not {dim!r}; a{name} takes several")
    dim = wrap_dim(dim, input.ndim)
    return pick_one_along(input, dim, _index(name, function, input, dim, False), keepdim)


@method()
@numpy_names
def argmax(input: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the (first) largest element along `dim`, or of all as one row."""
    return wrap_like(_index("argmax", np.ndarray.argmax, input, dim, keepdim), input)


@method()
@numpy_names
def argmin(input: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the (first) smallest element along `dim`, or of all as one row."""
    return wrap_like(_index("argmin", np.ndarray.argmin, input, dim, keepdim), input)


def _index(name: str, function: Any, input: Any, dim: int | None, keepdim: bool) -> np.ndarray:
    if dim is not None:
        dim = wrap_dim(dim, input.ndim)
    if not input.ndim:
        return np.zeros((), np.int64)
    check_nonempty(name, input, range(input.ndim) if dim is None else (dim,))
    return np.asarray(function(unwrap(input), dim, keepdims=keepdim))


@method()
@numpy_names
def aminmax(input: Any, *, dim: int | None = None, keepdim: bool = False) -> return_types.aminmax:
    """Return (`amin`, `amax`) along `dim`, or of all elements."""
    over = () if dim is None else dim
    return return_types.aminmax(amin(input, over, keepdim), amax(input, over, keepdim))
