"""Arithmetic that broadcasts: as NumPy's, in the shapes that the kernel takes and in those that it leaves."""

from __future__ import annotations

import numpy as np
import pytest
from minigrad._native import repeats

from minigrad import kernels


@pytest.mark.parametrize(
    ("shape", "repeated", "fits"),
    [
        ((4, 3), (3,), True),
        ((4, 3), (4, 1), True),
        ((4, 3), (), True),
        ((4, 3), (1, 1), True),
        ((2, 4, 3, 5), (4, 1, 1), True),
        ((2, 4, 3, 5), (1, 4, 3, 1), True),
        ((2, 4, 3, 5), (2, 4, 1, 1), True),
        ((2, 4, 1, 5), (4, 1, 1), True),
        ((0, 3), (3,), True),
        ((2, 4, 3), (2, 1, 3), False),
        ((4, 1), (4, 3), False),
        ((4, 1), (1, 3), False),
        ((3,), (1, 3, 2), False),
    ],
)
def test_arithmetic_of_shapes(
    shape: tuple[int, ...], repeated: tuple[int, ...], fits: bool
) -> None:
    rng = np.random.default_rng(0)
    x, c = rng.standard_normal(shape), np.asarray(rng.standard_normal(repeated))
    assert repeats(x, c) == fits
    for ours, theirs in (
        (kernels.add, np.add),
        (kernels.sub, np.subtract),
        (kernels.mul, np.multiply),
        (kernels.div, np.divide),
    ):
        for pair in ((x, c), (c, x)):
            try:
                want = theirs(*pair)
            except ValueError:
                with pytest.raises(ValueError, match="broadcast"):
                    ours(*pair)
                continue
            y = ours(*pair)
            np.testing.assert_array_equal(y, want)
            assert y.shape == want.shape and type(y) is np.ndarray


def test_of_one_type_and_contiguous() -> None:
    x = np.ones((3, 4), np.float32)
    assert not repeats(x, np.ones(4))
    assert not repeats(x, np.ones(8, np.float32)[::2])
    assert not repeats(x.T, np.ones(3, np.float32))
    assert not repeats(x.astype(np.int64), np.ones(4, np.int64))
    assert not repeats(x, 2.0)
