"""Descent on x^2 from 10 (lr 0.1, 20 steps), and the moving average: programs that teach optimisers.

Each optimiser runs as its user writes it; what must come out was computed by hand from the formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import minigrad as mg

START, LR, STEPS = 10.0, 0.1, 20


def path(optimizer: Callable[..., Any], noise: Callable[[], float] = lambda: 1.0) -> np.ndarray:
    """x after each step of the descent on x^2; `noise` makes the gradient that of a sample."""
    x = mg.tensor(START, dtype=mg.float64, requires_grad=True)
    opt = optimizer([x])
    xs = [x.item()]
    for _ in range(STEPS):
        opt.zero_grad()
        (noise() * x**2).backward()
        opt.step()
        xs.append(x.item())
    return np.array(xs)


def uniform(low: float, high: float, seed: int) -> Callable[[], float]:
    rng = np.random.default_rng(seed)
    return lambda: rng.uniform(low, high)


def test_batch_descent_multiplies_by_four_fifths() -> None:
    xs = path(lambda p: mg.optim.SGD(p, lr=LR))
    np.testing.assert_allclose(xs, START * 0.8 ** np.arange(STEPS + 1))
    assert xs[-1] == pytest.approx(0.115292, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("low", "high", "least", "most"),
    [(0.5, 1.5, 0.00798, 1.2158), (0.8, 1.2, 0.0413, 0.3059)],
    ids=["stochastic", "mini-batch"],
)
def test_noisy_descent_stays_within_what_its_noise_allows(
    low: float, high: float, least: float, most: float, seed: int
) -> None:
    xs = path(lambda p: mg.optim.SGD(p, lr=LR), uniform(low, high, seed))
    assert least <= xs[-1] <= most
    assert len({*np.round(xs[1:] / xs[:-1], 6)}) > 1  # it is noisy


def test_momentum_as_an_average_overshoots() -> None:
    xs = path(lambda p: mg.optim.SGD(p, lr=LR, momentum=0.9, momentum_form="ema"))
    np.testing.assert_allclose(xs[1:3], [9.8, 9.424])
    assert xs[-1] == pytest.approx(-2.70671, abs=1e-5)


@pytest.mark.parametrize("form", ["pytorch", "velocity"])
def test_momentum_as_a_sum_overshoots_further(form: str) -> None:
    xs = path(lambda p: mg.optim.SGD(p, lr=LR, momentum=0.9, momentum_form=form))
    assert xs[-1] == pytest.approx(-3.49253, abs=1e-5)


def test_rmsprop() -> None:
    xs = path(lambda p: mg.optim.RMSprop(p, lr=LR, alpha=0.9, eps=1e-8))
    assert xs[1] == pytest.approx(9.68377, abs=1e-5)
    assert xs[-1] == pytest.approx(7.28163, abs=1e-5)


def test_adam_and_after_twenty_steps_plain_descent_is_nearest_to_the_minimum() -> None:
    xs = path(lambda p: mg.optim.Adam(p, lr=LR))
    assert xs[1] == pytest.approx(9.9, abs=1e-5)
    assert xs[-1] == pytest.approx(8.02666, abs=1e-5)

    others = {
        "momentum": path(lambda p: mg.optim.SGD(p, lr=LR, momentum=0.9)),
        "rmsprop": path(lambda p: mg.optim.RMSprop(p, lr=LR, alpha=0.9)),
        "adam": xs,
    }
    plain = path(lambda p: mg.optim.SGD(p, lr=LR))
    assert all(abs(plain[-1]) < abs(other[-1]) for other in others.values())


def test_the_lines_that_make_optimisers() -> None:
    model = mg.nn.Linear(2, 1)
    assert mg.optim.SGD(model.parameters(), lr=0.01).param_groups[0]["lr"] == 0.01
    momentum = mg.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    assert momentum.param_groups[0]["momentum"] == 0.9
    assert mg.optim.RMSprop(model.parameters(), lr=0.001).param_groups[0]["lr"] == 0.001
    assert mg.optim.Adam(model.parameters(), lr=0.001).param_groups[0]["lr"] == 0.001


# ---- optimisers with their formulas beside them --------------------------------------------------

Rule = Iterator[np.ndarray]


def momentum_rule(p: np.ndarray, grads: np.ndarray) -> Rule:
    buf = None
    for g in grads:
        buf = g if buf is None else 0.9 * buf + g
        p = p - 0.6 * buf
        yield p


def adagrad_rule(p: np.ndarray, grads: np.ndarray) -> Rule:
    s = 0
    for g in grads:
        s = s + g * g
        p = p - 0.9 * g / (np.sqrt(s) + 1e-10)
        yield p


def rmsprop_rule(p: np.ndarray, grads: np.ndarray) -> Rule:
    s = buf = 0
    for g in grads:
        s = 0.99 * s + 0.01 * g * g
        buf = 0.9 * buf + g / (np.sqrt(s) + 1e-8)
        p = p - 0.7 * buf
        yield p


def adam_rule(p: np.ndarray, grads: np.ndarray) -> Rule:
    m = v = 0
    for t, g in enumerate(grads, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        p = p - 0.05 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        yield p


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda p: mg.optim.SGD(p, lr=0.6, momentum=0.9), momentum_rule),
        (lambda p: mg.optim.Adagrad(p, lr=0.9), adagrad_rule),
        (lambda p: mg.optim.RMSprop(p, lr=0.7, momentum=0.9), rmsprop_rule),
        (lambda p: mg.optim.Adam(p, lr=0.05), adam_rule),
    ],
    ids=["momentum", "adagrad", "rmsprop", "adam"],
)
def test_each_step_is_that_of_the_formula(make: Callable[..., Any], rule: Any) -> None:
    rng = np.random.default_rng(0)
    start, grads = rng.standard_normal(7), rng.standard_normal((30, 7))
    p = mg.tensor(start, requires_grad=True)
    opt = make([p])
    for g, want in zip(grads, rule(start, grads), strict=True):
        p.grad = mg.tensor(g)
        opt.step()
        np.testing.assert_allclose(p.detach().numpy(), want, rtol=1e-10)


# ---- on dicts of arrays, without a Tensor --------------------------------------------------------


@pytest.mark.parametrize(
    ("optimizer", "after_two"),
    [
        # p = 1, gradients 0.5 and -0.25
        (mg.optim.SGD(lr=0.1), 1 - 0.05 + 0.025),
        # v = -0.05; v = 0.9 v + 0.025
        (mg.optim.SGD(lr=0.1, momentum=0.9, momentum_form="velocity"), 1 - 0.05 - 0.045 + 0.025),
        # h = 0.25, then 0.3125
        (mg.optim.Adagrad(lr=0.1, eps=1e-7), 1 - 0.1 + 0.1 * 0.25 / np.sqrt(0.3125)),
    ],
    ids=["SGD", "Momentum", "AdaGrad"],
)
def test_update_on_dicts_of_arrays(optimizer: Any, after_two: float) -> None:
    params = {"W1": np.ones((2, 3)), "b1": np.ones(3)}
    w1 = params["W1"]
    for g in (0.5, -0.25):
        optimizer.update(params, {"W1": np.full((2, 3), g), "b1": np.full(3, g)})
    assert params["W1"] is w1  # in place
    np.testing.assert_allclose(params["W1"], after_two, rtol=1e-6)
    np.testing.assert_allclose(params["b1"], after_two, rtol=1e-6)


# ---- the exponential moving average --------------------------------------------------------------


def series() -> np.ndarray:
    rng = np.random.RandomState(0)  # the generator that the numbers below were drawn from
    return rng.randint(5, 40, 30)


def test_the_series() -> None:
    y = series()
    assert y[:5].tolist() == [5, 8, 8, 14, 24]
    assert y[-3:].tolist() == [24, 24, 19]


def test_the_moving_average_of_the_series() -> None:
    y = series()
    s = np.asarray(mg.optim.ema(y, 0.9))
    np.testing.assert_allclose(s[[0, 1, 29]], [5, 5.3, 20.6292], atol=5e-5)
    assert y.var() == pytest.approx(70.65, abs=5e-3)
    assert s.var() == pytest.approx(23.04, abs=5e-3)
