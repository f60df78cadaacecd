"""What torch has under older names: the same as in linalg, but for signatures and defaults."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = ["chain_matmul", "lu", "lu_solve", "pinverse", "qr", "svd", "triangular_solve", "vander"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


def test_svd_has_v_itself():
    A = mg.tensor(normal(4, 2))
    U, S, V = mg.svd(A)
    assert_close((U * S) @ V.T, A)
    assert [t.shape for t in A.svd(some=False)] == [(4, 4), (2,), (2, 2)]
    assert [t.abs().sum().item() > 0 for t in A.svd(compute_uv=False)] == [False, True, False]
    check_op(lambda A: mg.svd(A).V ** 2, normal(4, 2))


def test_qr_is_complete_unless_some():
    A = normal(4, 2)
    assert [t.shape for t in mg.qr(mg.tensor(A), some=False)] == [(4, 4), (4, 2)]
    check_op(lambda A: tuple(mg.qr(A)), A)


def test_pinverse_has_another_default():
    A = np.diag([1.0, 1e-3, 1e-9])
    assert_close(mg.pinverse(mg.tensor(A), 1e-2), np.diag([1.0, 0, 0]))
    check_op(mg.pinverse, normal(3, 2), reference=np.linalg.pinv)


def test_chain_matmul_takes_matrices_one_by_one():
    matrices = normal(2, 3), normal(3, 4), normal(4, 1)
    check_op(mg.chain_matmul, *matrices, reference=lambda a, b, c: a @ b @ c)


def test_vander_decreases():
    check_op(mg.vander, normal(3), reference=np.vander)
    assert mg.vander(mg.tensor([2, 3]), 2, increasing=True).tolist() == [[1, 2], [1, 3]]
    with pytest.raises(RuntimeError, match=r"one-dimensional tensor, not \[2, 2\]"):
        mg.vander(mg.ones(2, 2))


def test_lu_is_what_lu_factor_gives():
    A, b = normal(3, 3), normal(3, 1)
    assert len(mg.lu(mg.tensor(A))) == 2 and len(mg.tensor(A).lu(get_infos=True)) == 3
    check_op(
        lambda b, A: mg.lu_solve(b, *mg.lu(A)), b, A, reference=lambda b, A: np.linalg.solve(A, b)
    )


@pytest.mark.parametrize("transpose", [False, True])
def test_triangular_solve(transpose):
    A, b = normal(3, 3), normal(3, 2)
    side = np.triu(A).T if transpose else np.triu(A)
    check_op(
        lambda A, b: mg.triangular_solve(b, A, transpose=transpose).solution,
        A,
        b,
        reference=lambda A, b: np.linalg.solve(side, b),
    )
    X, copy = mg.tensor(b).triangular_solve(mg.tensor(A), False, transpose, True)
    lower = np.tril(A, -1) + np.eye(3)
    assert_close((lower.T if transpose else lower) @ X.array, b)
    assert_close(copy, A)
