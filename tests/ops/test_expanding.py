"""The same elements several times: values as NumPy's, memory that is shared or not, gradients."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import check_op

COVERED = ["broadcast_tensors", "broadcast_to", "tile"]

X = np.random.default_rng(0).normal(size=(2, 3, 4))

# What it is, of x with shape (2, 3, 4); the same in NumPy.
VIEWS = {
    "expand": (
        lambda x: x[:, :1].expand(5, -1, 3, 4),
        lambda x: np.broadcast_to(x[:, :1], (5, 2, 3, 4)),
    ),
    "expand_as": (lambda x: x[0].expand_as(x), lambda x: np.broadcast_to(x[0], x.shape)),
    "broadcast_to": (
        lambda x: mg.broadcast_to(x[0], x.shape),
        lambda x: np.broadcast_to(x[0], x.shape),
    ),
}
COPIES = {
    "repeat": (lambda x: x.repeat(2, 1, 3, 2), lambda x: np.tile(x, (2, 1, 3, 2))),
    "repeat once": (lambda x: x.repeat(1, 1, 1, 1), lambda x: np.tile(x, (1, 1, 1, 1))),
    "tile": (lambda x: mg.tile(x, (2, 2)), lambda x: np.tile(x, (2, 2))),
}


@pytest.mark.parametrize("name", VIEWS | COPIES)
def test_values_gradients_and_memory(name):
    ours, numpys = (VIEWS | COPIES)[name]
    check_op(ours, X, reference=numpys)
    x = mg.tensor(X)
    assert np.shares_memory(ours(x).array, x.array) is (name in VIEWS)


def test_broadcast_tensors():
    check_op(lambda a, b: mg.broadcast_tensors(a, b)[0], X, X[:, :1], reference=lambda a, b: a)
    check_op(
        lambda a, b: mg.broadcast_tensors(a, b)[1],
        X,
        X[:, :1],
        reference=lambda a, b: np.broadcast_to(b, a.shape),
    )
    with pytest.raises(RuntimeError, match="do not broadcast"):
        mg.broadcast_tensors(mg.zeros(2), mg.zeros(3))


def test_0d_and_arrays():
    assert mg.tensor(1.0).expand(2, 2).tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert type(mg.tile(X, (2,))) is np.ndarray


def test_sizes_by_name():
    x = mg.ones(2, 3)
    assert x.expand(size=(4, 2, 3)).shape == (4, 2, 3)
    assert x.repeat(repeats=(2, 1)).shape == x.tile(dims=(2, 1)).shape == (4, 3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x: x.expand(3, 4), "greater or equal"),
        (lambda x: x.expand(2, 3, 5), r"\(5\) must match the existing size \(4\)"),
        (lambda x: x.expand(-1, 2, 3, 4), "leading"),
        (lambda x: x.repeat(2), "repeat dims"),
    ],
)
def test_sizes_that_do_not_fit(wrong, message):
    with pytest.raises(RuntimeError, match=message):
        wrong(mg.tensor(X))


def test_expanded_memory_is_not_written_to():
    with pytest.raises(RuntimeError, match="single memory location"):
        mg.zeros(1, 3).expand(2, 3).add_(1)


def test_a_part_of_expanded_memory_that_does_not_overlap_itself_is_written_to():
    x = mg.tensor([[1.0], [2.0]], requires_grad=True)
    base = x * 1
    expanded = base.expand(2, 3)
    expanded[:, 0] *= 5
    assert expanded.tolist() == [[5, 5, 5], [10, 10, 10]]
    expanded.sum().backward()
    assert x.grad.tolist() == [[15], [15]]
    with pytest.raises(RuntimeError, match="single memory location"):
        expanded[0] = 1
