"""Norms against NumPy and finite differences."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import linalg
from minigrad.testing import assert_close, check_op

COVERED = ["cond", "matrix_norm", "norm", "vector_norm"]

inf = np.inf


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


@pytest.mark.parametrize("function", [linalg.matrix_norm, linalg.norm])
@pytest.mark.parametrize("ord", ["fro", "nuc", 1, -1, 2, -2, inf, -inf])
@pytest.mark.parametrize("shape, dim", [((3, 2), (-2, -1)), ((2, 3, 4), (2, 0))])
@pytest.mark.parametrize("keepdim", [False, True])
def test_matrix_norm(function, ord, shape, dim, keepdim):
    check_op(
        lambda A: function(A, ord, dim, keepdim),
        normal(*shape),
        reference=lambda A: np.linalg.norm(A, ord, dim, keepdim),
    )


@pytest.mark.parametrize("function", [linalg.vector_norm, linalg.norm])
@pytest.mark.parametrize("ord", [0, 0.5, 1, 2, 3, inf, -inf])
def test_vector_norm(function, ord):
    check_op(
        lambda x: function(x, ord, 1),
        normal(2, 3),
        reference=lambda x: np.linalg.norm(x, ord, 1),
    )
    x = normal(2, 3)
    assert_close(
        linalg.vector_norm(mg.tensor(x), ord), np.linalg.norm(x.reshape(-1), ord) * np.ones(())
    )


def test_norm_without_an_order_is_the_root_of_all_squares():
    check_op(linalg.norm, normal(2, 2, 3), reference=lambda x: np.sqrt((x**2).sum()))
    assert_close(linalg.norm(mg.tensor([3, 4]), dtype=mg.float64), np.float64(5))


def test_norms_that_there_are_not():
    with pytest.raises(RuntimeError, match="Order 3 not supported"):
        linalg.matrix_norm(mg.ones(2, 2), 3)
    with pytest.raises(RuntimeError, match="must be 1D or 2D"):
        linalg.norm(mg.ones(2, 2, 2), 2)
    with pytest.raises(RuntimeError, match="expected a float32 or float64 tensor"):
        linalg.vector_norm(mg.tensor([1]))


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_norms_of_matrices_without_elements(shape):
    A = mg.zeros(2, *shape)
    for ord in ("fro", "nuc", 1, 2, inf):
        assert linalg.matrix_norm(A, ord).tolist() == [0, 0]
    assert linalg.matrix_norm(A, 2, keepdim=True).shape == (2, 1, 1)
    with pytest.raises(IndexError, match="non-zero size"):
        linalg.matrix_norm(A, -2)  # of no singular values, none is the smallest
    for p in (None, 1):
        if p is None or shape == (0, 0):
            assert linalg.cond(A, p).tolist() == [0, 0]
    assert linalg.vector_norm(A).item() == linalg.vector_norm(A, 0).item() == 0
    assert linalg.vector_norm(A, inf, dim=0).shape == shape
    for ord in (inf, -inf, -1):
        with pytest.raises(RuntimeError, match="norm of no elements"):
            linalg.vector_norm(A, ord)


@pytest.mark.parametrize("p", [None, 2, -2, 1, inf, "fro", "nuc"])
def test_cond(p):
    check_op(
        lambda A: linalg.cond(A, p),
        normal(3, 3) + 2 * np.eye(3),
        reference=lambda A: np.linalg.cond(A, p),
    )
    assert linalg.cond(mg.ones(2, 2), 1).item() == inf
    assert linalg.cond(mg.zeros(2, 2), 1).item() == inf


def test_cond_of_a_singular_matrix_among_others():
    regular = mg.tensor([[2.0, 0], [0, 1]])
    stack = mg.stack([regular, mg.ones(2, 2)]).requires_grad_()
    result = linalg.cond(stack, 1)
    assert result.tolist() == [2, inf]
    result[0].backward()
    assert stack.grad.tolist() == [[[1, 0], [0, -2]], [[0, 0], [0, 0]]]
