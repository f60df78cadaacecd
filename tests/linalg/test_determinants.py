"""Determinants against NumPy and finite differences."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import linalg
from minigrad.testing import assert_close, check_op

COVERED = ["det", "slogdet"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


SHAPES = [(3, 3), (2, 3, 3), (1, 1), (0, 0)]


@pytest.mark.parametrize("shape", SHAPES)
def test_determinants(shape):
    A = normal(*shape)
    check_op(linalg.det, A, reference=np.linalg.det)
    check_op(lambda A: linalg.slogdet(A)[1], A, reference=lambda A: np.linalg.slogdet(A)[1])
    assert_close(mg.slogdet(mg.tensor(A)).sign, np.asarray(np.linalg.slogdet(A)[0]))
    positive = A @ A.mT + np.eye(shape[-1])
    check_op(mg.logdet, positive, reference=lambda A: np.log(np.linalg.det(A)))


def test_determinant_of_singular_matrices():
    A = normal(3, 3)
    A[2] = A[0] + A[1]
    for singular in (A, np.outer(A[0], A[1]), np.stack([A, np.eye(3)])):
        check_op(linalg.det, singular, reference=np.linalg.det, second=False)
    assert mg.logdet(mg.zeros(2, 2)).item() == -np.inf
    assert np.isnan(mg.logdet(-mg.eye(3)).item())
    with pytest.raises(RuntimeError, match="2 by 3 matrices"):
        mg.det(mg.ones(2, 3))
