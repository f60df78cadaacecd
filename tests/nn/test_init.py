"""Initialisers: the spread of what they draw, and what they refuse."""

import math

import numpy as np
import pytest

from minigrad import nn
from minigrad.nn import init
from minigrad.ops.creation import as_tensor, tensor
from minigrad.random import Generator, manual_seed
from minigrad.testing import assert_close


def empty(*shape):
    return tensor(np.full(shape, np.nan, np.float32))


FANS = (200, 300)  # of a weight (300, 200)

UNIFORM = [
    (lambda t: init.uniform_(t, -0.5, 0.5), 0.5),
    (init.xavier_uniform_, math.sqrt(6 / 500)),
    (lambda t: init.xavier_uniform_(t, gain=2.0), 2 * math.sqrt(6 / 500)),
    (lambda t: init.kaiming_uniform_(t, nonlinearity="relu"), math.sqrt(6 / 200)),
    (lambda t: init.kaiming_uniform_(t, a=1, mode="fan_out"), math.sqrt(3 / 300)),
]

NORMAL = [
    (lambda t: init.normal_(t, 0.0, 0.3), 0.3),
    (init.xavier_normal_, math.sqrt(2 / 500)),
    (lambda t: init.kaiming_normal_(t, nonlinearity="relu"), math.sqrt(2 / 200)),
    (lambda t: init.kaiming_normal_(t, mode="fan_out", nonlinearity="linear"), math.sqrt(1 / 300)),
]


@pytest.mark.parametrize(("fill", "bound"), UNIFORM)
def test_uniform(fill, bound):
    t = fill(empty(300, 200))
    assert np.abs(t.array).max() <= bound * (1 + 1e-6)
    assert abs(t.array.std() / (bound / math.sqrt(3)) - 1) < 0.02


@pytest.mark.parametrize(("fill", "std"), NORMAL)
def test_normal(fill, std):
    t = fill(empty(300, 200))
    assert abs(t.array.std() / std - 1) < 0.02 and abs(t.array.mean()) < 0.02 * std


def test_truncated():
    t = init.trunc_normal_(empty(100, 100), std=1.0, a=-1.0, b=0.5)
    assert t.array.min() >= -1 and t.array.max() <= 0.5
    assert abs(t.array.mean() - -0.2073) < 0.02  # of N(0, 1) within [-1, 0.5]
    with pytest.raises(ValueError, match="next to nothing"):
        init.trunc_normal_(empty(1000), a=50, b=51)


def test_constants():
    assert init.ones_(empty(2)).tolist() == [1, 1]
    assert init.zeros_(empty(2)).tolist() == [0, 0]
    assert init.constant_(empty(2), 3).tolist() == [3, 3]
    assert_close(init.eye_(empty(2, 3)), np.eye(2, 3, dtype=np.float32))


@pytest.mark.parametrize("shape", [(4, 9), (9, 4), (4, 3, 3)])
def test_orthogonal(shape):
    q = init.orthogonal_(empty(*shape), gain=2.0).array.reshape(shape[0], -1)
    q = q if q.shape[0] < q.shape[1] else q.T
    assert_close(q @ q.T, 4 * np.eye(len(q), dtype=np.float32), atol=1e-5)


def test_dirac():
    weight = init.dirac_(empty(4, 2, 3), groups=2).array
    assert (weight.sum((1, 2)) == 1).all()
    assert [np.argwhere(w).tolist() for w in weight] == [[[0, 1]], [[1, 1]]] * 2
    assert init.dirac_(empty(2, 3, 3, 4)).array[1, 1, 1, 2] == 1
    with pytest.raises(ValueError, match="3, 4, or 5 dimensions"):
        init.dirac_(empty(2, 2))
    with pytest.raises(ValueError, match="divisible by groups: 3 by 2"):
        init.dirac_(empty(3, 2, 2), groups=2)


def test_sparse():
    weight = init.sparse_(empty(50, 40), 0.31, std=0.5).array
    assert ((weight == 0).sum(0) == 16).all()
    assert abs(weight[weight != 0].std() - 0.5) < 0.05
    with pytest.raises(ValueError, match="2 dimensions"):
        init.sparse_(empty(3), 0.1)


def test_parameters_are_filled_unrecorded():
    weight = nn.Linear(2, 2).weight
    for fill in (init.uniform_, init.normal_, init.ones_, init.eye_, init.orthogonal_):
        assert fill(weight) is weight
        assert weight.is_leaf and weight.requires_grad


def test_generator_decides():
    first = init.normal_(empty(5), generator=Generator().manual_seed(1))
    assert_close(init.normal_(empty(5), generator=Generator().manual_seed(1)), first)
    manual_seed(3)
    second = init.xavier_normal_(empty(3, 3))
    manual_seed(3)
    assert_close(init.xavier_normal_(empty(3, 3)), second)


def test_calculate_gain():
    assert init.calculate_gain("leaky_relu", 0.2) == pytest.approx(math.sqrt(2 / 1.04))
    names = ("linear", "sigmoid", "tanh", "relu", "selu")
    assert [init.calculate_gain(n) for n in names] == [1, 1, 5 / 3, math.sqrt(2), 0.75]
    assert init.calculate_gain("conv_transpose2d") == 1
    with pytest.raises(ValueError, match="negative_slope x not a valid number"):
        init.calculate_gain("leaky_relu", "x")
    with pytest.raises(ValueError, match="Unsupported nonlinearity swish"):
        init.calculate_gain("swish")


def test_what_does_not_fit():
    with pytest.raises(ValueError, match=r"fewer than 2 dimensions.*\[3\]"):
        init.xavier_uniform_(empty(3))
    with pytest.raises(ValueError, match="Mode fan not supported"):
        init.kaiming_normal_(empty(3, 3), mode="fan")
    with pytest.raises(ValueError, match="Only tensors with 2 dimensions"):
        init.eye_(empty(3))


def test_read_only_memory_is_named():
    with pytest.raises(ValueError, match="constant_: the tensor wraps a read-only NumPy array"):
        init.ones_(as_tensor(np.broadcast_to(np.float32(0), (2, 2))))
