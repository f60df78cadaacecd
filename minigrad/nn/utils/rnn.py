"""Sequences of several lengths as one tensor: padded, or packed step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...autograd.op import unwrap, wrap
from ...ops.creation import full
from ...ops.gathering import index_select
from ...ops.joining import cat
from ...ops.shape import reshape
from ...tensor import Tensor

__all__ = [
    "PackedSequence",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class PackedSequence(NamedTuple):
    """Sequences of several lengths, the longest first, without padding: made by `pack_sequence`.

    data (sum of the lengths, ...) has the first step of all sequences, then the second one of those
    that have one, and so on: of step t, batch_sizes[t]. sorted_indices says which sequence of the
    batch came first, second, ..., and unsorted_indices is its inverse; None if they were in order.
    """

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Return one with `data.to(...)`."""
        return self._replace(data=self.data.to(*args, **kwargs))


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Return the first `lengths` steps of each sequence of `input`, (steps, batch, ...) or with
    batch_first (batch, steps, ...), packed.

    RuntimeError unless there is a length from 1 to steps for each, and, with enforce_sorted, they do
    not rise.
    """
    steps, batch = input.shape[1::-1] if batch_first else input.shape[:2]
    lengths = np.asarray(unwrap(lengths), np.int64)
    if lengths.shape != (batch,):
        raise RuntimeError(
            f"pack_padded_sequence: Expected `len(lengths)` to be equal to batch_size, but got "
            f"lengths of shape {list(lengths.shape)} (batch_size={batch})"
        )
    if not batch or lengths.min() <= 0 or lengths.max() > steps:
        raise RuntimeError(
            f"pack_padded_sequence: Length of all samples has to be greater than 0, and at most the "
            f"{steps} steps there are, but they are {lengths.tolist()}"
        )
    order = np.arange(batch)
    if not enforce_sorted:
        order = np.argsort(-lengths, kind="stable")
    elif (np.diff(lengths) > 0).any():
        raise RuntimeError(
            "pack_padded_sequence: `lengths` array must be sorted in decreasing order when "
            "`enforce_sorted` is True. You can pass `enforce_sorted=False` to have it sorted."
        )
    there = np.arange(lengths.max())[:, None] < lengths[order]  # (steps, batch)
    step, place = np.nonzero(there)
    rows = order[place] * steps + step if batch_first else step * batch + order[place]
    data = index_select(reshape(input, (steps * batch, *input.shape[2:])), 0, rows)
    sizes = wrap(there.sum(1))
    if enforce_sorted:
        return PackedSequence(data, sizes)
    return PackedSequence(data, sizes, wrap(order), wrap(np.argsort(order)))


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Return the sequences (steps, batch, ...), or with batch_first (batch, steps, ...), padded to
    the longest one or to total_length; and their lengths. ValueError if total_length is too short.
    """
    data, batch_sizes, _, back = sequence
    sizes = batch_sizes.array
    there = np.arange(sizes[0]) < sizes[:, None]  # (steps, batch)
    rows = np.where(there, (np.cumsum(sizes) - sizes)[:, None] + np.arange(sizes[0]), -1)
    if back is not None:
        rows, there = rows[:, back.array], there[:, back.array]
    if total_length is not None:
        if total_length < len(sizes):
            raise ValueError(
                f"Expected total_length to be at least the length of the longest sequence in input, "
                f"but got total_length={total_length} and max sequence length being {len(sizes)}"
            )
        rows = np.pad(rows, ((0, total_length - len(sizes)), (0, 0)), constant_values=-1)
    padded = _rows_or(data, rows.T if batch_first else rows, padding_value)
    return padded, wrap(there.sum(0))


def pad_sequence(
    sequences: Any,
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Return sequences (length, ...) side by side, padded at the "right" end or the "left" one to
    the longest: (steps, batch, ...), or with batch_first (batch, steps, ...).
    """
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"padding_side should be 'left' or 'right', got {padding_side!r}")
    sequences = list(sequences)
    if not sequences:
        raise RuntimeError("pad_sequence: received an empty list of sequences")
    lengths = np.array([len(x) for x in sequences])
    steps = lengths.max()
    missing = (steps - lengths if padding_side == "left" else np.zeros_like(lengths))[:, None]
    step = np.arange(steps) - missing  # (batch, steps)
    there = (step >= 0) & (step < lengths[:, None])
    rows = np.where(there, (np.cumsum(lengths) - lengths)[:, None] + step, -1)
    return _rows_or(cat(sequences), rows if batch_first else rows.T, padding_value)


def _rows_or(data: Any, rows: np.ndarray, value: float) -> Tensor:
    """Return the rows of `data` (n, ...) that `rows` names, and `value` where it is -1."""
    filler = full((1, *data.shape[1:]), value, dtype=data.dtype)
    found = index_select(cat([data, filler]), 0, rows.reshape(-1) % (len(data) + 1))
    return reshape(found, (*rows.shape, *data.shape[1:]))


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Tensor]:
    """Return the sequences that `pad_sequence` padded on the right, as a list."""
    dim = 0 if batch_first else 1
    lengths = np.asarray(unwrap(lengths)).tolist()
    return [padded_sequences.select(dim, i)[:length] for i, length in enumerate(lengths)]


def pack_sequence(sequences: Sequence[Any], enforce_sorted: bool = True) -> PackedSequence:
    """Return sequences (length, ...), packed: see `pack_padded_sequence`."""
    lengths = [len(x) for x in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Return what `pack_sequence` packed, as a list."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences))
