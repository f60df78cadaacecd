"""From a list of examples to one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..autograd.op import wrap
from ..ops.joining import cat, stack
from ..tensor import Tensor


def default_convert(data: Any) -> Any:
    """Return arrays as Tensors, also those in dicts, tuples and lists; all else as it is."""
    if isinstance(data, (np.ndarray, np.generic)):
        return wrap(np.asarray(data)) if data.dtype.kind in "fiub" else data
    return _rebuild(data, default_convert) if _is_container(data) else data


def default_collate(batch: Sequence[Any]) -> Any:
    """Return one batch of examples: Tensors and arrays stacked along a new first dimension.

    Numbers become a Tensor (Python floats float64, as in PyTorch), strings stay a list, and dicts,
    tuples and lists are collated entry by entry; a tuple becomes a list.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, np.ndarray):
        return stack([wrap(array) for array in batch])
    if isinstance(first, (bool, int, float, np.number, np.bool_)):
        return wrap(np.array(batch))
    if isinstance(first, (str, bytes)):
        return batch
    if _is_container(first):
        return _collate_containers(batch)
    raise TypeError(
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
        f"found {type(first).__name__}; give the DataLoader a collate_fn for it"
    )


def merge(parts: Sequence[Any], order: np.ndarray) -> Any:
    """Return one batch of several that `default_collate` made: its example i is number order[i] of
    all their examples in a row."""
    first = parts[0]
    if isinstance(first, Tensor):
        return cat(parts)[order]
    if isinstance(first, Mapping):
        return {key: merge([part[key] for part in parts], order) for key in first}
    if first and isinstance(first[0], (str, bytes)):
        examples = [example for part in parts for example in part]
        return [examples[i] for i in order]
    fields = [merge(field, order) for field in zip(*parts, strict=True)]
    return type(first)(*fields) if hasattr(first, "_fields") else fields


def _is_container(data: Any) -> bool:
    return isinstance(data, (Mapping, Sequence)) and not isinstance(data, (str, bytes))


def _collate_containers(batch: Sequence[Any]) -> Any:
    first = batch[0]
    if isinstance(first, Mapping):
        return {key: default_collate([example[key] for example in batch]) for key in first}
    sizes = {len(example) for example in batch}
    if len(sizes) > 1:
        raise RuntimeError(
            f"each element in list of batch should be of equal size, found sizes {sorted(sizes)}"
        )
    fields = [default_collate(field) for field in zip(*batch, strict=True)]
    return type(first)(*fields) if hasattr(first, "_fields") else fields


def _rebuild(data: Any, function: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: function(value) for key, value in data.items()}
    values = [function(value) for value in data]
    return type(data)(*values) if hasattr(data, "_fields") else values
