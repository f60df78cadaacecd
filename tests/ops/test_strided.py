"""Memory seen with other steps, as NumPy's stride_tricks see it."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import gradcheck, gradgradcheck

COVERED = ["as_strided"]


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
