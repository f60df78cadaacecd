"""Losses of distributions against NumPy: values, gradients, edges, and what does not fit."""

import numpy as np
import pytest

from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close, check_op

COVERED = ["gaussian_nll_loss", "kl_div", "poisson_nll_loss"]

REDUCTIONS = ("mean", "sum", "none")


def rng():
    return np.random.default_rng(0)


def reduced(losses, reduction):
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](losses)


@pytest.mark.filterwarnings("ignore:kl_div")
@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
@pytest.mark.parametrize("log_target", [False, True])
def test_kl_div(reduction, log_target):
    x, t = -rng().random((3, 4)), rng().random((3, 4)) + 0.1

    def expected(x, t):
        losses = np.exp(t) * (t - x) if log_target else t * (np.log(t) - x)
        return losses.sum() / 3 if reduction == "batchmean" else reduced(losses, reduction)

    check_op(
        lambda x, t: F.kl_div(x, t, reduction=reduction, log_target=log_target),
        x,
        t,
        reference=expected,
    )


def test_kl_div_of_what_is_impossible_is_0():
    x = tensor([-1.0, -2.0], requires_grad=True)
    loss = F.kl_div(x, tensor([0.0, 1.0]), reduction="sum")
    loss.backward()
    assert loss.item() == 2.0 and x.grad.tolist() == [0.0, -1.0]


def test_kl_div_warns_of_its_mean():
    with pytest.warns(UserWarning, match="the divergence itself is 'batchmean'"):
        F.kl_div(tensor([-1.0]), tensor([1.0]))
    with pytest.raises(ValueError, match="batch is not a valid value"):
        F.kl_div(tensor([-1.0]), tensor([1.0]), reduction="batch")


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("log_input", [False, True])
@pytest.mark.parametrize("full", [False, True])
def test_poisson_nll_loss(reduction, log_input, full):
    x, t = rng().random((3, 4)) + 0.1, rng().random((3, 4)) * 4 + 0.1

    def expected(x, t):
        losses = np.exp(x) - t * x if log_input else x - t * np.log(x + 1e-8)
        if full:
            stirling = t * np.log(t) - t + 0.5 * np.log(2 * np.pi * t)
            losses = losses + np.where(t > 1, stirling, 0)
        return reduced(losses, reduction)

    check_op(
        lambda x, t: F.poisson_nll_loss(x, t, log_input, full, reduction=reduction),
        x,
        t,
        reference=expected,
    )


def test_poisson_nll_loss_of_no_events():
    t = tensor([0.0], requires_grad=True)
    F.poisson_nll_loss(tensor([1.0]), t, full=True).backward()
    assert t.grad.tolist() == [-1.0]
    assert F.poisson_nll_loss(tensor([0.0]), tensor([0]), log_input=False).item() == 0.0


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("shape", [(3, 4), (3, 1), (3,)])
def test_gaussian_nll_loss(reduction, full, shape):
    x, t = rng().normal(size=(2, 3, 4))
    var = rng().random(shape) + 0.1

    def expected(x, t, var):
        var = var.reshape(3, -1)
        losses = 0.5 * (np.log(var) + (x - t) ** 2 / var)
        return reduced(losses + 0.5 * np.log(2 * np.pi) * full, reduction)

    check_op(lambda *a: F.gaussian_nll_loss(*a, full, reduction=reduction), x, t, var)
    value = F.gaussian_nll_loss(tensor(x), tensor(t), tensor(var), full, reduction=reduction)
    assert_close(value, np.asarray(expected(x, t, var)))


def test_gaussian_nll_loss_of_small_variances():
    x, t = tensor([1.0], requires_grad=True), tensor([1.5])
    var = tensor([0.0], requires_grad=True)
    loss = F.gaussian_nll_loss(x, t, var, eps=0.5)
    loss.backward()
    assert loss.item() == pytest.approx(0.5 * (np.log(0.5) + 0.5))
    assert x.grad.tolist() == [-1.0]
    assert var.grad.tolist() == [0.5 * (2 - 1.0)]  # as if it were 0.5
    assert F.gaussian_nll_loss(x, t, 0.1, eps=0.5).item() == pytest.approx(loss.item())


def test_variances_that_do_not_fit():
    x = tensor(np.zeros((3, 4)))
    with pytest.raises(ValueError, match="var has negative"):
        F.gaussian_nll_loss(x, x, x - 1)
    with pytest.raises(ValueError, match=r"incorrect size: it has shape \[4\].*\[3, 4\], or \[3\]"):
        F.gaussian_nll_loss(x, x, tensor(np.ones(4)))


@pytest.mark.parametrize("loss", [F.kl_div, F.poisson_nll_loss])
def test_shapes_that_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match=r"\[4, 1\].*\[4\].*not broadcast"):
        loss(tensor(np.zeros((4, 1))), tensor(np.zeros(4)))
