"""The same elements in another order: reversed, turned, shifted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op
from ..tensor import Tensor, method
from .dims import by_name, numpy_names, own_dim, wrap_dim, wrap_dims
from .shape import Reshape, as_sizes, flatten, transpose

__all__ = ["flip", "fliplr", "flipud", "roll", "rot90"]


class Flip(Op):
    """x with the order of its elements reversed along `dims`."""

    __slots__ = ("dims",)

    def __init__(self, dims: tuple[int, ...]) -> None:
        self.dims = dims

    def forward(self, x: np.ndarray) -> np.ndarray:
        return kernels.expand(np.flip(x, self.dims), x.shape)

    def backward(self, grad: Any) -> Any:
        return Flip(self.dims)(grad)


class Roll(Op):
    """x shifted along `dims`; what leaves at one end enters at the other."""

    __slots__ = ("dims", "shifts")

    def __init__(self, shifts: tuple[int, ...], dims: tuple[int, ...]) -> None:
        self.shifts = shifts
        self.dims = dims

    def forward(self, x: np.ndarray) -> np.ndarray:
        return np.roll(x, self.shifts, self.dims)

    def backward(self, grad: Any) -> Any:
        return Roll(tuple(-shift for shift in self.shifts), self.dims)(grad)


@method()
@by_name("dims")
def flip(input: Any, *dims: Any) -> Tensor:
    """Return a copy with the order of the elements reversed along `dims`."""
    order = as_sizes(dims)
    return Flip(wrap_dims(order, len(input.shape)) if order else ())(input)


@method()
@numpy_names
def roll(
    input: Any, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None
) -> Tensor:
    """Return a copy shifted along `dims`, what leaves at one end entering at the other; without
    `dims`, flattened.
    """
    shifts = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    if dims is None:
        return Reshape(tuple(input.shape))(roll(flatten(input), shifts, 0))
    dims = (dims,) if isinstance(dims, int) else tuple(dims)
    if len(shifts) != len(dims):
        raise RuntimeError(
            f"shifts and dimensions must align. shifts: {len(shifts)}, dims: {len(dims)}"
        )
    if not len(input.shape):
        raise IndexError(f"roll(): Dimension specified as {dims[0]} but tensor has no dimensions")
    return Roll(shifts, tuple(own_dim("roll", dim, input.shape) for dim in dims))(input)


@method()
def fliplr(input: Any) -> Tensor:
    """Return the elements with dimension 1 (left and right) reversed."""
    if input.ndim < 2:
        raise RuntimeError(f"fliplr: Input must be >= 2-d, and its shape is {list(input.shape)}")
    return flip(input, 1)


@method()
def flipud(input: Any) -> Tensor:
    """Return the elements with dimension 0 (up and down) reversed."""
    if input.ndim < 1:
        raise RuntimeError("flipud: Input must be >= 1-d, and it is a single number")
    return flip(input, 0)


@method()
def rot90(input: Any, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Return the elements turned k times by 90 degrees, from the first of `dims` to the second."""
    if len(dims) != 2:
        raise RuntimeError(f"rot90: expected total rotation dims == 2, but got {list(dims)}")
    if input.ndim < 2:
        raise RuntimeError(f"rot90: expected total dims >= 2, but the shape is {list(input.shape)}")
    first, second = (wrap_dim(dim, input.ndim) for dim in dims)
    if first == second:
        raise RuntimeError(f"rot90: expected rotation dims to be different, but got {list(dims)}")
    k %= 4
    if k == 2:
        return flip(input, (first, second))
    if not k:
        return flip(input, ())
    turned = transpose(input, first, second)
    return flip(turned, first if k == 1 else second)
