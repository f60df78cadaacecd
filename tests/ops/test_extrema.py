"""Largest and smallest elements against NumPy and finite differences, and PyTorch's answers at ties."""

import math

import numpy as np
import pytest
from over_dims import DIMS, check_over_dims, gradient, normal

import minigrad as mg
from minigrad.autograd import engine
from minigrad.testing import assert_close, check_op

COVERED = ["amax", "amin", "aminmax", "max", "min"]
NOT_DIFFERENTIABLE = ["argmax", "argmin"]

inf, nan = math.inf, math.nan


@pytest.mark.parametrize("dim", DIMS, ids=str)
@pytest.mark.parametrize("name", ["amax", "amin"])
def test_over_dims(name, dim):
    check_over_dims(name, getattr(np, name), dim)


@pytest.mark.parametrize("name", ["max", "min"])
def test_max_and_min_in_three_forms(name):
    function, reference = getattr(mg, name), getattr(np, name)
    check_op(function, normal(3, 4), reference=reference)
    for dim in (0, 1, -1):
        check_op(
            lambda x, dim=dim: function(x, dim).values,
            normal(3, 4),
            reference=lambda x, dim=dim: reference(x, dim),
        )
    check_op(function, normal(3, 4), normal(4, seed=1), reference=getattr(np, name + "imum"))


def test_aminmax():
    check_op(lambda x: mg.aminmax(x, dim=1), normal(3, 4), reference=lambda x: (x.min(1), x.max(1)))
    assert [m.item() for m in mg.aminmax(mg.tensor([3.0, 1.0]))] == [1, 3]


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_index_of_the_first(name):
    x = np.array([[1.0, 3.0, 3.0], [0.0, 0.0, 3.0]])
    function, reference = getattr(mg, name), getattr(np, name)
    assert function(mg.tensor(x)).item() == reference(x)
    assert function(x, 1).tolist() == reference(x, 1).tolist()
    assert function(x, 0, True).tolist() == reference(x, 0, keepdims=True).tolist()
    assert function(x).dtype == np.int64


def test_max_along_a_dim_names_its_results():
    result = mg.max(mg.tensor([[1.0, nan, 2.0], [5.0, 5.0, 4.0]]), 1, keepdim=True)
    assert_close(result.values, np.float32([[nan], [5]]), equal_nan=True)
    assert result.indices.tolist() == [[1], [0]]
    with pytest.raises(TypeError, match="amax takes several"):
        mg.max(mg.tensor([[1.0]]), (0, 1))


def test_a_single_number_has_a_dimension_to_reduce():
    x = mg.tensor(2.0, requires_grad=True)
    y = mg.max(x, 0).values
    assert y.shape == () and y.item() == 2
    assert engine.grad(y, x)[0].item() == 1
    assert mg.argmax(x, 0).item() == 0


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int64])
def test_integers_keep_their_dtype(dtype):
    x = mg.tensor(np.array([[3, 0, 2], [1, 1, 1]], dtype))
    assert mg.max(x).dtype == mg.amax(x, 0).dtype == mg.max(x, 1).values.dtype == dtype


def test_ties_share_the_gradient_of_the_extremum_of_all():
    x = [1.0, 2.0, 2.0]
    for function in (mg.max, mg.amax, lambda x: mg.norm(x, inf)):
        assert gradient(function, x).tolist() == [0, 0.5, 0.5]
    assert gradient(lambda x: mg.max(x, 0).values, x).tolist() == [0, 1, 0]
    ties = [[1.0, 1.0], [1.0, 2.0]]
    assert gradient(lambda x: mg.amin(x, 1), ties).tolist() == [[0.5, 0.5], [1, 0]]
    assert gradient(mg.max, [1.0, nan, 2.0]).tolist() == [0, 1, 0]


def test_of_nothing():
    empty = mg.tensor(np.zeros((0, 3), np.float32))
    assert mg.amax(empty, 1).shape == (0,)
    for function in (mg.max, mg.min, mg.amax, mg.amin):
        with pytest.raises(RuntimeError, match=r"\[0, 3\], has no elements"):
            function(empty)
    for function in (mg.max, mg.amin, mg.argmax, mg.argmin):
        with pytest.raises(IndexError, match="dim 0 to have non-zero size"):
            function(empty, 0)


@pytest.mark.parametrize("name", COVERED + NOT_DIFFERENTIABLE)
def test_a_dimension_that_is_not_there(name):
    with pytest.raises(IndexError, match=r"expected to be in range of \[-2, 1\], but got 2"):
        getattr(mg, name)(mg.tensor([[1.0]]), dim=2)
