"""Sorting against NumPy; where gradients of sorted elements go; ties and nan."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = ["msort", "sort", "topk"]
NOT_DIFFERENTIABLE = ["argsort"]

nan = math.nan


def distinct(*shape):
    return np.random.default_rng(0).permutation(math.prod(shape)).reshape(shape) / 3.0


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("descending", [False, True])
def test_sort(dim, descending):
    def reference(x):
        y = np.sort(x, axis=dim)
        return np.flip(y, dim) if descending else y

    check_op(lambda x: mg.sort(x, dim, descending).values, distinct(3, 5, 2), reference=reference)


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("largest", [False, True])
@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_topk(k, dim, largest):
    def reference(x):
        y = np.sort(x, axis=dim)
        return np.take(np.flip(y, dim) if largest else y, range(k), dim)

    for sorted in (True, False):

        def function(x, sorted=sorted):
            values = mg.topk(x, k, dim, largest, sorted).values
            return values if sorted else mg.sort(values, dim, largest).values

        check_op(function, distinct(3, 4), reference=reference)


small = hnp.arrays(
    np.int64, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0), elements=st.integers(-3, 3)
)


@given(small, st.data(), st.booleans())
def test_equal_elements_keep_their_order(x, data, descending):
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    values, indices = mg.sort(mg.tensor(x), dim, descending)
    expected = np.argsort(-x if descending else x, axis=dim, kind="stable")
    assert indices.tolist() == expected.tolist()
    assert values.tolist() == np.take_along_axis(x, expected, dim).tolist()
    assert mg.argsort(x, dim, descending).tolist() == expected.tolist()


@given(small, st.data(), st.booleans())
def test_topk_takes_the_first_in_order(x, data, largest):
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    k = data.draw(st.integers(0, x.shape[dim]))
    values, indices = mg.topk(mg.tensor(x), k, dim, largest)
    ordered = np.sort(x, axis=dim)
    ordered = np.flip(ordered, dim) if largest else ordered
    assert values.tolist() == np.take(ordered, range(k), dim).tolist()
    assert np.take_along_axis(x, indices.array, dim).tolist() == values.tolist()


def test_nan_is_the_largest():
    x = mg.tensor([3.0, nan, 1.0])
    assert mg.argsort(x).tolist() == [2, 0, 1]
    assert mg.argsort(x, descending=True).tolist() == [1, 0, 2]
    assert mg.topk(x, 2).indices.tolist() == [1, 0]
    assert mg.topk(x, 2, largest=False).indices.tolist() == [2, 0]


def test_a_single_number():
    x = mg.tensor(2.0, requires_grad=True)
    for values, indices in (mg.sort(x), mg.topk(x, 1)):
        assert values.shape == indices.shape == ()
        assert (values.item(), indices.item()) == (2, 0)
        values.backward()
    assert x.grad.item() == 2


def test_methods_and_arrays():
    x = np.array([[2.0, 3.0, 1.0]])
    assert_close(mg.tensor(x).sort(axis=1).values, np.sort(x))
    assert type(mg.sort(x).values) is type(mg.topk(x, 2).indices) is np.ndarray


def test_too_many():
    with pytest.raises(RuntimeError, match=r"k is 4, but dimension 1 of \[2, 3\] has 3 elements"):
        mg.topk(mg.tensor(np.zeros((2, 3))), 4)
    with pytest.raises(IndexError, match="out of range"):
        mg.sort(mg.tensor([1.0]), 1)


def test_msort():
    x = np.random.default_rng(0).normal(size=(4, 3))
    check_op(mg.msort, x, reference=lambda x: np.sort(x, 0))


@pytest.mark.parametrize("size", [9, 2000])
@pytest.mark.parametrize("largest", [True, False])
def test_topk_of_few_and_many_elements(size, largest):
    x = np.random.default_rng(5).permutation(3 * size).reshape(3, size).astype(np.float32)
    values, indices = mg.topk(mg.tensor(x), 4, largest=largest)
    ordered = np.sort(x, 1)
    expected = ordered[:, :-5:-1] if largest else ordered[:, :4]
    np.testing.assert_array_equal(values.numpy(), expected)
    np.testing.assert_array_equal(np.take_along_axis(x, indices.numpy(), 1), expected)
    assert indices.is_contiguous()
