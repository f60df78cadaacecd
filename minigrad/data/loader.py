"""DataLoader: a dataset as batches, epoch after epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .. import random
from .collate import default_collate, default_convert
from .dataset import examples, fetcher
from .sampler import BatchSampler, RandomSampler, SequentialSampler, keeps_up


class DataLoader:
    """Batches of `batch_size` examples of `dataset`, in the order of `sampler` or a random one.

    Iterating over it is one epoch. Its order depends on nothing but the state of `generator` (by
    default the one that `manual_seed` seeds) when the first batch is asked for: who restores that
    state gets the same batches again.

    A batch is what `default_collate` makes of its examples, or `collate_fn`. Without a `collate_fn`
    of its own, it is fetched by one call where the dataset defines `get_batch(indices)`, as
    TensorDataset, Subset and the image datasets do. `batch_sampler` yields lists of indices and
    takes the place of the options that make batches. With `batch_size=None` there are single
    examples instead of batches.

    Examples are always fetched in the calling thread: gathering a batch takes less time than
    handing it over from another process would, so `num_workers` and `pin_memory` are accepted for
    the sake of programs written for PyTorch, and change nothing.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        *,
        generator: random.Generator | None = None,
    ) -> None:
        if num_workers < 0:
            raise ValueError(f"num_workers option should be non-negative, got {num_workers}")
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, "
                    "and drop_last"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError(
                "batch_size=None option disables auto-batching and is mutually exclusive with "
                "drop_last"
            )
        if sampler is None:
            sampler = (
                RandomSampler(dataset, generator=generator)
                if shuffle
                else SequentialSampler(dataset)
            )
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.collate_fn = collate_fn or (
            default_convert if batch_sampler is None else default_collate
        )
        self.pin_memory = pin_memory
        self.drop_last = drop_last
        self.generator = generator

    def __iter__(self) -> Iterator[Any]:
        dataset, sampler = self.dataset, self.batch_sampler
        if sampler is None:
            for index in self.sampler:
                yield self.collate_fn(dataset[index])
            return
        batches = sampler
        if keeps_up(sampler, "batches", "__iter__"):
            batches = sampler.batches()  # type: ignore[attr-defined]
        if self.collate_fn is default_collate:
            fetch = fetcher(dataset)
            for indices in batches:
                yield fetch(indices)
        else:
            for indices in batches:
                yield self.collate_fn(examples(dataset, indices))

    def __len__(self) -> int:
        """The number of batches in an epoch, where the sampler knows it."""
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]
