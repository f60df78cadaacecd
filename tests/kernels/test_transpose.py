"""Copies in row-major order: of every permutation of the dimensions, and of what is no permutation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from minigrad._native import exchanged

from minigrad import kernels


@pytest.mark.parametrize("shape", [(5, 3, 4, 2), (2, 1, 70, 33), (1, 1, 6, 1)])
def test_permuted_dimensions(shape: tuple[int, ...]) -> None:
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    for order in itertools.permutations(range(4)):
        view = x.transpose(order)
        y = kernels.expand(view, view.shape)
        np.testing.assert_array_equal(y, view)
        assert y.flags.c_contiguous and y.flags.writeable and not np.shares_memory(y, x)


@pytest.mark.parametrize(
    ("view", "lying"),
    [
        (np.zeros((3, 4)).T, (1, 3, 4, 1)),
        (np.zeros((2, 3, 4)).swapaxes(1, 2), (2, 3, 4, 1)),
        (np.zeros((2, 3, 4)).swapaxes(0, 1), (1, 2, 3, 4)),
        (np.zeros((2, 5, 3, 4)).transpose(0, 2, 1, 3), (2, 5, 3, 4)),
        (np.zeros((2, 5, 3, 4)).transpose(0, 3, 1, 2), (2, 15, 4, 1)),
        (np.zeros((2, 3)), None),
        (np.zeros((2, 3, 4)).T, None),
        (np.zeros((3, 8))[:, ::2].T, None),
        (np.zeros((4, 4))[:3, :3].T, None),
        (np.broadcast_to(np.zeros((3, 1)), (3, 4)), None),
        (np.zeros((3, 4))[::-1].T, None),
        (np.zeros((3, 4), np.int64).T, None),
        (np.zeros((3, 4), ">f8").T, None),
    ],
)
def test_what_the_kernel_takes(view: np.ndarray, lying: tuple[int, ...] | None) -> None:
    memory = exchanged(view)
    assert (memory is None) == (lying is None)
    if memory is not None:
        assert memory.shape == lying and np.shares_memory(memory, view)
        assert not memory.flags.writeable
    view = view.copy(order="K")
    np.testing.assert_array_equal(kernels.expand(view, view.shape), view)
