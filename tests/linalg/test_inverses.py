"""Inverses and least squares against NumPy and finite differences."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import linalg
from minigrad.testing import assert_close, check_op

COVERED = ["cholesky_inverse", "inv", "lstsq", "pinv", "tensorinv"]
NOT_DIFFERENTIABLE = ["matrix_rank"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3), (1, 1), (0, 0), (0, 2, 2)])
def test_inv(shape):
    A = normal(*shape) + 3 * np.eye(shape[-1])
    check_op(linalg.inv, A, reference=np.linalg.inv)
    assert_close(mg.tensor(A).inverse(), np.linalg.inv(A))


def test_matrices_without_an_inverse():
    with pytest.raises(linalg.LinAlgError, match="the input matrix is singular"):
        mg.inverse(mg.ones(2, 2))
    with pytest.raises(RuntimeError, match="at least 2 dimensions"):
        mg.inverse(mg.ones(2))


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2), (3, 0)])
def test_pinv(shape):
    check_op(linalg.pinv, normal(*shape), reference=np.linalg.pinv)


def test_pinv_of_a_matrix_without_full_rank():
    def product(a, b):
        return linalg.pinv(a @ b)  # perturbed so, it keeps its rank

    check_op(product, normal(4, 2), normal(2, 3), reference=lambda a, b: np.linalg.pinv(a @ b))
    A = np.diag([1.0, 1e-3, 1e-9])
    for options in (
        {"rtol": 1e-2},
        {"atol": 1e-2},
        {"rcond": 1e-2},
        {"rtol": 1e-2, "hermitian": True},
    ):
        assert_close(linalg.pinv(mg.tensor(A), **options), np.diag([1.0, 0, 0]))


@pytest.mark.parametrize(
    "a, b", [((4, 2), (4, 3)), ((4, 2), (4,)), ((2, 4), (2, 1)), ((2, 4, 3), (2, 4, 2))]
)
def test_lstsq(a, b):
    A, B = normal(*a), normal(*b, seed=1)
    check_op(
        lambda A, B: linalg.lstsq(A, B).solution,
        *(A, B),
        reference=lambda A, B: np.linalg.pinv(A) @ B,
    )


def test_lstsq_tells_what_its_driver_tells():
    A, B = normal(4, 2), normal(4, 3, seed=1)
    X, residuals, rank, values = np.linalg.lstsq(A, B)
    told = linalg.lstsq(mg.tensor(A), mg.tensor(B), driver="gelsd")
    assert_close(told[:2] + told[3:], (X, residuals, values))
    assert told.rank.item() == rank
    assert [t.numel() for t in linalg.lstsq(mg.tensor(A), mg.tensor(B))[1:]] == [0, 1, 0]
    with pytest.raises(RuntimeError, match="differ in their rows"):
        linalg.lstsq(mg.tensor(A), mg.ones(3, 1))
    with pytest.raises(RuntimeError, match="should be one of"):
        linalg.lstsq(mg.tensor(A), mg.tensor(B), driver="x")


def test_matrix_rank():
    A = np.stack([np.eye(3), np.diag([1, 1e-3, 0]), np.zeros((3, 3))])
    assert linalg.matrix_rank(mg.tensor(A)).tolist() == [3, 2, 0]
    assert linalg.matrix_rank(mg.tensor(A), atol=0.1).tolist() == [3, 1, 0]
    assert linalg.matrix_rank(mg.tensor(A), 0.1, hermitian=True).tolist() == [3, 1, 0]
    with pytest.raises(linalg.LinAlgError, match=r"linalg\.matrix_rank: .* failed to converge"):
        linalg.matrix_rank(mg.full((2, 2), np.nan))


def test_tensorinv():
    check_op(linalg.tensorinv, normal(2, 3, 6), reference=np.linalg.tensorinv)
    with pytest.raises(RuntimeError, match="have 6 elements and the others 2"):
        linalg.tensorinv(mg.ones(2, 3, 2))
