"""RAdam against NumPy over its options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from update_rules import COMMON, check_steps, with_decay

from minigrad.optim import RAdam


def reference(p, grads, lr, betas, eps, weight_decay, decoupled_weight_decay, maximize):
    m, v = np.zeros_like(p), np.zeros_like(p)
    longest = 2 / (1 - betas[1]) - 1
    for t, g in enumerate(grads, 1):
        if decoupled_weight_decay:
            p = p * (1 - lr * weight_decay)
            g = with_decay(g, p, 0, maximize)
        else:
            g = with_decay(g, p, weight_decay, maximize)
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        length = longest - 2 * t * betas[1] ** t / (1 - betas[1] ** t)
        step = lr * m / (1 - betas[0] ** t)
        if length > 5:
            r = (length - 4) * (length - 2) / length / (longest - 4) / (longest - 2) * longest
            step = step * np.sqrt(r) * np.sqrt(1 - betas[1] ** t) / (np.sqrt(v) + eps)
        p = p - step
    return {"p": p, "step": len(grads), "exp_avg": m, "exp_avg_sq": v}


@given(
    # 0.7 never becomes adaptive, 0.9 after seven steps, 0.999 after five
    betas=st.sampled_from([(0.9, 0.999), (0.5, 0.7), (0.0, 0.9)]),
    eps=st.sampled_from([1e-8, 1e-3]),
    decoupled_weight_decay=st.booleans(),
    **COMMON,
)
def test_against_numpy(**options):
    check_steps(RAdam, reference, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -1}, "Invalid learning rate: -1"),
        ({"betas": (1.0, 0.9)}, r"Invalid beta parameter at index 0: 1\.0"),
        ({"eps": -1}, "Invalid epsilon value: -1"),
        ({"weight_decay": -1}, "Invalid weight_decay value: -1"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        RAdam(**options)
