"""Real eigenvalues against NumPy; gradients by finite differences."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import linalg
from minigrad.testing import assert_close, check_op

COVERED = ["eig", "eigvals"]


def matrix(*shape):
    """One with eigenvalues 1, 2, 3, ..., not symmetric."""
    V = np.random.default_rng(0).normal(size=shape) + 2 * np.eye(shape[-1])
    return V @ np.diag(np.arange(1.0, shape[-1] + 1)) @ np.linalg.inv(V)


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3), (1, 1), (0, 0)])
def test_eig(shape):
    A = matrix(*shape)
    w, V = linalg.eig(mg.tensor(A))
    assert_close(A @ V.numpy(), (V * w.unsqueeze(-2)).numpy())
    check_op(linalg.eigvals, A, reference=lambda A: np.linalg.eigvals(A).real)
    # Eigenvectors have no sign of their own: their squares have one value.
    check_op(lambda A: linalg.eig(A).eigenvectors ** 2, A)
    check_op(lambda A: (linalg.eig(A).eigenvalues, linalg.eig(A).eigenvectors ** 2), A)


def test_complex_eigenvalues_are_named():
    turn = mg.tensor([[0.0, -2.0], [2.0, 0.0]])
    with pytest.raises(NotImplementedError, match=r"[+-]?2j is one of the eigenvalues"):
        linalg.eigvals(turn)
    with pytest.raises(RuntimeError, match="must be batches of square matrices"):
        linalg.eig(mg.ones(2, 3))
