"""What complex numbers are asked for, asked of real ones."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import check_op

COVERED = ["adjoint", "angle"]
NOT_DIFFERENTIABLE = [  # but for the identity
    *("conj", "conj_physical", "imag", "is_conj", "is_neg", "real", "resolve_conj", "resolve_neg"),
]


def test_real_numbers_are_their_own_conjugates():
    x = mg.tensor([[1.0, -2.0]])
    for same in (mg.conj(x), x.conj(), mg.real(x), x.real, x.conj_physical(), x.resolve_conj()):
        assert same is x
    assert not x.is_conj() and not mg.is_neg(x)


def test_imag():
    with pytest.raises(RuntimeError, match="imag is not implemented for tensors with non-complex"):
        mg.imag(mg.ones(2))


def test_angle():
    check_op(mg.angle, np.array([[1.5, -2.0], [0.5, -0.1]]), reference=np.angle)
    assert mg.angle(mg.tensor([-1, 0])).tolist() == [pytest.approx(math.pi), 0]
    assert math.isnan(mg.tensor([math.nan]).angle().item())


def test_adjoint():
    x = np.arange(6.0).reshape(1, 2, 3)
    check_op(mg.adjoint, x, reference=lambda x: x.swapaxes(1, 2))
    assert mg.tensor(x).mH.shape == (1, 3, 2) and mg.tensor(x[0]).H.shape == (3, 2)
    with pytest.raises(RuntimeError, match="Got 1-D tensor"):
        mg.ones(2).adjoint()
    with pytest.raises(RuntimeError, match="only supported on matrices"):
        mg.tensor(x).H  # noqa: B018
