"""Triangles and pivots: what they multiply to; gradients by finite differences."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import linalg
from minigrad.testing import assert_close, check_op

COVERED = ["lu", "lu_factor", "lu_factor_ex", "lu_solve", "lu_unpack"]

SHAPES = [(3, 3), (2, 4), (4, 2), (2, 3, 3), (2, 2, 3), (0, 2)]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_lu(shape):
    A = normal(*shape)
    P, L, U = linalg.lu(mg.tensor(A))
    assert_close(P @ L @ U, A)
    assert_close(L.tril(), L)
    assert_close(U.triu(), U)
    assert L.abs().max().item() <= 1 if A.size else True  # the largest was taken for pivot
    check_op(lambda A: tuple(linalg.lu(A)[1:]), A)
    check_op(lambda A: linalg.lu(A).L, A)
    check_op(lambda A: linalg.lu(A).U, A)


@pytest.mark.parametrize("shape", SHAPES)
def test_lu_factor_and_unpack(shape):
    A = normal(*shape)
    LU, pivots = linalg.lu_factor(mg.tensor(A))
    assert pivots.dtype == mg.int32 and pivots.shape == (*shape[:-2], min(shape[-2:]))
    for packed, whole in zip(mg.lu_unpack(LU, pivots), linalg.lu(mg.tensor(A)), strict=True):
        assert_close(packed, whole)
    check_op(lambda A: linalg.lu_factor(A).LU, A)
    check_op(lambda A: linalg.lu_factor_ex(A).LU, A)
    check_op(lambda A: mg.lu_unpack(*linalg.lu_factor(A))[1:], A)
    assert mg.lu_unpack(LU, pivots, unpack_data=False).U.shape == (0,)
    assert mg.lu_unpack(LU, pivots, unpack_pivots=False).P.shape == (0,)


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("adjoint", [False, True])
def test_lu_solve(left, adjoint):
    A, B = normal(2, 3, 3), normal(*((3, 2) if left else (2, 3)))

    def reference(A, B):
        A = A.mT if adjoint else A
        return np.linalg.solve(A, B) if left else B @ np.linalg.inv(A)

    check_op(
        lambda A, B: linalg.lu_solve(*linalg.lu_factor(A), B, left=left, adjoint=adjoint),
        *(A, B),
        reference=reference,
    )


def test_matrices_that_are_singular():
    A = mg.tensor([[1.0, 2.0], [2.0, 4.0]])
    with pytest.raises(linalg.LinAlgError, match=r"U\[2,2\] is zero"):
        linalg.lu_factor(A)
    with pytest.raises(linalg.LinAlgError, match=r"U\[2,2\] is zero"):
        linalg.lu_factor_ex(A, check_errors=True)
    both = linalg.lu_factor_ex(mg.stack([A, mg.eye(2), mg.zeros(2, 2)]))
    assert both.info.tolist() == [2, 0, 1] and both.info.dtype == mg.int32
    P, L, U = linalg.lu(A)
    assert_close(P @ L @ U, A.numpy())
    with pytest.raises(RuntimeError, match="without pivoting"):
        linalg.lu(A, pivot=False)
