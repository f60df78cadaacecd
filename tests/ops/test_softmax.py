"""softmax and log_softmax over any dimension, against their formulas in NumPy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from over_dims import DIMS, check_over_dims, gradient

import minigrad as mg
from minigrad.autograd import engine
from minigrad.nn import functional as F
from minigrad.testing import assert_close, check_op

BOTH = ["log_softmax", "softmax"]
COVERED = [*BOTH, "gumbel_softmax", "logaddexp", "logaddexp2", "logsumexp", "softmin"]

inf = math.inf


def log_softmax(x, axis):
    x = x - x.max(axis, keepdims=True)
    return x - np.log(np.exp(x).sum(axis, keepdims=True))


REFERENCE = {"log_softmax": log_softmax, "softmax": lambda x, axis: np.exp(log_softmax(x, axis))}


@pytest.mark.parametrize("dim", [0, 1, -1, -3])
@pytest.mark.parametrize("name", BOTH)
def test_over_any_dimension(name, dim):
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    check_op(lambda x: getattr(mg, name)(x, dim), x, reference=lambda x: REFERENCE[name](x, dim))
    assert getattr(mg, name)(mg.tensor(x), dim).is_contiguous()


@pytest.mark.parametrize("name", BOTH)
@given(data=st.data())
def test_values_against_numpy(name, data):
    shape = data.draw(hnp.array_shapes(max_dims=4, max_side=5))
    x = data.draw(hnp.arrays(np.float64, shape, elements=st.floats(-500, 500)))
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    assert_close(getattr(mg.tensor(x), name)(axis=dim), REFERENCE[name](x, dim))


def test_softmin():
    x = np.random.default_rng(0).normal(size=(2, 3))
    check_op(lambda x: mg.softmin(x, 1), x, reference=lambda x: REFERENCE["softmax"](-x, 1))


@pytest.mark.parametrize("dim", [0, -1])
def test_gumbel_softmax(dim):
    def seeded(x, hard=False):
        mg.manual_seed(1)
        return F.gumbel_softmax(x, 0.5, hard, dim=dim)

    x = np.random.default_rng(0).normal(size=(3, 4))
    check_op(seeded, x)
    soft, hard = (seeded(t := mg.tensor(x, requires_grad=True), hard) for hard in (False, True))
    one_hot = soft.array == soft.array.max(dim, keepdims=True)
    assert_close(hard, one_hot.astype(float))
    gradients = [engine.grad(y, [t], mg.tensor(x))[0] for y in (hard, seeded(t))]
    assert_close(*gradients)


def test_gumbel_softmax_chooses_by_the_probabilities():
    mg.manual_seed(0)
    logits = mg.tensor([0.0, 1.0, 2.0])
    chosen = F.gumbel_softmax(logits.expand(20000, 3), hard=True)
    assert_close(chosen.mean(0), mg.softmax(logits, 0), atol=0.01)
    assert chosen.dtype == mg.float32
    assert F.gumbel_softmax(mg.tensor(3.0), hard=True).item() == 1
    with pytest.warns(UserWarning, match="eps is deprecated"):
        F.gumbel_softmax(logits, eps=0.1)
    with pytest.raises(IndexError, match="got 1"):
        F.gumbel_softmax(logits, dim=1)


def test_large_scores_do_not_overflow():
    x = mg.tensor([1e4, 0.0, -1e4])
    assert mg.softmax(x, 0).tolist() == [1, 0, 0]
    assert mg.log_softmax(x, 0).tolist() == [0, -1e4, -2e4]


@pytest.mark.parametrize("name", BOTH)
def test_0d_and_empty(name):
    x = mg.tensor(3.0, requires_grad=True)
    y = getattr(mg, name)(x, 0)
    assert y.shape == () and y.item() == (1 if name == "softmax" else 0)
    assert engine.grad(y, x)[0].item() == 0
    for shape, dim in (((0, 3), 0), ((0, 3), 1), ((3, 0), 1)):
        assert getattr(mg, name)(mg.zeros(*shape), dim).shape == shape


def test_dtype():
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    y = mg.softmax(x, 0, dtype=mg.float64)
    assert y.dtype == mg.float64
    assert engine.grad(y[0], x)[0].dtype == mg.float32
    assert mg.log_softmax(mg.tensor([1, 2]), 0).dtype == mg.float32


@pytest.mark.parametrize("name", BOTH)
def test_no_such_dimension(name):
    with pytest.raises(IndexError, match=r"range of \[-2, 1\], but got 2"):
        getattr(mg, name)(mg.ones(2, 3), 2)


@pytest.mark.parametrize("name", ["logaddexp", "logaddexp2"])
def test_logarithm_of_a_sum_of_powers(name):
    function, reference = getattr(mg, name), getattr(np, name)
    rng = np.random.default_rng(0)
    check_op(function, rng.normal(size=(2, 3)), rng.normal(size=3), reference=reference)
    a = mg.tensor([1000.0, -math.inf, -1000.0], requires_grad=True)
    b = mg.tensor([-1000.0, 2.0, -1000.0])
    y = function(a, b)
    assert_close(y, reference(a.detach(), b))
    assert engine.grad(y.sum(), a)[0].tolist() == [1, 0, 0.5]


@pytest.mark.parametrize("dim", DIMS, ids=str)
def test_logsumexp(dim):
    check_over_dims("logsumexp", lambda x, **o: np.log(np.sum(np.exp(x), **o)), dim)


@pytest.mark.filterwarnings("error")
def test_logsumexp_neither_overflows_nor_underflows():
    assert_close(mg.logsumexp(mg.tensor([1000.0, 1000.0]), 0), np.float32(1000 + math.log(2)))
    assert_close(mg.logsumexp(mg.tensor([-1000.0, -1000.0]), 0), np.float32(math.log(2) - 1000))
    assert mg.logsumexp(mg.tensor([-inf, -inf]), 0).item() == -inf
    assert mg.logsumexp(mg.tensor([inf, 1.0]), 0).item() == inf
    assert gradient(lambda x: mg.logsumexp(x, 0), [-inf, 1.0]).tolist() == [0, 1]


@pytest.mark.filterwarnings("error")
def test_logsumexp_of_nothing_and_of_integers():
    assert mg.logsumexp(mg.zeros(0, 3), 0).tolist() == [-inf] * 3
    assert mg.logsumexp(mg.tensor([1, 2]), 0).dtype == mg.float32
    with pytest.raises(IndexError, match=r"expected to be in range of \[-1, 0\], but got 2"):
        mg.logsumexp(mg.ones(2), 2)
