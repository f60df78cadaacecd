"""Datasets: collections of examples, and how a whole batch of them is fetched at once."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from .. import kernels, random
from ..autograd.op import wrap
from ..tensor import Tensor
from .collate import default_collate, merge
from .sampler import keeps_up


class Dataset:
    """A collection of examples: subclass it with `__getitem__(index)` and `__len__()`.

    A dataset that can gather many examples at once also defines `get_batch(indices)`. It takes an
    int64 array and returns what `default_collate` would make of these examples, in one go.
    """

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__")

    def __add__(self, other: Any) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """Examples that come one after the other: subclass it with `__iter__()`.

    Each worker of a DataLoader iterates over all of it, unless `__iter__` asks `get_worker_info`
    which share of the examples is meant.
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__")

    def __add__(self, other: Any) -> ChainDataset:  # type: ignore[override]
        return ChainDataset([self, other])


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


class ConcatDataset(Dataset):
    """The examples of several datasets, one dataset after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("datasets should not be an empty iterable")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise AssertionError(
                "ConcatDataset does not support IterableDataset: ChainDataset does"
            )
        self.cumulative_sizes = np.cumsum([len(dataset) for dataset in self.datasets]).tolist()

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        if index < 0:
            if -index > len(self):
                raise ValueError(
                    f"absolute value of index should not exceed dataset length, got {index} for "
                    f"{len(self)} examples"
                )
            index += len(self)
        if index >= len(self):
            raise IndexError(f"index {index} is out of range for {len(self)} examples")
        which = int(np.searchsorted(self.cumulative_sizes, index, side="right"))
        return self.datasets[which][index - self._start(which)]

    def get_batch(self, indices: np.ndarray) -> Any:
        size = len(self)
        outside = (indices < -size) | (indices >= size)
        if outside.any():
            raise IndexError(f"index {indices[outside][0]} is out of range for {size} examples")
        indices = np.where(indices < 0, indices + size, indices)
        which = np.searchsorted(self.cumulative_sizes, indices, side="right")
        parts, places = [], []
        for number in np.unique(which).tolist():
            places.append(np.flatnonzero(which == number))
            own = indices[places[-1]] - self._start(number)
            parts.append(fetcher(self.datasets[number])(own))
        return merge(parts, np.argsort(np.concatenate(places)))

    def _start(self, which: int) -> int:
        """The index of the first example of a dataset."""
        return self.cumulative_sizes[which - 1] if which else 0


class StackDataset(Dataset):
    """Example i is the tuple of example i of each dataset, or for named datasets the dict of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and kwargs:
            raise ValueError("StackDataset: give all datasets by position, or all by name")
        self.datasets: tuple[Any, ...] | dict[str, Any] = args or kwargs
        if not self.datasets:
            raise ValueError("At least one dataset should be passed")
        lengths = [len(dataset) for dataset in (args or kwargs.values())]
        if len(set(lengths)) > 1:
            raise ValueError(f"Size mismatch between datasets: they have {lengths} examples")
        self._length = lengths[0]

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Any:
        return self._of_each(lambda dataset: dataset[index])

    def get_batch(self, indices: np.ndarray) -> Any:
        fields = self._of_each(lambda dataset: fetcher(dataset)(indices))
        return list(fields) if isinstance(fields, tuple) else fields

    def _of_each(self, function: Callable[[Any], Any]) -> Any:
        if isinstance(self.datasets, dict):
            return {name: function(dataset) for name, dataset in self.datasets.items()}
        return tuple(map(function, self.datasets))


class ChainDataset(IterableDataset):
    """The examples of several IterableDatasets, one dataset after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not all(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise AssertionError("ChainDataset only supports IterableDataset: ConcatDataset others")

    def __iter__(self) -> Iterator[Any]:
        for dataset in self.datasets:
            yield from dataset

    def __len__(self) -> int:
        return sum(map(len, self.datasets))


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
    return [example(dataset, index) for index in indices]


def example(dataset: Any, index: Any) -> Any:
    """Return dataset[index]; what that raises says which example it was."""
    try:
        return dataset[index]
    except Exception as error:
        add_note(error, f"while fetching example {index!r} of {type(dataset).__name__}")
        raise


def add_note(error: Exception, note: str) -> None:
    """Have the traceback end in this note, where Python knows notes (3.11)."""
    if hasattr(error, "add_note"):
        error.add_note(note)


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
