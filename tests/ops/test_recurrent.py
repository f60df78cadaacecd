"""Recurrent layers: against NumPy step by step, gradients, second gradients."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.autograd import engine
from minigrad.ops import recurrent
from minigrad.testing import assert_close, check_op

COVERED = ["gru", "lstm", "rnn"]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step_rnn(a, b, h):
    return (np.tanh(a + b),)


def step_relu(a, b, h):
    return (np.maximum(a + b, 0),)


def step_lstm(a, b, h, c):
    i, f, g, o = np.split(a + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def step_gru(a, b, h):
    (ar, az, an), (br, bz, bn) = np.split(a, 3, axis=-1), np.split(b, 3, axis=-1)
    z = sigmoid(az + bz)
    return ((1 - z) * np.tanh(an + sigmoid(ar + br) * bn) + z * h,)


def by_steps(step, x, w_ih, w_hh, b_ih, b_hh, *states, reverse=False):
    h = np.empty((*x.shape[:2], states[0].shape[1]))
    for t in range(len(x))[:: -1 if reverse else 1]:
        a = x[t] @ w_ih.T + (0 if b_ih is None else b_ih)
        b = states[0] @ w_hh.T + (0 if b_hh is None else b_hh)
        states = step(a, b, *states)
        h[t] = states[0]
    return h, *states


# name, options, gates, states, one step in NumPy
KINDS = [
    ("rnn", {}, 1, 1, step_rnn),
    ("rnn", {"nonlinearity": "relu"}, 1, 1, step_relu),
    ("lstm", {}, 4, 2, step_lstm),
    ("gru", {}, 3, 1, step_gru),
]


def operands(gates, states, steps=3, batch=2, features=2, hidden=2):
    rng = np.random.default_rng(0)
    rows = gates * hidden
    shapes = [(steps, batch, features), (rows, features), (rows, hidden), (rows,), (rows,)]
    return [rng.normal(size=shape) for shape in shapes + [(batch, hidden)] * states]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("name", "options", "gates", "states", "step"), KINDS)
def test_layer(name, options, gates, states, step, reverse):
    check_op(
        lambda *inputs: getattr(recurrent, name)(*inputs, **options, reverse=reverse),
        *operands(gates, states),
        reference=lambda *inputs: by_steps(step, *inputs, reverse=reverse),
    )


@pytest.mark.parametrize(("name", "options", "gates", "states", "step"), KINDS)
def test_without_biases_and_of_one_step(name, options, gates, states, step):
    x, w_ih, w_hh, _, _, *first = operands(gates, states, steps=1)

    def layer(function):
        return lambda x, w_ih, w_hh, *first: function(x, w_ih, w_hh, None, None, *first)

    function = getattr(recurrent, name)
    check_op(
        layer(lambda *inputs: function(*inputs, **options)),
        *(x, w_ih, w_hh, *first),
        reference=layer(lambda *inputs: by_steps(step, *inputs)),
    )


@pytest.mark.parametrize(("name", "options", "gates", "states", "step"), KINDS)
def test_each_result_alone_has_a_gradient(name, options, gates, states, step):
    arrays = operands(gates, states)
    for k in range(states + 1):
        grads = []
        for recorded in (False, True):
            tensors = [mg.tensor(a, requires_grad=True) for a in arrays]
            result = getattr(recurrent, name)(*tensors, **options)[k]
            found = engine.grad(
                (result * result).sum(), tensors, create_graph=recorded, materialize_grads=True
            )
            grads.append([g.detach().array for g in found])
        assert_close(grads[0], grads[1])


def test_a_state_that_depends_on_the_input_counts_once():
    def layer(x, *weights):
        return recurrent.rnn(x, *weights, x[0] * 2.0)[0]

    check_op(layer, *operands(1, 1)[:-1])


def test_operands_that_do_not_fit():
    x, *rest = map(mg.tensor, operands(1, 1))
    with pytest.raises(RuntimeError, match=r"RNN.*same dtype, got float32 and float64"):
        recurrent.rnn(x.float(), *rest)
    with pytest.raises(RuntimeError, match=r"features=1.*takes features=2"):
        recurrent.rnn(x[..., :1], *rest)
    with pytest.raises(ValueError, match=r"rnn: .*do not have shapes \[\(1, 2\)"):
        recurrent.rnn(x, *rest[:-1], rest[-1][:1])


def test_a_state_that_was_changed_is_refused():
    tensors = [mg.tensor(a, requires_grad=True) for a in operands(3, 1)]
    h, _ = recurrent.gru(*tensors)
    h.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        h.sum().backward()
