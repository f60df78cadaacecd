"""Answers with an info: those of the functions that raise, and nan with its place where these do."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import linalg
from minigrad.testing import assert_close, check_op

COVERED = ["cholesky_ex", "inv_ex", "solve_ex"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


def test_where_all_have_an_answer():
    A, B = normal(2, 3, 3), normal(2, 3)
    S = A @ A.mT + np.eye(3)
    check_op(lambda A: linalg.inv_ex(A).inverse, A, reference=np.linalg.inv)
    check_op(lambda A, B: linalg.solve_ex(A, B).result, A, B)
    check_op(lambda S: linalg.cholesky_ex((S + S.mT) / 2, upper=True).L, S)
    assert_close(linalg.cholesky_ex(mg.tensor(S)).L, np.linalg.cholesky(S))
    for found in (linalg.inv_ex(mg.tensor(A)), linalg.cholesky_ex(mg.tensor(S))):
        assert found.info.dtype == mg.int32 and found.info.tolist() == [0, 0]


def test_where_one_has_none():
    A = mg.tensor([[[2.0, 0.0], [0.0, 4.0]], [[1.0, 2.0], [2.0, 4.0]]], requires_grad=True)
    inverse, info = linalg.inv_ex(A)
    assert info.tolist() == [0, 2]
    assert inverse[0].tolist() == [[0.5, 0], [0, 0.25]] and inverse[1].isnan().all()
    inverse[0].sum().backward()
    assert A.grad[0].tolist() == [[-0.25, -0.125], [-0.125, -0.0625]] and not A.grad[1].any()
    for B in (mg.ones(2), mg.ones(2, 1)):
        X, info = linalg.solve_ex(A.detach(), B)
        assert info.tolist() == [0, 2]
        assert X[0].flatten().tolist() == [0.5, 0.25] and X[1].isnan().all()
    L, info = linalg.cholesky_ex(mg.tensor([[4.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]]))
    assert info.item() == 2 and all(map(math.isnan, L.flatten().tolist()))


def test_check_errors_raises_as_the_others_do():
    singular = mg.ones(2, 2)
    for name, arguments in (
        ("inv_ex", (singular,)),
        ("solve_ex", (singular, mg.ones(2))),
        ("cholesky_ex", (-singular,)),
    ):
        with pytest.raises(linalg.LinAlgError, match=rf"^linalg\.{name}: the input"):
            getattr(linalg, name)(*arguments, check_errors=True)
    with pytest.raises(RuntimeError, match="square matrices"):
        linalg.inv_ex(mg.ones(2, 3))
