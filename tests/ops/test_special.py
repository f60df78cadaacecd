"""Special functions against their definitions."""

import math

import numpy as np

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = ["xlogy"]


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
