"""Losses of a difference against NumPy: values, both gradients, and what does not fit."""

import numpy as np
import pytest

from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.ops.loss import SquaredError
from minigrad.testing import check_op

COVERED = ["huber_loss", "l1_loss", "mse_loss", "smooth_l1_loss"]

REDUCTIONS = ("mean", "sum", "none")


def rng():
    return np.random.default_rng(0)


def reduced(losses, reduction):
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](losses)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_mse_loss(reduction):
    a, b = rng().normal(size=(2, 3, 4))
    check_op(
        lambda x, y: F.mse_loss(x, y, reduction=reduction),
        a,
        b,
        reference=lambda x, y: reduced((x - y) ** 2, reduction),
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_l1_loss(reduction):
    a, b = rng().normal(size=(2, 3, 4))
    check_op(
        lambda x, y: F.l1_loss(x, y, reduction=reduction),
        a,
        b,
        reference=lambda x, y: reduced(np.abs(x - y), reduction),
        second=False,
    )


def huber(d, delta):
    return np.where(np.abs(d) <= delta, d * d / 2, delta * (np.abs(d) - delta / 2))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("delta", [0.3, 1.0, 5.0])
def test_huber_loss(reduction, delta):
    a, b = rng().normal(size=(2, 3, 4))
    check_op(
        lambda x, y: F.huber_loss(x, y, reduction, delta),
        a,
        b,
        reference=lambda x, y: reduced(huber(x - y, delta), reduction),
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("beta", [0.3, 1.0, 5.0])
def test_smooth_l1_loss(reduction, beta):
    a, b = rng().normal(size=(2, 3, 4))
    check_op(
        lambda x, y: F.smooth_l1_loss(x, y, reduction=reduction, beta=beta),
        a,
        b,
        reference=lambda x, y: reduced(huber(x - y, beta) / beta, reduction),
    )


def test_smooth_l1_loss_with_beta_0_is_l1_loss():
    x, y = tensor([1.0, 2.0]), tensor([1.0, -1.0])
    assert F.smooth_l1_loss(x, y, beta=0).item() == F.l1_loss(x, y).item() == 1.5


def test_weights():
    x, y, w = tensor([1.0, 2.0, 3.0]), tensor([0.0, 0.0, 0.0]), tensor([1.0, 0.0, 3.0])
    assert F.mse_loss(x, y, weight=w).item() == 28 / 4
    assert F.l1_loss(x, y, weight=w).item() == 10 / 4
    assert F.huber_loss(x, y, weight=w, reduction="none").tolist() == [0.5, 0.0, 7.5]
    assert F.huber_loss(x, y, weight=w).item() == pytest.approx(8 / 3)
    assert F.mse_loss(x, y, weight=w, reduction="sum").item() == 28
    with pytest.raises(ValueError, match=r"prediction has shape \[3\] and the weight \[1\]"):
        F.mse_loss(x, y, weight=tensor([1.0]))
    check_op(lambda x, y, w: F.mse_loss(x, y, weight=w), *rng().random(size=(3, 2, 3)))


def test_mean_of_nothing_is_nan():
    for dtype in (np.float32, np.float64):
        nothing = tensor(np.zeros((0, 2), dtype)).requires_grad_()
        loss = F.mse_loss(nothing, nothing)
        loss.backward()
        assert np.isnan(loss.item()) and loss.dtype == dtype and nothing.grad.shape == (0, 2)


def test_by_hand_on_arrays():
    op = SquaredError()
    op.forward(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    da, db = op.backward(np.asarray(1.0))
    assert da.tolist() == [1, -2] and db.tolist() == [-1, 2]


def test_integers_are_targets_not_predictions():
    x, y = tensor([1.0, 2.0], requires_grad=True), tensor([0, 1])
    F.mse_loss(x, y).backward()
    assert x.grad.tolist() == [1.0, 1.0]
    with pytest.raises(RuntimeError, match=r"prediction is int64.*\.float\(\)"):
        F.mse_loss(y, y)


def test_options_out_of_range():
    x = tensor([1.0])
    with pytest.raises(RuntimeError, match="negative values for beta, and it is -1"):
        F.smooth_l1_loss(x, x, beta=-1)
    with pytest.raises(RuntimeError, match="non-positive values for delta, and it is 0"):
        F.huber_loss(x, x, delta=0)


@pytest.mark.parametrize("loss", [F.mse_loss, F.l1_loss, F.huber_loss, F.smooth_l1_loss])
def test_shapes_that_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match=r"\[4, 1\].*\[4\].*not broadcast"):
        loss(tensor(np.zeros((4, 1))), tensor(np.zeros(4)))
