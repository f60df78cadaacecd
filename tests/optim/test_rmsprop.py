"""RMSprop against NumPy over its options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from update_rules import COMMON, check_steps, with_decay

from minigrad.optim import RMSprop


def reference(
    p, grads, lr, alpha, eps, momentum, centered, eps_inside_root, weight_decay, maximize
):
    square, mean, buf = (np.zeros_like(p) for _ in range(3))
    for g in grads:
        g = with_decay(g, p, weight_decay, maximize)
        square = alpha * square + (1 - alpha) * g**2
        mean = alpha * mean + (1 - alpha) * g
        spread = square - mean**2 if centered else square
        move = g / (np.sqrt(spread + eps) if eps_inside_root else np.sqrt(spread) + eps)
        buf = momentum * buf + move
        p = p - lr * (buf if momentum else move)
    state = {"step": len(grads), "square_avg": square}
    state |= {"momentum_buffer": buf} if momentum else {}
    state |= {"grad_avg": mean} if centered else {}
    return {"p": p, **state}


@given(
    alpha=st.sampled_from([0.99, 0.5]),
    eps=st.sampled_from([1e-8, 1e-3]),
    momentum=st.sampled_from([0, 0.9]),
    centered=st.booleans(),
    eps_inside_root=st.booleans(),
    **COMMON,
)
def test_against_numpy(**options):
    check_steps(RMSprop, reference, **options)


@pytest.mark.parametrize("eps_inside_root", [False, True])
def test_on_a_parabola(eps_inside_root):
    """x^2 from 10, lr 0.1, alpha 0.9, 20 steps: eps is too small to matter."""
    params, opt = {"x": np.array(10.0)}, RMSprop(lr=0.1, alpha=0.9, eps_inside_root=eps_inside_root)
    path = []
    for _ in range(20):
        opt.update(params, {"x": 2 * params["x"]})
        path.append(params["x"].item())
    assert path[0] == pytest.approx(9.68377, abs=1e-5)
    assert path[-1] == pytest.approx(7.28163, abs=1e-5)


def test_a_variance_that_rounding_makes_negative():
    """The same gradient again and again: sq - mean^2 goes to 0, in rounded numbers also below it."""
    params, opt = {"x": np.zeros(100)}, RMSprop(alpha=0.5, centered=True, eps=1.0)
    grads = {"x": np.linspace(0.1, 3, 100)}
    for _ in range(100):
        opt.update(params, grads)
        assert np.isfinite(params["x"]).all()
    square, mean = (opt.state["x"][name].array for name in ("square_avg", "grad_avg"))
    assert (square < mean * mean).any()


def test_the_place_of_eps_is_an_option_of_ours():
    assert "eps_inside_root" not in RMSprop().param_groups[0]
    assert RMSprop(eps_inside_root=True).param_groups[0]["eps_inside_root"] is True


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -1}, "Invalid learning rate: -1"),
        ({"eps": -1}, "Invalid epsilon value: -1"),
        ({"momentum": -1}, "Invalid momentum value: -1"),
        ({"weight_decay": -1}, "Invalid weight_decay value: -1"),
        ({"alpha": -1}, "Invalid alpha value: -1"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        RMSprop(**options)
