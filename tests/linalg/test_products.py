"""Products of matrices and their powers against NumPy and finite differences."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import linalg
from minigrad.testing import assert_close, check_op

COVERED = ["cross", "diagonal", "matrix_exp", "matrix_power", "multi_dot", "vander", "vecdot"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 5])
def test_matrix_power(n):
    A = normal(2, 3, 3) + 2 * np.eye(3)
    check_op(lambda A: mg.matrix_power(A, n), A, reference=lambda A: np.linalg.matrix_power(A, n))
    with pytest.raises(TypeError, match="must be int, not float"):
        mg.matrix_power(mg.tensor(A), 0.5)
    assert mg.matrix_power(mg.full((2, 2), np.nan), 0).tolist() == [[1, 0], [0, 1]]


def test_matrix_exp():
    def of_symmetric(A):
        w, V = np.linalg.eigh(A)
        return (V * np.exp(w)[..., None, :]) @ V.mT

    for scale in (0.01, 1, 5):
        A = normal(2, 3, 3) * scale
        A = A + A.mT
        assert_close(mg.matrix_exp(mg.tensor(A)), of_symmetric(A), rtol=1e-12)
    check_op(mg.matrix_exp, normal(3, 3))
    check_op(mg.matrix_exp, np.array([[0.0, 1], [0, 0]]), reference=lambda A: np.eye(2) + A)
    assert_close(mg.matrix_exp(mg.zeros(2, 2)), mg.eye(2))


@pytest.mark.parametrize(
    "shapes",
    [[(2, 3), (3, 4)], [(2, 5), (5, 1), (1, 4), (4, 3)], [(3,), (3, 4), (4,)], [(3, 2), (2,)]],
)
def test_multi_dot(shapes):
    check_op(
        lambda *matrices: linalg.multi_dot(matrices),
        *(normal(*shape, seed=i) for i, shape in enumerate(shapes)),
        reference=lambda *matrices: np.linalg.multi_dot(matrices),
    )


def test_multi_dot_takes_the_cheapest_order(monkeypatch):
    done = []
    product = linalg.products.matmul
    monkeypatch.setattr(
        linalg.products, "matmul", lambda a, b: done.append(a.shape) or product(a, b)
    )
    mg.chain_matmul(mg.ones(9, 1), mg.ones(1, 9), mg.ones(9, 1))
    assert done == [(1, 9), (9, 1)]
    with pytest.raises(RuntimeError, match="at least 2 tensors but got 1"):
        linalg.multi_dot([mg.ones(2, 2)])
    with pytest.raises(RuntimeError, match=r"tensor 1 must be 2D but got shape \[2\]"):
        linalg.multi_dot([mg.ones(2), mg.ones(2), mg.ones(2)])


def test_vectors_along_a_dimension():
    a, b = normal(3, 2), normal(3, 2, seed=1)
    check_op(
        lambda a, b: linalg.cross(a, b, dim=0), a, b, reference=lambda a, b: np.cross(a, b, axis=0)
    )
    check_op(linalg.vecdot, a, b, reference=lambda a, b: (a * b).sum(-1))
    check_op(linalg.diagonal, normal(2, 3, 3), reference=lambda A: np.diagonal(A, 0, 1, 2))
    assert linalg.matmul is mg.matmul


def test_vander():
    x = normal(2, 3)
    check_op(lambda x: linalg.vander(x, 4), x, reference=lambda x: x[..., None] ** np.arange(4))
    assert linalg.vander(mg.tensor([2, 3])).tolist() == [[1, 2], [1, 3]]
    with pytest.raises(RuntimeError, match="greater than 1, not 1"):
        linalg.vander(mg.tensor(x), 1)
