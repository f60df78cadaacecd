"""Rates along a cosine, against their closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from schedules import LR, optimizer, rates

from minigrad.optim import SGD
from minigrad.optim.lr_scheduler import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
)

STEPS = 40


@given(st.integers(1, 50))
def test_annealing_goes_up_again_after_t_max(t_max):
    t = np.arange(STEPS + 1)
    got = rates(lambda opt: CosineAnnealingLR(opt, t_max), STEPS)
    np.testing.assert_allclose(got, LR * (1 + np.cos(np.pi * t / t_max)) / 2, atol=1e-12)


@given(st.integers(1, 50), st.floats(0, 0.4))
def test_annealing_above_a_minimum(t_max, eta_min):
    opt = SGD(optimizer().param_groups[0]["params"], lr=LR)
    scheduler = CosineAnnealingLR(opt, t_max, eta_min)
    for t in range(1, STEPS):
        opt.step()
        scheduler.step()
        want = eta_min + (LR - eta_min) * (1 + np.cos(np.pi * t / t_max)) / 2
        assert scheduler.get_last_lr() == [pytest.approx(want, abs=1e-12)]


def test_annealing_scales_what_another_scheduler_left():
    opt = optimizer()
    both = CosineAnnealingLR(opt, 10), ExponentialLR(opt, 0.9)
    opt.step()
    for t in range(1, 9):
        for scheduler in both:
            scheduler.step()
        want = LR * 0.9**t * (1 + np.cos(np.pi * t / 10)) / 2
        assert opt.param_groups[0]["lr"] == pytest.approx(want)


def restarts(t_0, t_mult, steps):
    """T_cur / T_i at each step."""
    places, period = [], t_0
    while len(places) <= steps:
        places += [k / period for k in range(period)]
        period *= t_mult
    return np.array(places[: steps + 1])


@given(st.integers(1, 12), st.integers(1, 3))
def test_warm_restarts(t_0, t_mult):
    want = LR * (1 + np.cos(np.pi * restarts(t_0, t_mult, STEPS))) / 2
    got = rates(lambda opt: CosineAnnealingWarmRestarts(opt, t_0, t_mult), STEPS)
    np.testing.assert_allclose(got, want, atol=1e-12)


@given(st.integers(1, 12), st.integers(1, 3), st.floats(0, 40))
@pytest.mark.filterwarnings("ignore:Detected call")
def test_warm_restarts_anywhere(t_0, t_mult, epoch):
    """Also between two steps, as batches within an epoch are; and on from there."""
    scheduler = CosineAnnealingWarmRestarts(optimizer(), t_0, t_mult, eta_min=0.01)
    began, period = 0, t_0
    while epoch >= began + period:
        began, period = began + period, period * t_mult
    scheduler.step(epoch)
    want = 0.01 + (LR - 0.01) * (1 + np.cos(np.pi * (epoch - began) / period)) / 2
    assert scheduler.get_last_lr()[0] == pytest.approx(want, abs=1e-12)
    assert scheduler.last_epoch == int(epoch)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"T_0": 0}, "Expected positive integer T_0, but got 0"),
        ({"T_0": 1.5}, r"Expected positive integer T_0, but got 1\.5"),
        ({"T_0": 1, "T_mult": 0}, "Expected integer T_mult >= 1, but got 0"),
        ({"T_0": 1, "eta_min": "0"}, "Expected float or int eta_min, but got 0 of type"),
    ],
)
def test_refused(options, message):
    with pytest.raises(ValueError, match=message):
        CosineAnnealingWarmRestarts(optimizer(), **options)
    with pytest.raises(ValueError, match="Expected non-negative epoch, but got -1"):
        CosineAnnealingWarmRestarts(optimizer(), 3).step(-1)
