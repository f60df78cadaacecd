"""Rates that are multiplied by factors, against their closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from schedules import LR, optimizer, rates

from minigrad.optim.lr_scheduler import (
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)

STEPS = 20
t = np.arange(STEPS + 1)
gammas = st.floats(0.05, 1.2)
lengths = st.integers(1, 25)


def check(make, c):
    """lr = LR c(t), step by step and where a step says which."""
    np.testing.assert_allclose(rates(make, STEPS), LR * c, rtol=1e-12, atol=1e-15)
    opt = optimizer()
    scheduler = make(opt)
    opt.step()
    if not isinstance(scheduler, MultiplicativeLR):
        for k in (7, 3, 19, 0):
            with pytest.warns(UserWarning, match="epoch parameter .* is deprecated"):
                scheduler.step(k)
            np.testing.assert_allclose(
                scheduler.get_last_lr()[0], LR * c[k], rtol=1e-12, atol=1e-15
            )


@given(gammas)
def test_lambda(gamma):
    check(lambda opt: LambdaLR(opt, lambda t: gamma**t), gamma**t)


@given(gammas)
def test_multiplicative(gamma):
    check(
        lambda opt: MultiplicativeLR(opt, lambda t: gamma if t % 2 else 1), gamma ** ((t + 1) // 2)
    )


@given(lengths, gammas)
def test_step(size, gamma):
    check(lambda opt: StepLR(opt, size, gamma), gamma ** (t // size))


@given(st.lists(st.integers(0, 25), max_size=4), gammas)
def test_multi_step(milestones, gamma):
    # one at 0 counts from the first step of all, as in PyTorch
    passed = (np.array(milestones, int)[:, None] <= t).sum(0)
    check(lambda opt: MultiStepLR(opt, milestones, gamma), gamma**passed)


@given(st.floats(0.01, 1), lengths)
def test_constant(factor, total):
    check(lambda opt: ConstantLR(opt, factor, total), np.where(t < total, factor, 1))


@given(st.floats(0.01, 1), st.floats(0, 1), lengths)
def test_linear(start, end, total):
    c = start + (end - start) * np.minimum(t, total) / total
    check(lambda opt: LinearLR(opt, start, end, total), c)


@given(gammas)
def test_exponential(gamma):
    check(lambda opt: ExponentialLR(opt, gamma), gamma**t)


@given(lengths, st.sampled_from([0.5, 1, 2, 3]))
def test_polynomial(total, power):
    check(lambda opt: PolynomialLR(opt, total, power), (1 - np.minimum(t, total) / total) ** power)


class Decay:
    """A function that can be saved."""

    def __init__(self, gamma):
        self.gamma = gamma

    def __call__(self, t):
        return self.gamma**t


@pytest.mark.parametrize("kind", [LambdaLR, MultiplicativeLR])
def test_functions_of_each_group_and_their_state(kind):
    opt = optimizer()
    scheduler = kind(opt, [Decay(0.5), lambda t: 1.0])
    opt.step()
    scheduler.step()
    assert scheduler.get_last_lr() == [LR * 0.5, LR / 10]
    state = scheduler.state_dict()
    assert state["lr_lambdas"] == [{"gamma": 0.5}, None]
    other = kind(optimizer(), [Decay(0.1), lambda t: 2.0])
    other.load_state_dict(state)
    assert other.lr_lambdas[0].gamma == 0.5 and other.lr_lambdas[1](3) == 2
    assert other.last_epoch == 1 and state["lr_lambdas"] == [{"gamma": 0.5}, None]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda opt: LambdaLR(opt, [lambda t: 1]), ValueError, "Expected 2 lr_lambdas, but got 1"),
        (lambda opt: MultiplicativeLR(opt, 0.9), TypeError, "should be a function, but got float"),
        (lambda opt: ConstantLR(opt, 1.1), ValueError, r"Constant.* between 0 and 1, got 1\.1"),
        (lambda opt: LinearLR(opt, 0), ValueError, "Starting .* greater than 0 .*, got 0"),
        (lambda opt: LinearLR(opt, 1, -1), ValueError, "Ending .* between 0 and 1, got -1"),
    ],
)
def test_refused(make, error, message):
    with pytest.raises(error, match=message):
        make(optimizer())
