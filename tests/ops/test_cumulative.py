"""Running sums and products against NumPy and finite differences."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import check_op, gradcheck, gradgradcheck

COVERED = ["cumprod", "cumsum"]


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape)


@pytest.mark.parametrize("name, reference", [("cumsum", np.cumsum), ("cumprod", np.cumprod)])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_running(name, reference, dim):
    check_op(
        lambda x: getattr(mg, name)(x, dim), normal(3, 4), reference=lambda x: reference(x, dim)
    )


@pytest.mark.parametrize("name", COVERED)
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
