"""gradcheck and gradgradcheck: right gradients pass, wrong ones are found."""

from __future__ import annotations

import numpy as np
import pytest
from faulty import Square

import minigrad as mg
from minigrad.testing import gradcheck, gradgradcheck

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3))


def test_gradcheck_needs_something_to_check() -> None:
    with pytest.raises(ValueError, match="none of the inputs requires grad"):
        gradcheck(mg.exp, mg.tensor([1.0]))
    with pytest.raises(ValueError, match="input 1 is float32; finite differences need float64"):
        gradcheck(mg.add, (X, mg.tensor([1.0], requires_grad=True)))
    with pytest.raises(ValueError, match="same inputs give another result"):
        gradcheck(lambda x: x * float(RNG.normal()), X)


def test_gradcheck_of_big_inputs_goes_along_random_directions() -> None:
    big = RNG.normal(size=(50, 20))
    assert gradcheck(mg.tanh, big)
    with pytest.raises(AssertionError, match=r"of shape \[50, 20\], along 8 random directions"):
        gradcheck(lambda x: Square("gradient")(x), big)


def test_gradcheck_of_functions_with_several_results_and_unused_inputs() -> None:
    assert gradcheck(lambda a, b: (a * 2, a * a), (X, X))
    assert gradgradcheck(lambda a, b: (a * 2, a * a), (X, X))


def test_gradgradcheck_finds_a_wrong_second_derivative() -> None:
    assert gradcheck(lambda x: Square("constant")(x), X)
    with pytest.raises(AssertionError, match="gradcheck: gradient of input 0"):
        gradgradcheck(lambda x: Square("constant")(x), X)
