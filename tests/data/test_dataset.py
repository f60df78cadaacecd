"""Datasets: a batch fetched whole is what its examples are one by one."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.data import (
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    default_collate,
    random_split,
)
from minigrad.data.dataset import fetcher
from minigrad.testing import assert_close


def tensors(n=10):
    x = np.random.default_rng(0).normal(size=(n, 2, 3)).astype(np.float32)
    return TensorDataset(
        mg.tensor(x),
        mg.tensor(np.arange(n)),
        mg.tensor(x.astype(np.float64)),
        mg.tensor(x[:, 0, 0]),
        mg.tensor(x > 0),
        mg.tensor((x * 100).astype(np.uint8)),
        mg.tensor(np.asfortranarray(x)),
        mg.from_numpy(x[:, ::-1, ::2]),
    )


def halves():
    parts = [Subset(tensors(), range(4)), Subset(tensors(), []), Subset(tensors(), range(4, 10))]
    return parts[0] + ConcatDataset(parts[1:])


INDICES = [[3], [0, 9, 3, 3], list(range(10)), [-1, 2], []]


@pytest.mark.parametrize("indices", INDICES[:-1])
@pytest.mark.parametrize("make", [tensors, lambda: Subset(tensors(30), range(29, -1, -3)), halves])
def test_a_batch_is_its_examples(make, indices):
    dataset = make()
    batch = dataset.get_batch(np.array(indices))
    expected = default_collate([dataset[i] for i in indices])
    assert type(batch) is type(expected) is list
    for actual, wanted in zip(batch, expected, strict=True):
        assert_close(actual, wanted, rtol=0, atol=0)


def test_an_empty_batch():
    batch = tensors().get_batch(np.array([], np.int64))
    assert [tensor.shape for tensor in batch][:2] == [(0, 2, 3), (0,)]


@pytest.mark.parametrize("index", [10, -11])
def test_indices_out_of_range_are_refused(index):
    with pytest.raises(IndexError, match=str(index)):
        tensors().get_batch(np.array([0, index]))


def test_a_batch_does_not_share_memory_with_the_dataset():
    dataset = tensors()
    for tensor in dataset.get_batch(np.array([1, 2])):
        tensor.array[...] = 0
    assert dataset[1][0].array.any() and dataset[1][1].item() == 1


def test_gradients_reach_the_tensors_of_a_dataset():
    x = mg.tensor(np.ones((3, 2)), requires_grad=True)
    (batch,) = TensorDataset(x).get_batch(np.array([0, 2, 2]))
    batch.sum().backward()
    assert x.grad.tolist() == [[1, 1], [0, 0], [2, 2]]


def test_tensors_must_agree_on_the_number_of_examples():
    with pytest.raises(ValueError, match=r"first dimensions \[3, 2\]"):
        TensorDataset(mg.zeros(3), mg.zeros(2))


def test_a_tensor_dataset_is_of_tensors():
    with pytest.raises(TypeError, match=r"expected Tensors, got ndarray; from_numpy"):
        TensorDataset(np.zeros((3, 2)))


@pytest.mark.parametrize("indices", [[True, False], np.array([0.7, 1.2])])
def test_the_indices_of_a_subset_are_integers(indices):
    with pytest.raises(TypeError, match="Subset: indices must be integers"):
        Subset([1, 2], indices)
    assert len(Subset([1, 2], [])) == 0


def test_subset_of_a_subset():
    subset = Subset(Subset(tensors(), [1, 3, 5, 7]), [3, 0])
    assert [subset[i][1].item() for i in range(len(subset))] == [7, 1]
    assert subset.get_batch(np.array([1, 0]))[1].tolist() == [1, 7]


def test_concatenated_datasets():
    dataset = ConcatDataset([["a", "b"], [], ["c"]])
    assert len(dataset) == 3 and [*map(dataset.__getitem__, (0, 1, 2, -1))] == ["a", "b", "c", "c"]
    assert fetcher(dataset)([2, 0, -2]) == ["c", "a", "b"]
    assert dataset.cumulative_sizes == [2, 2, 3]
    with pytest.raises(ValueError, match="should not exceed dataset length, got -4"):
        dataset[-4]
    for outside in (3, -4):
        with pytest.raises(IndexError, match=f"index {outside} is out of range for 3"):
            dataset.get_batch(np.array([0, outside]))
    with pytest.raises(AssertionError, match="should not be an empty iterable"):
        ConcatDataset([])
    with pytest.raises(AssertionError, match="does not support IterableDataset"):
        ConcatDataset([IterableDataset()])


def test_concatenated_batches_keep_their_form():
    rows, squares = tensors(), Squares(9)
    numbers, rest = fetcher(ConcatDataset([squares, squares]))(np.array([4, 11, 0]))
    assert numbers.tolist() == [4, 2, 0] and rest["square"].tolist() == [16, 4, 0]
    x = mg.tensor(np.ones((3, 2)), requires_grad=True)
    (batch,) = ConcatDataset([TensorDataset(x), TensorDataset(x)]).get_batch(np.array([0, 4]))
    batch.sum().backward()
    assert x.grad.tolist() == [[1, 1], [1, 1], [0, 0]]
    assert len(ConcatDataset([rows, rows]).get_batch(np.array([1]))) == len(rows.tensors)


def test_stacked_datasets():
    stack = StackDataset(Squares(3), ["a", "b", "c"])
    assert len(stack) == 3 and stack[1] == ((1, {"square": 1.0}), "b")
    (numbers, _), letters = fetcher(stack)(np.array([2, 0]))
    assert numbers.tolist() == [2, 0] and letters == ["c", "a"]
    named = StackDataset(x=TensorDataset(mg.arange(3)), y=[5, 6, 7])
    assert named[0]["y"] == 5
    batch = fetcher(named)(np.array([1, 2]))
    assert batch["x"][0].tolist() == [1, 2] and batch["y"].tolist() == [6, 7]
    for arguments, names, message in (
        ((), {}, "At least one dataset"),
        (([1], [2, 3]), {}, r"Size mismatch between datasets: they have \[1, 2\]"),
        (([1],), {"x": [2]}, "datasets by position, or all by name"),
    ):
        with pytest.raises(ValueError, match=message):
            StackDataset(*arguments, **names)


class Squares(Dataset):
    def __init__(self, n):
        self.n = n

    def __getitem__(self, index):
        assert type(index) is int
        return index, {"square": float(index**2)}

    def __len__(self):
        return self.n


def test_a_dataset_without_get_batch_is_fetched_one_by_one():
    numbers, rest = fetcher(Squares(9))(np.array([2, 4]))
    assert numbers.tolist() == [2, 4] and rest["square"].tolist() == [4, 16]
    assert fetcher(["a", "b"])([1, 0]) == ["b", "a"]
    assert fetcher(Subset(Squares(9), [8, 7]))(np.array([1]))[0].tolist() == [7]


class Negated(TensorDataset):
    def __getitem__(self, index):
        return tuple(-tensor for tensor in super().__getitem__(index))


def test_a_subclass_that_changes_an_example_is_not_bypassed():
    (batch,) = fetcher(Negated(mg.tensor([1.0, 2.0])))(np.array([1, 0]))
    assert batch.tolist() == [-2, -1]


def test_pytorchs_hook_for_many_examples_is_used():
    class Hooked(Squares):
        def __getitems__(self, indices):
            return [self[i + 1] for i in indices]

    assert fetcher(Hooked(9))(np.array([2, 4]))[0].tolist() == [3, 5]


@pytest.mark.parametrize(
    ("size", "lengths", "expected"),
    [
        (10, [7, 3], [7, 3]),
        (10, [0, 10], [0, 10]),
        (10, [0.7, 0.3], [7, 3]),
        (10, [0.3, 0.3, 0.4], [3, 3, 4]),
        (11, [0.5, 0.5], [6, 5]),
        (5, [0.1] * 10, [1] * 5 + [0] * 5),
        (3, [1], [3]),
    ],
)
def test_random_split(size, lengths, expected):
    parts = random_split(Squares(size), lengths)
    assert [len(part) for part in parts] == expected
    assert sorted(part[i][0] for part in parts for i in range(len(part))) == list(range(size))


def test_random_split_depends_on_its_generator_alone():
    def split(seed):
        generator = mg.Generator().manual_seed(seed)
        return random_split(Squares(50), [25, 25], generator=generator)[0].indices.tolist()

    assert split(1) == split(1) != split(2)


@pytest.mark.parametrize("lengths", [[5, 4], [5, 6], [-1, 11], [-0.5, 1.5], [0.5, 0.4]])
def test_random_split_refuses_lengths_that_do_not_fit(lengths):
    with pytest.raises((ValueError, TypeError)):
        random_split(Squares(10), lengths)
