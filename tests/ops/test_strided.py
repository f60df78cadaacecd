"""Memory seen with other steps, as NumPy's stride_tricks see it."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import check_op, gradcheck, gradgradcheck

COVERED = ["as_strided", "as_strided_scatter"]
NOT_DIFFERENTIABLE = ["empty_permuted", "empty_strided"]


def test_as_strided():
    x = np.random.default_rng(0).normal(size=(2, 5))

    def windows(x):
        steps = (2 * x.itemsize, x.itemsize)
        return np.lib.stride_tricks.as_strided(x.reshape(-1)[1:], (3, 4), steps)

    assert np.array_equal(mg.tensor(x).as_strided((3, 4), (2, 1), 1), windows(x))
    leaf = mg.tensor(x, requires_grad=True)
    assert gradcheck(lambda x: x.as_strided((3, 4), (2, 1), 1) ** 2, (leaf,))
    assert gradgradcheck(lambda x: x.as_strided((3, 4), (2, 1), 1) ** 2, (leaf,))


def test_it_is_a_view():
    x = mg.arange(6.0).requires_grad_()
    y = x * 1
    y.as_strided((2, 2), (3, 1)).mul_(10)
    y.sum().backward()
    assert x.grad.tolist() == [10, 10, 1, 10, 10, 1]


@pytest.mark.parametrize(
    "size, stride, offset, message",
    [
        ((2, 3), (3, 1), 1, "reach element 6 of 6"),
        ((2,), (-1,), 0, "Negative strides"),
        ((2,), (1, 1), 0, "differ in their length"),
    ],
)
def test_what_is_not_there(size, stride, offset, message):
    with pytest.raises(RuntimeError, match=message):
        mg.arange(6).as_strided(size, stride, offset)
    with pytest.raises(RuntimeError, match="not contiguous"):
        mg.ones(2, 3).T.as_strided((2,), (1,))


def test_as_strided_scatter():
    x, src = np.random.default_rng(0).normal(size=(2, 5)), np.array([[1.0, 2], [3, 4]])

    def reference(x, src):
        result = x.copy()
        result.reshape(-1)[[1, 3, 4, 6]] = src.reshape(-1)
        return result

    def scatter(x, src):
        return mg.as_strided_scatter(x, src, (2, 2), (3, 2), 1)

    check_op(scatter, x, src, reference=reference)
    with pytest.raises(RuntimeError, match=r"src size = \[2\], slice size = \[2, 2\]"):
        scatter(mg.tensor(x), mg.ones(2))


def test_as_strided_in_place():
    x = mg.arange(6.0)
    assert x.as_strided_((2, 2), (2, 1)) is x and x.tolist() == [[0, 1], [2, 3]]


def test_empty_with_steps():
    x = mg.empty_strided((2, 3), (1, 5), dtype=mg.int16)
    assert (x.shape, x.stride(), x.dtype) == ((2, 3), (1, 5), mg.int16)
    x.fill_(7)
    assert x.tolist() == [[7] * 3] * 2
    assert mg.empty_permuted((2, 3, 4), (2, 0, 1)).stride() == (3, 1, 6)
    assert mg.zeros(1, dtype=mg.float64).new_empty_strided((0, 2), (9, 9)).dtype == mg.float64
    with pytest.raises(RuntimeError, match="physical_layout must be unique"):
        mg.empty_permuted((2, 3), (0, 0))
