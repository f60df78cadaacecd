"""Magnitude, sign and rounding against NumPy, and PyTorch at the awkward points."""

import math

import numpy as np
import pytest
from smooth_functions import check_in_place_and_method, check_values, gradient

import minigrad as mg
from minigrad.testing import assert_close, check_op

inf, nan = math.inf, math.nan

STEPS = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "frac": lambda x: x - np.trunc(x),
    "nan_to_num": np.nan_to_num,
    "round": np.rint,
    "sign": np.sign,
    "trunc": np.trunc,
}
COVERED = [*STEPS, "absolute"]


@pytest.mark.parametrize("name", STEPS)
def test_steps(name):
    x = np.array([[-2.7, -1.2, -0.4], [0.3, 1.6, 2.2]])
    check_op(getattr(mg, name), x, reference=STEPS[name])
    check_values(name, -50, 50, STEPS[name])
    check_in_place_and_method(name, -3, 3)


def test_absolute():
    assert mg.absolute is mg.abs
    assert mg.Tensor.absolute is mg.Tensor.abs


@pytest.mark.parametrize("name", ["abs", "ceil", "floor", "round", "sign", "square", "trunc"])
def test_integers_stay_integers(name):
    for x in (np.array([3, -4]), np.array(-4), np.array([3], np.int8)):
        result = getattr(mg, name)(mg.tensor(x))
        assert result.dtype == x.dtype
        expected = getattr(np, "rint" if name == "round" else name)(x.astype(float))
        assert result.tolist() == expected.tolist()


def test_round():
    assert mg.round(mg.tensor([0.5, 1.5, 2.5, -0.5])).tolist() == [0, 2, 2, 0]
    assert_close(mg.round(mg.tensor([1.256, -1.254]), decimals=2), np.float32([1.26, -1.25]))
    assert_close(mg.round(mg.tensor([1250.0, 1350.0]), decimals=-2), np.float32([1200, 1400]))
    assert gradient(lambda x: mg.round(x, decimals=1), [0.12, 3.0]).tolist() == [0, 0]


def test_nan_to_num():
    x = mg.tensor([nan, inf, -inf, 1.0])
    largest = np.finfo(np.float32).max
    assert_close(mg.nan_to_num(x), np.float32([0, largest, -largest, 1]))
    assert_close(mg.nan_to_num(x, 2.0, 3.0, 4.0), np.float32([2, 3, 4, 1]))


def test_booleans():
    mask = mg.tensor([True, False])
    assert_close(mask.sign(), np.array([True, False]))
    assert_close(mask.square(), np.int64([1, 0]))
