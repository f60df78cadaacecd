"""Losses over classes against NumPy: values, gradients, what does not count, what does not fit."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.ops.loss import CrossEntropy
from minigrad.testing import assert_close, check_op

COVERED = ["cross_entropy", "nll_loss"]

REDUCTIONS = ("mean", "sum", "none")


def rng():
    return np.random.default_rng(0)


def log_softmax(x, axis):
    shifted = x - x.max(axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))


def reference(x, y, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """Cross-entropy of logits (N, C) as its definition reads, a row at a time."""
    logp, classes = log_softmax(x, 1), x.shape[1]
    weight = np.ones(classes) if weight is None else weight
    losses, total = np.zeros(len(x)), 0.0
    for i, label in enumerate(y):
        if label == ignore_index:
            continue
        target = np.full(classes, label_smoothing / classes)
        target[label] += 1 - label_smoothing
        losses[i] = -np.sum(weight * target * logp[i])
        total += weight[label]
    if reduction == "mean":
        return losses.sum() / total
    return losses.sum() if reduction == "sum" else losses


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("ignore_index", [-100, 1])
def test_cross_entropy(reduction, ignore_index):
    x, y = rng().normal(size=(5, 3)) * 3, np.array([1, 0, 2, 2, 1])
    options = {"reduction": reduction, "ignore_index": ignore_index}
    check_op(
        lambda x: F.cross_entropy(x, tensor(y), **options),
        x,
    )
    assert_close(F.cross_entropy(tensor(x), tensor(y), **options), reference(x, y, **options))


@given(
    rows=st.integers(1, 6),
    classes=st.integers(1, 5),
    reduction=st.sampled_from(REDUCTIONS),
    weighted=st.booleans(),
    ignoring=st.booleans(),
    smoothing=st.sampled_from([0.0, 0.1, 1.0]),
    dtype=st.sampled_from(["uint8", "int8", "int16", "int32", "uint32", "int64"]),
    seed=st.integers(0, 1000),
)
def test_cross_entropy_options(
    rows, classes, reduction, weighted, ignoring, smoothing, dtype, seed
):
    draw = np.random.default_rng(seed)
    x, y = draw.normal(size=(rows, classes)) * 5, draw.integers(0, classes, rows).astype(dtype)
    y[0] = 0
    options = {
        "reduction": reduction,
        "ignore_index": classes - 1 if ignoring and classes > 1 else -100,
        "label_smoothing": smoothing,
    }
    weight = draw.random(classes) + 0.1 if weighted else None
    actual = F.cross_entropy(tensor(x), tensor(y), tensor(weight) if weighted else None, **options)
    assert_close(actual, np.asarray(reference(x, y, weight, **options)))
    if smoothing == 0.0:
        del options["label_smoothing"]
        logp = tensor(log_softmax(x, 1))
        actual = F.nll_loss(logp, tensor(y), tensor(weight) if weighted else None, **options)
        assert_close(actual, np.asarray(reference(x, y, weight, **options)))


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_composed_gradient(smoothing):
    x, y, w = rng().normal(size=(4, 3)), np.array([2, 0, 1, 0]), np.array([0.5, 1.0, 2.0])
    check_op(
        lambda x: F.cross_entropy(
            x, tensor(y), tensor(w).to(x.dtype), ignore_index=1, label_smoothing=smoothing
        ),
        x,
    )


def test_nll_loss_gradient():
    y = np.array([2, 0, 1, 0])
    check_op(lambda x: F.nll_loss(x, tensor(y), ignore_index=1), rng().normal(size=(4, 3)))


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (2, 3, 2, 2)])
def test_cross_entropy_of_any_shape_is_that_of_its_rows(shape):
    x = rng().normal(size=shape)
    rest = shape[:1] + shape[2:] if len(shape) > 1 else ()
    y = np.asarray(rng().integers(0, 3, rest))
    rows = x.reshape(1, 3) if len(shape) == 1 else np.moveaxis(x, 1, -1).reshape(-1, 3)
    losses = reference(rows, y.reshape(-1), reduction="none").reshape(rest)
    assert_close(F.cross_entropy(tensor(x), tensor(y), reduction="none"), losses)
    check_op(lambda x: F.cross_entropy(x, tensor(y)), x)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_cross_entropy_with_probabilities(smoothing):
    x, p = rng().normal(size=(4, 3)), rng().random((4, 3))

    def expected(x, p):
        p = p * (1 - smoothing) + smoothing / 3
        return np.mean(-np.sum(p * log_softmax(x, 1), 1))

    check_op(lambda x, p: F.cross_entropy(x, p, label_smoothing=smoothing), x, p)
    value = F.cross_entropy(tensor(x), tensor(p), label_smoothing=smoothing)
    assert_close(value, np.asarray(expected(x, p)))


def test_rows_that_do_not_count_may_hold_anything():
    x = tensor([[0.0, -np.inf], [1.0, 2.0]]).requires_grad_()
    for loss in (
        F.cross_entropy(x, tensor([1, 0]), ignore_index=1),
        F.cross_entropy(x, tensor([1, 0]), tensor([1.0, 1.0]), ignore_index=1),
    ):
        x.grad = None
        loss.backward()
        assert np.isfinite(loss.item())
        assert_close(x.grad[1], [-0.7310586, 0.7310586])


def test_no_row_counts():
    x = tensor(np.ones((2, 3), np.float32)).requires_grad_()
    loss = F.cross_entropy(x, tensor([-100, -100]))
    assert np.isnan(loss.item())
    loss.backward()
    assert not x.grad.array.any()


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss, F.multi_margin_loss])
def test_class_weights_that_would_need_a_gradient_are_refused(loss):
    x, labels = tensor(np.eye(3)), tensor([0, 1, 2])
    weight = tensor(np.ones(3), requires_grad=True)
    with pytest.raises(RuntimeError, match=r"weights have no gradient; pass weight\.detach\(\)"):
        loss(x, labels, weight=weight)
    assert loss(x, labels, weight=weight.detach()) == loss(x, labels)


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
def test_weights_changed_before_backward_are_refused(loss):
    x, weight = tensor(np.eye(3), requires_grad=True), tensor(np.ones(3))
    result = loss(x, tensor([0, 1, 2]), weight)
    weight.mul_(2.0)
    with pytest.raises(
        RuntimeError, match=r"shape \[3\], has been modified by an inplace operation"
    ):
        result.backward()


def test_by_hand_on_arrays():
    x, y = rng().normal(size=(4, 3)), np.array([0, 2, 1, 1])
    op = CrossEntropy()
    assert_close(op.forward(x, y), np.asarray(reference(x, y)))
    dx, *nothing = op.backward(np.asarray(1.0))
    p = np.exp(log_softmax(x, 1))
    assert nothing == [None, None]
    assert_close(dx, (p - np.eye(3)[y]) / 4)


def test_labels_that_do_not_fit():
    x = tensor(np.zeros((4, 3)))
    with pytest.raises(IndexError, match=r"label 3 at position 2 .*3 classes"):
        F.cross_entropy(x, tensor([0, 1, 3, 1]))
    with pytest.raises(IndexError, match=r"^nll_loss: label 3 at position 2 .*3 classes"):
        F.nll_loss(x, tensor([0, 1, 3, 1]))
    with pytest.raises(IndexError, match=r"label -1 at position 0 .*3 classes"):
        F.cross_entropy(x, tensor([-1, 1, 1, 1]), tensor([1.0, 1.0, 1.0]))
    with pytest.raises(ValueError, match=r"shape \[4\], one label a row, but it has \[4, 1\]"):
        F.cross_entropy(x, tensor([[0], [1], [1], [1]]))
    with pytest.raises(RuntimeError, match=r"float32, of shape \[4\].*\.long\(\)"):
        F.cross_entropy(x, tensor([0.0, 1.0, 1.0, 1.0]))
    with pytest.raises(RuntimeError, match="each of the 3 classes"):
        F.cross_entropy(x, tensor([0, 1, 1, 1]), tensor([1.0, 1.0]))


def test_options_that_do_not_exist():
    x, y = tensor(np.zeros((2, 3))), tensor([0, 1])
    with pytest.raises(ValueError, match="average is not a valid value for reduction"):
        F.cross_entropy(x, y, reduction="average")
    with pytest.raises(RuntimeError, match=r"between 0\.0 and 1\.0\. Got: 2"):
        F.cross_entropy(x, y, label_smoothing=2)
    with pytest.raises(RuntimeError, match="not supported for floating point target"):
        F.cross_entropy(x, tensor(np.full((2, 3), 1 / 3)), ignore_index=1)


def test_softmax_before_the_loss_is_warned_of():
    x = tensor(np.zeros((2, 3)), requires_grad=True)
    y = tensor([0, 1])
    with pytest.warns(UserWarning, match="output of a softmax.*applies log_softmax itself") as seen:
        F.cross_entropy(F.softmax(x, 1), y)
    assert seen[0].filename == __file__
    with pytest.warns(UserWarning, match="nll_loss.*use log_softmax instead"):
        F.nll_loss(F.softmax(x, 1), y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        F.cross_entropy(x, y)
        F.nll_loss(F.log_softmax(x, 1), y)


def test_integer_logits_and_float_labels():
    with pytest.raises(RuntimeError, match=r"prediction is int64.*in this order: cross_entropy"):
        F.cross_entropy(tensor([0, 1]), tensor([[0.0, 1.0], [1.0, 0.0]]))
    with pytest.raises(RuntimeError, match=r"nll_loss: the target is float32.*with \.long\(\)\)$"):
        F.nll_loss(tensor([[0.0, 1.0]]), tensor([1.0]))
