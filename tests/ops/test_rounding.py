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
COVERED = [*STEPS, "absolute", "copysign", "fix", "frexp", "heaviside", "nextafter", "sgn"]


@pytest.mark.parametrize("name", STEPS)
def test_steps(name):
    x = np.array([[-2.7, -1.2, -0.4], [0.3, 1.6, 2.2]])
    check_op(getattr(mg, name), x, reference=STEPS[name])
    check_values(name, -50, 50, STEPS[name])
    check_in_place_and_method(name, -3, 3)


@pytest.mark.parametrize("alias, name", [("absolute", "abs"), ("sgn", "sign"), ("fix", "trunc")])
def test_aliases(alias, name):
    assert getattr(mg, alias) is getattr(mg, name)
    for suffix in ("", "_"):
        assert getattr(mg.Tensor, alias + suffix) is getattr(mg.Tensor, name + suffix)


def test_copysign():
    a, b = np.array([[1.5, -2, 3], [-4, 5, -6]]), np.array([-1.0, -0.3, 2.0])
    check_op(mg.copysign, a, b, reference=np.copysign)
    assert gradient(lambda x: mg.copysign(x, -1), [2.0, -2.0, 0.0, -0.0]).tolist() == [-1, 1, 0, 0]
    assert_close(mg.copysign(mg.tensor([1, 2]), -1), np.float32([-1, -2]))


def test_heaviside():
    x, values = np.array([[-2.0, 1.0], [0.3, -0.1]]), np.array([0.5, 3])
    check_op(mg.heaviside, x, values, reference=np.heaviside)
    v = mg.tensor([0.5], requires_grad=True)
    y = mg.heaviside(mg.tensor([-1.0, 0.0, 0.0, 2.0]), v)
    assert y.tolist() == [0, 0.5, 0.5, 1]
    y.sum().backward()
    assert v.grad.tolist() == [2]
    with pytest.raises(RuntimeError, match="int64, the values are float32"):
        mg.heaviside(mg.tensor([1]), v)


def test_nextafter():
    a, b = np.array([[1.5, -2, 3], [-4, 5, -6]]), np.array([-1.0, -0.3, 2.0])
    check_op(mg.nextafter, a, b, reference=np.nextafter)
    assert gradient(lambda x: mg.nextafter(x, 2.0), [1.0, 2.0, 3.0]).tolist() == [1, 0, 1]
    x = np.float32([1, 0, -2])
    assert_close(
        mg.nextafter(mg.tensor(x), mg.tensor(np.float32(5))), np.nextafter(x, x.dtype.type(5))
    )
    with pytest.raises(NotImplementedError, match=r"nextafter: .* not int64"):
        mg.nextafter(mg.tensor([1]), mg.tensor([2]))


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


def test_frexp():
    x = np.array([[0.1, -3.0, 7.5], [2e3, 0.7, -0.6]])
    check_op(lambda x: mg.frexp(x).mantissa, x, reference=lambda x: np.frexp(x)[0])
    assert np.array_equal(mg.tensor(x).frexp().exponent, np.frexp(x)[1])
    with pytest.raises(RuntimeError, match="only supports floating-point dtypes, not int64"):
        mg.frexp(mg.arange(3))
