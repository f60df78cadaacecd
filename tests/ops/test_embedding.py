"""embedding and embedding_bag: values, gradients, padding, norms, frequencies."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F
from minigrad.testing import assert_close, check_op

COVERED = ["embedding", "embedding_bag"]

WEIGHT = np.random.default_rng(0).normal(size=(6, 3))


@pytest.mark.parametrize("index", [[1, 1, 5, 0], [[2, 2], [3, 0]], 4, []])
def test_rows(index):
    index = mg.tensor(index, dtype=mg.int64)
    check_op(lambda w: F.embedding(index, w), WEIGHT, reference=lambda w: w[index.array])


@pytest.mark.parametrize("padding_idx", [2, -4])
def test_padding_has_no_gradient(padding_idx):
    index = mg.tensor([2, 1, 2])
    check_op(lambda w: F.embedding(index, w * 1)[:, :2] * w[:3, :2], WEIGHT)
    w = mg.tensor(WEIGHT, requires_grad=True)
    F.embedding(index, w, padding_idx).sum().backward()
    assert_close(w.grad, np.eye(6)[1][:, None] * np.ones(3))


def test_second_gradient_knows_the_padding():
    index = mg.tensor([2, 1, 2, 1])
    w = mg.tensor(WEIGHT, requires_grad=True)
    (first,) = mg.autograd.grad((F.embedding(index, w, 2) ** 2).sum(), w, create_graph=True)
    (second,) = mg.autograd.grad((first**2).sum(), w)
    expected = np.zeros_like(WEIGHT)
    expected[1] = 2 * (2 * 2) * (2 * 2) * WEIGHT[1]  # first = 2 * 2 w_1: it was used twice
    assert_close(second, expected)


def test_gradient_by_frequency():
    w = mg.tensor(WEIGHT, requires_grad=True)
    F.embedding(mg.tensor([0, 3, 3, 3]), w, scale_grad_by_freq=True).sum().backward()
    expected = np.zeros_like(WEIGHT)
    expected[[0, 3]] = 1
    assert_close(w.grad, expected)


@pytest.mark.parametrize("norm_type", [1.0, 2.0])
def test_max_norm_scales_the_rows_that_are_used(norm_type):
    w = mg.tensor(WEIGHT)
    version = w._version
    F.embedding(mg.tensor([1, 1, 4]), w, max_norm=0.5, norm_type=norm_type)
    norms = np.linalg.norm(w.array, norm_type, axis=1)
    assert_close(norms[[1, 4]], np.full(2, 0.5), rtol=1e-6)
    assert_close(w.array[[0, 2, 3, 5]], WEIGHT[[0, 2, 3, 5]])
    assert w._version > version


def bags_of(index, offsets):
    return [index[a:b] for a, b in zip(offsets, [*offsets[1:], len(index)], strict=True)]


def reduced(mode, rows):
    if not len(rows):
        return np.zeros(rows.shape[1])
    return getattr(rows, mode)(0)


@pytest.mark.parametrize("padding_idx", [None, 3])
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags(mode, padding_idx):
    index, offsets = np.array([1, 3, 3, 5, 0, 2]), [0, 2, 2, 5]

    def reference(w):
        kept = [bag[bag != padding_idx] for bag in bags_of(index, offsets)]
        return np.stack([reduced(mode, w[bag]) for bag in kept])

    check_op(
        lambda w: F.embedding_bag(
            mg.tensor(index), w, mg.tensor(offsets), mode=mode, padding_idx=padding_idx
        ),
        WEIGHT,
        reference=reference,
    )
    square = index.reshape(2, 3)
    check_op(
        lambda w: F.embedding_bag(mg.tensor(square), w, mode=mode),
        WEIGHT,
        reference=lambda w: getattr(w[square], mode)(1),
    )


def test_weighted_bags():
    index, offsets = np.array([1, 3, 3, 5]), np.array([0, 3, 4])

    def bag(w, weights):
        return F.embedding_bag(
            mg.tensor(index),
            w,
            mg.tensor(offsets),
            mode="sum",
            per_sample_weights=weights,
            include_last_offset=True,
        )

    def reference(w, weights):
        rows = w[index] * weights[:, None]
        return np.stack([rows[:3].sum(0), rows[3]])

    check_op(bag, WEIGHT, np.array([0.5, -1.0, 2.0, 0.1]), reference=reference)


def test_what_does_not_fit():
    w = mg.tensor(WEIGHT)
    one = mg.tensor([1])
    for index in ([6], [-1]):
        with pytest.raises(IndexError, match=rf"embedding: index {index[0]} at position 0.* 6 "):
            F.embedding(mg.tensor(index), w)
    with pytest.raises(RuntimeError, match="expected integers for input, not float32"):
        F.embedding(mg.tensor([1.0]), w)
    with pytest.raises(RuntimeError, match="'weight' must be 2-D"):
        F.embedding(one, w[0])
    with pytest.raises(AssertionError, match="padding_idx must be within the 6 rows, not 6"):
        F.embedding(one, w, 6)
    with pytest.raises(NotImplementedError, match="no sparse gradients"):
        F.embedding(one, w, sparse=True)
    with pytest.raises(ValueError, match="2D, or 1D with 1D offsets"):
        F.embedding_bag(one, w)
    with pytest.raises(ValueError, match="offsets has to be None"):
        F.embedding_bag(one.reshape(1, 1), w, one)
    for offsets in ([1], [0, 2]):
        with pytest.raises(RuntimeError, match="offsets have to rise from 0 to at most 1"):
            F.embedding_bag(one, w, mg.tensor(offsets))
    with pytest.raises(ValueError, match="one of sum, mean or max"):
        F.embedding_bag(one, w, mg.tensor([0]), mode="median")
    with pytest.raises(NotImplementedError, match="only supported for mode='sum'"):
        F.embedding_bag(one, w, mg.tensor([0]), per_sample_weights=mg.ones(1))
