"""Putting tensors together, and taking one apart.

Pieces and Join are each other's gradient: one shows several parts of a tensor, the other fills a
tensor with parts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Op, Variable
from ..autograd.views import link_view
from ..tensor import Tensor, method
from .conversion import to
from .dims import numpy_names, own_dim, wrap_dim
from .expanding import broadcast_to
from .gathering import index_select
from .indexing import Slice
from .shape import reshape
from .subscripts import ALL

__all__ = [
    "cat",
    "chunk",
    "concat",
    "concatenate",
    "hstack",
    "meshgrid",
    "pad",
    "row_stack",
    "split",
    "split_with_sizes",
    "stack",
    "unbind",
    "unsafe_chunk",
    "unsafe_split",
    "vstack",
]


class Join(Op):
    """A tensor of `shape` with part i at `indices[i]`; zeros for a part that is None.

    parts  the dtypes of the parts
    """

    __slots__ = ("indices", "parts", "shape")

    def __init__(self, indices: Sequence[tuple[Any, ...]], shape: tuple[int, ...]) -> None:
        self.indices = indices
        self.shape = shape

    def forward(self, *parts: np.ndarray | None) -> np.ndarray:
        self.parts = [None if part is None else part.dtype for part in parts]
        known = set(self.parts) - {None}
        dtype = known.pop() if len(known) == 1 else dtypes.result_type(*parts)
        result = kernels.empty(self.shape, dtype)
        for index, part in zip(self.indices, parts, strict=True):
            result[index] = 0 if part is None else part
        return result

    def backward(self, grad: Any) -> tuple[Any, ...]:
        needs = self.needs(len(self.parts))
        parts = [
            grad[index] if wanted else None
            for index, wanted in zip(self.indices, needs, strict=True)
        ]
        if set(self.parts) == {grad.dtype}:
            return tuple(parts)
        return tuple(
            to(part, dtype) if part is not None else None
            for part, dtype in zip(parts, self.parts, strict=True)
        )


class Pieces(Op):
    """The parts of x at `indices`, which together make up x: views.

    source  the shape of x
    """

    __slots__ = ("indices", "source")

    def __init__(self, indices: Sequence[tuple[Any, ...]]) -> None:
        self.indices = indices

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, ...]:
        self.source = x.shape
        return tuple(x[index] for index in self.indices)

    def backward(self, *grads: Any) -> Any:
        return Join(self.indices, self.source)(*grads)


class Pad(Op):
    """x with widths[i][0] elements of `value` put before dimension i and widths[i][1] behind;
    negative widths cut off.
    """

    __slots__ = ("value", "widths")

    def __init__(self, widths: Sequence[tuple[int, int]], value: float) -> None:
        self.widths = widths
        self.value = value

    def forward(self, x: np.ndarray) -> np.ndarray:
        sizes = zip(x.shape, self.widths, strict=True)
        shape = tuple(n + before + after for n, (before, after) in sizes)
        result = kernels.full(shape, self.value, x.dtype)
        inner = tuple(
            slice(max(before, 0), n - max(after, 0))
            for n, (before, after) in zip(result.shape, self.widths, strict=True)
        )
        kept = tuple(
            slice(max(-before, 0), n - max(-after, 0))
            for n, (before, after) in zip(x.shape, self.widths, strict=True)
        )
        result[inner] = x[kept]
        return result

    def backward(self, grad: Any) -> Any:
        return Pad([(-before, -after) for before, after in self.widths], 0)(grad)


def joinable(name: str, tensors: Sequence[Any]) -> Sequence[Any]:
    """Return what is to be joined; RuntimeError if there is nothing, TypeError for what is no
    tensor."""
    for i, tensor in enumerate(tensors):
        if not hasattr(tensor, "shape"):
            raise TypeError(
                f"{name}(): expected Tensor as element {i}, but got {type(tensor).__name__}"
            )
    if not len(tensors):
        raise RuntimeError(f"{name} expects a non-empty TensorList")
    return tensors


@numpy_names
def cat(tensors: Sequence[Any], dim: int = 0) -> Tensor:
    """Return the tensors one after the other along dimension `dim`.

    RuntimeError unless their shapes agree in the other dimensions; empty tensors of one dimension
    are left out.
    """
    if not len(tensors):
        raise ValueError("cat(): expected a non-empty list of Tensors")
    shapes = [tensor.shape for tensor in joinable("cat", tensors)]
    if () in shapes:
        raise RuntimeError(
            f"cat(): zero-dimensional tensor (at position {shapes.index(())}) cannot be "
            "concatenated; use stack()"
        )
    if (0,) in shapes and any(shape != (0,) for shape in shapes):
        tensors = [tensor for tensor, shape in zip(tensors, shapes, strict=True) if shape != (0,)]
        shapes = [shape for shape in shapes if shape != (0,)]
    first = shapes[0]
    dim = wrap_dim(dim, len(first))
    for i, shape in enumerate(shapes):
        if shape == first:
            continue
        if len(shape) != len(first):
            raise RuntimeError(
                f"cat(): Tensors must have same number of dimensions: got {list(first)} and "
                f"{list(shape)} (tensor {i})"
            )
        if shape[:dim] != first[:dim] or shape[dim + 1 :] != first[dim + 1 :]:
            raise RuntimeError(
                f"cat(): Sizes of tensors must match except in dimension {dim}: tensor 0 has "
                f"shape {list(first)}, tensor {i} {list(shape)}"
            )
    lengths = [shape[dim] for shape in shapes]
    return Join(_parts(dim, lengths), (*first[:dim], sum(lengths), *first[dim + 1 :]))(*tensors)


concat = concatenate = cat


@numpy_names
def stack(tensors: Sequence[Any], dim: int = 0) -> Tensor:
    """Return tensors of one shape side by side along a new dimension `dim`."""
    shapes = [tensor.shape for tensor in joinable("stack", tensors)]
    first = shapes[0]
    for i, shape in enumerate(shapes):
        if shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 "
                f"and {list(shape)} at entry {i}"
            )
    dim = wrap_dim(dim, len(first) + 1)
    return Join(_entries(dim, len(shapes)), (*first[:dim], len(shapes), *first[dim:]))(*tensors)


def _parts(dim: int, lengths: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return the index of each of the parts of a dimension that have these lengths."""
    before, ends = (ALL,) * dim, accumulate(lengths, initial=0)
    return [(*before, slice(start, end), ...) for start, end in pairwise(ends)]


def _entries(dim: int, count: int) -> list[tuple[Any, ...]]:
    """Return the index of each of `count` entries of a dimension."""
    return [(ALL,) * dim + (i, ...) for i in range(count)]


def hstack(tensors: Sequence[Any]) -> Tensor:
    """Return the tensors one after the other along dimension 1; vectors and numbers along dimension
    0.
    """
    tensors = [x if len(x.shape) else reshape(x, 1) for x in joinable("hstack", tensors)]
    return cat(tensors, dim=1 if len(tensors[0].shape) > 1 else 0)


def vstack(tensors: Sequence[Any]) -> Tensor:
    """Return the tensors one below the other, along dimension 0; vectors and numbers are rows."""
    rows = joinable("vstack", tensors)
    return cat([x if len(x.shape) > 1 else reshape(x, 1, -1) for x in rows])


row_stack = vstack


def _pieces(input: Any, indices: Sequence[tuple[Any, ...]]) -> tuple[Tensor, ...]:
    pieces = Pieces(indices)(input)
    if isinstance(input, Variable):
        # Each is the view that a slice alone would be; but their common node puts their gradients
        # together in one pass.
        for piece, index in zip(pieces, indices, strict=True):
            link_view(piece, Slice(index, source=input.array.shape), input)
    return pieces


@method()
@numpy_names
def split(
    tensor: Any, split_size_or_sections: int | Sequence[int], dim: int = 0
) -> tuple[Tensor, ...]:
    """Return views of parts of dimension `dim`: all of one length (the last perhaps shorter), or of
    the given lengths.

    RuntimeError if the given lengths do not add up.
    """
    dim = own_dim("split", dim, tensor.shape)
    size = tensor.shape[dim]
    if isinstance(split_size_or_sections, int):
        step = split_size_or_sections
        if step < 0 or (step == 0 and size):
            raise RuntimeError(f"split expects split_size be positive, but got split_size={step}")
        lengths = [min(step, size - start) for start in range(0, size, step)] if size else [0]
    else:
        lengths = [int(length) for length in split_size_or_sections]
        if min(lengths, default=0) < 0:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes have only non-negative entries, but got "
                f"split_sizes={lengths}"
            )
        if sum(lengths) != size:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's "
                f"size at dimension {dim}), but got split_sizes={lengths}"
            )
    return _pieces(tensor, _parts(dim, lengths))


@method()
@numpy_names
def split_with_sizes(input: Any, split_sizes: Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Return views of parts of dimension `dim` of the given lengths: see `split`."""
    return split(input, list(split_sizes), dim)


@method()
@numpy_names
def chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Return at most `chunks` views of parts of dimension `dim`, of one length but for the last."""
    if chunks < 1:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = input.shape[own_dim("chunk", dim, input.shape)]
    return split(input, math.ceil(size / chunks) if size else [0] * chunks, dim)


@method()
@numpy_names
def unbind(input: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Return a view of each slice along `dim`, without that dimension."""
    if not len(input.shape):
        raise IndexError("unbind: dimension specified as 0 but tensor has no dimensions")
    dim = wrap_dim(dim, len(input.shape))
    return _pieces(input, _entries(dim, input.shape[dim])) if input.shape[dim] else ()


# What np.pad calls the modes; by its indices, each of them is a selection along one dimension after
# the other.
_PAD_MODES: dict[str, Any] = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(
    input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """Return `input` lengthened at both ends of its last dimensions (shortened, where a width is
    negative).

    `pad` is (before, after) of the last dimension, then of the last but one, and so on. `mode` is
    "constant" (`value`, or 0), "reflect", "replicate" or "circular". RuntimeError for widths that
    do not fit the shape.
    """
    ndim = len(input.shape)
    if len(pad) % 2 or len(pad) > 2 * ndim:
        raise RuntimeError(
            f"pad: Padding length should be an even number of widths, at most {2 * ndim} for an "
            f"input of shape {list(input.shape)}, not {len(pad)}"
        )
    widths = [(0, 0)] * (ndim - len(pad) // 2) + [
        (pad[i], pad[i + 1]) for i in range(len(pad) - 2, -1, -2)
    ]
    for dim, (size, (before, after)) in enumerate(zip(input.shape, widths, strict=True)):
        longest = {"reflect": size - 1, "circular": size, "replicate": np.inf if size else 0}.get(
            mode, np.inf
        )
        if size + before + after < 0 or max(before, after) > max(longest, 0):
            raise RuntimeError(
                f"pad: widths ({before}, {after}) do not fit dimension {dim} of size {size} in "
                f"mode {mode!r}"
            )
    if mode == "constant":
        return Pad(widths, 0 if value is None else value)(input)
    if mode not in _PAD_MODES:
        raise NotImplementedError(
            f"Unrecognised padding mode {mode}: it is constant, reflect, replicate or circular"
        )
    if value is not None:
        raise ValueError(f'Padding mode "{mode}" doesn\'t take in value argument')
    for dim, (before, after) in enumerate(widths):
        if (before, after) != (0, 0):
            size = input.shape[dim]
            if mode == "replicate":
                index = np.arange(-before, size + after).clip(0, size - 1)
            else:
                kept = np.arange(size)[max(-before, 0) : size - max(-after, 0)]
                longer = (max(before, 0), max(after, 0))
                index = np.pad(kept, longer, mode=_PAD_MODES[mode])
            input = index_select(input, dim, index)
    return input


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Return, for vectors, the coordinates of the grid they span: views of shape (len(a), len(b),
    ...).

    indexing="xy" exchanges the first two dimensions.
    """
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        raise RuntimeError(
            f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}'
        )
    axes = list(range(len(tensors)))
    if indexing == "xy" and len(tensors) > 1:
        axes[:2] = 1, 0
    lengths = [math.prod(tensor.shape) for tensor in tensors]
    shape = tuple(lengths[axis] for axis in axes)
    return tuple(
        broadcast_to(
            reshape(
                tensor, tuple(n if axis == i else 1 for axis, n in zip(axes, shape, strict=True))
            ),
            shape,
        )
        for i, tensor in enumerate(tensors)
    )


unsafe_chunk = method("unsafe_chunk")(chunk)
unsafe_split = method("unsafe_split")(split)
