"""Variances against NumPy and finite differences, and PyTorch's answers where there are few elements."""

import math

import numpy as np
import pytest
from over_dims import DIMS, check_over_dims, gradient, normal

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = ["std", "std_mean", "var", "var_mean"]

inf = math.inf


@pytest.mark.parametrize("dim", DIMS, ids=str)
@pytest.mark.parametrize("name", ["var", "std"])
def test_over_dims(name, dim):
    check_over_dims(name, lambda x, **o: getattr(np, name)(x, ddof=1, **o), dim)


@pytest.mark.parametrize("dim", [0, 1, None])
def test_mean_beside_spread(dim):
    x = normal(3, 4)
    check_op(
        lambda x: mg.var_mean(x, dim), x, reference=lambda x: (x.var(dim, ddof=1), x.mean(dim))
    )
    check_op(
        lambda x: mg.std_mean(x, dim), x, reference=lambda x: (x.std(dim, ddof=1), x.mean(dim))
    )


@pytest.mark.filterwarnings("error")
def test_variance_of_few():
    one = mg.tensor([1.0])
    for function in (mg.var, mg.std):
        assert math.isnan(function(one).item())
        assert np.isnan(gradient(function, [1.0])).all()
        assert function(one, correction=0).item() == 0
        assert gradient(lambda x, f=function: f(x, correction=0), [1.0]).tolist() == [0]
    assert mg.var(mg.tensor([1.0, 2.0]), correction=3).item() == inf
    assert gradient(mg.std, [1.0, 1.0]).tolist() == [0, 0]


def test_forms_of_the_correction():
    x = normal(3, 4)
    assert_close(mg.var(x, 0, False), np.var(x, 0))
    assert_close(mg.std(x, False), np.asarray(np.std(x)))
    assert_close(mg.var(x, 0, True, True), np.var(x, 0, ddof=1, keepdims=True))
    assert_close(mg.var(x, correction=2), np.asarray(np.var(x, ddof=2)))
    with pytest.raises(TypeError, match="give one of them"):
        mg.var(x, 0, unbiased=True, correction=1)


def test_more_corrected_than_there_are():
    """PyTorch's gradient has n - correction, though the variance itself is inf."""
    x = [1.0, 2.0, 6.0]
    assert gradient(lambda x: mg.var(x, correction=5), x).tolist() == [2, 1, -3]
    assert gradient(lambda x: mg.std(x, correction=5), x).tolist() == [0, 0, 0]


@pytest.mark.filterwarnings("error")
def test_of_nothing():
    assert np.isnan(mg.var(mg.zeros(0, 3), 0).array).all()


def test_integers_have_none():
    x = mg.tensor([[3, 0], [1, 1]])
    for name in ("var", "std"):
        with pytest.raises(RuntimeError, match=rf"{name}\(\): the input is {x.dtype}.*float\(\)"):
            getattr(mg, name)(x)


@pytest.mark.parametrize("name", COVERED)
def test_a_dimension_that_is_not_there(name):
    with pytest.raises(IndexError, match=r"expected to be in range of \[-2, 1\], but got 2"):
        getattr(mg, name)(mg.tensor([[1.0]]), dim=2)
