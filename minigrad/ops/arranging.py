"""Other arrangements of the same elements: composed of shape, indexing and joining."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd.op import unwrap
from ..tensor import Tensor, method
from .broadcasting import reduce_to
from .dims import numpy_names, wrap_dim
from .gathering import index_select
from .indexing import narrow
from .joining import cat, joinable, meshgrid, pad, split, stack
from .shape import as_sizes, flatten, movedim, reshape, unsqueeze

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "block_diag",
    "cartesian_prod",
    "column_stack",
    "combinations",
    "dsplit",
    "dstack",
    "hsplit",
    "repeat_interleave",
    "tensor_split",
    "vsplit",
]


@method()
@numpy_names
def tensor_split(input: Any, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Return views of nearly equal sections (a number), or of the parts that indices cut, of `dim`.

    Of n elements in k sections, the first n % k sections have one more.
    """
    if not input.ndim:
        raise RuntimeError("tensor_split: expected at least a 1-d tensor, and it is a number")
    dim = wrap_dim(dim, input.ndim)
    size, cuts = input.shape[dim], unwrap(indices_or_sections)
    if np.ndim(cuts) == 0:
        sections = int(cuts)
        if sections < 1:
            raise RuntimeError(f"tensor_split: number of sections must be > 0, not {sections}")
        short, more = divmod(size, sections)
        return split(input, [short + (i < more) for i in range(sections)], dim)
    # As slices are: negative ones count from the end, those outside stop there.
    ends = [min(max(int(cut) + size * (cut < 0), 0), size) for cut in cuts]
    pairs = zip([0, *ends], [*ends, size], strict=True)
    return tuple(narrow(input, dim, start, max(end - start, 0)) for start, end in pairs)


def _split_along(name: str, input: Any, indices_or_sections: Any, dim: int, least: int) -> Any:
    if input.ndim < least:
        raise RuntimeError(
            f"{name}: requires a tensor with at least {least} dimension{'s' * (least > 1)}, but "
            f"its shape is {list(input.shape)}"
        )
    sections = indices_or_sections
    if not isinstance(sections, (int, tuple, list)):
        raise TypeError(f"{name}: expected a number or a list, not {type(sections).__name__}")
    if isinstance(sections, int) and (sections < 1 or input.shape[dim] % sections):
        raise RuntimeError(
            f"{name}: dimension {dim} of {list(input.shape)} is not divisible by the number of "
            f"sections, {sections}; tensor_split makes sections that differ by one"
        )
    return tensor_split(input, sections, dim)


@method()
def hsplit(input: Any, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Return equal sections, or the parts that indices cut, of dimension 1 (0 of a vector)."""
    return _split_along("hsplit", input, indices_or_sections, 1 if input.ndim > 1 else 0, 1)


@method()
def vsplit(input: Any, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Return equal sections, or the parts that indices cut, of dimension 0."""
    return _split_along("vsplit", input, indices_or_sections, 0, 2)


@method()
def dsplit(input: Any, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Return equal sections, or the parts that indices cut, of dimension 2."""
    return _split_along("dsplit", input, indices_or_sections, 2, 3)


def _at_least(least: int, tensors: tuple[Any, ...]) -> Any:
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        return tuple(_at_least(least, (tensor,)) for tensor in tensors[0])
    if len(tensors) > 1:
        return tuple(_at_least(least, (tensor,)) for tensor in tensors)
    (x,) = tensors
    if x.ndim >= least:
        return x
    if least == 3 and x.ndim == 2:
        return unsqueeze(x, -1)
    shape = (1,) * (min(least, 2) - x.ndim) + tuple(x.shape)
    return reshape(x, (*shape, 1) if least == 3 else shape)


def atleast_1d(*tensors: Any) -> Any:
    """Return each tensor with at least one dimension: a number becomes (1)."""
    return _at_least(1, tensors)


def atleast_2d(*tensors: Any) -> Any:
    """Return each tensor with at least two dimensions: (n) becomes (1, n)."""
    return _at_least(2, tensors)


def atleast_3d(*tensors: Any) -> Any:
    """Return each tensor with at least three dimensions: (n) becomes (1, n, 1), (m, n) (m, n, 1)."""
    return _at_least(3, tensors)


def column_stack(tensors: Sequence[Any]) -> Tensor:
    """Return the tensors side by side along dimension 1; vectors and numbers are columns."""
    columns = joinable("column_stack", tensors)
    return cat([x if x.ndim > 1 else reshape(x, (-1, 1)) for x in columns], 1)


def dstack(tensors: Sequence[Any]) -> Tensor:
    """Return the tensors one behind the other along dimension 2, after `atleast_3d`."""
    return cat([atleast_3d(x) for x in joinable("dstack", tensors)], 2)


@method()
@numpy_names
def repeat_interleave(
    input: Any, repeats: Any, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Return each element (each slice of `dim`; without it, of the flat input) `repeats` times in a
    row: a number, or one for each.
    """
    if dim is None:
        input, dim = flatten(input), 0
    dim = wrap_dim(dim, input.ndim)
    counts = np.asarray(unwrap(repeats)).reshape(-1)
    if counts.dtype.kind not in "iu" or (counts < 0).any():
        raise RuntimeError("repeat_interleave: repeats can not be negative, and must be integers")
    size = input.shape[dim] if input.ndim else 1
    if len(counts) not in (1, size):
        raise RuntimeError(
            f"repeat_interleave: repeats must have the same size as input along dim, {size}, and "
            f"there are {len(counts)}"
        )
    return index_select(input, dim, np.repeat(np.arange(size), counts))


def block_diag(*tensors: Any) -> Tensor:
    """Return a matrix with the given ones (vectors as rows) along its diagonal, zeros elsewhere."""
    for i, tensor in enumerate(tensors):
        if tensor.ndim > 2:
            raise RuntimeError(
                f"block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has shape "
                f"{list(tensor.shape)}"
            )
    blocks = [reshape(tensor, (1, -1)) if tensor.ndim < 2 else tensor for tensor in tensors]
    width = sum(block.shape[1] for block in blocks)
    rows, before = [], 0
    for block in blocks:
        rows.append(pad(block, (before, width - before - block.shape[1])))
        before += block.shape[1]
    return cat(rows)


def cartesian_prod(*tensors: Any) -> Tensor:
    """Return all combinations of one element from each vector, a row each; a vector alone as it is."""
    for tensor in tensors:
        if tensor.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(tensor.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return reshape(stack(meshgrid(*tensors), -1), (-1, len(tensors)))


def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Tensor:
    """Return all choices of r elements of a vector, in its order, a row each.

    `with_replacement`, an element may be chosen several times.
    """
    if input.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    chosen = np.array([*choose(range(input.shape[0]), r)], np.int64) if r else np.empty(0, np.int64)
    return reshape(index_select(input, 0, chosen.reshape(-1)), (-1, r) if r else (0,))


@method("unfold")
def _unfold(input: Any, dimension: int, size: int, step: int) -> Tensor:
    """Return all windows of `size` elements of a dimension, `step` apart, which become the last
    dimension: (..., n, ...) -> (..., (n - size) / step + 1, ..., size), as a copy.
    """
    x = input if input.ndim else reshape(input, (1,))
    dim = wrap_dim(dimension, x.ndim)
    if size < 0 or size > x.shape[dim]:
        raise RuntimeError(
            f"unfold: maximum size for tensor at dimension {dim} is {x.shape[dim]} but size is {size}"
        )
    if step <= 0:
        raise RuntimeError(f"unfold: step is {step} but must be > 0")
    starts = np.arange(0, x.shape[dim] - size + 1, step)
    places = (starts[:, None] + np.arange(size)).reshape(-1)
    shape = (*x.shape[:dim], len(starts), size, *x.shape[dim + 1 :])
    windows = reshape(index_select(x, dim, places), shape)
    return movedim(windows, dim + 1, -1) if input.ndim else reshape(windows, (size,))


@method("sum_to_size")
def _sum_to_size(input: Any, *size: Any) -> Tensor:
    """Return `input` summed over what a tensor of shape `size` would be broadcast along to its shape."""
    shape = as_sizes(size)
    try:
        fits = np.broadcast_shapes(shape, input.shape) == tuple(input.shape)
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(
            f"sum_to_size: size {list(shape)} is not expandable to size {list(input.shape)}"
        )
    return reduce_to(input, shape, input.dtype)
