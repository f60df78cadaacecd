"""CTC against the sum over all alignments, written out; its edges, and what does not fit."""

import itertools

import numpy as np
import pytest

from minigrad import log_softmax, nn, softmax, tensor
from minigrad.autograd import engine
from minigrad.nn import functional as F
from minigrad.ops.loss import CTC
from minigrad.testing import assert_close, check_op

COVERED = ["ctc_loss"]

LABELS = np.array([[1, 2], [1, 1], [2, 0], [0, 0]])
LENGTHS = np.array([2, 2, 1, 0])
STEPS = np.array([4, 3, 4, 2])


def collapsed(path, blank):
    return [label for label, _ in itertools.groupby(path) if label != blank]


def every_alignment(logits, labels=LABELS, steps=STEPS, lengths=LENGTHS, blank=0):
    """-ln of the sum of the probabilities of all paths that mean the labels, for each sequence."""
    probs = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    losses = []
    for n, row in enumerate(labels):
        paths = itertools.product(range(probs.shape[2]), repeat=int(steps[n]))
        fits = [p for p in paths if collapsed(p, blank) == list(row[: lengths[n]])]
        losses.append(-np.log(sum(np.prod(probs[range(len(p)), n, p]) for p in fits)))
    return np.array(losses)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_all_alignments(reduction):
    def expected(logits):
        losses = every_alignment(logits)
        if reduction == "mean":
            return (losses / np.maximum(LENGTHS, 1)).mean()
        return losses.sum() if reduction == "sum" else losses

    check_op(
        lambda x: F.ctc_loss(log_softmax(x, 2), LABELS, STEPS, LENGTHS, reduction=reduction),
        np.random.default_rng(0).normal(size=(4, 4, 3)),
        reference=expected,
        second=False,  # PyTorch has none either
    )


def test_another_blank():
    x, labels = np.random.default_rng(0).normal(size=(4, 2, 3)), np.array([[0, 1], [1, 1]])
    two = np.array([4, 3]), np.array([2, 2])
    loss = F.ctc_loss(log_softmax(tensor(x), 2), labels, *two, blank=2, reduction="none")
    assert_close(loss, every_alignment(x, labels, *two, blank=2))


def test_forms_of_targets_and_lengths():
    x = log_softmax(tensor(np.random.default_rng(0).normal(size=(4, 4, 3))), 2)
    losses = F.ctc_loss(x, tensor(LABELS), tensor(STEPS), tensor(LENGTHS), reduction="none")
    flat = np.array([1, 2, 1, 1, 2], np.int8)
    assert_close(F.ctc_loss(x, flat, STEPS.tolist(), tuple(LENGTHS), reduction="none"), losses)
    one = F.ctc_loss(x[:, 0], LABELS[0], 4, 2, reduction="none")
    assert one.shape == () and one.item() == losses[0].item()
    assert_close(F.ctc_loss(x[:, 0], LABELS[:1], tensor([4]), tensor([2])), losses[0] / 2)
    net = nn.CTCLoss(reduction="sum")
    assert_close(net(x, LABELS, STEPS, LENGTHS), losses.sum())
    assert repr(net) == "CTCLoss()"


def test_what_cannot_be_aligned():
    # 1 1 needs a blank between: three steps; there are two. Then one label in no step, none in none.
    x = tensor(np.zeros((3, 3, 2))).requires_grad_()
    labels, steps, lengths = np.ones((3, 2), int), np.array([2, 0, 0]), np.array([2, 1, 0])

    def loss(zero_infinity):
        return F.ctc_loss(
            log_softmax(x, 2), labels, steps, lengths, 0, "none", zero_infinity=zero_infinity
        )

    assert loss(False).tolist() == [np.inf, np.inf, 0]
    assert loss(True).tolist() == [0, 0, 0]
    gradient = engine.grad(loss(False).sum(), [x])[0].array
    assert np.isnan(gradient[:2, 0]).all() and not gradient[2:].any() and not gradient[:, 1:].any()
    assert not engine.grad(loss(True).sum(), [x])[0].array.any()


def test_long_sequences_neither_underflow_nor_lose_their_gradient():
    x = tensor(np.random.default_rng(0).normal(size=(400, 1, 5)).astype(np.float32) * 9)
    x.requires_grad_()
    labels = np.random.default_rng(1).integers(1, 5, (1, 100))
    loss = F.ctc_loss(log_softmax(x, 2), labels, [400], [100], reduction="sum")
    assert 500 < loss.item() < 5000
    gradient = engine.grad(loss, [x])[0]
    assert_close(gradient.sum(2), np.zeros((400, 1), np.float32), atol=1e-4)


def test_by_hand_on_arrays():
    op = CTC(np.array([[1]]), np.array([2]), np.array([1]))
    half = np.log(np.full((2, 1, 2), 0.5))
    assert_close(op.forward(half), [np.log(4 / 3)])  # 11, 01 and 10, of four
    # At either step label 1 has been there in two of the three.
    assert_close(op.backward(np.ones(1)), np.tile([0.5 - 1 / 3, 0.5 - 2 / 3], (2, 1, 1)))


def test_there_is_no_second_gradient():
    x = log_softmax(tensor(np.zeros((2, 1, 2))).requires_grad_(), 2)
    (gradient,) = engine.grad(F.ctc_loss(x, [[1]], [2], [1]), [x], create_graph=True)
    with pytest.raises(RuntimeError, match="ctc_loss: the derivative of its gradient"):
        gradient.square().sum().backward()


X = log_softmax(tensor(np.zeros((4, 2, 3))), 2)
TARGETS = np.array([[1, 2], [2, 1]])


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        ((X[0, 0], TARGETS, [4, 4], [2, 2]), RuntimeError, r"\(steps, classes\), got \[3\]"),
        ((X.long(), TARGETS, [4, 4], [2, 2]), RuntimeError, "prediction is int64"),
        ((X, TARGETS, [4], [2, 2]), RuntimeError, r"input_lengths .*batch_size, 2, .*\[1\]"),
        ((X, TARGETS, [4, 5], [2, 2]), RuntimeError, r"at most the 4 steps.*got \[4, 5\]"),
        ((X, TARGETS, [4, 4], [2, -1]), RuntimeError, "target_lengths to be at least 0, got"),
        ((X, TARGETS, [4, 4.0], [2, 2]), RuntimeError, "input_lengths must be integral"),
        ((X, TARGETS, [4, 4], [3, 2]), RuntimeError, r"shape \(2, 3\) or longer.*got \[2, 2\]"),
        ((X, [1, 2, 1], [4, 4], [2, 2]), RuntimeError, r"or \(4,\), all one after the other"),
        ((X, TARGETS * 1.0, [4, 4], [2, 2]), RuntimeError, "targets are float64.*long"),
        ((X, TARGETS + 1, [4, 4], [2, 2]), IndexError, "label 3 .* out of range for 3 classes"),
        ((X, TARGETS, [4, 4], [2, 2], 3), RuntimeError, "blank .*from 0 to 2, got 3"),
        ((X, TARGETS, [4, 4], [2, 2], 0, "all"), ValueError, "all is not a valid value"),
    ],
)
def test_what_does_not_fit(args, error, message):
    with pytest.raises(error, match=message):
        F.ctc_loss(*args)


def test_probabilities_are_warned_of():
    with pytest.warns(UserWarning, match="log_softmax instead"):
        F.ctc_loss(
            softmax(tensor(np.zeros((4, 2, 3))).requires_grad_(), 2), TARGETS, [4, 4], [2, 2]
        )
