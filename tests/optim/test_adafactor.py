"""Adafactor against NumPy over its options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from update_rules import COMMON, check_steps

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.optim import Adafactor


def rms(x):
    return np.sqrt(np.mean(x**2)) if x.size else 0


def reference(p, grads, lr, beta2_decay, eps, d, weight_decay, maximize):
    row, col = (np.zeros((*p.shape[:-1], 1)), np.zeros((*p.shape[:-2], 1, *p.shape[-1:])))
    v = np.zeros_like(p)
    for t, g in enumerate(grads, 1):
        g, new = (-g if maximize else g), t**beta2_decay
        length = max(eps[1], rms(p)) * min(lr, t**-0.5)
        p = p * (1 - lr * weight_decay)
        if p.ndim > 1:
            row = row * (1 - new) + new * (g**2).mean(-1, keepdims=True)
            col = col * (1 - new) + new * (g**2).mean(-2, keepdims=True)
            v = row * col / np.maximum(row.mean(-2, keepdims=True), eps[0])
        else:
            v = v * (1 - new) + new * g**2
        u = g / np.sqrt(np.maximum(v, eps[0] ** 2))
        p = p - length * u / max(1, rms(u) / d)
    state = {"row_var": row, "col_var": col} if p.ndim > 1 else {"variance": v}
    return {"p": p, "step": len(grads), **state}


@given(
    beta2_decay=st.sampled_from([-0.8, -0.2]),
    eps=st.sampled_from([(1e-5, 1e-3), (0.5, 3)]),
    d=st.sampled_from([1, 1.5]),
    **{**COMMON, "shape": st.sampled_from([(), (0,), (5,), (3, 5), (2, 3, 4)])},
)
def test_against_numpy(**options):
    check_steps(Adafactor, reference, **options)


def test_the_state_of_a_matrix_is_two_vectors_and_comes_back():
    p = nn.Parameter(tensor(np.ones((300, 200))))
    p.grad = tensor(np.ones((300, 200)))
    opt = Adafactor([p])
    opt.step()
    assert {name: value.shape for name, value in opt.state[p].items()} == {
        "step": (),
        "row_var": (300, 1),
        "col_var": (1, 200),
    }
    other = Adafactor([p])
    other.load_state_dict(opt.state_dict())
    assert np.array_equal(other.state[p]["row_var"], opt.state[p]["row_var"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"eps": (-1, 0)}, "Invalid epsilon1 value: -1"),
        ({"eps": (None, -1)}, "Invalid epsilon2 value: -1"),
        ({"beta2_decay": 0.8}, r"Invalid beta2_decay: 0\.8"),
        ({"d": 0.5}, r"Invalid clipping threshold d: 0\.5"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        Adafactor(**options)
