"""The workers of a DataLoader: threads that fetch batches ahead.

Threads, not processes. Reading files, NumPy and the kernels release the interpreter's lock, so that
what is worth handing to a worker runs beside the training; a batch comes back without being copied
or pickled; whatever the dataset holds is not doubled; nothing has to start up. Forked processes
would hang in the first library that has OpenMP threads of its own, spawned ones take seconds to
import the program again. What threads do not speed up is a dataset that computes in Python alone.

In a worker the kernels run on one thread: the others belong to the training.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import random
from .._native import set_thread_serial
from .dataset import Dataset, add_note

if TYPE_CHECKING:
    from concurrent.futures import Future


class WorkerInfo(NamedTuple):
    """What `get_worker_info` tells a worker about itself.

    id           0 ... num_workers - 1
    num_workers  how many there are
    seed         another one for each worker, and for each time that workers are started
    dataset      this worker's copy, as `copy.copy` makes one: setting its attributes here changes
                 it for this worker alone, but what it holds is shared by all
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


class _Here(threading.local):
    info: WorkerInfo | None = None


_here = _Here()


def get_worker_info() -> WorkerInfo | None:
    """Return what there is to know about the worker that asks; None outside of a DataLoader's."""
    return _here.info


class Worker:
    """A thread that does one thing after the other, with a copy of the dataset."""

    def __init__(
        self, dataset: Any, id: int, num_workers: int, seed: int, init: Callable[[int], None] | None
    ) -> None:
        from concurrent.futures import ThreadPoolExecutor  # here: it takes 10 ms to import

        # Only what was written for it: copying a list or an array would copy all it holds.
        dataset = copy.copy(dataset) if isinstance(dataset, Dataset) else dataset
        self.info = WorkerInfo(id, num_workers, seed, dataset)
        self._pool = ThreadPoolExecutor(1, f"DataLoader worker {id}")
        self._started = self._pool.submit(self._start, init)

    def _start(self, init: Callable[[int], None] | None) -> None:
        _here.info = self.info
        set_thread_serial(True)
        if init is not None:
            with random.seeded(self.info.seed):
                init(self.info.id)

    def submit(self, fetch: Callable[[Any], Any], seed: int, job: Any) -> Future[Any]:
        """Have the thread call fetch(job), with a default generator that starts from `seed`."""
        return self._pool.submit(self._call, fetch, seed, job)

    def _call(self, fetch: Callable[[Any], Any], seed: int, job: Any) -> Any:
        try:
            self._started.result()
            with random.seeded(seed):
                return fetch(job)
        except Exception as error:
            add_note(error, f"in DataLoader worker {self.info.id} of {self.info.num_workers}")
            raise

    def stop(self, wait: bool) -> None:
        """Take back what was not begun, and end the thread."""
        self._pool.shutdown(wait, cancel_futures=True)


def in_time(future: Future[Any], seconds: float) -> bool:
    """Return whether there is a result within this time."""
    from concurrent.futures import wait

    return bool(wait([future], seconds).done)
