"""Comparisons and logic against NumPy; what is not comparable, as Python has it."""

import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.testing import assert_close

ALIASES = {
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "not_equal": "ne",
}
NOT_DIFFERENTIABLE = [
    *ALIASES,
    "allclose",
    "eq",
    "equal",
    "ge",
    "gt",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "le",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "lt",
    "ne",
    "signbit",
]

BINARY = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
}
VALUES = np.array([-np.inf, -1, 0, 1, 2, np.inf, np.nan])


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases(alias):
    name = ALIASES[alias]
    assert getattr(mg, alias) is getattr(mg, name) is getattr(mg.Tensor, alias)
    assert getattr(mg.Tensor, alias + "_") is getattr(mg.Tensor, name + "_")


@pytest.mark.parametrize("name", BINARY)
@given(data=st.data())
def test_against_numpy(name, data):
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
    few = st.sampled_from(VALUES.tolist())
    a, b = (data.draw(hnp.arrays(np.float32, s, elements=few)) for s in shapes.input_shapes)
    x, y = mg.tensor(a, requires_grad=True), mg.tensor(b)
    result = getattr(mg, name)(x, y)
    assert not result.requires_grad
    assert_close(result, np.asarray(BINARY[name](a, b)))
    assert_close(getattr(x, name)(y), np.asarray(BINARY[name](a, b)))


@pytest.mark.parametrize("name", ["eq", "ne", "lt", "le", "gt", "ge"])
def test_operators(name):
    x, compare = mg.tensor([1.0, 2.0, 3.0]), getattr(operator, name)
    for other in (2, 2.0, np.float32([1, 3, 3]), mg.tensor([1, 3, 3])):
        assert compare(x, other).tolist() == compare(x.numpy(), np.asarray(other)).tolist()
    assert compare(2, x).tolist() == compare(2, x.numpy()).tolist()


def test_what_is_not_comparable():
    x = mg.ones(2)
    assert (x == None) is False  # noqa: E711 - the comparison is what is tested
    assert (x != "1") is True
    assert (x == [1.0, 1.0]) is False
    for foreign in (None, "1"):
        with pytest.raises(TypeError, match="not supported between"):
            x < foreign  # noqa: B015
    with pytest.raises(RuntimeError, match=r"equal: shapes \[2\] and \[3\] do not broadcast"):
        x == mg.ones(3)  # noqa: B015


def test_tensors_stay_keys():
    a, b = mg.ones(2), mg.ones(2)
    assert {a: 1, b: 2}[a] == 1
    assert len({a, b, a}) == 2


def test_dtypes_compared():
    assert (mg.tensor([0.1]) == 0.1).tolist() == [True]
    assert (mg.tensor([0.1]) == mg.tensor(0.1, dtype=mg.float64)).tolist() == [True]
    assert (mg.tensor([2, 3]) == 2.5).tolist() == [False, False]
    assert (mg.tensor([255, 1], dtype=mg.uint8) == -1).tolist() == [False, False]
    assert (mg.tensor([255, 1], dtype=mg.uint8) < 300).tolist() == [True, True]


def test_arrays_give_arrays():
    result = mg.gt(np.float32([1, 2]), 1)
    assert type(result) is np.ndarray and result.tolist() == [False, True]
    zero_d = mg.eq(mg.tensor(1.0), 1)
    assert type(zero_d.array) is np.ndarray and zero_d.shape == ()


@pytest.mark.parametrize(
    "name", ["isnan", "isinf", "isneginf", "isposinf", "isreal", "isfinite", "logical_not"]
)
def test_of_one_tensor(name):
    for values in (VALUES, np.array([0, 3]), np.array([True, False]), np.array(np.nan)):
        result = getattr(mg, name)(mg.tensor(values))
        assert_close(result, np.asarray(getattr(np, name)(values)))


def test_signbit():
    assert mg.signbit(mg.tensor([-1.0, -0.0, 0.0, 2.0])).tolist() == [True, True, False, False]
    assert mg.signbit(mg.tensor([-1, 0, 2])).tolist() == [True, False, False]


def test_closeness():
    a = mg.tensor([1.0, 1.0, np.inf, np.nan])
    b = mg.tensor([1.0 + 5e-6, 1.1, np.inf, np.nan])
    assert mg.isclose(a, b).tolist() == [True, False, True, False]
    assert mg.isclose(a, b, equal_nan=True).tolist() == [True, False, True, True]
    assert mg.isclose(a, b, rtol=0.2).tolist() == [True, True, True, False]
    assert mg.allclose(a[:1], b[:1]) is True
    assert mg.allclose(a, b) is False
    assert mg.allclose(a[:2], b[:2], rtol=0, atol=0.2) is True


def test_equal():
    x = mg.tensor([1, 2])
    assert mg.equal(x, mg.tensor([1.0, 2.0])) is True
    assert mg.equal(x, mg.tensor([1, 3])) is False
    assert mg.equal(x, mg.tensor([1])) is False
    assert mg.equal(mg.tensor([np.nan]), mg.tensor([np.nan])) is False


def test_tolerances_are_not_negative():
    with pytest.raises(RuntimeError, match="rtol must not be negative"):
        mg.isclose(mg.tensor([1.0]), mg.tensor([1.0]), rtol=-1.0)
