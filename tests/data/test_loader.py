"""DataLoader: PyTorch's options, resumable orders, and whole batches where a dataset has them."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.data import BatchSampler, DataLoader, Dataset, Subset, TensorDataset


def numbers(n):
    return TensorDataset(mg.tensor(np.arange(n)))


def values(loader):
    return [batch[0].tolist() for batch in loader]


def test_in_order():
    loader = DataLoader(numbers(7), batch_size=3)
    assert values(loader) == [[0, 1, 2], [3, 4, 5], [6]] and len(loader) == 3
    loader = DataLoader(numbers(7), batch_size=3, drop_last=True)
    assert values(loader) == [[0, 1, 2], [3, 4, 5]] and len(loader) == 2
    assert values(DataLoader(numbers(2))) == [[0], [1]]
    assert values(DataLoader(numbers(0), batch_size=2)) == []


def test_shuffled_batches_keep_examples_together():
    x = np.arange(100.0)
    loader = DataLoader(TensorDataset(mg.tensor(x), mg.tensor(x * 2)), 32, shuffle=True)
    seen = []
    for a, b in loader:
        assert (b.array == 2 * a.array).all()
        seen += a.tolist()
    assert sorted(seen) == x.tolist() != seen


@pytest.mark.parametrize("generator", [None, "own"])
def test_an_epoch_depends_only_on_the_state_at_its_start(generator):
    generator = generator and mg.Generator().manual_seed(1)
    loader = DataLoader(numbers(50), batch_size=8, shuffle=True, generator=generator)
    source = generator or mg.random.default_generator
    values(loader)
    state = source.get_state()
    second, third = values(loader), values(loader)
    source.set_state(state)
    resumed = DataLoader(numbers(50), batch_size=8, shuffle=True, generator=generator)
    assert values(resumed) == second and values(resumed) == third and second != third


def test_drawing_during_an_epoch_does_not_change_it():
    loader = DataLoader(numbers(50), batch_size=8, shuffle=True)
    mg.manual_seed(5)
    undisturbed = values(loader)
    mg.manual_seed(5)
    disturbed = []
    for batch in loader:
        mg.random.default_generator.numpy.random(3)
        disturbed.append(batch[0].tolist())
    assert disturbed == undisturbed


def test_two_iterators_at_once():
    loader = DataLoader(numbers(4), batch_size=2)
    assert [(a[0].tolist(), b[0].tolist()) for a, b in zip(loader, loader, strict=True)] == [
        ([0, 1], [0, 1]),
        ([2, 3], [2, 3]),
    ]


class Counting(Dataset):
    """Counts how often a batch, and how often an example, is asked for."""

    def __init__(self):
        self.batches = self.examples = 0

    def __len__(self):
        return 10

    def __getitem__(self, index):
        self.examples += 1
        return index

    def get_batch(self, indices):
        self.batches += 1
        return mg.tensor(indices)


def test_a_batch_is_fetched_by_one_call():
    dataset = Counting()
    loader = DataLoader(Subset(dataset, range(9, -1, -1)), batch_size=4)
    assert [batch.tolist() for batch in loader] == [[9, 8, 7, 6], [5, 4, 3, 2], [1, 0]]
    assert (dataset.batches, dataset.examples) == (3, 0)


def test_collate_fn_gets_the_examples():
    loader = DataLoader(Counting(), batch_size=4, collate_fn=lambda examples: examples)
    assert list(loader) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_sampler_and_batch_sampler():
    assert values(DataLoader(numbers(9), 2, sampler=[8, 0, 4])) == [[8, 0], [4]]
    loader = DataLoader(numbers(9), batch_sampler=[[1], [2, 3, -1]])
    assert values(loader) == [[1], [2, 3, 8]] and len(loader) == 2
    loader = DataLoader(numbers(5), batch_sampler=BatchSampler(range(5), 3, drop_last=True))
    assert values(loader) == [[0, 1, 2]]


def test_without_batches():
    items = list(DataLoader([np.ones(2), "a"], batch_size=None))
    assert isinstance(items[0], mg.Tensor) and items[1] == "a"
    assert len(DataLoader([1, 2, 3], batch_size=None)) == 3


def test_options_of_pytorchs_that_change_nothing():
    pinned = {"pin_memory": True, "pin_memory_device": "cuda"}
    others = {"multiprocessing_context": "fork", "in_order": False}
    loader = DataLoader(numbers(5), batch_size=2, **pinned, **others)
    assert values(loader) == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size should be a positive integer"),
        ({"sampler": [0], "shuffle": True}, "sampler option is mutually exclusive with shuffle"),
        ({"batch_sampler": [[0]], "batch_size": 2}, "batch_sampler option is mutually exclusive"),
        ({"batch_sampler": [[0]], "shuffle": True}, "batch_sampler option is mutually exclusive"),
        ({"batch_size": None, "drop_last": True}, "mutually exclusive with drop_last"),
        ({"num_workers": -1}, "num_workers option should be non-negative"),
    ],
)
def test_options_that_contradict_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        DataLoader(numbers(3), **options)
