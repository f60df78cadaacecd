"""SGD against NumPy over its options and steps, and its three forms of momentum."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.optim import SGD
from minigrad.testing import assert_close


def reference(p, grads, lr, momentum, dampening, weight_decay, nesterov, maximize, form="pytorch"):
    """SGD as its definition reads; returns the last p and buffer."""
    buf = None
    for g in grads:
        g = (-g if maximize else g) + weight_decay * p
        if not momentum:
            p = p - lr * g
        elif form == "pytorch":
            buf = g if buf is None else momentum * buf + (1 - dampening) * g
            p = p - lr * (g + momentum * buf if nesterov else buf)
        elif form == "ema":
            buf = momentum * (0 if buf is None else buf) + (1 - momentum) * g
            p = p - lr * buf
        else:
            buf = momentum * (0 if buf is None else buf) - lr * g
            p = p + buf
    return p, buf


@given(
    lr=st.floats(0, 1),
    momentum=st.sampled_from([0, 0.5, 0.9]),
    dampening=st.sampled_from([0, 0.3]),
    weight_decay=st.sampled_from([0, 0.1]),
    nesterov=st.booleans(),
    maximize=st.booleans(),
    form=st.sampled_from(["pytorch", "ema", "velocity"]),
    dtype=st.sampled_from([np.float32, np.float64]),
    steps=st.integers(1, 6),
    shape=st.sampled_from([(), (0,), (1,), (3, 5), (70,)]),
    seed=st.integers(0, 1000),
)
def test_against_numpy(
    lr, momentum, dampening, weight_decay, nesterov, maximize, form, dtype, steps, shape, seed
):
    if form != "pytorch":
        dampening, nesterov = 0, False
    nesterov = nesterov and momentum > 0 and dampening == 0
    options = (lr, momentum, dampening, weight_decay, nesterov)
    rng = np.random.default_rng(seed)
    start, *grads = rng.normal(size=(steps + 1, *shape)).astype(dtype)
    p = nn.Parameter(tensor(np.array(start)))
    opt = SGD([p], *options, maximize=maximize, momentum_form=form)
    for g in grads:
        p.grad = tensor(np.asarray(g))
        opt.step()
    wide = [np.asarray(v, np.float64) for v in (start, *grads)]
    expected, buffer = reference(wide[0], wide[1:], *options, maximize, form)
    tolerance = {"rtol": 1e-5, "atol": 1e-5, "check_dtype": False}
    assert p.dtype == dtype
    assert_close(p.detach(), np.asarray(expected), **tolerance)
    if momentum:
        assert_close(opt.state[p]["momentum_buffer"], np.asarray(buffer), **tolerance)
    else:
        assert not opt.state


def test_momentum_forms_on_a_parabola():
    """x^2 from 10, lr 0.1, momentum 0.9, 20 steps."""
    last = {}
    for form in ("pytorch", "ema", "velocity"):
        params, opt = {"x": np.array(10.0)}, SGD(lr=0.1, momentum=0.9, momentum_form=form)
        path = []
        for _ in range(20):
            opt.update(params, {"x": 2 * params["x"]})
            path.append(params["x"].item())
        if form == "ema":
            assert path[:3] == pytest.approx([9.8, 9.424, 8.89712])
        last[form] = path[-1]
    assert last["ema"] == pytest.approx(-2.70671, abs=1e-5)
    assert last["pytorch"] == pytest.approx(-3.49253, abs=1e-5)
    assert last["velocity"] == pytest.approx(last["pytorch"])


def test_velocity_differs_when_the_rate_changes():
    ends = []
    for form in ("pytorch", "velocity"):
        params, opt = {"x": np.array(10.0)}, SGD(lr=0.1, momentum=0.9, momentum_form=form)
        for lr in (0.1, 0.01):
            opt.param_groups[0]["lr"] = lr
            opt.update(params, {"x": np.array(1.0)})
        ends.append(params["x"].item())
    assert ends == pytest.approx([10 - 0.1 - 0.01 * 1.9, 10 - 0.1 - 0.09 - 0.01])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -1}, "Invalid learning rate: -1"),
        ({"lr": float("nan")}, "Invalid learning rate: nan"),
        ({"momentum": -1}, "Invalid momentum value: -1"),
        ({"weight_decay": -1}, "Invalid weight_decay value: -1"),
        ({"nesterov": True}, "Nesterov momentum requires a momentum and zero dampening"),
        ({"momentum_form": "keras"}, "Invalid momentum_form: 'keras'"),
        ({"momentum": 0.9, "dampening": 0.1, "momentum_form": "ema"}, "for PyTorch's momentum"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        SGD(**options)
    with pytest.raises(ValueError, match=message):
        SGD([{"params": [nn.Parameter(tensor([1.0]))], **options}])
