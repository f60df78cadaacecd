"""Differences, slopes and integrals against NumPy."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = ["cumulative_trapezoid", "diff", "gradient", "trapezoid", "trapz"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


@pytest.mark.parametrize("n", [0, 1, 2, 9])
@pytest.mark.parametrize("dim", [0, -1])
def test_diff(n, dim):
    check_op(
        lambda x, n: mg.diff(x, n, dim), normal(3, 4), n, reference=lambda x, n: np.diff(x, n, dim)
    )


def test_diff_with_ends_of_booleans_and_of_nothing():
    x, before, after = normal(3), normal(2), normal(1)
    check_op(
        lambda x, a, b: mg.diff(x, prepend=a, append=b),
        *(x, before, after),
        reference=lambda x, a, b: np.diff(x, prepend=a, append=b),
    )
    assert mg.tensor([True, False, False]).diff().tolist() == [True, False]
    with pytest.raises(RuntimeError, match="at least one-dimensional"):
        mg.diff(mg.tensor(1.0))
    with pytest.raises(RuntimeError, match="non-negative"):
        mg.diff(mg.ones(2), n=-1)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_trapezoid(dim):
    y, x = normal(3, 4), np.sort(normal(3, 4, seed=1), dim)
    row = np.sort(normal((3, 4)[dim]))
    for name in ("trapezoid", "trapz"):
        check_op(
            lambda y, x: mg.trapezoid(y, x, dim=dim),
            *(y, x),
            reference=lambda y, x: np.trapezoid(y, x, axis=dim),
        )
        assert_close(
            getattr(mg, name)(mg.tensor(y), dx=0.5, dim=dim), np.trapezoid(y, dx=0.5, axis=dim)
        )
    check_op(
        lambda y, x: mg.trapezoid(y, x, dim=dim),
        *(y, row),
        reference=lambda y, x: np.trapezoid(y, x, axis=dim),
    )
    running = mg.cumulative_trapezoid(mg.tensor(y), mg.tensor(row), dim=dim)
    assert_close(running.select(dim, -1), np.trapezoid(y, row, axis=dim))
    check_op(lambda y, x: mg.cumulative_trapezoid(y, x, dim=dim), y, x)
    with pytest.raises(RuntimeError, match="one `x` value for each sample point"):
        mg.trapezoid(mg.ones(3), mg.ones(2))


@pytest.mark.parametrize("edge_order", [1, 2])
def test_gradient(edge_order):
    places = [np.array([0.0, 1, 3, 4]), np.array([-1.0, 0, 0.5, 2, 3])]
    for spacing in (1, 0.5, [2.0, 3.0], places):
        many = spacing if isinstance(spacing, list) else [spacing] * 2
        check_op(
            lambda x, spacing=spacing: mg.gradient(x, spacing=spacing, edge_order=edge_order),
            normal(4, 5),
            reference=lambda x, many=many: tuple(np.gradient(x, *many, edge_order=edge_order)),
        )
    (slope,) = mg.gradient(mg.tensor([1, 4, 9]), dim=0)
    assert_close(slope, np.float32([3, 4, 5]))
    with pytest.raises(RuntimeError, match="at least edge_order"):
        mg.gradient(mg.ones(edge_order), edge_order=edge_order)


def test_coordinates_that_are_not_as_many_as_points():
    with pytest.raises(RuntimeError, match=r"each of the 4 points .* dimension 1, .* \[3\]"):
        mg.gradient(mg.ones(2, 4), spacing=[mg.arange(3.0)], dim=1)
    with pytest.raises(RuntimeError, match="one `x` value for each sample point"):
        mg.trapezoid(mg.ones(3), mg.tensor(2.0))
