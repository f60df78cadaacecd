"""Decompositions: what they give multiplies to what they were given; gradients by finite differences."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import linalg
from minigrad.testing import assert_close, check_op

COVERED = ["cholesky", "eigh", "eigvalsh", "qr", "svd", "svdvals"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


def symmetric(f):
    """f of the symmetric part: perturbed element by element, a matrix does not stay symmetric."""
    return lambda A: f((A + A.mT) / 2)


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3), (0, 0)])
def test_cholesky(shape, upper):
    A = normal(*shape)
    A = A @ A.mT + np.eye(shape[-1])
    check_op(
        symmetric(lambda A: linalg.cholesky(A, upper=upper)),
        A,
        reference=lambda A: np.linalg.cholesky(A).mT if upper else np.linalg.cholesky(A),
    )
    with pytest.raises(linalg.LinAlgError, match="not positive-definite"):
        mg.cholesky(-mg.eye(2))


@pytest.mark.parametrize("mode", ["reduced", "complete"])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2), (0, 2)])
def test_qr(shape, mode):
    A = normal(*shape)
    Q, R = linalg.qr(mg.tensor(A), mode)
    assert_close(Q @ R, A)
    assert_close(
        Q.mT @ Q, np.broadcast_to(np.eye(Q.shape[-1]), (*A.shape[:-2], *(Q.shape[-1],) * 2))
    )
    assert_close(R.triu(), R)
    if mode == "reduced" or shape[-2] <= shape[-1]:
        check_op(lambda A: tuple(linalg.qr(A, mode)), A)
        check_op(lambda A: linalg.qr(A, mode).R, A)
        check_op(lambda A: linalg.qr(A, mode).Q, A)


def test_qr_without_gradient():
    A = mg.tensor(normal(4, 2), requires_grad=True)
    assert_close(linalg.qr(A, "r").R.detach(), np.linalg.qr(A.detach(), "r"))
    for mode in ("r", "complete"):
        with pytest.raises(RuntimeError, match=f"mode='{mode}' has no gradient"):
            linalg.qr(A, mode).R.sum().backward()
    with pytest.raises(RuntimeError, match="unrecognized mode"):
        linalg.qr(A, "x")


@pytest.mark.parametrize("UPLO", ["L", "U"])
@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3), (0, 0)])
def test_eigh(shape, UPLO):
    A = normal(*shape)
    A = A + A.mT
    w, V = linalg.eigh(mg.tensor(A), UPLO)
    assert_close((V * w.unsqueeze(-2)) @ V.mT, A)
    # Eigenvectors have no sign of their own: their squares have one value.
    check_op(symmetric(lambda A: linalg.eigh(A, UPLO).eigenvectors ** 2), A)
    check_op(symmetric(lambda A: linalg.eigvalsh(A, UPLO)), A, reference=np.linalg.eigvalsh)
    with pytest.raises(RuntimeError, match="'L' or 'U'"):
        linalg.eigh(mg.tensor(A), "x")


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2), (0, 2)])
def test_svd(shape, full):
    A, k = normal(*shape), min(shape[-2:])
    U, S, Vh = linalg.svd(mg.tensor(A), full)
    assert_close((U[..., :k] * S.unsqueeze(-2)) @ Vh[..., :k, :], A)

    def signless(A):
        U, S, Vh = linalg.svd(A, full)
        return U[..., :k] ** 2, S, Vh[..., :k, :] ** 2

    check_op(signless, A)
    check_op(linalg.svdvals, A, reference=lambda A: np.linalg.svd(A, compute_uv=False))
