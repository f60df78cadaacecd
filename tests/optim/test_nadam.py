"""NAdam against NumPy over its options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from update_rules import COMMON, check_steps, with_decay

from minigrad.optim import NAdam


def reference(
    p, grads, lr, betas, eps, weight_decay, momentum_decay, decoupled_weight_decay, maximize
):
    m, v = np.zeros_like(p), np.zeros_like(p)
    mu = [betas[0] * (1 - 0.96 ** (t * momentum_decay) / 2) for t in range(len(grads) + 2)]
    for t, g in enumerate(grads, 1):
        if decoupled_weight_decay:
            p = p * (1 - lr * weight_decay)
            g = with_decay(g, p, 0, maximize)
        else:
            g = with_decay(g, p, weight_decay, maximize)
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        ahead = mu[t + 1] * m / (1 - np.prod(mu[1 : t + 2]))
        now = (1 - mu[t]) * g / (1 - np.prod(mu[1 : t + 1]))
        p = p - lr * (ahead + now) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
    product = np.float32(np.prod(mu[1:-1]))
    return {"p": p, "step": len(grads), "mu_product": product, "exp_avg": m, "exp_avg_sq": v}


@given(
    betas=st.sampled_from([(0.9, 0.999), (0.5, 0.7), (0.0, 0.99)]),
    eps=st.sampled_from([1e-8, 1e-3]),
    momentum_decay=st.sampled_from([4e-3, 0, 1]),
    decoupled_weight_decay=st.booleans(),
    **COMMON,
)
def test_against_numpy(**options):
    # mu_product is float32, as in PyTorch, whatever the parameters are
    check_steps(NAdam, reference, **options)


def test_parameters_whose_momenta_differ():
    """What one went through while the other paused is in its mu_product."""
    arrays = {key: np.ones(3) for key in "abcd"}
    opt, alone = NAdam(), {key: NAdam() for key in "abcd"}
    expected = {key: np.ones(3) for key in "abcd"}
    for step, (keys, beta1) in enumerate([("ac", 0.9), ("abd", 0.5), ("abcd", 0.9)]):
        grads = {key: np.full(3, step + 1.0) for key in keys}
        opt.param_groups[0]["betas"] = (beta1, 0.999)
        opt.update({key: arrays[key] for key in keys}, grads)
        for key in keys:
            alone[key].param_groups[0]["betas"] = (beta1, 0.999)
            alone[key].update({key: expected[key]}, {key: grads[key]})
    for key in "abcd":
        np.testing.assert_array_equal(arrays[key], expected[key])
        assert opt.state[key]["mu_product"].item() == alone[key].state[key]["mu_product"].item()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -1}, "Invalid learning rate: -1"),
        ({"betas": (1.0, 0.9)}, r"Invalid beta parameter at index 0: 1\.0"),
        ({"eps": -1}, "Invalid epsilon value: -1"),
        ({"weight_decay": -1}, "Invalid weight_decay value: -1"),
        ({"momentum_decay": -1}, "Invalid momentum_decay value: -1"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        NAdam(**options)
