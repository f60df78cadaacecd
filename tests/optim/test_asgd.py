"""ASGD against NumPy over its options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from update_rules import COMMON, check_steps, with_decay

from minigrad.optim import ASGD


def reference(p, grads, lr, lambd, alpha, t0, weight_decay, maximize):
    eta, mu, mean = lr, 1.0, np.zeros_like(p)
    for t, g in enumerate(grads, 1):
        g = with_decay(g, p, weight_decay, maximize)
        p = p * (1 - lambd * eta) - eta * g
        mean = p.copy() if mu == 1 else mean + mu * (p - mean)
        eta = lr / (1 + lambd * lr * t) ** alpha
        mu = 1 / max(1, t - t0)
    return {"p": p, "step": len(grads), "eta": eta, "mu": mu, "ax": mean}


@given(
    lambd=st.sampled_from([1e-4, 0.5]),
    alpha=st.sampled_from([0.75, 0.5]),
    t0=st.sampled_from([1e6, 2]),
    **{**COMMON, "dtype": st.just(np.float32)},  # eta and mu are float32 in any case
)
def test_against_numpy(**options):
    check_steps(ASGD, reference, **options)


def test_the_mean_is_that_of_the_last_steps():
    params, opt, path = {"x": np.array(0.0)}, ASGD(lr=1, lambd=0, t0=3), []
    for _ in range(8):
        opt.update(params, {"x": np.array(-1.0)})
        path.append(params["x"].item())
    assert path == [1, 2, 3, 4, 5, 6, 7, 8]
    assert opt.state["x"]["ax"].item() == pytest.approx(np.mean(path[4:]))


def test_options_out_of_range():
    with pytest.raises(ValueError, match="Invalid weight_decay value: -1"):
        ASGD(weight_decay=-1)
