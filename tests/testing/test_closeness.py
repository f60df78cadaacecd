"""assert_close: what is close passes; what is not is shown."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close


def test_assert_close() -> None:
    assert_close(mg.tensor([1.0, 2.0]), [1, 2])
    assert_close(mg.tensor([1.0]), np.array([1.0 + 1e-6], np.float32))
    assert_close([mg.tensor(1.0), np.ones(2)], [1.0, [1, 1]])
    assert_close(np.array([np.nan]), np.array([np.nan]), equal_nan=True)
    assert_close(np.array([1.0]), np.array([1.1]), atol=0.2)


@pytest.mark.parametrize(
    ("actual", "expected", "message"),
    [
        (np.ones(2), np.ones(3), r"shapes do not match: \[2\] is not \[3\]"),
        (np.ones(2), np.ones(2, np.float32), "dtypes do not match: float64 is not float32"),
        (
            np.array([1.0, 2, 3]),
            np.array([1.0, 2, 4]),
            r"(?s)1 of 3 elements.*at \[2\]: actual 3.0",
        ),
        (np.array([1, 2]), np.array([1, 3]), "1 of 2 elements"),
        (np.array([np.nan]), np.array([np.nan]), "1 of 1 elements"),
        ([np.ones(1)], [], "1 values where 0 were expected"),
        ([np.ones(1), np.ones(2)], [np.ones(1), np.zeros(2)], "item 1: values are not close"),
    ],
)
def test_assert_close_says_what_differs(actual, expected, message) -> None:
    with pytest.raises(AssertionError, match=message):
        assert_close(actual, expected)
