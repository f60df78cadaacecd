"""Muon against NumPy over its options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from update_rules import COMMON, check_steps

from minigrad import nn
from minigrad.optim import Muon
from minigrad.optim.muon import orthogonal

COEFFICIENTS = (3.4445, -4.775, 2.0315)


def reference(p, grads, lr, weight_decay, momentum, nesterov, adjust_lr_fn):
    buf, (rows, columns) = np.zeros_like(p), p.shape
    length = max(1, rows / columns) ** 0.5
    if adjust_lr_fn == "match_rms_adamw":
        length = 0.2 * max(rows, columns) ** 0.5
    for g in grads:
        buf = momentum * buf + (1 - momentum) * g
        u = momentum * buf + (1 - momentum) * g if nesterov else buf
        left, sizes, right = np.linalg.svd(u, full_matrices=False)
        sizes = sizes / np.sqrt(np.sum(sizes**2))
        for _ in range(5):
            a, b, c = COEFFICIENTS
            sizes = a * sizes + b * sizes**3 + c * sizes**5
        p = p * (1 - lr * weight_decay) - lr * length * (left * sizes) @ right
    return {"p": p, "momentum_buffer": buf}


@given(
    momentum=st.sampled_from([0.95, 0.5]),
    nesterov=st.booleans(),
    adjust_lr_fn=st.sampled_from([None, "match_rms_adamw"]),
    **{
        **{name: values for name, values in COMMON.items() if name != "maximize"},
        "shape": st.sampled_from([(3, 5), (5, 3), (1, 4)]),
    },
)
def test_against_numpy(**options):
    check_steps(Muon, reference, **options)


@pytest.mark.parametrize("shape", [(8, 3), (3, 8)])
def test_all_directions_are_stepped_along_alike(shape):
    u = np.random.default_rng(0).normal(size=shape)
    sizes = np.linalg.svd(orthogonal(u, COEFFICIENTS, 5, 1e-7), compute_uv=False)
    assert sizes.min() > 0.6 and sizes.max() < 1.3
    assert not orthogonal(np.zeros(shape), COEFFICIENTS, 5, 1e-7).any()


def test_only_matrices():
    with pytest.raises(ValueError, match=r"only supports 2D parameters.*not one of shape \[3\]"):
        Muon(nn.Linear(2, 3).parameters())
    with pytest.raises(ValueError, match="only supports 2D"):
        Muon().update({"b": np.ones(3)}, {"b": np.ones(3)})
    with pytest.raises(ValueError, match="Adjust learning rate function x is not supported"):
        Muon(adjust_lr_fn="x")
