"""Reductions against NumPy and finite differences, and PyTorch's answers at the awkward points."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from over_dims import DIMS, check_over_dims, gradient, normal

import minigrad as mg
from minigrad.autograd import engine
from minigrad.ops.reduction import Prod
from minigrad.testing import assert_close, check_op, gradcheck, gradgradcheck

COVERED = ["mean", "prod", "sum"]
NOT_DIFFERENTIABLE = ["all", "any", "count_nonzero"]


@pytest.mark.parametrize("dim", DIMS, ids=str)
@pytest.mark.parametrize("name", ["sum", "mean"])
def test_over_dims(name, dim):
    check_over_dims(name, getattr(np, name), dim)


@pytest.mark.parametrize("dim", [None, 0, -1])
def test_prod(dim):
    check_op(
        lambda x: mg.prod(x, *([] if dim is None else [dim])),
        normal(3, 4),
        reference=lambda x: np.prod(x, axis=dim),
    )


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
        elements=st.floats(-10, 10),
    ),
    st.data(),
)
def test_any_shape_against_numpy(x, data):
    dims = data.draw(st.sets(st.sampled_from(range(x.ndim))) if x.ndim else st.just(set()))
    dim = tuple(dims) or None
    keepdim = data.draw(st.booleans())
    for name, reference in (("sum", np.sum), ("all", np.all), ("any", np.any)):
        for given_x in (mg.tensor(x), x):
            ours = getattr(mg, name)(given_x, dim, keepdim)
            assert type(ours) is (np.ndarray if given_x is x else mg.Tensor)
            assert_close(ours, reference(x, axis=dim, keepdims=keepdim))
    if x.size:
        assert_close(mg.mean(x, dim, keepdim), np.mean(x, axis=dim, keepdims=keepdim))
    assert_close(mg.count_nonzero(x, dim), np.count_nonzero(x, axis=dim))


def test_as_methods_and_with_numpys_names():
    x = mg.tensor(normal(3, 4))
    assert_close(x.sum(axis=0, keepdims=True), x.array.sum(0, keepdims=True))
    assert_close(x.mean(axis=1), x.array.mean(1))


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int32, np.int64])
def test_integers(dtype):
    x = mg.tensor(np.array([[3, 0, 2], [1, 1, 1]], dtype))
    for name in ("sum", "prod"):
        y = getattr(mg, name)(x)
        assert y.dtype == mg.int64
        assert y.item() == getattr(np, name)(x.array.astype(np.int64))
    with pytest.raises(RuntimeError, match=rf"mean\(\): the input is {x.dtype}.*float\(\)"):
        mg.mean(x)
    assert mg.mean(x, dtype=mg.float64).dtype == mg.float64
    assert mg.sum(x, dtype=mg.float32).dtype == mg.float32


def test_dtype_is_that_of_the_computation_and_the_gradient_that_of_the_input():
    x = mg.tensor(np.full(3, 0.1, np.float32), requires_grad=True)
    y = mg.sum(x, dtype=mg.float64)
    assert y.dtype == mg.float64
    (grad,) = engine.grad(y, x)
    assert grad.dtype == mg.float32


def test_a_single_number_has_a_dimension_to_reduce():
    x = mg.tensor(2.0, requires_grad=True)
    for y in (mg.sum(x, 0), mg.prod(x, -1)):
        assert y.shape == ()
        assert y.item() == 2
        assert engine.grad(y, x)[0].item() == 1


ONE_ZERO = [[2.0, 0.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]]
TWO_ZEROS = [[0.0, 2.0, 0.0, 3.0], [0.0, 0.0, 0.0, 1.0]]


@pytest.mark.parametrize("x", [ONE_ZERO, TWO_ZEROS], ids=["one zero", "two zeros"])
@pytest.mark.parametrize(
    "function",
    [mg.prod, lambda x: mg.prod(x, 1), lambda x: mg.prod(x, 0, True)],
    ids=["of all", "over 1", "over 0"],
)
def test_products_with_zeros(function, x):
    x = np.array(x)
    gradcheck(function, x)
    gradgradcheck(function, x)


def test_product_of_zeros_by_hand():
    assert gradient(mg.prod, [1.0, 0.0, 2.0]).tolist() == [0, 2, 0]
    assert gradient(mg.prod, [0.0, 0.0, 2.0]).tolist() == [0, 0, 0]
    number = Prod()
    number.forward(np.zeros(()))
    assert type(number.backward(np.ones(()))) is np.ndarray


@pytest.mark.filterwarnings("error")
def test_of_nothing():
    empty = mg.tensor(np.zeros((0, 3), np.float32))
    assert mg.sum(empty).item() == 0
    assert mg.prod(empty).item() == 1
    assert math.isnan(mg.mean(empty).item())
    assert mg.all(empty).item() is True
    assert mg.any(empty).item() is False
    assert gradient(mg.mean, np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("name", COVERED + NOT_DIFFERENTIABLE)
def test_a_dimension_that_is_not_there(name):
    with pytest.raises(IndexError, match=r"expected to be in range of \[-2, 1\], but got 2"):
        getattr(mg, name)(mg.tensor([[1.0]]), dim=2)


def test_a_large_float32_sum_is_accurate():
    x = np.random.default_rng(0).random(2**22, np.float32)
    assert mg.sum(mg.tensor(x)).item() == pytest.approx(x.sum(dtype=np.float64), rel=1e-6)


@pytest.mark.parametrize("name", ["sum", "prod", "cumsum", "cumprod"])
def test_integers_of_the_dtype_asked_for(name):
    result = getattr(mg, name)(mg.tensor([1, 2]), 0, dtype=mg.int32)
    assert result.dtype == mg.int32


def test_halves():
    x = mg.ones(70000, 2, dtype=mg.float16)
    assert mg.mean(x) == 1 and mg.mean(x, 0).dtype == mg.float16
    assert mg.sum(x).isinf()


@pytest.mark.parametrize(
    "operation", [mg.sum, mg.mean, mg.prod, lambda x: mg.norm(x, 3), lambda x: mg.cumsum(x, 0)]
)
def test_what_overflows_does_so_without_a_warning(operation):
    assert operation(mg.full((4, 3), 3e38).T).max().isinf()
