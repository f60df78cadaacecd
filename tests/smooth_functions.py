"""What is tested of every smooth function of each element, in whichever file of `ops` it lives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.autograd import engine
from minigrad.testing import assert_close, check_op


def uniform(low: float, high: float, *shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(low, high, size=shape)


def gradient(function: Callable, values: list[float]) -> np.ndarray:
    """The gradient of function at each of the values."""
    x = mg.tensor(values, dtype=mg.float64, requires_grad=True)
    return engine.grad(function(x).sum(), x)[0].array


def check_smooth(name: str, low: float, high: float, reference: Callable) -> None:
    """Hold `minigrad.name` on [low, high] to all that is promised, against NumPy's `reference`."""
    check_op(getattr(mg, name), uniform(low, high, 2, 3), reference=reference)
    check_values(name, low, high, reference)
    check_in_place_and_method(name, low, high)


def check_values(name: str, low: float, high: float, reference: Callable) -> None:
    shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)

    @given(hnp.arrays(np.float64, shapes, elements=st.floats(low, high)))
    def check(x: np.ndarray) -> None:
        assert_close(getattr(mg, name)(mg.tensor(x)), np.asarray(reference(x)))

    check()


def check_in_place_and_method(name: str, low: float, high: float) -> None:
    x = mg.tensor(uniform(low, high, 5), requires_grad=True)
    expected = getattr(mg, name)(x)
    assert_close(getattr(x, name)(), expected.detach())
    y = x * 1
    assert getattr(y, name + "_")() is y
    assert_close(y, expected.detach())
    assert_close(engine.grad(y.sum(), x), engine.grad(expected.sum(), x))


def check_integers_become_floating_point(name: str) -> None:
    for x in (np.array([1]), np.array([True]), np.array(1), np.array([1], np.uint8)):
        assert getattr(mg, name)(mg.tensor(x)).dtype == mg.float32
