"""The exponential moving average of a series."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.ops.creation import tensor
from minigrad.optim import ema


def test_thirty_temperatures():
    """30 integers of NumPy's first generator, beta 0.9."""
    values = np.random.RandomState(0).randint(5, 40, 30)
    assert list(values[:5]) == [5, 8, 8, 14, 24] and list(values[-3:]) == [24, 24, 19]
    smooth = ema(values, 0.9)
    assert smooth[0] == 5
    assert smooth[[1, 29]] == pytest.approx([5.3, 20.6292], abs=1e-4)
    assert values.var() == pytest.approx(70.65, abs=0.01)
    assert smooth.var() == pytest.approx(23.04, abs=0.01)


@given(st.floats(0, 0.99), st.integers(1, 20), st.integers(0, 100))
def test_is_a_weighted_mean(beta, n, seed):
    y = np.random.default_rng(seed).normal(size=(n, 3))
    for t, (plain, corrected) in enumerate(zip(ema(y, beta), ema(y, beta, True), strict=True)):
        weights = beta ** np.arange(t, -1, -1.0)
        mean = np.average(y[: t + 1], axis=0, weights=weights)
        np.testing.assert_allclose(corrected, mean, atol=1e-12)
        weights[1:] *= 1 - beta
        np.testing.assert_allclose(plain, weights @ y[: t + 1], atol=1e-12)


def test_what_goes_in_comes_out():
    values = tensor([1.0, 3.0])
    smooth = ema(values, 0.5)
    assert smooth.dtype == np.float32 and smooth.tolist() == [1, 2]
    assert values.tolist() == [1, 3]
    assert ema([1, 3], 0.5).dtype == np.float64
    assert ema(np.empty((0, 2)), 0.5, bias_correction=True).shape == (0, 2)


def test_refused():
    with pytest.raises(ValueError, match=r"beta must be in \[0, 1\), got 1"):
        ema([1.0], 1)
    with pytest.raises(ValueError, match="got a single number"):
        ema(3.0, 0.5)
