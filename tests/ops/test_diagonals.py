"""Diagonals and triangles against NumPy, with their gradients."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = ["diag", "diag_embed", "diagflat", "diagonal", "tril", "triu"]

X = np.random.default_rng(0).normal(size=(2, 3, 4))
DIAGONALS = {
    "last dimensions": ((1, -2, -1), lambda x: np.diagonal(x, 1, -2, -1)),
    "lower": ((-1, 0, 2), lambda x: np.diagonal(x, -1, 0, 2)),
}


@pytest.mark.parametrize("name", DIAGONALS)
def test_diagonal_is_a_view(name):
    args, numpys = DIAGONALS[name]
    check_op(lambda x: mg.diagonal(x, *args), X, reference=numpys)
    x = mg.tensor(X, requires_grad=True)
    y = x * 2
    y.diagonal(*args).fill_(7.0)
    expected = np.where(np.isin(X, numpys(X)), 7.0, 2 * X)
    np.testing.assert_array_equal(y.array, expected)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.array, np.where(expected == 7.0, 0.0, 2.0))


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        (lambda x: mg.tril(x, -1), lambda x: np.tril(x, -1)),
        (lambda x: mg.triu(x, 1), lambda x: np.triu(x, 1)),
        (lambda x: mg.diag(x[0], 1), lambda x: np.diag(x[0], 1)),
        (lambda x: mg.diag(x[0, 0], -2), lambda x: np.diag(x[0, 0], -2)),
        (lambda x: mg.diagflat(x[0, :2], 1), lambda x: np.diagflat(x[0, :2], 1)),
    ],
    ids=["tril", "triu", "diag of a matrix", "diag of a vector", "diagflat"],
)
def test_copies(ours, numpys):
    check_op(ours, X, reference=numpys)
    x = mg.tensor(X)
    assert not np.shares_memory(ours(x).array, x.array)


@pytest.mark.parametrize("offset", [-2, 0, 1])
def test_diag_embed(offset):
    def reference(x):
        return np.stack([np.diag(row, offset) for row in x])

    check_op(lambda x: mg.diag_embed(x, offset), X[0], reference=reference)
    x = mg.tensor(X[0])
    assert_close(mg.diag_embed(x, offset, 0, 2), reference(x.array).transpose(1, 0, 2))
    assert_close(mg.diag_embed(x, offset, 2, 0), reference(x.array).transpose(2, 0, 1))


def test_beside_an_infinite_diagonal_there_are_zeros():
    x = mg.tensor([np.inf, 1.0])
    assert mg.diag_embed(x).tolist() == mg.diag(x).tolist() == [[np.inf, 0], [0, 1]]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x: x[0, 0].tril(), "at least 2"),
        (lambda x: x.diagonal(0, 1, 1), "identical"),
        (lambda x: mg.diag_embed(x, 0, 1, -3), "identical"),
        (lambda x: mg.diag(x), "1D or 2D"),
    ],
)
def test_errors(wrong, message):
    with pytest.raises(RuntimeError, match=message):
        wrong(mg.tensor(X))
