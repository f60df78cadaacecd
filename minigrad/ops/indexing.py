"""Reading and writing a part of a tensor: basic indexing is a view, everything else a copy.

Slice       x[1, :, None]: integers, slices, None, Ellipsis; a view
Pick        x[[2, 0, 2]], x[mask]: integer arrays and masks; a copy. gather, index_select and take
            are such an index
Put         its counterpart in writing: x[index] = value, scatter, copy_
Accumulate  x[index] += values where an index may occur several times: the gradient of Pick;
            scatter_add, index_add
MaskedFill  one value wherever a mask is true

Their index arrays stand behind the None for each operand in `inputs`: backward needs them unchanged.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op, Variable, unwrap, wrap
from ..autograd.views import Writing, overlaps_itself
from ..tensor import Tensor, method
from .broadcasting import reduce_to
from .dims import own_dim, wrap_dim
from .shape import Place
from .subscripts import ALL, check_range, positions, split_index

__all__ = ["fill_", "narrow", "select", "zero_"]


class Slice(Op):
    """x[index] for integers, slices, None and Ellipsis (which must be there, lest a full index give
    a NumPy scalar).

    source  the shape of x
    """

    __slots__ = ("index", "source")
    is_view = True

    def __init__(self, index: tuple[Any, ...], source: tuple[int, ...] = ()) -> None:
        self.index = index
        self.source = source

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.source = x.shape
        return x[self.index]

    def backward(self, grad: Any) -> Any:
        return Place(self, self.source)(grad)


class Pick(Op):
    """x[index] with integer arrays, masks, and full slices for the dimensions without either.

    distinct  whether it is known that no element occurs twice
    source    the shape of x
    """

    __slots__ = ("distinct", "index", "source")

    def __init__(self, index: tuple[Any, ...], distinct: bool = False) -> None:
        self.index = index
        self.distinct = distinct

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.source = x.shape
        self.inputs = (None, *self.index)
        rows = self.index[-1]
        if (
            any(item is not ALL for item in self.index[:-1])
            or rows.dtype.kind == "b"
            or not x.flags.c_contiguous
        ):
            return x[self.index]
        dim = len(self.index) - 1
        check_range(rows, -x.shape[dim], x.shape[dim], dim)
        result = kernels.empty((*x.shape[:dim], *rows.shape, *x.shape[dim + 1 :]), x.dtype)
        # With mode="raise", take would go through a buffer; the range is checked, so wrapping only
        # serves negative ones.
        return np.take(x, rows, axis=dim, out=result, mode="wrap") if result.size else result

    def backward(self, grad: Any) -> Any:
        zeros = kernels.full(self.source, 0, grad.dtype)
        if isinstance(grad, Variable):
            return (Put if self.distinct else Accumulate)(self.index)(wrap(zeros), grad)
        if self.distinct:
            zeros[self.index] = grad
        else:
            accumulate(zeros, self.index, grad)
        return zeros


class Put(Writing):
    """x with `value`, broadcast, at x[index]; the gradient of what it replaces is zero.

    source  shape and dtype of the value
    """

    __slots__ = ("index", "source")

    def __init__(self, index: Any) -> None:
        self.index = index

    def write(self, x: np.ndarray, value: Any) -> None:
        self.inputs = (None, None, *self.index)
        if isinstance(value, np.ndarray):
            self.source = value.shape, value.dtype
        x[self.index] = fitting(value, x.dtype)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        need_x, need_value = self.needs(2)
        return Put(self.index)(grad, 0) if need_x else None, self.part(grad) if need_value else None

    def part(self, grad: Any) -> Any:
        """Return the gradient of the value, whose shape may begin with more ones than x[index] has
        dimensions.
        """
        part = grad[self.index]
        shape, dtype = self.source
        return reduce_to(part, shape[max(len(shape) - part.ndim, 0) :], dtype).reshape(shape)


class Accumulate(Writing):
    """x with `values` added at x[index], once for each time that an element occurs in the index."""

    __slots__ = ("index",)

    def __init__(self, index: tuple[Any, ...]) -> None:
        self.index = index

    def write(self, x: np.ndarray, values: np.ndarray) -> None:
        self.inputs = (None, None, *self.index)
        accumulate(x, self.index, values)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        return grad, Pick(self.index)(grad) if self.needs(2)[1] else None


class MaskedFill(Writing):
    """x with one `value` wherever `mask` is true.

    source  the dtype of the value
    """

    __slots__ = ("mask", "source")

    def __init__(self, mask: np.ndarray) -> None:
        self.mask = mask

    def write(self, x: np.ndarray, value: Any) -> None:
        self.inputs = (None, None, self.mask)
        if isinstance(value, np.ndarray):
            self.source = value.dtype
        np.copyto(x, fitting(value, x.dtype), where=self.mask, casting="unsafe")

    def backward(self, grad: Any) -> tuple[Any, Any]:
        need_x, need_value = self.needs(2)
        return (
            MaskedFill(self.mask)(grad, 0) if need_x else None,
            reduce_to(MaskedFill(~self.mask)(grad, 0), (), self.source) if need_value else None,
        )


def fitting(value: Any, dtype: np.dtype) -> Any:
    """Return a number that is to be written as one of an integer `dtype`; RuntimeError if there is
    none, as for infinity.
    """
    if dtype.kind not in "iu" or not isinstance(value, (int, float)):
        return value
    try:
        return dtype.type(value)
    except (OverflowError, ValueError):
        raise RuntimeError(
            f"value {value} cannot be converted to {dtype} without overflow"
        ) from None


def accumulate(x: np.ndarray, index: tuple[Any, ...], values: np.ndarray) -> None:
    """x[index] += values in place, once for each time that an element occurs in the index."""
    if not x.flags.c_contiguous or x.dtype != values.dtype:
        np.add.at(x, index, values)
    elif len(index) == 1 and index[0].dtype.kind != "b" and x.dtype in (np.float32, np.float64):
        rows = index[0].reshape(-1)
        rows = np.where(rows < 0, rows + len(x), rows)
        kernels.scatter_add_rows(x, values.reshape((rows.size, *x.shape[1:])), rows)
    else:
        # np.add.at is fast in one dimension only: 5 to 30 times as fast as on rows.
        np.add.at(x.reshape(-1), positions(x.shape, index).reshape(-1), values.reshape(-1))


@method("__getitem__")
def _getitem(input: Tensor, index: Any) -> Tensor:
    """Return x[index]: a view for integers, slices, None and Ellipsis, a copy where integer arrays
    or masks take part.

    Any integer dtype is an index. Unlike in PyTorch, the step of a slice may be negative.
    """
    shape = input.array.shape
    basic, advanced = split_index(index, shape)
    if basic is not None:
        input = Slice(basic)(input)
    if advanced is None:
        return input
    try:
        return Pick(advanced)(input)
    except IndexError:
        split_index(index, shape, check=True)
        raise


@method("__setitem__")
def _setitem(input: Tensor, index: Any, value: Any) -> None:
    """Put `value`, a number or what broadcasts to x[index], there in place; gradients flow to it
    and to what remains.
    """
    shape = input.array.shape
    basic, advanced = split_index(index, shape)
    value = _value(value)
    if advanced is None:
        if overlaps_itself(input.array):  # the part alone may be free of that
            input, basic = Slice(basic)(input), (...,)
        _put(input, basic, value, "__setitem__")
        return
    if basic is not None:
        input = Slice(basic)(input)
    mask = advanced[0]
    if len(advanced) == 1 and mask.dtype.kind == "b" and not np.ndim(unwrap(value)):
        # What the mask covers stands in front.
        mask = mask.reshape(mask.shape + (1,) * (input.array.ndim - mask.ndim))
        MaskedFill(mask).change(input, value, operation="__setitem__")
        return
    try:
        _put(input, advanced, value, "__setitem__")
    except IndexError:
        split_index(index, shape, check=True)
        raise


def _put(input: Tensor, index: Any, value: Any, operation: str) -> None:
    try:
        Put(index).change(input, value, operation=operation)
    except ValueError as error:
        if (
            "broadcast" not in str(error)
            and "shape" not in str(error)
            and "assign" not in str(error)
        ):
            raise
        raise RuntimeError(
            f"{operation}: shape mismatch: value tensor of shape {list(np.shape(unwrap(value)))} "
            f"cannot be broadcast to indexing result of shape {list(input.array[index].shape)}"
        ) from None


def _value(value: Any) -> Any:
    """Return what is to be written as a Tensor, an array or a number."""
    if isinstance(value, (Variable, np.ndarray, int, float)):
        return value
    return np.asarray(value)


@method()
def select(input: Any, dim: int, index: int) -> Tensor:
    """Return a view of the slice number `index` along `dim`, without that dimension."""
    if not len(input.shape):
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    dim = wrap_dim(dim, len(input.shape))
    check_range(int(index), -input.shape[dim], input.shape[dim], dim)
    return Slice((ALL,) * dim + (int(index), ...))(input)


@method()
def narrow(input: Any, dim: int, start: Any, length: int) -> Tensor:
    """Return a view of `length` elements of dimension `dim`, from `start` on, a number or a Tensor
    of one integer. RuntimeError if it has not so many.
    """
    dim = own_dim("narrow", dim, input.shape)
    if not isinstance(start, int) and (
        np.ndim(start) or np.result_type(unwrap(start)).kind not in "iu"
    ):
        raise RuntimeError("narrow(): start must be an 0-dim integral Tensor.")
    size, first = input.shape[dim], int(start)
    if not -size <= first <= size:
        raise IndexError(
            f"narrow: start {first} is out of range for dimension {dim} with size {size}"
        )
    first += size if first < 0 else 0
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if first + length > size:
        raise RuntimeError(f"start ({first}) + length ({length}) exceeds dimension size ({size}).")
    return Slice((ALL,) * dim + (slice(first, first + length), ...))(input)


def single(value: Any, operation: str) -> Any:
    array = unwrap(value)
    if isinstance(array, np.ndarray) and array.ndim:
        raise RuntimeError(
            f"{operation} only supports a 0-dimensional value tensor, but got tensor with "
            f"{array.ndim} dimension(s)."
        )
    return value


@method()
def copy_(input: Tensor, src: Any) -> Tensor:
    """Replace the values by those of `src`, broadcast and cast, in place; the gradient flows to
    `src`.
    """
    _put(input, (...,), _value(src), "copy_")
    return input


@method()
def fill_(input: Tensor, value: Any) -> Tensor:
    """Replace every value by `value`, a number or 0-d Tensor, in place."""
    return Put((...,)).change(input, single(value, "fill_"), operation="fill_")


@method()
def apply_(input: Tensor, callable: Any) -> Tensor:
    """Replace every value by what `callable`, a function of Python numbers, makes of it, in place:
    slow, and without a gradient.
    """
    if input.requires_grad:
        raise RuntimeError(
            "Can't call apply_() on Variable that requires grad. Use detach() before."
        )
    changed = [callable(value) for value in input.array.reshape(-1).tolist()]
    values = np.array(changed, input.array.dtype).reshape(input.array.shape)
    return Put((...,)).change(input, values, operation="apply_")


@method()
def zero_(input: Tensor) -> Tensor:
    """Replace every value by zero, in place."""
    return Put((...,)).change(input, 0, operation="zero_")
