"""Running sums and products against NumPy and finite differences."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close, check_op, gradcheck, gradgradcheck

COVERED = ["cummax", "cummin", "cumprod", "cumsum", "logcumsumexp"]


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape)


@pytest.mark.parametrize("name, reference", [("cumsum", np.cumsum), ("cumprod", np.cumprod)])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_running(name, reference, dim):
    check_op(
        lambda x: getattr(mg, name)(x, dim), normal(3, 4), reference=lambda x: reference(x, dim)
    )


@pytest.mark.parametrize("name", ["cumprod", "cumsum"])
def test_integers_and_single_numbers(name):
    function = getattr(mg, name)
    for dtype in (mg.bool, mg.uint8, mg.int32, mg.int64):
        assert function(mg.ones(2, 3).to(dtype), 1).dtype == mg.int64
    x = mg.tensor(2.0, requires_grad=True)
    y = function(x, 0)
    y.backward()
    assert y.shape == ()
    assert y.item() == 2
    assert x.grad.item() == 1
    with pytest.raises(IndexError, match="Dimension out of range"):
        function(mg.ones(2, 3), 2)


@pytest.mark.parametrize(
    "x",
    [
        [[2.0, 0.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]],
        [[0.0, 2.0, 0.0, 3.0], [0.0, 0.0, 0.0, 1.0]],
    ],
    ids=["one zero", "several"],
)
def test_products_with_zeros(x):
    gradcheck(lambda x: mg.cumprod(x, 1), np.array(x))
    gradgradcheck(lambda x: mg.cumprod(x, 1), np.array(x))


def test_product_of_zeros_by_hand():
    x = mg.tensor([1.0, 0.0, 2.0, 0.0, 3.0], requires_grad=True)
    mg.cumprod(x, 0).sum().backward()
    assert x.grad.tolist() == [1, 3, 0, 0, 0]


@pytest.mark.parametrize("name, ufunc", [("cummax", np.maximum), ("cummin", np.minimum)])
@pytest.mark.parametrize("dim", [0, -1])
def test_running_extrema(name, ufunc, dim):
    function = getattr(mg, name)
    x = np.random.default_rng(0).normal(size=(3, 4))
    check_op(
        lambda x: function(x, dim).values, x, reference=lambda x: ufunc.accumulate(x, axis=dim)
    )
    values, indices = function(mg.tensor(x), dim)
    assert_close(np.take_along_axis(x, indices.numpy(), dim), values)
    assert (
        function(mg.tensor([2, 2, 1, 2]), 0).indices.tolist()
        == {"cummax": [0, 1, 1, 3], "cummin": [0, 1, 2, 2]}[name]
    )
    assert function(mg.tensor([1.0, np.nan, 3.0]), 0).indices.tolist() == [0, 1, 1]
    assert function(mg.tensor(3.0), 0).values.item() == 3


@pytest.mark.parametrize("dim", [0, -1])
def test_logcumsumexp(dim):
    x = np.random.default_rng(0).normal(size=(3, 4))
    check_op(
        lambda x: mg.logcumsumexp(x, dim),
        x,
        reference=lambda x: np.log(np.cumsum(np.exp(x), axis=dim)),
    )
    x = mg.tensor([1000.0, -np.inf, 1000.0], requires_grad=True)
    y = mg.logcumsumexp(x, 0)
    assert_close(y, np.float32([1000, 1000, 1000 + np.log(2)]))
    (y * mg.tensor([1.0, -1.0, 2.0])).sum().backward()
    assert_close(x.grad, np.float32([1, 0, 1]), atol=2e-4)
    with pytest.raises(NotImplementedError, match="not int64"):
        mg.logcumsumexp(mg.tensor([1]), 0)


@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
def test_in_place(name):
    x = mg.tensor([2.0, 3.0])
    expected = getattr(x, name)(0).tolist()
    assert getattr(x, name + "_")(0) is x and x.tolist() == expected
