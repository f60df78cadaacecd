"""Special functions against their definitions."""

import math

import numpy as np
import pytest
from smooth_functions import (
    check_in_place_and_method,
    check_integers_become_floating_point,
    check_smooth,
    uniform,
)

import minigrad as mg
from minigrad.autograd import engine
from minigrad.testing import assert_close, check_op

# The reference knows no digamma: it is held to lgamma, whose slope it is.
SMOOTH = {
    "erfc": (-3, 8, np.vectorize(math.erfc, otypes=[float])),
    "erfinv": (-0.999, 0.999, None),
    "lgamma": (0.05, 30, np.vectorize(math.lgamma, otypes=[float])),
    "digamma": (0.3, 30, None),
    "logit": (0.02, 0.98, lambda x: np.log(x / (1 - x))),
    "sinc": (-3, 3, np.sinc),
}
COVERED = [*SMOOTH, "mvlgamma", "polygamma", "xlogy"]

inf, nan = math.inf, math.nan


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth(name):
    low, high, reference = SMOOTH[name]
    if reference is None:
        check_op(getattr(mg, name), uniform(low, high, 2, 3))
        check_in_place_and_method(name, low, high)
    else:
        check_smooth(name, low, high, reference)
    check_integers_become_floating_point(name)


def test_erfc_keeps_its_digits():
    x = np.linspace(-6, 26, 400)
    expected = np.array([math.erfc(v) for v in x])
    assert_close(mg.erfc(mg.tensor(x)), expected, rtol=1e-13, atol=0)
    assert mg.erfc(mg.tensor([inf, -inf])).tolist() == [0, 2]


def test_erfinv_is_the_inverse():
    x = np.concatenate([np.linspace(-0.99, 0.99, 99), [1e-300, 1e-9]])
    y = mg.erfinv(mg.tensor(x)).numpy()
    assert_close([math.erf(v) for v in y] * np.ones(1), x, rtol=1e-14, atol=0)
    tails = np.logspace(-15, -1, 50)
    y = mg.erfinv(mg.tensor(1 - tails)).numpy()
    assert_close([math.erfc(v) for v in y] * np.ones(1), 1 - (1 - tails), rtol=1e-12, atol=0)
    ends = mg.erfinv(mg.tensor([1.0, -1.0, 2.0, -0.0]))
    assert_close(ends, [inf, -inf, nan, -0.0], equal_nan=True)


def test_gamma():
    x = np.concatenate([np.linspace(-9.95, 40, 300), np.logspace(-12, 12, 50)])
    expected = np.array([math.lgamma(v) for v in x])
    assert_close(mg.lgamma(mg.tensor(x)), expected, rtol=2e-14, atol=2e-14)
    assert mg.lgamma(mg.tensor([0.0, -1.0, -7.0, inf])).tolist() == [inf] * 4
    euler = 0.5772156649015329
    y = mg.digamma(mg.tensor([1, 0.5, -0.5, 0.0, -0.0, -1.0], dtype=mg.float64))
    expected = [-euler, -euler - 2 * math.log(2), 2 - euler - 2 * math.log(2), -inf, inf, nan]
    assert_close(y, expected, rtol=1e-14, equal_nan=True)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_polygamma(n):
    check_op(lambda x: mg.polygamma(n, x), uniform(0.6, 5, 2, 3))
    x = mg.tensor(np.linspace(-3.3, 20, 41))
    difference = mg.polygamma(n, x + 1) - mg.polygamma(n, x)
    expected = (-1) ** n * math.factorial(n) / x ** (n + 1)
    scale = float(mg.polygamma(n, x).abs().max())
    assert_close(difference, expected, rtol=1e-12, atol=1e-14 * scale)
    assert_close(x.polygamma(n), mg.polygamma(n, x))
    far = mg.tensor([-1e12 - 0.5, -3.0, -inf], dtype=mg.float64)  # takes no steps of 1 from there
    assert mg.polygamma(n, far).isfinite().tolist() == [True, False, False]
    with pytest.raises(RuntimeError, match="negative n"):
        mg.polygamma(-1, x)


def test_mvlgamma():
    check_op(lambda x: mg.mvlgamma(x, 3), uniform(1.2, 5, 2, 3))
    x = np.array([2.5, 7])
    halves = sum(np.vectorize(math.lgamma)(x - i / 2) for i in range(3))
    assert_close(mg.mvlgamma(mg.tensor(x), 3), halves + 1.5 * math.log(math.pi))


def test_logit_within_bounds():
    x = mg.tensor([-1.0, 0.25, 2.0], dtype=mg.float64, requires_grad=True)
    y = mg.logit(x, eps=0.1)
    assert_close(y, np.log([1 / 9, 1 / 3, 9]))
    assert_close(engine.grad(y.sum(), x)[0], [0, 16 / 3, 0])


def test_xlogy():
    x, y = np.random.default_rng(0).random(size=(2, 3, 4)) + 0.1
    check_op(mg.xlogy, x, y, reference=lambda x, y: x * np.log(y))
    check_op(mg.xlogy, x, y[0], reference=lambda x, y: x * np.log(y))


def test_xlogy_of_zero():
    x = mg.tensor([0.0, 0.0, 0.0, 1.0], requires_grad=True)
    y = mg.tensor([0.0, 2.0, math.nan, 0.0])
    assert_close(mg.xlogy(x, y), [0.0, 0.0, math.nan, -math.inf], equal_nan=True)
    mg.xlogy(x, mg.tensor([0.0, 2.0, 1.0, 1.0])).sum().backward()
    assert_close(x.grad, [0.0, math.log(2), 0.0, 0.0])
