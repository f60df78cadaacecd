"""Circular and hyperbolic functions against NumPy, finite differences, and at the awkward points."""

import math

import numpy as np
import pytest
from smooth_functions import (
    check_integers_become_floating_point,
    check_smooth,
    gradient,
    uniform,
)

import minigrad as mg
from minigrad.autograd import engine
from minigrad.testing import assert_close, check_op

# name: its domain, the same in NumPy
SMOOTH = {
    "acos": (-0.9, 0.9, np.arccos),
    "acosh": (1.1, 3, np.arccosh),
    "asin": (-0.9, 0.9, np.arcsin),
    "asinh": (-3, 3, np.arcsinh),
    "atan": (-3, 3, np.arctan),
    "atanh": (-0.9, 0.9, np.arctanh),
    "cos": (-3, 3, np.cos),
    "cosh": (-3, 3, np.cosh),
    "deg2rad": (-400, 400, np.deg2rad),
    "rad2deg": (-7, 7, np.rad2deg),
    "sin": (-3, 3, np.sin),
    "sinh": (-3, 3, np.sinh),
    "tan": (-1.2, 1.2, np.tan),
    "tanh": (-3, 3, np.tanh),
}
ALIASES = {"arc" + name[1:]: name for name in [*SMOOTH, "atan2"] if name.startswith("a")}
COVERED = [*SMOOTH, *ALIASES, "atan2", "hypot"]


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth(name):
    check_smooth(name, *SMOOTH[name])


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases(alias):
    assert getattr(mg, alias) is getattr(mg, ALIASES[alias])
    for suffix in ("", "_"):
        ours = getattr(mg.Tensor, alias + suffix)
        assert ours is getattr(mg.Tensor, ALIASES[alias] + suffix)


@pytest.mark.parametrize("name", SMOOTH)
def test_integers_become_floating_point(name):
    check_integers_become_floating_point(name)


def test_inverses_have_infinite_slopes_at_the_ends():
    assert gradient(mg.acosh, [1.0]).tolist() == [math.inf]
    assert gradient(mg.asin, [-1.0, 1.0]).tolist() == [math.inf, math.inf]
    assert gradient(mg.acos, [-1.0, 1.0]).tolist() == [-math.inf, -math.inf]


@pytest.mark.parametrize("shapes", [((2, 3), (2, 3)), ((2, 3), (3,)), ((1,), (2,))], ids=str)
def test_atan2(shapes):
    y, x = uniform(-2, 2, *shapes[0]) + 0.05, uniform(-2, 2, *shapes[1]) - 0.05
    check_op(mg.atan2, y, x, reference=np.arctan2)


def test_hypot():
    check_op(mg.hypot, uniform(-2, 2, 2, 3), uniform(-3, 3, 3), reference=np.hypot)
    assert_close(mg.hypot(mg.tensor(np.array([3e200])), 4e200), np.float64([5e200]), rtol=1e-15)


def test_atan2_at_the_origin():
    y, x = (mg.zeros(1, requires_grad=True) for _ in range(2))
    assert [g.tolist() for g in engine.grad(mg.atan2(y, x), (y, x))] == [[0], [0]]


def test_atan2_of_small_integers_and_numbers():
    y = mg.tensor([200, 3], dtype=mg.uint8)
    x = mg.tensor([1.0, 4.0], requires_grad=True)
    (dx,) = engine.grad(mg.atan2(y, x).sum(), x)
    assert_close(dx, np.float32([-200 / 40001, -3 / 25]))
    (dx,) = engine.grad(mg.atan2(x, 2).sum(), x)
    assert_close(dx, np.float32([2 / 5, 2 / 20]))
