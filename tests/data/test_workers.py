"""DataLoader(num_workers=...): the same batches, errors where they are asked for, nothing left behind."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import minigrad as mg
from minigrad import _native
from minigrad.data import (
    ChainDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    TensorDataset,
    get_worker_info,
)


class Noisy(Dataset):
    """Example i is (i, a random number)."""

    def __init__(self, n=20):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        time.sleep(0.0005 * (index % 3))  # workers overtake each other
        return index, mg.rand(1).item()


def epochs(options):
    mg.manual_seed(3)
    loader = DataLoader(Noisy(), 3, shuffle=True, **options)
    return [[[part.tolist() for part in batch] for batch in loader] for _ in range(2)]


def workers_left():
    return [thread for thread in threading.enumerate() if "DataLoader" in thread.name]


@pytest.mark.parametrize(
    "options",
    [
        {"num_workers": 1},
        {"num_workers": 3},
        {"num_workers": 2, "prefetch_factor": 7},
        {"num_workers": 2, "prefetch_factor": 0},
        {"num_workers": 2, "persistent_workers": True},
        {"num_workers": 30},
    ],
)
def test_order_and_random_numbers_are_those_without_workers(options):
    expected = epochs({})
    assert epochs(options) == expected
    drawn = [value for epoch in expected for _, values in epoch for value in values]
    assert len(set(drawn)) == 40


def test_drawing_in_a_fetch_leaves_the_default_generator_alone():
    states = []
    for dataset in (Noisy(), TensorDataset(mg.zeros(20))):
        mg.manual_seed(1)
        list(DataLoader(dataset, 4, num_workers=2))
        states.append(mg.get_rng_state().tolist())
    assert states[0] == states[1]


def test_an_epoch_is_a_function_of_seed_and_epoch():
    generator = mg.Generator()
    loader = DataLoader(Noisy(), 4, shuffle=True, generator=generator, num_workers=2)

    def epoch(number):
        generator.manual_seed(100 + number)
        return [[part.tolist() for part in batch] for batch in loader]

    assert epoch(0) != epoch(1) and epoch(1) == epoch(1)


class Failing(Noisy):
    def __getitem__(self, index):
        if index == 7:
            raise KeyError("seven")
        return index


@pytest.mark.parametrize("num_workers", [0, 2])
def test_an_error_comes_in_its_turn_with_its_traceback_and_index(num_workers):
    loader = iter(DataLoader(Failing(), 3, num_workers=num_workers))
    assert [next(loader).tolist() for _ in range(2)] == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(KeyError, match="seven") as caught:
        next(loader)
    assert caught.traceback[-1].name == "__getitem__"
    if sys.version_info >= (3, 11):
        notes = caught.value.__notes__
        assert notes[0] == "while fetching example 7 of Failing"
        assert notes[1:] == (["in DataLoader worker 0 of 2"] if num_workers else [])
    assert not workers_left()


def test_no_thread_is_left_behind():
    loader = DataLoader(Noisy(), 2, num_workers=3)
    iterator = iter(loader)
    next(iterator)
    assert len(workers_left()) == 3
    del iterator
    assert not workers_left()
    list(loader)
    assert not workers_left()
    lasting = DataLoader(Noisy(), 2, num_workers=2, persistent_workers=True)
    next(iter(lasting))
    threads = workers_left()
    list(lasting)
    assert workers_left() == threads and len(threads) == 2
    del lasting
    for thread in threads:
        thread.join(10)
    assert not workers_left()


def test_what_a_worker_knows_about_itself():
    assert get_worker_info() is None
    seen = []

    class Asking(Dataset):
        def __len__(self):
            return 6

        def __getitem__(self, index):
            info = get_worker_info()
            assert info.dataset is self is not dataset
            return info.id, self.opened

    def init(worker):
        info = get_worker_info()
        assert info.id == worker and mg.initial_seed() == info.seed
        info.dataset.opened = 10 + worker
        seen.append((worker, info.num_workers, info.seed))

    dataset = Asking()
    loader = DataLoader(dataset, 1, num_workers=2, worker_init_fn=init)
    assert [(a.item(), b.item()) for a, b in loader] == [(0, 10), (1, 11)] * 3
    list(loader)
    assert [worker for worker, *_ in sorted(seen)] == [0, 0, 1, 1]
    assert len({seed for *_, seed in seen}) == 4
    assert not hasattr(dataset, "opened")
    seen.clear()
    lasting = DataLoader(dataset, 1, num_workers=2, worker_init_fn=init, persistent_workers=True)
    assert list(lasting) and list(lasting) and len(seen) == 2


def test_what_worker_init_fn_raises_is_raised():
    def init(worker):
        raise OSError(f"no file for {worker}")

    with pytest.raises(OSError, match="no file for 0"):
        list(DataLoader(Noisy(), num_workers=2, worker_init_fn=init))
    assert not workers_left()


def test_a_worker_that_takes_too_long():
    release = threading.Event()

    class Stuck(Noisy):
        def __getitem__(self, index):
            return release.wait(30)

    with pytest.raises(RuntimeError, match=r"timed out after 0\.05 seconds"):
        list(DataLoader(Stuck(), num_workers=1, timeout=0.05))
    release.set()
    for thread in workers_left():
        thread.join(10)
    assert not workers_left()


def test_in_workers_kernels_run_on_one_thread():
    counts = []
    x = np.ones(1_000_000, np.float32)

    class Working(Noisy):
        def __getitem__(self, index):
            before = len(os.listdir("/proc/self/task"))
            _native.exp(np.empty_like(x), x)
            counts.append(len(os.listdir("/proc/self/task")) - before)
            return index

    if not os.path.isdir("/proc/self/task"):
        pytest.skip("counting a process's threads needs Linux's /proc")
    before = _native.get_num_threads()
    _native.set_num_threads(2)
    try:
        list(DataLoader(Working(4), num_workers=1))
    finally:
        _native.set_num_threads(before)
    assert counts == [0] * 4


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to a process")
def test_ctrl_c_ends_the_program():
    code = """
import time
from minigrad.data import DataLoader
class Slow:
    def __len__(self): return 1000
    def __getitem__(self, index):
        print("fetching", flush=True)
        time.sleep(0.2)
        return index
list(DataLoader(Slow(), num_workers=2))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode != 0 and errors.strip().endswith("KeyboardInterrupt")


class Span(IterableDataset):
    """start ... stop - 1, of which each worker takes its share."""

    def __init__(self, start, stop, share=True):
        self.start, self.stop, self.share = start, stop, share

    def __len__(self):
        return self.stop - self.start

    def __iter__(self):
        info = get_worker_info() if self.share else None
        first, step = (info.id, info.num_workers) if info else (0, 1)
        return iter(range(self.start + first, self.stop, step))


def batches(loader):
    return [batch.tolist() for batch in loader]


def test_iterable_datasets():
    loader = DataLoader(Span(0, 7), 3)
    assert batches(loader) == [[0, 1, 2], [3, 4, 5], [6]] and len(loader) == 3
    assert batches(loader) == batches(loader)
    loader = DataLoader(Span(0, 7), 3, drop_last=True)
    assert batches(loader) == [[0, 1, 2], [3, 4, 5]] and len(loader) == 2
    assert list(DataLoader(Span(0, 3), batch_size=None)) == [0, 1, 2]
    assert len(DataLoader(Span(0, 3), batch_size=None)) == 3
    assert batches(DataLoader(Span(0, 3), 2, collate_fn=mg.tensor)) == [[0, 1], [2]]


def test_iterable_datasets_in_workers():
    # As in PyTorch: the workers take turns, and one that has no more is passed over.
    assert batches(DataLoader(Span(0, 9), 2, num_workers=2)) == [
        [0, 2],
        [1, 3],
        [4, 6],
        [5, 7],
        [8],
    ]
    assert batches(DataLoader(Span(0, 3, share=False), 2, num_workers=2)) == [
        *([0, 1], [0, 1]),
        *([2], [2]),
    ]

    def split(worker):
        dataset = get_worker_info().dataset
        dataset.start, dataset.stop = (0, 5) if worker == 0 else (5, 6)

    loader = DataLoader(Span(0, 6, share=False), 2, num_workers=2, worker_init_fn=split)
    assert batches(loader) == [[0, 1], [5], [2, 3], [4]]


def test_chains_of_iterable_datasets():
    chain = Span(0, 3) + Span(10, 12)
    assert isinstance(chain, ChainDataset) and len(chain) == 5
    assert batches(DataLoader(chain, 2)) == [[0, 1], [2, 10], [11]]
    with pytest.raises(AssertionError, match="only supports IterableDataset"):
        ChainDataset([[1, 2]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shuffle": True}, "expected unspecified shuffle option"),
        ({"sampler": [0]}, "expected unspecified sampler option"),
        ({"batch_sampler": [[0]]}, "expected unspecified batch_sampler option"),
    ],
)
def test_iterable_datasets_have_their_own_order(options, message):
    with pytest.raises(ValueError, match=message):
        DataLoader(Span(0, 3), **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timeout": -1}, "timeout option should be non-negative"),
        ({"prefetch_factor": 2}, "prefetch_factor option .* needs num_workers > 0"),
        ({"prefetch_factor": -1, "num_workers": 1}, "prefetch_factor option should be non-neg"),
        ({"persistent_workers": True}, "persistent_workers option needs num_workers > 0"),
    ],
)
def test_options_that_contradict_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        DataLoader(Noisy(), **options)
