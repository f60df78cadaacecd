"""Reflections against the Q that NumPy makes of them; gradients by finite differences."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import linalg
from minigrad.testing import assert_close, check_op

COVERED = ["householder_product", "ormqr"]
NOT_DIFFERENTIABLE = ["geqrf"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 4, 3)])
def test_geqrf_holds_r_and_q(shape):
    A = normal(*shape)
    a, tau = mg.geqrf(mg.tensor(A))
    Q, R = np.linalg.qr(A)
    k = min(shape[-2:])
    assert_close(a.triu()[..., :k, :], R)
    assert_close(linalg.householder_product(a[..., :k], tau), Q)


def test_householder_product():
    V, tau = np.tril(normal(4, 3), -1), normal(2)
    H = [np.eye(4) - t * np.outer(v, v) for t, v in zip(tau, (V + np.eye(4, 3)).T, strict=False)]
    assert_close(mg.orgqr(mg.tensor(V), mg.tensor(tau)), (H[0] @ H[1])[:, :3])
    check_op(linalg.householder_product, normal(4, 3), tau)
    with pytest.raises(RuntimeError, match="m >= n, not 2 by 3"):
        linalg.householder_product(mg.ones(2, 3), mg.ones(2))
    with pytest.raises(RuntimeError, match=r"min\(m, n\), not \[3, 2\] and \[3\]"):
        linalg.householder_product(mg.ones(3, 2), mg.ones(3))
    with pytest.raises(RuntimeError, match="tau is float64, the matrix float32"):
        linalg.householder_product(mg.ones(3, 2), mg.ones(2, dtype=mg.float64))


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("transpose", [False, True])
def test_ormqr(left, transpose):
    A, C = normal(4, 3), normal(*((4, 2) if left else (2, 4)))
    a, tau = (t.numpy() for t in mg.geqrf(mg.tensor(A)))
    Q = np.linalg.qr(A, "complete")[0]
    Q = Q.T if transpose else Q
    product = mg.ormqr(mg.tensor(a), mg.tensor(tau), mg.tensor(C), left, transpose)
    assert_close(product, Q @ C if left else C @ Q)
    check_op(lambda *args: mg.ormqr(*args, left, transpose), a, tau, C)
    with pytest.raises(RuntimeError, match="as many rows"):
        mg.ormqr(mg.tensor(a), mg.tensor(tau), mg.tensor(np.ones((5, 5))))
