"""Norms against NumPy and finite differences, and where they are zero."""

import math

import numpy as np
import pytest
from over_dims import DIMS, check_over_dims, gradient, normal

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = ["norm"]

inf = math.inf


@pytest.mark.parametrize("dim", DIMS, ids=str)
def test_over_dims(dim):
    check_over_dims("norm", lambda x, **o: np.sqrt(np.sum(x * x, **o)), dim)


@pytest.mark.parametrize("p", [1, 2, 3, 0.5, 1.5, -1, inf, -inf])
def test_norm(p):
    def reference(x):
        return np.linalg.norm(x, p, axis=-1)

    check_op(lambda x: mg.norm(x, p, -1), normal(3, 4) + 0.1, reference=reference)


@pytest.mark.filterwarnings("error")
def test_norm_where_it_is_zero():
    for p in (0.5, 1, 1.5, 2, 3, inf, -inf, -1, "fro"):
        assert mg.norm(mg.tensor([0.0, 0.0]), p).item() == 0
        assert gradient(lambda x, p=p: mg.norm(x, p), [0.0, 0.0]).tolist() == [0, 0]
    rows = gradient(lambda x: mg.norm(x, dim=1), [[0.0, 0.0], [3.0, 4.0]])
    assert_close(rows, np.array([[0, 0], [0.6, 0.8]]))
    assert mg.norm(mg.tensor([0.0, 3.0, -4.0]), 0).item() == 2
    with pytest.raises(ValueError, match="nuc"):
        mg.norm(mg.tensor([1.0]), "nuc")


def test_integers_have_none():
    x = mg.tensor([[3, 0], [1, 1]])
    for name in ("norm",):
        with pytest.raises(RuntimeError, match=rf"{name}\(\): the input is {x.dtype}.*float\(\)"):
            getattr(mg, name)(x)


@pytest.mark.parametrize("name", COVERED)
def test_a_dimension_that_is_not_there(name):
    with pytest.raises(IndexError, match=r"expected to be in range of \[-2, 1\], but got 2"):
        getattr(mg, name)(mg.tensor([[1.0]]), dim=2)
