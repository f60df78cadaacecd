"""The same elements several times: `expand` takes no memory for it, `repeat` and `tile` copy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd.op import Op
from ..tensor import Tensor, method
from .broadcasting import reduce_to
from .conversion import clone
from .dims import by_name
from .shape import Reshape, as_sizes

__all__ = ["broadcast_tensors", "broadcast_to", "tile"]


class Expand(Op):
    """x repeated along new dimensions and those of length 1, without memory of its own.

    source  shape and dtype of x
    """

    __slots__ = ("shape", "source")
    is_view = True

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.source = x.shape, x.dtype
        if math.prod(self.shape) == x.size:
            return x.reshape(self.shape)  # nothing is repeated: this view may be written to
        result = np.broadcast_to(x, self.shape)
        # NumPy makes it read-only; but a part of it that does not overlap itself may be written to.
        result.flags.writeable = x.flags.writeable
        return result

    def backward(self, grad: Any) -> Any:
        return reduce_to(grad, *self.source)


@method()
@by_name("size")
def expand(input: Any, *sizes: Any) -> Tensor:
    """Return a view repeated to `sizes` along new dimensions in front and those of length 1; -1
    keeps a length.

    RuntimeError if another dimension would change its length.
    """
    shape, target = input.shape, as_sizes(sizes)
    new = len(target) - len(shape)
    if new < 0:
        raise RuntimeError(
            f"expand: the number of sizes provided ({len(target)}) must be greater or equal to "
            f"the number of dimensions in the tensor ({len(shape)}), of shape {list(shape)}"
        )
    result = list(target)
    for i, size in enumerate(target):
        if i < new:
            if size < 0:
                raise RuntimeError(
                    f"The expanded size of the tensor ({size}) isn't allowed in a leading, "
                    f"non-existing dimension {i}"
                )
            continue
        if size == -1:
            result[i] = shape[i - new]
        elif size != shape[i - new] and shape[i - new] != 1:
            raise RuntimeError(
                f"The expanded size of the tensor ({size}) must match the existing size "
                f"({shape[i - new]}) at non-singleton dimension {i}.  Target sizes: "
                f"{list(target)}.  Tensor sizes: {list(shape)}"
            )
    return Expand(tuple(result))(input)


@method()
def expand_as(input: Any, other: Any) -> Tensor:
    """Return a view expanded to the shape of `other`: see `Tensor.expand`."""
    return expand(input, other.shape)


@method()
def broadcast_to(input: Any, size: Sequence[int]) -> Tensor:
    """Return a view expanded to `size`: see `Tensor.expand`."""
    return expand(input, size)


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Return each tensor expanded to the shape to which they broadcast together."""
    try:
        shape = np.broadcast_shapes(*(tensor.shape for tensor in tensors))
    except ValueError:
        raise RuntimeError(
            f"broadcast_tensors: the shapes {[list(tensor.shape) for tensor in tensors]} do not "
            f"broadcast: lengths must agree, or be 1, counted from the last dimension"
        ) from None
    return tuple(expand(tensor, shape) for tensor in tensors)


@method()
@by_name("repeats")
def repeat(input: Any, *sizes: Any) -> Tensor:
    """Return copies of `input` side by side, sizes[i] of them along dimension i; sizes may name new
    dimensions in front.
    """
    counts, shape = as_sizes(sizes), input.shape
    new = len(counts) - len(shape)
    if new < 0:
        raise RuntimeError(
            f"Number of dimensions of repeat dims ({len(counts)}) can not be smaller than number "
            f"of dimensions of tensor ({len(shape)})"
        )
    shape = (1,) * new + tuple(shape)
    # Each dimension n becomes (1, n), expands to (count, n), and these two are read as one.
    pairs = tuple(zip(counts, shape, strict=True))
    spread = Expand(sum(pairs, ()))(Reshape(tuple(k for n in shape for k in (1, n)))(input))
    return Reshape(tuple(count * n for count, n in pairs))(clone(spread))


@method()
@by_name("dims")
def tile(input: Any, *dims: Any) -> Tensor:
    """Return copies of `input` side by side: as `Tensor.repeat`, with counts of 1 in front where
    there are too few.
    """
    counts = as_sizes(dims)
    return repeat(input, (1,) * (len(input.shape) - len(counts)) + counts)
