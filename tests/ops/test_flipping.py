"""Elements in another order, against NumPy's functions of the same names."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import check_op

COVERED = ["flip", "fliplr", "flipud", "roll", "rot90"]


def values(*shape):
    return np.random.default_rng(0).normal(size=shape)


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        (lambda x: mg.flip(x, (0, 2)), lambda x: np.flip(x, (0, 2))),
        (lambda x: mg.roll(x, (1, -2), (0, 2)), lambda x: np.roll(x, (1, -2), (0, 2))),
        (lambda x: mg.roll(x, 5), lambda x: np.roll(x, 5)),
    ],
    ids=["flip", "roll", "roll flat"],
)
def test_flip_and_roll(ours, numpys):
    check_op(ours, values(2, 3, 4), reference=numpys)
    x = mg.tensor(values(2, 3, 4))
    assert not np.shares_memory(ours(x).array, x.array)


@pytest.mark.parametrize("name", ["fliplr", "flipud"])
def test_flips(name):
    check_op(getattr(mg, name), values(3, 4, 2), reference=getattr(np, name))


@pytest.mark.parametrize("k", [-1, 0, 1, 2, 3, 5])
@pytest.mark.parametrize("dims", [(0, 1), (2, 0)])
def test_rot90(k, dims):
    check_op(
        lambda x: mg.rot90(x, k, dims), values(3, 4, 2), reference=lambda x: np.rot90(x, k, dims)
    )


def test_dimensions_by_name():
    x = mg.tensor(values(2, 3))
    assert mg.flip(x, dims=[0]).tolist() == x.flip(0).tolist()


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda x: x.roll((1, 2), 0), RuntimeError, "must align"),
        (lambda x: x.sum().roll(1, 0), IndexError, "has no dimensions"),
        (lambda x: mg.fliplr(x[0]), RuntimeError, "Input must be >= 2-d"),
        (lambda x: mg.rot90(x, 1, (0, -2)), RuntimeError, "dims to be different"),
    ],
)
def test_errors(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong(mg.ones(2, 2))
