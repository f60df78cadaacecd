"""The same elements in another shape or order. What can be a view of the input is one: it shares
the memory.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op, unwrap
from ..tensor import Tensor, method, view_inplace_form
from .dims import by_name, numpy_names, own_dim, wrap_dim, wrap_dims

__all__ = [
    "flatten",
    "moveaxis",
    "movedim",
    "permute",
    "ravel",
    "reshape",
    "squeeze",
    "swapaxes",
    "swapdims",
    "t",
    "transpose",
    "unflatten",
    "unsqueeze",
]


class Reshape(Op):
    """The elements in row-major order, in another shape; a view where the strides allow it.

    source  the shape of x
    """

    __slots__ = ("shape", "source")
    is_view = True

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.source = x.shape
        view = reshaped_view(x, self.shape)
        if view is not None:
            return view
        return kernels.expand(x, x.shape).reshape(self.shape)

    def backward(self, grad: Any) -> Any:
        return Reshape(self.source)(grad)


def reshaped_view(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return `x` in another shape over the same memory, or None if its strides do not allow it."""
    try:
        return x.reshape(shape, copy=False)
    except ValueError:
        return None


class Permute(Op):
    """x with its dimensions in another order."""

    __slots__ = ("dims",)
    is_view = True

    def __init__(self, dims: tuple[int, ...]) -> None:
        self.dims = dims

    def forward(self, x: np.ndarray) -> np.ndarray:
        return x.transpose(self.dims)

    def backward(self, grad: Any) -> Any:
        inverse = [0] * len(self.dims)
        for i, dim in enumerate(self.dims):
            inverse[dim] = i
        return Permute(tuple(inverse))(grad)


class Place(Op):
    """Zeros of `shape`, with `part` at what the operation `seen` shows of them: the transpose of a
    view.
    """

    __slots__ = ("seen", "shape")

    def __init__(self, seen: Op, shape: tuple[int, ...]) -> None:
        self.seen = seen
        self.shape = shape

    def forward(self, part: np.ndarray) -> np.ndarray:
        result = kernels.full(self.shape, 0, part.dtype)
        self.seen.forward(result)[...] = part
        return result

    def backward(self, grad: Any) -> Any:
        return self.seen.unused()(grad)


def as_sizes(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Return sizes given one by one, or as one sequence."""
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
        (sizes,) = sizes
    return tuple(map(operator.index, sizes))


def _known(shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    """Return `shape` with its -1, if it has one, replaced by what makes it hold `size` elements."""
    known = math.prod(shape)
    if -1 not in shape:
        if known != size or min(shape, default=0) < 0:
            raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {size}")
        return shape
    known = -known
    if shape.count(-1) > 1:
        raise RuntimeError(f"only one dimension can be inferred, and {list(shape)} has several -1")
    if min(shape) < -1:
        raise RuntimeError(f"invalid shape dimension {min(shape)} in {list(shape)}")
    if not known:
        raise RuntimeError(
            f"cannot reshape tensor of {size} elements into shape {list(shape)} because the "
            "unspecified dimension size -1 can be any value and is ambiguous"
        )
    if size % known:
        raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {size}")
    return tuple([size // known if n == -1 else n for n in shape])


@method()
@by_name("shape")
def reshape(input: Any, *shape: Any) -> Tensor:
    """Return the elements, in row-major order, in another shape (-1: what remains); a view where
    possible.

    RuntimeError if the shape holds another number of elements.
    """
    return Reshape(_known(as_sizes(shape), math.prod(input.shape)))(input)


@method("view")
def view(input: Any, *shape: Any) -> Tensor:
    """Return a view of the elements in another shape (-1: what remains).

    RuntimeError if the shape holds another number of elements, or if no view with the strides of
    `input` exists.
    """
    known = _known(as_sizes(shape), math.prod(input.shape))
    array = unwrap(input)
    if not array.flags.c_contiguous and reshaped_view(array, known) is None:
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride: a tensor of shape "
            f"{list(input.shape)} that is not contiguous cannot be seen as {list(known)} without "
            "a copy. Use .reshape(...) instead."
        )
    return Reshape(known)(input)


@method()
def view_as(input: Any, other: Any) -> Tensor:
    """Return a view in the shape of `other`: see `Tensor.view`."""
    return view(input, other.shape)


@method()
def reshape_as(input: Any, other: Any) -> Tensor:
    """Return the elements in the shape of `other`: see `reshape`."""
    return reshape(input, other.shape)


@method()
def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Return the dimensions from `start_dim` to `end_dim`, both included, as one."""
    shape = input.shape
    start, end = wrap_dim(start_dim, len(shape)), wrap_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError(
            f"flatten() has invalid args: start_dim {start} cannot come after end_dim {end}"
        )
    return Reshape((*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))(input)


@method()
def ravel(input: Any) -> Tensor:
    """Return the elements, in row-major order, in one dimension."""
    return flatten(input)


@method()
def unflatten(input: Any, dim: int, sizes: Sequence[int]) -> Tensor:
    """Return dimension `dim` as several, of the given sizes (-1: what remains)."""
    shape = input.shape
    dim = own_dim("unflatten", dim, shape)
    return Reshape((*shape[:dim], *_known(as_sizes((sizes,)), shape[dim]), *shape[dim + 1 :]))(
        input
    )


@method()
@numpy_names
def squeeze(input: Any, dim: int | tuple[int, ...] | None = None) -> Tensor:
    """Return a view without the dimensions of length 1, or without those among `dim` that have
    length 1.
    """
    dims = wrap_dims(dim, len(input.shape)) if dim != () else ()
    return Reshape(tuple(n for i, n in enumerate(input.shape) if n != 1 or i not in dims))(input)


@method()
@numpy_names
def unsqueeze(input: Any, dim: int) -> Tensor:
    """Return a view with a new dimension of length 1 before dimension `dim`."""
    shape = input.shape
    dim = wrap_dim(dim, len(shape) + 1)
    return Reshape((*shape[:dim], 1, *shape[dim:]))(input)


@method()
@by_name("dims")
def permute(input: Any, *dims: Any) -> Tensor:
    """Return a view with the dimensions in the order `dims`."""
    order, ndim = as_sizes(dims), len(input.shape)
    if len(order) != ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the "
            f"length of the desired ordering of dimensions i.e. input.dim() = {ndim} is not "
            f"equal to len(dims) = {len(order)}"
        )
    return Permute(wrap_dims(order, ndim))(input)


@method("transpose", "swapaxes", "swapdims")
def transpose(input: Any, dim0: int, dim1: int) -> Tensor:
    """Return a view with two dimensions exchanged."""
    ndim = len(input.shape)
    dim0, dim1 = wrap_dim(dim0, ndim), wrap_dim(dim1, ndim)
    dims = list(range(ndim))
    if ndim:
        dims[dim0], dims[dim1] = dim1, dim0
    return Permute(tuple(dims))(input)


swapaxes = swapdims = transpose


@method()
def t(input: Any) -> Tensor:
    """Return the transpose of a matrix, a view; a tensor of fewer dimensions as it is."""
    ndim = len(input.shape)
    if ndim > 2:
        raise RuntimeError(
            f"t() expects a tensor with <= 2 dimensions, but self is {ndim}D; use mT, or "
            "transpose()"
        )
    return Permute(tuple(range(ndim))[::-1])(input)


for _name, _function in (
    ("squeeze_", squeeze),
    ("unsqueeze_", unsqueeze),
    ("transpose_", transpose),
    ("swapaxes_", transpose),
    ("swapdims_", transpose),
    ("t_", t),
):
    setattr(Tensor, _name, view_inplace_form(_function, _name))


def _transposed(input: Tensor) -> Tensor:
    """A view with the dimensions in reversed order."""
    return Permute(tuple(range(input.array.ndim))[::-1])(input)


def _matrix_transposed(input: Tensor) -> Tensor:
    """A view with the last two dimensions exchanged."""
    if input.array.ndim < 2:
        raise RuntimeError(
            "tensor.mT is only supported on matrices or batches of matrices. Got "
            f"{input.array.ndim}-D tensor."
        )
    return transpose(input, -2, -1)


Tensor.T = property(_transposed)  # type: ignore[attr-defined]
Tensor.mT = property(_matrix_transposed)  # type: ignore[attr-defined]


@method("movedim", "moveaxis")
def movedim(
    input: Any, source: int | tuple[int, ...], destination: int | tuple[int, ...]
) -> Tensor:
    """Return a view with the dimensions `source` at the places `destination`, the others in their
    order.
    """
    ndim = len(input.shape)
    sources, destinations = (wrap_dims(d, ndim) if d != () else () for d in (source, destination))
    if len(sources) != len(destinations):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({source} dims) should contain "
            f"the same number of dims as destination ({destination} dims)"
        )
    order = [dim for dim in range(ndim) if dim not in sources]
    for place, dim in sorted(zip(destinations, sources, strict=True)):
        order.insert(place, dim)
    return Permute(tuple(order))(input)


moveaxis = movedim
