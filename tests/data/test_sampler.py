"""Samplers: every index once, in an order that only the generator's state decides."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.data import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)


def test_sequential():
    sampler = SequentialSampler(range(5))
    assert list(sampler) == [0, 1, 2, 3, 4] and len(sampler) == 5


def test_random_is_a_new_permutation_each_epoch():
    sampler = RandomSampler(range(100))
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second and first != sorted(first)


def test_random_depends_on_its_generator_alone():
    generator = mg.Generator().manual_seed(3)
    sampler = RandomSampler(range(50), generator=generator)
    state = generator.get_state()
    np.random.seed(0)
    first = list(sampler)
    mg.manual_seed(9)
    np.random.seed(1)
    generator.set_state(state)
    assert list(sampler) == first


def test_random_does_not_touch_numpys_global_state():
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    list(RandomSampler(range(50)))
    assert (np.random.get_state()[1] == before).all()


def test_with_replacement_each_draw_is_uniform():
    sampler = RandomSampler(range(10), replacement=True, num_samples=20_000)
    counts = np.bincount(list(sampler), minlength=10)
    assert len(sampler) == counts.sum() == 20_000
    # Binomial(20000, 1/10): mean 2000, standard deviation 42.
    assert abs(counts - 2000).max() < 5 * 42


@pytest.mark.parametrize("num_samples", [1, 7, 10, 23])
def test_num_samples_without_replacement(num_samples):
    drawn = list(RandomSampler(range(10), num_samples=num_samples))
    assert len(drawn) == num_samples
    for start in range(0, num_samples, 10):
        rounds = drawn[start : start + 10]
        assert len(set(rounds)) == len(rounds)


def test_random_refuses_what_pytorch_refuses():
    with pytest.raises(ValueError, match="num_samples should be a positive integer"):
        RandomSampler([])
    with pytest.raises(ValueError, match="num_samples=0"):
        RandomSampler(range(3), num_samples=0)
    with pytest.raises(TypeError, match="replacement"):
        RandomSampler(range(3), replacement=1)


def test_subset_random():
    sampler = SubsetRandomSampler([3, 5, 8])
    orders = {tuple(sampler) for _ in range(100)}
    assert len(orders) == 6 and all(sorted(order) == [3, 5, 8] for order in orders)


def test_weighted():
    sampler = WeightedRandomSampler([1, 0, 3, 6], 10_000)
    counts = np.bincount(list(sampler), minlength=4)
    assert len(sampler) == counts.sum() == 10_000 and counts[1] == 0
    # Binomial: standard deviations 30, 46 and 49.
    assert (abs(counts - [1000, 0, 3000, 6000]) < 250).all()
    once = WeightedRandomSampler(mg.tensor([1.0, 2, 3, 0]), 3, replacement=False)
    assert sorted(once) == [0, 1, 2] and len({tuple(once) for _ in range(200)}) == 6


def test_weighted_depends_on_its_generator_alone():
    def draw(seed):
        generator = mg.Generator().manual_seed(seed)
        return list(WeightedRandomSampler([1, 2, 3], 50, generator=generator))

    assert draw(1) == draw(1) != draw(2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1, 2], 0), ValueError, "num_samples should be a positive integer"),
        (([1, 2], True), ValueError, "num_samples should be a positive integer"),
        (([1, 2], 2, 1), ValueError, "replacement should be a boolean"),
        (([[1, 2]], 2), ValueError, "weights should be a 1d sequence"),
        (([1, -1], 2), RuntimeError, "element < 0"),
        (([0, 0], 2), RuntimeError, "sum of probabilities <= 0"),
        (([1, 2], 3, False), RuntimeError, "without replacement"),
    ],
)
def test_weighted_refuses_what_pytorch_refuses(arguments, error, message):
    with pytest.raises(error, match=message):
        list(WeightedRandomSampler(*arguments))


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("size", [0, 1, 8, 9, 10])
def test_batches(size, drop_last):
    batches = BatchSampler(SequentialSampler(range(size)), 3, drop_last)
    expected = [list(range(size))[i : i + 3] for i in range(0, size, 3)]
    if drop_last:
        expected = [batch for batch in expected if len(batch) == 3]
    assert list(batches) == expected and len(batches) == len(expected)


class Odd(Sampler):
    def __iter__(self):
        return iter(["a", "b", "c"])

    def __len__(self):
        return 3


class Reversed(SequentialSampler):
    """A subclass that changes only the slow way of a class that has a fast one."""

    def __iter__(self):
        return iter(range(len(self) - 1, -1, -1))


def test_batches_of_the_users_own_samplers():
    assert list(BatchSampler(Odd(), 2)) == [["a", "b"], ["c"]]
    assert list(BatchSampler(Odd(), 2, drop_last=True)) == [["a", "b"]]
    assert list(BatchSampler([5, 6, 7], 2)) == [[5, 6], [7]]
    assert list(BatchSampler(Reversed(range(3)), 2)) == [[2, 1], [0]]


def test_batches_of_an_endless_sampler():
    class Endless(Sampler):
        def __iter__(self):
            while True:
                yield 1

    assert next(iter(BatchSampler(Endless(), 2))) == [1, 1]


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, True, "3"])
def test_batch_size_must_be_positive(batch_size):
    with pytest.raises(ValueError, match="batch_size should be a positive integer"):
        BatchSampler(range(3), batch_size)
