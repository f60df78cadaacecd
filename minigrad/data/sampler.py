"""Samplers: in which order the examples of a dataset are visited, and how they are grouped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any

import numpy as np

from .. import random
from ..autograd.op import unwrap, wrap
from ..ops.sampling import multinomial


class Sampler:
    """The indices of one epoch: subclass it with `__iter__`, and with `__len__` where it is known.

    A sampler that knows a whole epoch's indices beforehand, as those below do, defines
    `order()` -> int64 array instead: a batch of indices is then a slice of that.
    """

    def order(self) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} has neither order() nor __iter__")

    def __iter__(self) -> Iterator[Any]:
        return iter(self.order().tolist())


class SequentialSampler(Sampler):
    """0, 1, ... len(data_source) - 1."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def order(self) -> np.ndarray:
        return np.arange(len(self.data_source))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """A new random order each epoch, or `num_samples` independent draws with `replacement`.

    What is drawn depends on nothing but the state of `generator` (by default the one that
    `manual_seed` seeds) at the start of the epoch. Without replacement, more samples than there
    are examples means several permutations in a row.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: random.Generator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement should be a boolean value, but got {replacement=}")
        self.data_source = data_source
        self.replacement = replacement
        self.generator = generator
        self._num_samples = num_samples
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(
                f"num_samples should be a positive integer value, but got "
                f"num_samples={self.num_samples}"
            )

    @property
    def num_samples(self) -> int:
        """The number of indices in an epoch: by default the number of examples."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def order(self) -> np.ndarray:
        draw = (self.generator or random.default_generator).numpy
        size = len(self.data_source)
        if self.replacement:
            return draw.integers(size, size=self.num_samples)
        rounds = -(-self.num_samples // size)
        order = [draw.permutation(size) for _ in range(rounds)]
        return np.concatenate(order)[: self.num_samples]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """The given indices in a new random order each epoch."""

    def __init__(self, indices: Sequence[int], generator: random.Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def order(self) -> np.ndarray:
        draw = (self.generator or random.default_generator).numpy
        return draw.permutation(np.asarray(self.indices, np.int64))

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """`num_samples` indices an epoch, index i drawn in proportion to weights[i].

    With `replacement` an index may be drawn again: with weights 1 / (examples of its class), each
    class comes equally often. RuntimeError for weights that cannot be drawn from: see
    `multinomial`.
    """

    def __init__(
        self,
        weights: Any,
        num_samples: int,
        replacement: bool = True,
        generator: random.Generator | None = None,
    ) -> None:
        if not isinstance(num_samples, int) or isinstance(num_samples, bool) or num_samples <= 0:
            raise ValueError(
                f"num_samples should be a positive integer value, but got num_samples={num_samples}"
            )
        if not isinstance(replacement, bool):
            raise ValueError(
                f"replacement should be a boolean value, but got replacement={replacement}"
            )
        array = np.asarray(unwrap(weights), np.float64)
        if array.ndim != 1:
            raise ValueError(
                f"weights should be a 1d sequence but given weights have shape {array.shape}"
            )
        self.weights = wrap(array)
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def order(self) -> np.ndarray:
        drawn = multinomial(
            self.weights, self.num_samples, self.replacement, generator=self.generator
        )
        return drawn.array

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """The indices of `sampler` in lists of `batch_size`; the last may be shorter, or is dropped."""

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool = False) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(
                f"batch_size should be a positive integer value, but got batch_size={batch_size}"
            )
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def batches(self) -> Iterator[Any]:
        """The batches as int64 arrays where the sampler has an `order()`, as lists where not."""
        size = self.batch_size
        if keeps_up(self.sampler, "order", "__iter__"):
            order = self.sampler.order()  # type: ignore[attr-defined]
            stop = len(order) - len(order) % size if self.drop_last else len(order)
            for start in range(0, stop, size):
                yield order[start : start + size]
        else:
            indices = iter(self.sampler)
            while batch := list(islice(indices, size)):
                if len(batch) == size or not self.drop_last:
                    yield batch

    def __iter__(self) -> Iterator[list[Any]]:
        for batch in self.batches():
            yield batch if isinstance(batch, list) else batch.tolist()

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]
        return whole + (rest > 0 and not self.drop_last)


def keeps_up(thing: Any, fast: str, slow: str) -> bool:
    """Return whether `thing` can be used by its method `fast` in place of its method `slow`.

    Not so if it has no `fast`, or inherits it from a class above the one that defines `slow`: a
    subclass that changes what one element is must not be bypassed.
    """
    for cls in type(thing).__mro__:
        if fast in vars(cls):
            return True
        if slow in vars(cls):
            return False
    return False
