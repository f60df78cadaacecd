"""Adadelta against NumPy over its options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from update_rules import COMMON, check_steps, with_decay

from minigrad.optim import Adadelta


def reference(p, grads, lr, rho, eps, weight_decay, maximize):
    square, moved = np.zeros_like(p), np.zeros_like(p)
    for g in grads:
        g = with_decay(g, p, weight_decay, maximize)
        square = rho * square + (1 - rho) * g**2
        move = np.sqrt((moved + eps) / (square + eps)) * g
        moved = rho * moved + (1 - rho) * move**2
        p = p - lr * move
    return {"p": p, "step": len(grads), "square_avg": square, "acc_delta": moved}


@given(rho=st.sampled_from([0.9, 0.5, 1.0]), eps=st.sampled_from([1e-6, 1e-2]), **COMMON)
def test_against_numpy(**options):
    check_steps(Adadelta, reference, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -1}, "Invalid learning rate: -1"),
        ({"rho": 1.1}, r"Invalid rho value: 1\.1"),
        ({"eps": -1}, "Invalid epsilon value: -1"),
        ({"weight_decay": -1}, "Invalid weight_decay value: -1"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        Adadelta(**options)
