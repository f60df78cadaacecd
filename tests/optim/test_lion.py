"""Lion against NumPy over its options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from update_rules import COMMON, check_steps

from minigrad.optim import Lion


def reference(p, grads, lr, betas, weight_decay, maximize):
    m = np.zeros_like(p)
    for g in grads:
        g = -g if maximize else g
        p = p - lr * (np.sign(betas[0] * m + (1 - betas[0]) * g) + weight_decay * p)
        m = betas[1] * m + (1 - betas[1]) * g
    return {"p": p, "exp_avg": m}


@given(betas=st.sampled_from([(0.9, 0.99), (0.5, 0.7), (0.0, 0.9)]), **COMMON)
def test_against_numpy(**options):
    check_steps(Lion, reference, **options)


def test_without_a_gradient_it_stays_and_nan_is_not_hidden():
    params = {"x": np.ones(3)}
    Lion(lr=0.1).update(params, {"x": np.array([0.0, -2.0, np.nan])})
    np.testing.assert_allclose(params["x"], [1, 1.1, np.nan])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -1}, "Invalid learning rate: -1"),
        ({"betas": (0.9, 1.0)}, r"Invalid beta parameter at index 1: 1\.0"),
        ({"weight_decay": -1}, "Invalid weight_decay value: -1"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        Lion(**options)
