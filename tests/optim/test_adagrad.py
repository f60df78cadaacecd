"""Adagrad against NumPy over its options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from update_rules import COMMON, check_steps, with_decay

from minigrad.optim import Adagrad


def reference(p, grads, lr, lr_decay, weight_decay, initial_accumulator_value, eps, maximize):
    total = np.full_like(p, initial_accumulator_value)
    for t, g in enumerate(grads):
        g = with_decay(g, p, weight_decay, maximize)
        total = total + g**2
        p = p - lr / (1 + t * lr_decay) * g / (np.sqrt(total) + eps)
    return {"p": p, "step": len(grads), "sum": total}


@given(
    lr_decay=st.sampled_from([0, 0.3]),
    initial_accumulator_value=st.sampled_from([0, 0.5]),
    eps=st.sampled_from([1e-10, 1e-3]),
    **COMMON,
)
def test_against_numpy(**options):
    check_steps(Adagrad, reference, **options)


def test_steps_get_shorter():
    """x from 10 with the same gradient again and again, lr 0.9: steps of 0.9 / sqrt(t)."""
    params, opt = {"x": np.array(10.0)}, Adagrad(lr=0.9)
    path = [10.0]
    for _ in range(4):
        opt.update(params, {"x": np.array(2.0)})
        path.append(params["x"].item())
    assert -np.diff(path) == pytest.approx(0.9 / np.sqrt([1, 2, 3, 4]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -1}, "Invalid learning rate: -1"),
        ({"lr_decay": -1}, "Invalid lr_decay value: -1"),
        ({"weight_decay": -1}, "Invalid weight_decay value: -1"),
        ({"initial_accumulator_value": -1}, "Invalid initial_accumulator_value value: -1"),
        ({"eps": -1}, "Invalid epsilon value: -1"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        Adagrad(**options)
