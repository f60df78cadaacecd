"""dropout: its values, its rate, its seed, and its gradient, which is the mask."""

import numpy as np
import pytest

from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.ops.dropout import Dropout
from minigrad.random import manual_seed
from minigrad.testing import assert_close, check_op

COVERED = ["dropout"]


def test_gradients():
    check_op(lambda x: Dropout(0.4, seed=3, stream=5)(x), np.random.default_rng(0).normal(size=20))


def test_zero_or_scaled():
    x = tensor(np.arange(1, 10001, dtype=np.float32))
    y = F.dropout(x, 0.75)
    kept = y.array != 0
    assert_close(y.array[kept], x.array[kept] * 4)
    assert abs(kept.mean() - 0.25) < 0.02


def test_gradient_is_the_mask():
    x = tensor(np.ones(1000, np.float32)).requires_grad_()
    y = F.dropout(x, 0.5)
    y.sum().backward()
    assert_close(x.grad, y.detach())


def test_seed_decides():
    x = tensor(np.ones(1000, np.float32))
    manual_seed(7)
    first, second = F.dropout(x), F.dropout(x)
    manual_seed(7)
    assert_close(F.dropout(x), first)
    assert (first.array != second.array).any()


def test_identity_and_nothing():
    x = tensor(np.array([1.0, np.inf])).requires_grad_()
    assert F.dropout(x, 0.9, training=False) is x
    assert F.dropout(x, 0.0) is x
    assert F.dropout(tensor(np.ones(3)), 1.0).tolist() == [0, 0, 0]


def test_inplace():
    x = tensor(np.ones(1000, np.float32))
    y = F.dropout(x, inplace=True)
    assert y is x and 0 in x.array and 2 in x.array


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_no_probability(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        F.dropout(tensor(np.ones(3)), p)
