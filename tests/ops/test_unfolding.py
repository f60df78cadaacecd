"""Windows of images as columns, and back; what is refused."""

import numpy as np
import pytest

from minigrad import tensor
from minigrad.nn import functional as F
from minigrad.testing import assert_close, check_op

COVERED = ["fold", "unfold"]


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1, "dilation": (1, 2)}])
def test_unfold_and_fold(options):
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 6))
    check_op(lambda x: F.unfold(x, (2, 3), **options), x)
    columns = F.unfold(tensor(x), (2, 3), **options)
    w = np.random.default_rng(1).normal(size=(4, 3, 2, 3))
    assert_close(
        tensor(w.reshape(4, -1)) @ columns, F.conv2d(tensor(x), tensor(w), **options).flatten(2)
    )
    check_op(lambda c: F.fold(c, (5, 6), (2, 3), **options), columns.array)
    assert_close(F.unfold(tensor(x[0]), (2, 3), **options), columns[0])
    assert F.fold(columns[0], (5, 6), (2, 3), **options).shape == (3, 5, 6)


def test_what_does_not_fit():
    images = tensor(np.ones((2, 3, 8, 8), np.float32))
    with pytest.raises(RuntimeError, match="at least one"):
        F.unfold(images, 9)
    with pytest.raises(RuntimeError, match="36 windows"):
        F.fold(tensor(np.ones((2, 27, 35))), 8, 3)


def test_unfold_of_no_images():
    none = tensor(np.ones((0, 2, 5, 5)), requires_grad=True)
    columns = F.unfold(none, (2, 3))
    assert columns.shape == (0, 12, 12)
    columns.sum().backward()
    assert none.grad.shape == none.shape
    assert F.fold(columns, 5, (2, 3)).shape == none.shape
