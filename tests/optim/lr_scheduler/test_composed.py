"""Schedulers one after the other, or all at once."""

import numpy as np
import pytest
from schedules import LR, optimizer, rates

from minigrad.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    MultiplicativeLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)


def test_one_after_the_other():
    """A warm-up, half a cosine, and steps: each from its own beginning."""
    got = rates(
        lambda opt: SequentialLR(
            opt, [LinearLR(opt, 0.2, 1.0, 4), CosineAnnealingLR(opt, 8), StepLR(opt, 2)], [5, 10]
        ),
        14,
    )
    warm_up = [0.2, 0.4, 0.6, 0.8, 1.0]
    cosine = (1 + np.cos(np.pi * np.arange(5) / 8)) / 2
    steps = [1, 1, 0.1, 0.1, 0.01]
    np.testing.assert_allclose(got / LR, [*warm_up, *cosine, *steps])


def test_a_scheduler_without_a_closed_form_goes_on_from_what_it_finds():
    got = rates(
        lambda opt: SequentialLR(
            opt, [ConstantLR(opt, 0.5, 10), MultiplicativeLR(opt, lambda t: 0.9)], [2]
        ),
        4,
    )
    np.testing.assert_allclose(got / LR, [0.5, 0.5, 0.45, 0.405, 0.3645])


def test_the_first_may_have_no_turn():
    got = rates(lambda opt: SequentialLR(opt, [StepLR(opt, 1), ExponentialLR(opt, 0.5)], [0]), 2)
    np.testing.assert_allclose(got / LR, [1, 0.5, 0.25])


def test_all_at_once():
    make = lambda opt: ChainedScheduler([ConstantLR(opt, 0.1, 2), ExponentialLR(opt, 0.9)])  # noqa: E731
    np.testing.assert_allclose(rates(make, 4) / LR, [0.1, 0.09, 0.81, 0.729, 0.6561])


@pytest.mark.parametrize(
    "make",
    [
        lambda opt, *s: SequentialLR(opt, [StepLR(opt, 1), *s], [3] * len(s)),
        lambda opt, *s: ChainedScheduler([StepLR(opt, 1), *s], opt),
    ],
)
def test_refused(make):
    for wrong, error, message in [
        (StepLR(optimizer(), 1), ValueError, "same optimizer, .* StepLR at index 1"),
        (ReduceLROnPlateau(optimizer()), ValueError, "does not support .* one at index 1"),
        (0.1, TypeError, "at index 1 should have `optimizer`"),
    ]:
        with pytest.raises(error, match=message):
            make(optimizer(), wrong)


def test_none_or_too_few():
    opt = optimizer()
    for make in (lambda: SequentialLR(opt, [], []), lambda: ChainedScheduler([])):
        with pytest.raises(ValueError, match="expects at least one scheduler"):
            make()
    with pytest.raises(ValueError, match=r"schedulers 1 and the number of milestones .* to 1"):
        SequentialLR(opt, [StepLR(opt, 1)], [3])
