"""Weighted sums of places (test_kernels.py: the twin): along each dimension, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import kernels

STARTS, INDEX, WEIGHTS = np.array([0, 2, 2, 3]), np.array([0, 2, 1]), np.array([0.5, 2, -1])
MATRIX = np.array([[0.5, 0, 2], [0, 0, 0], [0, -1, 0]])


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_dimensions(dim: int) -> None:
    x = np.random.default_rng(0).standard_normal((3, 3, 3))
    for view in (x, x.T):
        want = np.moveaxis(np.tensordot(MATRIX, view, (1, dim)), 0, dim)
        np.testing.assert_allclose(
            kernels.resample(view, dim, STARTS, INDEX, WEIGHTS), want, rtol=1e-14
        )


@pytest.mark.parametrize(
    ("starts", "index", "weights"),
    [
        (STARTS, INDEX + 1, WEIGHTS),
        (STARTS, INDEX - 1, WEIGHTS),
        (STARTS + 1, INDEX, WEIGHTS),
        (np.array([0, 3, 2, 3]), INDEX, WEIGHTS),
        (STARTS, INDEX, WEIGHTS[:2]),
        (STARTS[:0], INDEX, WEIGHTS),
    ],
)
def test_sums_of_places_that_are_not_there(
    starts: np.ndarray, index: np.ndarray, weights: np.ndarray
) -> None:
    with pytest.raises(ValueError, match=r"resample: .* x \(2, 3\) along 1"):
        kernels.resample(np.ones((2, 3)), 1, starts, index, weights)
