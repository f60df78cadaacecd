"""Bits and divisors against NumPy."""

import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.testing import assert_close

NOT_DIFFERENTIABLE = [
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "gcd",
    "lcm",
]


@pytest.mark.parametrize("name", ["and_", "or_", "xor"])
def test_bits(name):
    combine, method = getattr(operator, name), "bitwise_" + name.strip("_")
    for a in (np.array([12, 10]), np.array([True, False])):
        for b in (np.array([6, 3], np.uint8), np.array([True, True]), True, 3):
            expected = combine(a, b)
            x, y = mg.tensor(a), mg.tensor(b) if isinstance(b, np.ndarray) else b
            assert_close(combine(x, y), expected)
            assert_close(combine(y, x), expected)
            assert_close(getattr(mg, method)(x, y), expected)
    x = mg.tensor([True, False])
    alias = x
    x = getattr(operator, "i" + name.strip("_"))(x, mg.tensor([True, True]))
    assert x is alias
    assert x.tolist() == combine(np.array([True, False]), np.array([True, True])).tolist()


def test_invert():
    assert (~mg.tensor([True, False])).tolist() == [False, True]
    assert (~mg.tensor([3, -4])).tolist() == [-4, 3]


def test_numbers_with_a_fraction_have_no_bits():
    with pytest.raises(NotImplementedError, match=r"bitwise_and: .* not float32; compare first"):
        mg.ones(2) & 1
    with pytest.raises(NotImplementedError, match="bitwise_or"):
        mg.tensor([1, 2]) | 1.0
    with pytest.raises(NotImplementedError, match="invert"):
        ~mg.ones(2)


@pytest.mark.parametrize("name", ["gcd", "lcm"])
@given(data=st.data())
def test_divisors(name, data):
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3))
    a, b = (
        data.draw(hnp.arrays(np.int64, shape, elements=st.integers(-100, 100)))
        for shape in shapes.input_shapes
    )
    function = getattr(mg, name)
    assert_close(function(mg.tensor(a), mg.tensor(b)), np.asarray(getattr(np, name)(a, b)))
    for wrong in (mg.ones(2), mg.tensor([True])):
        with pytest.raises(NotImplementedError, match=f"{name}: expected integers, not"):
            function(wrong, mg.tensor([2]))


def test_shifts():
    x = mg.tensor([1, -6, 5])
    assert (x << 2).tolist() == [4, -24, 20]
    assert (1 << mg.tensor([0, 3])).tolist() == [1, 8]
    assert (x >> mg.tensor([0, 1, 70])).tolist() == [1, -3, 0]
    assert (x << 70).tolist() == [0, 0, 0]
    alias = x
    x <<= 1
    assert x is alias and x.tolist() == [2, -12, 10]
    assert_close(mg.tensor([True]) << 1, np.int64([2]))
    with pytest.raises(NotImplementedError, match="left_shift: expected integers or booleans"):
        mg.ones(2) << 1
