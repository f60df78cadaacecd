"""Embeddings: rows of a table, looked up by integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op, unwrap
from ..autograd.versions import change_of, record_changes
from ..tensor import Tensor
from .arithmetic import mul
from .extrema import max as max_along
from .selection import where

__all__ = ["embedding", "embedding_bag"]


class Embedding(Op):
    """y_i = weight_(index_i): weight (rows, ...), index (*) of integers, y (*, ...)

    The gradient of a row is the sum of those of the places where it was used: not of row
    `padding_idx`, and if `by_frequency` their mean.
    """

    __slots__ = ("by_frequency", "padding_idx", "rows")

    def __init__(self, padding_idx: int | None = None, by_frequency: bool = False) -> None:
        self.padding_idx = padding_idx
        self.by_frequency = by_frequency

    def forward(self, weight: np.ndarray, index: np.ndarray) -> np.ndarray:
        self.rows = weight.shape[0]
        self.inputs = (None, index)
        flat = kernels.check_index(index.reshape(-1), self.rows, "embedding: index", "embeddings")
        fast = weight.dtype in (np.float32, np.float64)
        result = kernels.gather_rows(weight, flat) if fast else weight[flat]
        return result.reshape(index.shape + weight.shape[1:])

    def backward(self, grad: Any) -> tuple[Any, None]:
        index = unwrap(self.inputs[1])
        return EmbeddingGrad(index, self.rows, self.padding_idx, self.by_frequency)(grad), None


class EmbeddingGrad(Op):
    """The gradient of a table, from that of its embeddings: linear in it."""

    __slots__ = ("factors", "index", "padding_idx", "rows")

    def __init__(
        self, index: np.ndarray, rows: int, padding_idx: int | None, by_frequency: bool
    ) -> None:
        self.index = index
        self.rows = rows
        self.padding_idx = padding_idx
        self.factors = None
        if by_frequency:
            _, place, counts = np.unique(index, return_inverse=True, return_counts=True)
            self.factors = (1 / counts)[place].reshape(index.shape)

    def forward(self, grad: np.ndarray) -> np.ndarray:
        tail = grad.shape[self.index.ndim :]
        result = kernels.full((self.rows, *tail), 0, grad.dtype)
        flat = self.scaled(grad).reshape((self.index.size, *tail))
        kernels.scatter_add_rows(result, flat, self.index.reshape(-1))
        if self.padding_idx is not None:
            result[self.padding_idx] = 0
        return result

    def backward(self, grad: Any) -> Any:
        result = self.scaled(Embedding()(grad, self.index))
        if self.padding_idx is None:
            return result
        return where((self.index == self.padding_idx)[..., None], 0, result)

    def scaled(self, values: Any) -> Any:
        if self.factors is None:
            return values
        return mul(values, self.factors[..., None].astype(values.dtype))


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Return the rows of `weight` that the integers `input` name: (*), (rows, n) -> (*, n).

    Row `padding_idx` gets no gradient. With `max_norm`, the rows that are used are first scaled
    down, in place, to that norm_type-norm. With `scale_grad_by_freq`, the gradient of a row is
    divided by how often it was used. IndexError for a row that is not there, RuntimeError for an
    index that is not made of integers or a weight that is no matrix.
    """
    index = _checked("embedding", input, weight, sparse)
    padding_idx = own_row(padding_idx, weight.shape[0])
    if max_norm is not None:
        _renormalise(weight, index, max_norm, norm_type)
    return Embedding(padding_idx, scale_grad_by_freq)(weight, index)


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Return the sum, mean or maximum (`mode`) of the rows of `weight` that each bag names.

    A bag is a row of `input` (bags, length); or, with `input` (n) in one dimension, what lies from
    one of `offsets` (bags) to the next. What is `padding_idx` does not count; an empty bag is 0.
    With mode "sum", each row is multiplied by its `per_sample_weights`, of the shape of `input`.
    ValueError, NotImplementedError or RuntimeError for what does not fit.
    """
    index = _checked("embedding_bag", input, weight, sparse)
    padding_idx = own_row(padding_idx, weight.shape[0])
    if mode not in ("sum", "mean", "max"):
        raise ValueError("embedding_bag: mode has to be one of sum, mean or max")
    if scale_grad_by_freq:
        raise NotImplementedError("embedding_bag: scale_grad_by_freq is not implemented")
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            f"embedding_bag: per_sample_weights is only supported for mode='sum' (got {mode!r})"
        )
    if per_sample_weights is not None and tuple(per_sample_weights.shape) != index.shape:
        raise ValueError(
            f"embedding_bag: expected per_sample_weights of the shape of input, "
            f"{list(index.shape)}, not {list(per_sample_weights.shape)}"
        )
    places, inside = _bags(index, offsets, include_last_offset)
    flat = index.reshape(-1) if index.size else np.zeros(1, np.int64)
    bags = flat[places]  # (bags, longest), places outside of a bag name any row
    if padding_idx is not None:
        inside = inside & (bags != padding_idx)
    if max_norm is not None:
        _renormalise(weight, bags[inside], max_norm, norm_type)
    bags = np.where(inside, bags, 0)
    rows = Embedding()(weight, bags)
    counts = inside.sum(1, keepdims=True)
    if mode == "max":
        rows = where(inside[..., None], rows, -np.inf)
        return where(counts > 0, max_along(rows, 1)[0], 0)
    if per_sample_weights is not None:
        rows = mul(rows, per_sample_weights.reshape(-1)[places][..., None])
    total = where(inside[..., None], rows, 0).sum(1)
    if mode == "sum":
        return total
    return mul(total, (1 / np.maximum(counts, 1)).astype(weight.dtype))


def _bags(
    index: np.ndarray, offsets: Any, include_last_offset: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return where in the flat index the elements of each bag are, and whether there is one:
    (bags, longest)."""
    if index.ndim == 2:
        if offsets is not None:
            raise ValueError(
                "embedding_bag: if input is 2D, then offsets has to be None, as input is treated "
                "as a mini-batch of bags of one length"
            )
        return np.arange(index.size).reshape(index.shape), np.ones(index.shape, bool)
    starts = np.asarray(unwrap(offsets))
    if index.ndim != 1 or starts.ndim != 1 or offsets is None:
        raise ValueError(
            f"embedding_bag: input has to be 2D, or 1D with 1D offsets, not of shape "
            f"{list(index.shape)} with offsets {offsets}"
        )
    ends = np.append(starts[1:], index.size)
    if include_last_offset:
        starts, ends = starts[:-1], ends[:-1]
    lengths = ends - starts
    if (starts[:1] != 0).any() or (lengths < 0).any():
        raise RuntimeError(
            f"embedding_bag: offsets have to rise from 0 to at most {index.size}, the length of "
            f"input, but they are {starts.tolist()}"
        )
    steps = np.arange(max(lengths.max(initial=0), 1))
    inside = steps < lengths[:, None]
    return np.where(inside, starts[:, None] + steps, 0), inside


def _checked(name: str, input: Any, weight: Any, sparse: bool) -> np.ndarray:
    index = np.asarray(unwrap(input))
    if index.dtype.kind not in "iu":
        raise RuntimeError(f"{name}: expected integers for input, not {index.dtype}")
    if weight.ndim != 2:
        raise RuntimeError(
            f"{name}: 'weight' must be 2-D, (rows, features), not of shape {list(weight.shape)}"
        )
    if sparse:
        raise NotImplementedError(
            f"{name}: there are no sparse gradients; with sparse=False they are the same, dense"
        )
    return index.astype(np.int64, copy=False)


def own_row(padding_idx: int | None, rows: int) -> int | None:
    """Return `padding_idx` counted from the front; AssertionError if it is not a row."""
    if padding_idx is None:
        return None
    if not -rows <= padding_idx < rows:
        raise AssertionError(f"padding_idx must be within the {rows} rows, not {padding_idx}")
    return padding_idx % rows


def _renormalise(weight: Any, index: np.ndarray, max_norm: float, norm_type: float) -> None:
    table = unwrap(weight)
    used = np.unique(kernels.check_index(index.reshape(-1), len(table), "embedding: index", "rows"))
    rows = table[used]
    norms = np.linalg.norm(rows, norm_type, axis=1, keepdims=True)
    table[used] = np.where(norms > max_norm, rows * (max_norm / (norms + 1e-7)), rows)
    record_changes((change_of(table),), "embedding with max_norm")
