"""Datasets: collections of examples, and how a whole batch of them is fetched at once."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import kernels, random
from ..autograd.op import wrap
from ..tensor import Tensor
from .collate import default_collate
from .sampler import keeps_up


class Dataset:
    """A collection of examples: subclass it with `__getitem__(index)` and `__len__()`.

    A dataset that can gather many examples at once also defines `get_batch(indices)`. It takes an
    int64 array and returns what `default_collate` would make of these examples, in one go.
    """

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__")


class TensorDataset(Dataset):
    """Example i is the tuple of row i of each Tensor; all must have the same first dimension."""

    def __init__(self, *tensors: Tensor) -> None:
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    f"TensorDataset: expected Tensors, got {type(tensor).__name__}; "
                    "from_numpy(array) makes one over an array's memory"
                )
        lengths = [len(tensor) for tensor in tensors]
        if len(set(lengths)) != 1:
            raise ValueError(
                f"TensorDataset: the tensors have first dimensions {lengths}; "
                "they must be equal, one row an example"
            )
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])

    def get_batch(self, indices: np.ndarray) -> list[Tensor]:
        return [gather(tensor, indices) for tensor in self.tensors]


class Subset(Dataset):
    """The examples of `dataset` at `indices`, which are kept as an int64 array."""

    def __init__(self, dataset: Any, indices: Sequence[int] | np.ndarray) -> None:
        self.dataset = dataset
        indices = np.asarray(indices)
        if indices.dtype.kind not in "iu" and indices.size:
            raise TypeError(f"Subset: indices must be integers, got {indices.dtype}")
        self.indices = indices.astype(np.int64)

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[self.indices[index].tolist()]

    def __len__(self) -> int:
        return len(self.indices)

    def get_batch(self, indices: np.ndarray) -> Any:
        return fetcher(self.dataset)(self.indices[indices])


def random_split(
    dataset: Any, lengths: Sequence[float], generator: random.Generator | None = None
) -> list[Subset]:
    """Return the dataset randomly cut into Subsets of these lengths, or of these fractions of it.

    Fractions must add up to 1; what rounding down leaves over goes to the first Subsets, one each.
    """
    size = len(dataset)
    if math.isclose(sum(lengths), 1):
        counts = [math.floor(size * fraction) for fraction in lengths]
        for i in range(size - sum(counts)):
            counts[i % len(counts)] += 1
    else:
        counts = [operator.index(length) for length in lengths]  # type: ignore[arg-type]
    if sum(counts) != size or min(lengths) < 0:
        raise ValueError(
            f"random_split: the lengths {list(lengths)} must not be negative, and must add up to "
            f"the dataset's {size} examples, or as fractions to 1; they add up to {sum(lengths)}"
        )
    order = (generator or random.default_generator).numpy.permutation(size)
    ends = np.cumsum(counts).tolist()
    return [
        Subset(dataset, order[end - count : end]) for count, end in zip(counts, ends, strict=True)
    ]


def fetcher(dataset: Any) -> Callable[[Any], Any]:
    """Return the function from indices to a batch: gathered whole where the dataset can do that,
    else of examples fetched one by one."""
    if keeps_up(dataset, "get_batch", "__getitem__"):
        get_batch = dataset.get_batch
        return lambda indices: get_batch(np.asarray(indices))
    return lambda indices: default_collate(examples(dataset, indices))


def examples(dataset: Any, indices: Any) -> list[Any]:
    """Return the list of these examples; `__getitems__(list)` is PyTorch's hook for that."""
    indices = indices.tolist() if isinstance(indices, np.ndarray) else indices
    if hasattr(dataset, "__getitems__"):
        return dataset.__getitems__(indices)
    return [dataset[index] for index in indices]


def gather(tensor: Tensor, indices: np.ndarray) -> Tensor:
    """Return tensor[indices], recorded if the tensor wants a gradient."""
    return tensor[indices] if tensor.requires_grad else wrap(gather_rows(tensor.array, indices))


def gather_rows(
    array: np.ndarray, indices: np.ndarray, values: np.ndarray | None = None
) -> np.ndarray:
    """Return array[indices], or values[array[indices]] for bytes and the 256 `values` of a byte."""
    # Not np.take, which makes all of a non-contiguous array contiguous first, as the kernels would.
    if array.ndim > 1 and array.flags.c_contiguous:
        try:
            if values is not None:
                return kernels.gather_rows_u8(array, indices, values)
            if array.dtype in (np.float32, np.float64):
                return kernels.gather_rows(array, indices)
        except IndexError:  # there may be negative ones, that count from the end
            pass
    rows = array[indices]
    return rows if values is None else values[rows]
