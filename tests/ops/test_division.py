"""Quotients and remainders against NumPy and finite differences; integers and zeros as in PyTorch."""

import numpy as np
import pytest
from two_operands import away_from_zero, check_binary, check_by_hand, check_operator

import minigrad as mg
from minigrad.ops.division import Div
from minigrad.testing import assert_close, check_op

COVERED = ["addcdiv", "div", "divide", "floor_divide", "fmod", "remainder", "true_divide"]


@pytest.mark.parametrize("name", ["divide", "true_divide", "floor_divide", "remainder", "fmod"])
def test_binary(name):
    check_binary(name, getattr(np, name))


@pytest.mark.parametrize(
    ("name", "reference"),
    [("truediv", np.divide), ("floordiv", np.floor_divide), ("mod", np.remainder)],
)
def test_operators(name, reference):
    check_operator(name, reference)


def test_by_hand():
    check_by_hand(
        Div, away_from_zero(2, 3), away_from_zero(3, seed=1), away_from_zero(2, 3, seed=2)
    )


@pytest.mark.parametrize(
    ("a", "b", "name", "dtype"),
    [
        (mg.tensor([7]), 2, "div", mg.float32),
        (mg.tensor([7]), 2, "floor_divide", mg.int64),
        (mg.tensor([7.0]), mg.tensor(2.0, dtype=mg.float64), "remainder", mg.float32),
        (mg.tensor([7.0]), mg.tensor([2.0], dtype=mg.float64), "fmod", mg.float64),
    ],
)
def test_dtypes_of_results(a, b, name, dtype):
    assert getattr(mg, name)(a, b).dtype == dtype


@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod"])
def test_integers_divided_by_zero(name):
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        getattr(mg, name)(mg.tensor([1, 2]), 0)


def test_rounding_modes():
    a, b = mg.tensor([7, -7, 7, -7]), mg.tensor([2, 2, -2, -2])
    assert mg.div(a, b, rounding_mode="trunc").tolist() == [3, -3, -3, 3]
    assert mg.div(a, b, rounding_mode="floor").tolist() == [3, -4, -4, 3]
    large = mg.tensor([2**62 + 1])
    assert mg.div(large, 1, rounding_mode="trunc").tolist() == [2**62 + 1]
    x = 10 * away_from_zero(4)
    check_op(lambda x: mg.div(x, 3, rounding_mode="trunc"), x, reference=lambda x: np.trunc(x / 3))
    with pytest.raises(RuntimeError, match=r"rounding_mode .* found 'up'"):
        mg.div(a, b, rounding_mode="up")


def test_divided_by_zero_as_pytorch():
    x = mg.tensor([1.0, -1.0, 0.0])
    assert_close(x / 0, [np.inf, -np.inf, np.nan], equal_nan=True)
    assert_close(x // 0, [np.inf, -np.inf, np.nan], equal_nan=True)
    assert_close(x % 0, [np.nan] * 3, equal_nan=True)


def test_divide_is_div():
    assert mg.divide is mg.div and mg.Tensor.divide is mg.Tensor.div


def test_addcdiv():
    a, b, c = (away_from_zero(2, 3, seed=i) for i in range(3))
    check_op(lambda *x: mg.addcdiv(*x, value=2), a, b, c, reference=lambda a, b, c: a + 2 * b / c)
