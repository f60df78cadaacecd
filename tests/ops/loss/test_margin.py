"""Losses of a margin against NumPy, a row at a time as their definitions read."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close, check_op

COVERED = [
    "cosine_embedding_loss",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]

REDUCTIONS = ("mean", "sum", "none")


def rng():
    return np.random.default_rng(0)


def reduced(losses, reduction):
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](losses)


def signs(*shape):
    return rng().integers(0, 2, shape) * 2 - 1


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("margin", [1.0, 0.2])
def test_hinge_embedding_loss(reduction, margin):
    x, y = rng().normal(size=(3, 4)), signs(3, 4)

    def loss(x):
        return F.hinge_embedding_loss(x, tensor(y), margin, reduction=reduction)

    check_op(loss, x)
    expected = reduced(np.where(y == 1, x, np.maximum(0, margin - x)), reduction)
    assert_close(loss(tensor(x)), np.asarray(expected))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("margin", [0.0, 0.5])
def test_margin_ranking_loss(reduction, margin):
    (a, b), y = rng().normal(size=(2, 5)), signs(5)

    def loss(a, b):
        return F.margin_ranking_loss(a, b, tensor(y), margin, reduction=reduction)

    check_op(loss, a, b)
    expected = reduced(np.maximum(0, -y * (a - b) + margin), reduction)
    assert_close(loss(tensor(a), tensor(b)), np.asarray(expected))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("margin", [0.0, 0.1])
def test_cosine_embedding_loss(reduction, margin):
    (a, b), y = rng().normal(size=(2, 4, 3)), np.array([1, -1, 1, -1])

    def loss(a, b):
        return F.cosine_embedding_loss(a, b, tensor(y), margin, reduction=reduction)

    check_op(loss, a, b)
    c = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    expected = reduced(np.where(y == 1, 1 - c, np.maximum(0, c - margin)), reduction)
    assert_close(loss(tensor(a), tensor(b)), np.asarray(expected))
    one = F.cosine_embedding_loss(tensor(a[1]), tensor(b[1]), tensor(-1), margin)
    assert_close(one, np.maximum(0, c[1] - margin))


def test_cosine_embedding_loss_of_zero_vectors_is_finite():
    x = tensor([[0.0, 0.0]], requires_grad=True)
    F.cosine_embedding_loss(x, x, tensor([1])).backward()
    assert np.isfinite(x.grad.array).all()


def multi_margin(x, y, p, margin, weight):
    losses = np.zeros(len(x))
    for i, label in enumerate(y):
        for j in range(x.shape[1]):
            if j != label:
                losses[i] += weight[label] * max(0, margin - x[i, label] + x[i, j]) ** p
    return losses / x.shape[1]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("weighted", [False, True])
def test_multi_margin_loss(reduction, p, weighted):
    x, y = rng().normal(size=(4, 3)), np.array([2, 0, 1, 1])
    w = rng().random(3) if weighted else np.ones(3)

    def loss(x):
        weight = tensor(w).to(x.dtype) if weighted else None
        return F.multi_margin_loss(x, tensor(y), p, 0.7, weight, reduction=reduction)

    check_op(loss, x)
    assert_close(loss(tensor(x)), np.asarray(reduced(multi_margin(x, y, p, 0.7, w), reduction)))


def test_multi_margin_loss_of_one_row():
    x = tensor([0.5, 0.0, 1.0])
    assert F.multi_margin_loss(x, tensor(0), reduction="none").item() == pytest.approx(2 / 3)
    assert not F.multi_margin_loss(x, tensor(0), reduction="none").shape
    assert F.multi_margin_loss(x, tensor([0]), reduction="none").shape == (1,)


def multilabel_margin(x, y):
    losses = np.zeros(len(x))
    for i, row in enumerate(y):
        labels = row[: np.argmax(row < 0)] if (row < 0).any() else row
        for label in labels:
            for j in set(range(x.shape[1])) - set(labels):
                losses[i] += max(0, 1 - x[i, label] + x[i, j])
    return losses / x.shape[1]


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_multilabel_margin_loss(reduction):
    x = rng().normal(size=(4, 3))
    y = np.array([[2, 0, -1], [1, -1, 0], [-1, 1, 2], [2, 0, 1]])

    def loss(x):
        return F.multilabel_margin_loss(x, tensor(y), reduction=reduction)

    check_op(loss, x)
    assert_close(loss(tensor(x)), np.asarray(reduced(multilabel_margin(x, y), reduction)))
    one = F.multilabel_margin_loss(tensor(x[0]), tensor(y[0]))
    assert_close(one, multilabel_margin(x[:1], y[:1])[0])


def distance(a, b, p):
    return (np.abs(a - b + 1e-6) ** p).sum(-1) ** (1 / p)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("swap", [False, True])
def test_triplet_margin_loss(reduction, p, swap):
    a, b, c = rng().normal(size=(3, 4, 5))
    wrong = np.minimum(distance(a, c, p), distance(b, c, p)) if swap else distance(a, c, p)
    expected = reduced(np.maximum(0, distance(a, b, p) - wrong + 1.5), reduction)

    def loss(*x):
        return F.triplet_margin_loss(*x, 1.5, p, swap=swap, reduction=reduction)

    check_op(loss, a, b, c)
    assert_close(loss(tensor(a), tensor(b), tensor(c)), np.asarray(expected))


def test_triplet_margin_with_distance_loss():
    def city_block(x, y):
        return mg.abs(x - y).sum(-1)

    def loss(*x):
        return F.triplet_margin_with_distance_loss(*x, distance_function=city_block, margin=2.0)

    a, b, c = rng().normal(size=(3, 4, 5))
    check_op(loss, a, b, c, second=False)
    d = np.abs(a - b).sum(1) - np.abs(a - c).sum(1) + 2
    assert_close(loss(tensor(a), tensor(b), tensor(c)), np.asarray(np.maximum(0, d).mean()))
    assert_close(
        F.triplet_margin_with_distance_loss(tensor(a), tensor(b), tensor(c)),
        F.triplet_margin_loss(tensor(a), tensor(b), tensor(c)),
    )


def test_what_does_not_fit():
    x, row, y = tensor(np.zeros((4, 3))), tensor(np.zeros(3)), tensor([1, 1, 1, 1])
    with pytest.raises(ValueError, match=r"\[4, 3\].*\[4\].*not broadcast"):
        F.hinge_embedding_loss(x, y)
    with pytest.raises(RuntimeError, match=r"first input has shape \[4, 3\] and the second \[3\]"):
        F.margin_ranking_loss(x, row, y)
    with pytest.raises(RuntimeError, match=r"\(batch, features\) and \(batch,\)"):
        F.cosine_embedding_loss(x, x, tensor([1]))
    with pytest.raises(RuntimeError, match=r"anchor has shape \[4, 3\] and the negative \[3\]"):
        F.triplet_margin_loss(x, x, row)
    with pytest.raises(ValueError, match="margin must be greater than 0, got -1"):
        F.triplet_margin_loss(x, x, x, -1.0)
    with pytest.raises(ValueError, match="only p == 1 and p == 2 supported, not 3"):
        F.multi_margin_loss(x, y, 3)
    with pytest.raises(IndexError, match=r"multi_margin_loss: label 7 at position 1 .*3 classes"):
        F.multi_margin_loss(x, tensor([0, 7, 0, 0]))
    with pytest.raises(IndexError, match=r"label 7 .*3 classes"):
        F.multilabel_margin_loss(row, tensor([7, -1, 0]))


def test_multi_margin_loss_asks_first_for_weights_in_one_dimension():
    for weight in (tensor(4.0), tensor(np.ones((2, 3)))):
        with pytest.raises(ValueError, match="weight must be one-dimensional"):
            F.multi_margin_loss(tensor(np.ones((2, 3))), tensor([1.0, 2.0]), weight=weight)
