"""Reductions against NumPy and finite differences, and PyTorch's answers at the awkward points."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.autograd import engine
from minigrad.ops.reduction import Prod
from minigrad.testing import assert_close, check_op, gradcheck, gradgradcheck

COVERED = [
    "amax",
    "amin",
    "logsumexp",
    "max",
    "mean",
    "min",
    "norm",
    "prod",
    "std",
    "sum",
    "var",
]
NOT_DIFFERENTIABLE = ["all", "any", "argmax", "argmin", "count_nonzero"]

inf, nan = math.inf, math.nan

# name, its function of (array, axis, keepdims) in NumPy, options of ours
SEVERAL_DIMS = {
    "sum": np.sum,
    "mean": np.mean,
    "var": lambda x, **o: np.var(x, ddof=1, **o),
    "std": lambda x, **o: np.std(x, ddof=1, **o),
    "amax": np.max,
    "amin": np.min,
    "norm": lambda x, **o: np.sqrt(np.sum(x * x, **o)),
    "logsumexp": lambda x, **o: np.log(np.sum(np.exp(x), **o)),
}
DIMS = [None, 0, -1, (0, 2), (-1, 1), (0, 1, 2)]


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def gradient(function, x):
    """The gradient of the sum of function(x)."""
    x = mg.tensor(np.array(x), requires_grad=True)
    return engine.grad(mg.sum(function(x)), x)[0].array


@pytest.mark.parametrize("dim", DIMS, ids=str)
@pytest.mark.parametrize("name", SEVERAL_DIMS)
def test_over_dims(name, dim):
    function, reference = getattr(mg, name), SEVERAL_DIMS[name]
    for keepdim in (False, True):
        check_op(
            lambda x, keepdim=keepdim: function(x, dim=dim, keepdim=keepdim),
            normal(2, 4, 3),
            reference=lambda x, keepdim=keepdim: reference(x, axis=dim, keepdims=keepdim),
            second=not keepdim,
        )


@pytest.mark.parametrize("dim", [None, 0, -1])
def test_prod(dim):
    check_op(
        lambda x: mg.prod(x, *([] if dim is None else [dim])),
        normal(3, 4),
        reference=lambda x: np.prod(x, axis=dim),
    )


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


@pytest.mark.parametrize("p", [1, 2, 3, 0.5, 1.5, -1, inf, -inf])
def test_norm(p):
    def reference(x):
        return np.linalg.norm(x, p, axis=-1)

    check_op(lambda x: mg.norm(x, p, -1), normal(3, 4) + 0.1, reference=reference)


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
        assert_close(mg.amax(x, dim, keepdim), np.max(x, axis=dim, keepdims=keepdim))
    assert_close(mg.count_nonzero(x, dim), np.count_nonzero(x, axis=dim))


def test_as_methods_and_with_numpys_names():
    x = mg.tensor(normal(3, 4))
    assert_close(x.sum(axis=0, keepdims=True), x.array.sum(0, keepdims=True))
    assert_close(x.var(axis=1), x.array.var(1, ddof=1))
    assert x.argmax(axis=1).tolist() == x.array.argmax(1).tolist()


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int32, np.int64])
def test_integers(dtype):
    x = mg.tensor(np.array([[3, 0, 2], [1, 1, 1]], dtype))
    for name in ("sum", "prod"):
        y = getattr(mg, name)(x)
        assert y.dtype == mg.int64
        assert y.item() == getattr(np, name)(x.array.astype(np.int64))
    assert mg.max(x).dtype == mg.amax(x, 0).dtype == mg.max(x, 1).values.dtype == dtype
    for name in ("mean", "var", "std", "norm"):
        with pytest.raises(RuntimeError, match=rf"{name}\(\): the input is {x.dtype}.*float\(\)"):
            getattr(mg, name)(x)
    assert mg.mean(x, dtype=mg.float64).dtype == mg.float64
    assert mg.sum(x, dtype=mg.float32).dtype == mg.logsumexp(x, 0).dtype == mg.float32


def test_dtype_is_that_of_the_computation_and_the_gradient_that_of_the_input():
    x = mg.tensor(np.full(3, 0.1, np.float32), requires_grad=True)
    y = mg.sum(x, dtype=mg.float64)
    assert y.dtype == mg.float64
    (grad,) = engine.grad(y, x)
    assert grad.dtype == mg.float32


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
    for y in (mg.sum(x, 0), mg.max(x, 0).values, mg.prod(x, -1)):
        assert y.shape == ()
        assert y.item() == 2
        assert engine.grad(y, x)[0].item() == 1
    assert mg.argmax(x, 0).item() == 0


def test_ties_share_the_gradient_of_the_extremum_of_all():
    x = [1.0, 2.0, 2.0]
    for function in (mg.max, mg.amax, lambda x: mg.norm(x, inf)):
        assert gradient(function, x).tolist() == [0, 0.5, 0.5]
    assert gradient(lambda x: mg.max(x, 0).values, x).tolist() == [0, 1, 0]
    ties = [[1.0, 1.0], [1.0, 2.0]]
    assert gradient(lambda x: mg.amin(x, 1), ties).tolist() == [[0.5, 0.5], [1, 0]]
    assert gradient(mg.max, [1.0, nan, 2.0]).tolist() == [0, 1, 0]


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


@pytest.mark.filterwarnings("error")
def test_norm_where_it_is_zero():
    for p in (0.5, 1, 1.5, 2, 3, inf, -inf, -1, "fro"):
        assert mg.norm(mg.tensor([0.0, 0.0]), p).item() == 0
        assert gradient(lambda x, p=p: mg.norm(x, p), [0.0, 0.0]).tolist() == [0, 0]
    rows = gradient(lambda x: mg.norm(x, dim=1), [[0.0, 0.0], [3.0, 4.0]])
    assert_close(rows, np.array([[0, 0], [0.6, 0.8]]))
    assert mg.norm(mg.tensor([0.0, 3.0, -4.0]), 0).item() == 2
    with pytest.raises(ValueError, match="nuc"):
        mg.norm(mg.tensor([1.0]), "nuc")


@pytest.mark.filterwarnings("error")
def test_logsumexp_neither_overflows_nor_underflows():
    assert_close(mg.logsumexp(mg.tensor([1000.0, 1000.0]), 0), np.float32(1000 + math.log(2)))
    assert_close(mg.logsumexp(mg.tensor([-1000.0, -1000.0]), 0), np.float32(math.log(2) - 1000))
    assert mg.logsumexp(mg.tensor([-inf, -inf]), 0).item() == -inf
    assert mg.logsumexp(mg.tensor([inf, 1.0]), 0).item() == inf
    assert gradient(lambda x: mg.logsumexp(x, 0), [-inf, 1.0]).tolist() == [0, 1]


@pytest.mark.filterwarnings("error")
def test_of_nothing():
    empty = mg.tensor(np.zeros((0, 3), np.float32))
    assert mg.sum(empty).item() == 0
    assert mg.prod(empty).item() == 1
    assert math.isnan(mg.mean(empty).item())
    assert np.isnan(mg.var(empty, 0).array).all()
    assert mg.logsumexp(empty, 0).tolist() == [-inf] * 3
    assert mg.all(empty).item() is True
    assert mg.any(empty).item() is False
    assert mg.amax(empty, 1).shape == (0,)
    assert gradient(mg.mean, np.zeros((0, 3))).shape == (0, 3)
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


def test_a_large_float32_sum_is_accurate():
    x = np.random.default_rng(0).random(2**22, np.float32)
    assert mg.sum(mg.tensor(x)).item() == pytest.approx(x.sum(dtype=np.float64), rel=1e-6)


def test_more_corrected_than_there_are():
    """PyTorch's gradient has n - correction, though the variance itself is inf."""
    x = [1.0, 2.0, 6.0]
    assert gradient(lambda x: mg.var(x, correction=5), x).tolist() == [2, 1, -3]
    assert gradient(lambda x: mg.std(x, correction=5), x).tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", ["sum", "prod", "cumsum", "cumprod"])
def test_integers_of_the_dtype_asked_for(name):
    result = getattr(mg, name)(mg.tensor([1, 2]), 0, dtype=mg.int32)
    assert result.dtype == mg.int32
