"""Products of tensors of any number of dimensions, made of simpler ones."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from ..tensor import Tensor, method
from .arithmetic import mul, sub
from .diagonals import diagonal
from .dims import numpy_names, wrap_dim, wrap_dims
from .expanding import broadcast_tensors
from .flipping import roll
from .products import matmul
from .reduction import sum
from .shape import permute, reshape

__all__ = ["cross", "inner", "kron", "tensordot", "trace"]


def tensordot(a: Any, b: Any, dims: int | Sequence[Sequence[int]] = 2) -> Tensor:
    """Return the sum of products over pairs of dimensions: of `a`, then `b`, the others remain.

    `dims` is (dimensions of a, those of b that they are paired with), or a number: so many last
    ones of `a` with as many first ones of `b`. RuntimeError where paired lengths differ.
    """
    if isinstance(dims, int):
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise RuntimeError(
                f"tensordot(): dims={dims} does not fit {a.ndim} and {b.ndim} dimensions, of "
                f"shapes {list(a.shape)} and {list(b.shape)}"
            )
        in_a, in_b = tuple(range(a.ndim - dims, a.ndim)), tuple(range(dims))
    else:
        first, second = (d.tolist() if hasattr(d, "tolist") else d for d in dims)
        in_a = wrap_dims(first, a.ndim) if len(first) else ()
        in_b = wrap_dims(second, b.ndim) if len(second) else ()
    for i, j in itertools.zip_longest(in_a, in_b, fillvalue=None):
        if (
            i is None
            or j is None
            or (a.shape[i] != b.shape[j] and 1 not in (a.shape[i], b.shape[j]))
        ):
            raise RuntimeError(
                f"tensordot(): dimensions {list(in_a)} of a {list(a.shape)} and {list(in_b)} of b "
                f"{list(b.shape)} are to be summed over together, and differ in length"
            )
        if a.shape[i] > b.shape[j]:  # a length of 1 broadcasts
            a = sum(a, i, True, dtype=a.dtype)
        elif a.shape[i] < b.shape[j]:
            b = sum(b, j, True, dtype=b.dtype)
    lengths = [a.shape[i] for i in in_a]
    kept_a = [i for i in range(a.ndim) if i not in in_a]
    kept_b = [i for i in range(b.ndim) if i not in in_b]
    shape = (*(a.shape[i] for i in kept_a), *(b.shape[i] for i in kept_b))
    inner = math.prod(lengths)
    rows = math.prod(a.shape[i] for i in kept_a)
    left = reshape(permute(a, [*kept_a, *in_a]), (rows, inner))
    columns = math.prod(b.shape[i] for i in kept_b)
    right = reshape(permute(b, [*in_b, *kept_b]), (inner, columns))
    return reshape(matmul(left, right), shape)


@method()
def inner(input: Any, other: Any) -> Tensor:
    """Return the sums of products over the last dimensions: (..., n) (*, n) -> (..., *).

    With a number it is the product. RuntimeError where the lengths differ.
    """
    if not input.ndim or not other.ndim:
        return mul(input, other)
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeError(
            f"inner(): the last dimension must match on both input tensors but got shapes "
            f"{list(input.shape)} and {list(other.shape)}"
        )
    return tensordot(input, other, ([-1], [-1]))


@method()
def kron(input: Any, other: Any) -> Tensor:
    """Return the Kronecker product: each element of `input` times all of `other`, in its place."""
    ndim = max(input.ndim, other.ndim)
    a = (1,) * (ndim - input.ndim) + tuple(input.shape)
    b = (1,) * (ndim - other.ndim) + tuple(other.shape)
    apart = [
        reshape(input, tuple(n for size in a for n in (size, 1))),
        reshape(other, tuple(n for size in b for n in (1, size))),
    ]
    return reshape(mul(*apart), tuple(m * n for m, n in zip(a, b, strict=True)))


@method()
@numpy_names
def cross(input: Any, other: Any, dim: int | None = None) -> Tensor:
    """Return the cross product of vectors of 3 elements along `dim`, broadcast.

    Without `dim`, along the first dimension of that length. RuntimeError if there is none.
    """
    if input.ndim != other.ndim:
        raise RuntimeError(
            f"cross: inputs must have the same number of dimensions, not {list(input.shape)} and "
            f"{list(other.shape)}"
        )
    if dim is None:
        if 3 not in input.shape:
            raise RuntimeError(f"cross: no dimension of size 3 in input {list(input.shape)}")
        dim = list(input.shape).index(3)
    dim = wrap_dim(dim, input.ndim)
    if input.shape[dim] != 3 or other.shape[dim] != 3:
        raise RuntimeError(
            f"cross: inputs dimension {dim} must have length 3, their shapes are "
            f"{list(input.shape)} and {list(other.shape)}"
        )
    a, b = broadcast_tensors(input, other)
    return sub(
        mul(roll(a, -1, dim), roll(b, -2, dim)),
        mul(roll(a, -2, dim), roll(b, -1, dim)),
    )


@method()
def trace(input: Any) -> Tensor:
    """Return the sum of the diagonal of a matrix."""
    if input.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got shape {list(input.shape)}")
    return sum(diagonal(input))
