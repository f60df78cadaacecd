"""Adamax against NumPy over its options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from update_rules import COMMON, check_steps, with_decay

from minigrad.optim import Adamax


def reference(p, grads, lr, betas, eps, weight_decay, maximize):
    m, u = np.zeros_like(p), np.zeros_like(p)
    for t, g in enumerate(grads, 1):
        g = with_decay(g, p, weight_decay, maximize)
        m = betas[0] * m + (1 - betas[0]) * g
        u = np.maximum(betas[1] * u, abs(g) + eps)
        p = p - lr / (1 - betas[0] ** t) * m / u
    return {"p": p, "step": len(grads), "exp_avg": m, "exp_inf": u}


@given(
    betas=st.sampled_from([(0.9, 0.999), (0.5, 0.7), (0.0, 0.99)]),
    eps=st.sampled_from([1e-8, 1e-3]),
    **COMMON,
)
def test_against_numpy(**options):
    check_steps(Adamax, reference, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -1}, "Invalid learning rate: -1"),
        ({"betas": (1.0, 0.9)}, r"Invalid beta parameter at index 0: 1\.0"),
        ({"betas": (0.9, 1.0)}, r"Invalid beta parameter at index 1: 1\.0"),
        ({"eps": -1}, "Invalid epsilon value: -1"),
        ({"weight_decay": -1}, "Invalid weight_decay value: -1"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        Adamax(**options)
