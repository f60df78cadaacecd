"""Ranges: values, dtypes, and steps that lead away."""

import math

import numpy as np
import pytest

import minigrad as mg

NOT_DIFFERENTIABLE = ["arange", "linspace", "logspace", "range"]


@pytest.mark.parametrize(
    ("args", "expected", "dtype"),
    [
        ((3,), [0, 1, 2], mg.int64),
        ((1, 7, 2), [1, 3, 5], mg.int64),
        ((5, 1, -2), [5, 3], mg.int64),
        ((0, 1, 0.25), [0.0, 0.25, 0.5, 0.75], mg.float32),
        ((2.5,), [0.0, 1.0, 2.0], mg.float32),
        ((1, 1), [], mg.int64),
    ],
)
def test_arange(args, expected, dtype):
    t = mg.arange(*args)
    assert t.tolist() == expected
    assert t.dtype == dtype


def test_arange_does_not_drift():
    t = mg.arange(0, 1000, 0.1)
    assert t.shape == (10000,)
    np.testing.assert_array_equal(t.array, (0.1 * np.arange(10000)).astype(np.float32))


def test_arange_refuses_a_step_away_from_the_end():
    for args in ((0, 1, -1), (0, 1, 0)):
        with pytest.raises(RuntimeError, match="step"):
            mg.arange(*args)
    for end in (math.inf, math.nan):
        with pytest.raises(RuntimeError, match="unsupported range: 0 -> "):
            mg.arange(0, end)


def test_ranges_have_numbers_at_their_ends():
    ends = mg.tensor([0, 1]), mg.tensor(2)
    for create in (mg.linspace, mg.logspace):
        assert create(ends[1], 2, 1).shape == (1,)
        with pytest.raises(RuntimeError, match=r"got start with 1 .* and end with 0"):
            create(*ends, 3)


def test_linspace_and_logspace():
    np.testing.assert_allclose(mg.linspace(-1, 1, 5).array, [-1, -0.5, 0, 0.5, 1])
    np.testing.assert_allclose(mg.logspace(0, 3, 4).array, [1, 10, 100, 1000])
    np.testing.assert_allclose(mg.logspace(0, 3, 4, base=2).array, [1, 2, 4, 8])
    assert mg.linspace(3, 4, 1).tolist() == [3.0]


def test_range_includes_its_end():
    with pytest.warns(UserWarning, match="deprecated, because it includes its end"):
        assert mg.range(1, 2, 0.5).tolist() == [1, 1.5, 2]
    with pytest.warns(UserWarning), pytest.raises(RuntimeError, match="inconsistent with step"):
        mg.range(2, 1)
