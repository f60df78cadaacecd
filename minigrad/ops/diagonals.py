"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.op import Op
from ..tensor import Tensor, method
from .conversion import clone
from .dims import numpy_names, wrap_dim
from .shape import Permute, Place, flatten, movedim

__all__ = ["diag", "diag_embed", "diagflat", "diagonal", "tril", "triu"]


class Triangle(Op):
    """The elements on and below (`upper`: above) a diagonal of the last two dimensions, zeros
    elsewhere.
    """

    __slots__ = ("diagonal", "upper")

    def __init__(self, diagonal: int, upper: bool) -> None:
        self.diagonal = diagonal
        self.upper = upper

    def forward(self, x: np.ndarray) -> np.ndarray:
        if x.ndim < 2:
            raise RuntimeError(
                f"{'triu' if self.upper else 'tril'}: input must have at least 2 dimensions, not "
                f"{x.ndim}"
            )
        return (np.triu if self.upper else np.tril)(x, self.diagonal)

    def backward(self, grad: Any) -> Any:
        return Triangle(self.diagonal, self.upper)(grad)


class Diagonal(Op):
    """A view of the elements x[..., i, i + offset] of the last two dimensions.

    source  the shape of x
    """

    __slots__ = ("offset", "source")
    is_view = True

    def __init__(self, offset: int) -> None:
        self.offset = offset

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.source = x.shape
        x = x[..., max(-self.offset, 0) :, max(self.offset, 0) :]
        length = min(x.shape[-2:])
        # einsum's view may be written to, unlike that of np.diagonal.
        return np.einsum("...ii->...i", x[..., :length, :length])

    def backward(self, grad: Any) -> Any:
        return Place(self, self.source)(grad)


@method(inplace=True)
def tril(input: Any, diagonal: int = 0) -> Tensor:
    """Return the elements on and below a diagonal of the last two dimensions, zeros elsewhere
    (diagonal > 0: above the main one).
    """
    return Triangle(diagonal, upper=False)(input)


@method(inplace=True)
def triu(input: Any, diagonal: int = 0) -> Tensor:
    """Return the elements on and above a diagonal of the last two dimensions, zeros elsewhere
    (diagonal > 0: above the main one).
    """
    return Triangle(diagonal, upper=True)(input)


@method()
def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Return a view of the diagonal of dimensions dim1 and dim2, `offset` above the main one, as
    the last dimension.
    """
    shape = input.shape
    dim1, dim2 = wrap_dim(dim1, len(shape)), wrap_dim(dim2, len(shape))
    if dim1 == dim2:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    rest = tuple(dim for dim in range(len(shape)) if dim not in (dim1, dim2))
    return Diagonal(offset)(Permute((*rest, dim1, dim2))(input))


@method()
def diag(input: Any, diagonal: int = 0) -> Tensor:
    """Return a copy of a diagonal of a matrix, or the matrix that has a vector as that diagonal and
    zeros elsewhere.
    """
    shape = input.shape
    if len(shape) == 1:
        length = shape[0] + abs(diagonal)
        return Place(Diagonal(diagonal), (length, length))(input)
    if len(shape) != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {len(shape)}D")
    return clone(Diagonal(diagonal)(input))


@method()
@numpy_names
def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Return zeros with the last dimension of `input` on the diagonal between `dim1` and `dim2`:
    (..., n) -> (..., n, n), larger by |offset|.
    """
    ndim = input.ndim + 1
    first, second = wrap_dim(dim1, ndim), wrap_dim(dim2, ndim)
    if first == second:
        raise RuntimeError(f"diag_embed: diagonal dimensions cannot be identical {dim1}, {dim2}")
    size = input.shape[-1] + abs(offset)
    matrix = Place(Diagonal(offset), (*input.shape[:-1], size, size))(input)
    return movedim(matrix, (-2, -1), (first, second))


@method()
def diagflat(input: Any, offset: int = 0) -> Tensor:
    """Return a matrix of zeros with all elements of `input` on one of its diagonals."""
    return diag(flatten(input), offset)
