"""DataLoader: a dataset as batches, epoch after epoch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

from .. import random
from .collate import default_collate, default_convert
from .dataset import IterableDataset, example, examples, fetcher
from .sampler import BatchSampler, RandomSampler, SequentialSampler, keeps_up
from .workers import Worker, in_time

if TYPE_CHECKING:
    from concurrent.futures import Future

_END = object()  # in place of a batch, or of what to fetch: there is no more


class DataLoader:
    """Batches of `batch_size` examples of `dataset`, in the order of `sampler` or a random one.

    Iterating over it is one epoch. It depends on nothing but the state of `generator` (by default
    the one that `manual_seed` seeds) when the first batch is asked for: who restores that state, or
    calls `generator.manual_seed(seed + epoch)` before each epoch, gets the same batches again.
    This holds for random transforms too. While a batch is fetched, the default generator is one of
    this batch's own, so that what is drawn differs from batch to batch and from epoch to epoch, and
    does not depend on `num_workers`.

    A batch is what `default_collate` makes of its examples, or `collate_fn`. Without a `collate_fn`
    of its own, it is fetched by one call where the dataset defines `get_batch(indices)`, as
    TensorDataset, Subset and the image datasets do. `batch_sampler` yields lists of indices and
    takes the place of the options that make batches. With `batch_size=None` there are single
    examples instead of batches. An IterableDataset says itself in which order its examples come.

    With `num_workers`, batches are fetched ahead by that many threads, `prefetch_factor` (2) for
    each, and come in the same order. This is for examples that take time to read or to transform; a
    batch that is gathered from memory is there sooner without. Batch i is fetched by worker
    i % num_workers, with a copy of the dataset of its own (see `get_worker_info`), after the worker
    has called `worker_init_fn(id)`. What an example raises is raised where the batch is asked for.
    Workers are started for each epoch, or with `persistent_workers` once; `timeout` is how many
    seconds to wait for a batch before a RuntimeError, 0 for as long as it takes.

    `pin_memory`, `pin_memory_device`, `multiprocessing_context` and `in_order` are accepted for the
    sake of programs written for PyTorch, and change nothing.
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
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: random.Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if num_workers < 0:
            raise ValueError(f"num_workers option should be non-negative, got {num_workers}")
        if timeout < 0:
            raise ValueError(f"timeout option should be non-negative, got {timeout}")
        if prefetch_factor is not None and (num_workers == 0 or prefetch_factor < 0):
            raise ValueError(
                "prefetch_factor option should be non-negative, and needs num_workers > 0; got "
                f"{prefetch_factor} with {num_workers} workers"
            )
        if persistent_workers and num_workers == 0:
            raise ValueError("persistent_workers option needs num_workers > 0")
        self._iterable = isinstance(dataset, IterableDataset)
        if self._iterable:
            for name, value in (("shuffle", shuffle or None), ("sampler", sampler)):
                if value is not None:
                    raise ValueError(
                        f"DataLoader with IterableDataset: expected unspecified {name} option, but "
                        f"got {name}={value}: it comes in its own order"
                    )
            if batch_sampler is not None:
                raise ValueError(
                    "DataLoader with IterableDataset: expected unspecified batch_sampler option, "
                    f"but got batch_sampler={batch_sampler}: it comes in its own order"
                )
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
            if self._iterable:
                sampler = repeat(None)
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)
            else:
                sampler = SequentialSampler(dataset)
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
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.generator = generator
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.persistent_workers = persistent_workers
        self.pin_memory_device = pin_memory_device
        self.in_order = in_order
        self._workers: list[Worker] = []

    def __iter__(self) -> Iterator[Any]:
        return self._fetched_ahead() if self.num_workers else self._fetched_here()

    def _fetched_here(self) -> Iterator[Any]:
        fetch = self._fetcher(self.dataset)
        numbers = random.seeded(self._next_seed())
        for job in self._jobs():
            numbers.seed -= 1
            with numbers:
                batch = fetch(job)
            if batch is _END:
                return
            yield batch

    def _fetched_ahead(self) -> Iterator[Any]:
        seed = self._next_seed()
        workers = self._workers or [
            Worker(self.dataset, i, self.num_workers, seed + i, self.worker_init_fn)
            for i in range(self.num_workers)
        ]
        if self.persistent_workers:
            self._workers = workers
        fetches = {worker: self._fetcher(worker.info.dataset) for worker in workers}
        turns = deque(workers)
        ahead = len(workers) * max(1, self.prefetch_factor or 0)
        jobs = self._jobs()
        pending: deque[tuple[Worker, Future[Any]]] = deque()
        patient = True
        try:
            while True:
                while turns and len(pending) < ahead and (job := next(jobs, _END)) is not _END:
                    seed -= 1
                    worker = turns[0]
                    turns.rotate(-1)
                    pending.append((worker, worker.submit(fetches[worker], seed, job)))
                if not pending:
                    return
                worker, future = pending.popleft()
                patient = not self.timeout or in_time(future, self.timeout)
                if not patient:
                    raise RuntimeError(
                        f"DataLoader timed out after {self.timeout} seconds: worker "
                        f"{worker.info.id} has not fetched its batch"
                    )
                batch = future.result()
                if batch is not _END:
                    yield batch
                elif worker in turns:
                    turns.remove(worker)
        finally:
            for _, future in pending:
                future.cancel()
            if not self.persistent_workers:
                for worker in workers:
                    worker.stop(wait=patient)

    def _next_seed(self) -> int:
        """The seed of an epoch: batch i has seed - 1 - i, and worker i seed + i."""
        return (self.generator or random.default_generator).next_seed()

    def _jobs(self) -> Iterator[Any]:
        """What there is to fetch: the indices of each batch."""
        sampler = self.sampler if self.batch_sampler is None else self.batch_sampler
        if keeps_up(sampler, "batches", "__iter__"):
            return sampler.batches()  # type: ignore[attr-defined]
        return iter(sampler)

    def _fetcher(self, dataset: Any) -> Callable[[Any], Any]:
        """The function from indices to a batch of `dataset`, or to _END; from one index to an
        example where there are no batches."""
        collate, batched = self.collate_fn, self.batch_sampler is not None
        if self._iterable:
            stream: list[Iterator[Any]] = []  # begun by whom it is for, when the first is asked for

            def following(job: Any) -> Any:
                if not stream:
                    stream.append(iter(dataset))
                batch = list(islice(stream[0], len(job) if batched else 1))
                if not batch or (self.drop_last and len(batch) < len(job)):
                    return _END
                return collate(batch if batched else batch[0])

            return following
        if not batched:
            return lambda index: collate(example(dataset, index))
        if collate is default_collate:
            return fetcher(dataset)
        return lambda indices: collate(examples(dataset, indices))

    def __len__(self) -> int:
        """The number of batches in an epoch, where the dataset or the sampler knows it."""
        if not self._iterable:
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]
        if self.batch_size is None:
            return len(self.dataset)
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)
