"""Products of tensors against NumPy."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = ["cross", "inner", "kron", "tensordot", "trace"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


@pytest.mark.parametrize(
    "a, b, dims",
    [
        ((2, 3), (3, 4), 1),
        ((2, 3), (2, 3), 2),
        ((2,), (3,), 0),
        ((2, 3, 4), (4, 3, 5), ([2, 1], [0, 1])),
        ((2, 3), (5, 2), ([-2], [-1])),
        ((0, 3), (3, 2), 1),
    ],
)
def test_tensordot(a, b, dims):
    check_op(
        lambda a, b: mg.tensordot(a, b, dims),
        *(normal(*a), normal(*b, seed=1)),
        reference=lambda a, b: np.tensordot(a, b, dims),
    )


def test_tensordot_that_does_not_fit():
    a, b = mg.ones(2, 3), mg.ones(2, 3)
    with pytest.raises(RuntimeError, match=r"dimensions \[1\] of a \[2, 3\] and \[0\] of b"):
        mg.tensordot(a, b, 1)
    with pytest.raises(RuntimeError, match="dims=3 does not fit 2 and 2 dimensions"):
        mg.tensordot(a, b, 3)
    assert_close(mg.tensordot(a, mg.ones(1, 3), ([0], [0])), np.full((3, 3), 2, np.float32))


@pytest.mark.parametrize("a, b", [((3,), (3,)), ((2, 3), (4, 3)), ((), (2, 3)), ((2, 3), ())])
def test_inner(a, b):
    check_op(mg.inner, np.array(normal(*a)), np.array(normal(*b, seed=1)), reference=np.inner)
    with pytest.raises(RuntimeError, match=r"inner\(\): .* \[2, 3\] and \[2\]"):
        mg.inner(mg.ones(2, 3), mg.ones(2))


@pytest.mark.parametrize("a, b", [((2, 3), (3, 2)), ((2,), (3, 2)), ((2, 1, 2), (3,)), ((), (2,))])
def test_kron(a, b):
    check_op(mg.kron, np.array(normal(*a)), np.array(normal(*b, seed=1)), reference=np.kron)


@pytest.mark.parametrize("shape, dim", [((3,), None), ((2, 3), -1), ((3, 2), 0), ((2, 3, 3), None)])
def test_cross(shape, dim):
    axis = shape.index(3) if dim is None else dim
    check_op(
        lambda a, b: mg.cross(a, b, dim),
        *(normal(*shape), normal(*shape, seed=1)),
        reference=lambda a, b: np.cross(a, b, axis=axis),
    )


def test_cross_of_vectors_that_do_not_fit():
    with pytest.raises(RuntimeError, match=r"no dimension of size 3 in input \[2\]"):
        mg.cross(mg.ones(2), mg.ones(2))
    with pytest.raises(RuntimeError, match="dimension 0 must have length 3"):
        mg.cross(mg.ones(4, 3), mg.ones(4, 3), dim=0)
    with pytest.raises(RuntimeError, match="same number of dimensions"):
        mg.cross(mg.ones(4, 3), mg.ones(3))
    a, b = normal(4, 3), normal(1, 3)
    assert_close(mg.cross(mg.tensor(a), mg.tensor(b), dim=1), np.cross(a, b))


def test_trace():
    check_op(mg.trace, normal(3, 4), reference=np.trace)
    assert mg.trace(mg.ones(2, 2, dtype=mg.int64)).item() == 2
    with pytest.raises(RuntimeError, match=r"expected a matrix, but got shape \[2\]"):
        mg.trace(mg.ones(2))
