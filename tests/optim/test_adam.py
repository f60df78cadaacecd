"""Adam and AdamW against NumPy over their options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.optim import Adam, AdamW
from minigrad.testing import assert_close


def reference(p, grads, lr, betas, eps, weight_decay, amsgrad, maximize, decoupled):
    """Adam as its definition reads; returns the last p and its moments."""
    m, v, largest = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    for t, g in enumerate(grads, 1):
        g = -g if maximize else g
        if decoupled:
            p = p * (1 - lr * weight_decay)
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g * g
        largest = np.maximum(largest, v)
        root = np.sqrt((largest if amsgrad else v) / (1 - betas[1] ** t))
        p = p - lr * m / (1 - betas[0] ** t) / (root + eps)
    return p, m, v, largest


@given(
    lr=st.floats(0, 0.5),
    betas=st.sampled_from([(0.9, 0.999), (0.5, 0.7), (0.0, 0.99)]),
    eps=st.sampled_from([1e-8, 1e-3]),
    weight_decay=st.sampled_from([0, 0.1]),
    amsgrad=st.booleans(),
    maximize=st.booleans(),
    decoupled=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
    steps=st.integers(1, 6),
    shape=st.sampled_from([(), (0,), (1,), (3, 5), (70,)]),
    seed=st.integers(0, 1000),
)
def test_against_numpy(
    lr, betas, eps, weight_decay, amsgrad, maximize, decoupled, dtype, steps, shape, seed
):
    options = (lr, betas, eps, weight_decay, amsgrad)
    rng = np.random.default_rng(seed)
    start, *grads = rng.normal(size=(steps + 1, *shape)).astype(dtype)
    p = nn.Parameter(tensor(np.array(start)))
    opt = (AdamW if decoupled else Adam)([p], *options, maximize=maximize)
    for g in grads:
        p.grad = tensor(np.asarray(g))
        opt.step()
    wide = [np.asarray(v, np.float64) for v in (start, *grads)]
    expected = reference(wide[0], wide[1:], *options, maximize, decoupled)
    names = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[: 3 if amsgrad else 2]
    assert list(opt.state[p]) == ["step", *names]
    assert opt.state[p]["step"].item() == steps
    assert opt.state[p]["step"].dtype == np.float32
    # In float32, m may cancel down to rounding noise while sqrt(v) does not.
    tolerance = {"rtol": 1e-4, "atol": 1e-5} if dtype is np.float32 else {}
    actual = [p.detach(), *(opt.state[p][name] for name in names)]
    assert p.dtype == dtype
    for a, e in zip(actual, expected, strict=False):
        assert_close(a, np.asarray(e), check_dtype=False, **tolerance)


def test_on_a_parabola():
    """x^2 from 10, lr 0.1, 20 steps."""
    params, opt = {"x": np.array(10.0)}, Adam(lr=0.1)
    path = []
    for _ in range(20):
        opt.update(params, {"x": 2 * params["x"]})
        path.append(params["x"].item())
    assert path[0] == pytest.approx(9.9)
    assert path[-1] == pytest.approx(8.02666, abs=1e-5)


def test_defaults():
    group = AdamW().param_groups[0]
    assert (group["lr"], group["weight_decay"], group["decoupled_weight_decay"]) == (
        1e-3,
        0.01,
        True,
    )
    assert Adam().param_groups[0]["betas"] == (0.9, 0.999)


@pytest.mark.parametrize("kind", [Adam, AdamW])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -1}, "Invalid learning rate: -1"),
        ({"betas": (1.0, 0.9)}, r"Invalid beta parameter at index 0: 1\.0"),
        ({"betas": (0.9, -0.1)}, r"Invalid beta parameter at index 1: -0\.1"),
        ({"eps": -1}, "Invalid epsilon value: -1"),
        ({"weight_decay": -1}, "Invalid weight_decay value: -1"),
        ({"capturable": True}, "capturable=True is not supported"),
    ],
)
def test_options_out_of_range(kind, options, message):
    with pytest.raises((ValueError, RuntimeError), match=message):
        kind(**options)
