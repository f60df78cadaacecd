"""Losses of yes or no against NumPy: values, gradients, the edges of [0, 1], what does not fit."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close, check_op

COVERED = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
]

REDUCTIONS = ("mean", "sum", "none")


def rng():
    return np.random.default_rng(0)


def reduced(losses, reduction):
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](losses)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_cross_entropy_with_logits(reduction):
    x, w, pw = rng().normal(size=(3, 4)), rng().random(4), rng().random(4) * 3
    t = rng().random((3, 4))

    def expected(x, t):
        s = 1 / (1 + np.exp(-x))
        return reduced(-w * (pw * t * np.log(s) + (1 - t) * np.log(1 - s)), reduction)

    check_op(
        lambda x, t: F.binary_cross_entropy_with_logits(
            x, t, tensor(w).to(x.dtype), reduction=reduction, pos_weight=tensor(pw).to(x.dtype)
        ),
        x,
        t,
        reference=None,
    )
    value = F.binary_cross_entropy_with_logits(
        tensor(x), tensor(t), tensor(w), reduction=reduction, pos_weight=tensor(pw)
    )
    assert_close(value, np.asarray(expected(x, t)))


def test_binary_cross_entropy_of_extreme_logits_is_finite():
    x = tensor(np.array([1e4, -1e4, 1e4, -1e4], np.float32)).requires_grad_()
    losses = F.binary_cross_entropy_with_logits(x, tensor([1.0, 0.0, 0.0, 1.0]), reduction="none")
    losses.sum().backward()
    assert losses.tolist() == [0, 0, 1e4, 1e4]
    assert x.grad.tolist() == [0, 0, 1, -1]


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_cross_entropy(reduction):
    x, t, w = rng().random((3, 4)) * 0.9 + 0.05, rng().random((3, 4)), rng().random(4)

    def expected(x, t):
        return reduced(-w * (t * np.log(x) + (1 - t) * np.log(1 - x)), reduction)

    check_op(
        lambda x, t: F.binary_cross_entropy(x, t, tensor(w).to(x.dtype), reduction=reduction), x, t
    )
    value = F.binary_cross_entropy(tensor(x), tensor(t), tensor(w), reduction=reduction)
    assert_close(value, np.asarray(expected(x, t)))


def test_binary_cross_entropy_at_the_edges_is_finite():
    x = tensor([0.0, 1.0, 0.0, 1.0], requires_grad=True)
    losses = F.binary_cross_entropy(x, tensor([1.0, 0.0, 0.0, 1.0]), reduction="none")
    assert losses.tolist() == [100, 100, 0, 0]
    losses.sum().backward()
    assert_close(x.grad, [-1e12, 1e12, 0, 0])


def test_what_is_no_probability_is_refused():
    half = tensor([0.5, 0.5])
    with pytest.raises(RuntimeError, match=r"input should be between 0 and 1.*-2 and 3: of logits"):
        F.binary_cross_entropy(tensor([-2.0, 3.0]), half)
    with pytest.raises(RuntimeError, match=r"target should be between 0 and 1.*between 0 and 2"):
        F.binary_cross_entropy(half, tensor([0, 2]))
    with pytest.raises(RuntimeError, match="between nan and nan"):
        F.binary_cross_entropy(tensor([0.5, float("nan")]), half)


def test_sigmoid_before_the_logits_is_warned_of():
    x = tensor([0.5], requires_grad=True)
    with pytest.warns(UserWarning, match="output of a sigmoid.*applies the sigmoid itself"):
        F.binary_cross_entropy_with_logits(mg.sigmoid(x), tensor([1.0]))


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_multilabel_soft_margin_loss(reduction):
    x, t, w = rng().normal(size=(3, 4)), rng().integers(0, 2, (3, 4)), rng().random(4)

    def expected(x):
        s = 1 / (1 + np.exp(-x))
        return reduced((-w * (t * np.log(s) + (1 - t) * np.log(1 - s))).mean(1), reduction)

    def loss(x):
        weight = tensor(w).to(x.dtype)
        return F.multilabel_soft_margin_loss(x, tensor(t), weight, reduction=reduction)

    check_op(loss, x)
    assert_close(loss(tensor(x)), np.asarray(expected(x)))


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_soft_margin_loss(reduction):
    x, y = rng().normal(size=(3, 4)), rng().integers(0, 2, (3, 4)) * 2 - 1

    def loss(x):
        return F.soft_margin_loss(x, tensor(y), reduction=reduction)

    check_op(loss, x)
    assert_close(loss(tensor(x)), np.asarray(reduced(np.log1p(np.exp(-y * x)), reduction)))


def test_soft_margin_loss_of_extreme_scores_is_finite():
    losses = F.soft_margin_loss(tensor([1e4, -1e4]), tensor([1.0, 1.0]), reduction="none")
    assert losses.tolist() == [0, 1e4]


@pytest.mark.parametrize(
    "loss",
    [
        F.binary_cross_entropy,
        F.binary_cross_entropy_with_logits,
        F.multilabel_soft_margin_loss,
        F.soft_margin_loss,
    ],
)
def test_shapes_that_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match=r"\[4, 1\].*\[4\].*not broadcast"):
        loss(tensor(np.zeros((4, 1))), tensor(np.zeros(4)))
