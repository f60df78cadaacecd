"""RNN, LSTM, GRU: layers, directions, shapes, state_dict, what is refused."""

import warnings

import numpy as np
import pytest

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.random import manual_seed
from minigrad.testing import assert_close, gradcheck

RNG = np.random.default_rng(0)
KINDS = [nn.RNN, nn.LSTM, nn.GRU]


def sequence(*shape):
    return tensor(RNG.normal(size=shape).astype(np.float32))


def hidden(state):
    return state[0] if isinstance(state, tuple) else state


@pytest.mark.parametrize("kind", KINDS)
def test_layers_and_directions(kind):
    net = kind(4, 5, num_layers=2, bidirectional=True)
    x = sequence(3, 2, 4)
    y, last = net(x)
    assert y.shape == (3, 2, 10) and hidden(last).shape == (4, 2, 5)
    # The second layer's forward direction ends at the last step, its backward one at the first.
    assert_close(hidden(last)[2], y[-1, :, :5])
    assert_close(hidden(last)[3], y[0, :, 5:])
    # Each layer and direction is a network of its own.
    x_layer = x
    for layer in range(2):
        outputs = []
        for suffix, order in (("", 1), ("_reverse", -1)):
            single = kind(x_layer.shape[-1], 5)
            single.load_state_dict(
                {
                    f"{name}_l0": getattr(net, f"{name}_l{layer}{suffix}")
                    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                }
            )
            flipped = tensor(x_layer.detach().array[::order].copy())
            outputs.append(single(flipped)[0].detach().array[::order])
        x_layer = tensor(np.concatenate(outputs, -1))
    assert_close(y.detach(), x_layer, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_batch_first_and_without_a_batch(kind):
    net = kind(4, 5)
    first = kind(4, 5, batch_first=True)
    first.load_state_dict(net.state_dict())
    x = sequence(3, 2, 4)
    y, last = net(x)
    z, last_z = first(x.transpose(0, 1))
    assert_close(z.transpose(0, 1), y)
    assert_close(hidden(last_z), hidden(last))
    alone, last_alone = net(x[:, 1])
    assert_close(alone, y[:, 1], rtol=1e-5)
    assert_close(hidden(last_alone), hidden(last)[:, 1], rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_in_two_parts(kind):
    net, x = kind(4, 5, 2), sequence(4, 2, 4)
    y, last = net(x)
    a, state = net(x[:2])
    b, end = net(x[2:], state)
    assert_close(np.concatenate([a.detach().array, b.detach().array]), y.detach().array, rtol=1e-5)
    assert_close(hidden(end), hidden(last), rtol=1e-5)


def test_names_shapes_and_reprs():
    net = nn.LSTM(4, 5, 2, bias=False, batch_first=True, dropout=0.1, bidirectional=True)
    assert {name: p.shape for name, p in net.named_parameters()} == {
        "weight_ih_l0": (20, 4),
        "weight_hh_l0": (20, 5),
        "weight_ih_l0_reverse": (20, 4),
        "weight_hh_l0_reverse": (20, 5),
        "weight_ih_l1": (20, 10),
        "weight_hh_l1": (20, 5),
        "weight_ih_l1_reverse": (20, 10),
        "weight_hh_l1_reverse": (20, 5),
    }
    assert repr(net) == (
        "LSTM(4, 5, num_layers=2, bias=False, batch_first=True, dropout=0.1, bidirectional=True)"
    )
    assert list(nn.GRU(1, 2).state_dict()) == [
        "weight_ih_l0",
        "weight_hh_l0",
        "bias_ih_l0",
        "bias_hh_l0",
    ]
    assert [len(weights) for weights in net.all_weights] == [2] * 4
    assert repr(nn.RNN(4, 5, 1, "relu")) == "RNN(4, 5)"


def test_projected_states():
    net = nn.LSTM(4, 5, 2, bidirectional=True, proj_size=3).double()
    assert repr(net) == "LSTM(4, 5, proj_size=3, num_layers=2, bidirectional=True)"
    assert net.weight_hh_l1.shape == (20, 3) and net.weight_ih_l1.shape == (20, 6)
    assert list(net.state_dict())[4] == "weight_hr_l0" and net.weight_hr_l0.shape == (3, 5)
    x = sequence(3, 2, 4).double()
    y, (h, c) = net(x)
    assert y.shape == (3, 2, 6) and h.shape == (4, 2, 3) and c.shape == (4, 2, 5)
    # One step by hand: the state is projected, the cell is not.
    step = nn.LSTM(4, 5, proj_size=3).double()
    weights = [p.array for p in step.parameters()]
    i, _, g, o = np.split(x[0].array @ weights[0].T + weights[2] + weights[3], 4, axis=-1)
    cell = np.tanh(g) / (1 + np.exp(-i))
    y, (h, c) = step(x[:1])
    assert_close(c[0], cell)
    assert_close(y[0], (np.tanh(cell) / (1 + np.exp(-o))) @ weights[4].T)
    assert gradcheck(lambda x: step(x)[0], (x.requires_grad_(),))


def test_weights_start_uniform():
    net = nn.GRU(10, 25)
    for parameter in net.parameters():
        assert np.abs(parameter.array).max() <= 0.2
        assert abs(parameter.array.std() - 0.2 / np.sqrt(3)) < 0.02


def test_dropout_between_layers_in_training_only():
    net, x = nn.LSTM(4, 50, 2, dropout=0.5), sequence(3, 2, 4)
    manual_seed(0)
    a, b = net(x)[0], net(x)[0]
    assert (a.array != b.array).any()
    net.eval()
    assert_close(net(x)[0], net(x)[0], rtol=0, atol=0)
    with pytest.warns(UserWarning, match="dropout=0.5 with num_layers=1 does nothing"):
        nn.GRU(4, 5, dropout=0.5)


def test_gradients_reach_every_parameter():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind in KINDS:
            net = kind(4, 5, 2, bidirectional=True, dropout=0.2)
            net(sequence(3, 2, 4))[0].sum().backward()
            assert all(p.grad is not None and p.grad.array.any() for p in net.parameters())


def test_sizes_that_do_not_fit():
    net = nn.LSTM(4, 5)
    zeros = tensor(np.zeros((1, 2, 5), np.float32))
    with pytest.raises(ValueError, match="LSTM: Expected input to be 2D or 3D, got 4D"):
        net(sequence(1, 3, 2, 4))
    with pytest.raises(RuntimeError, match="Expected 4, got 3"):
        net(sequence(3, 2, 3))
    with pytest.raises(RuntimeError, match="larger than 0"):
        net(sequence(0, 2, 4))
    with pytest.raises(TypeError, match=r"pair \(h_0, c_0\)"):
        net(sequence(3, 2, 4), zeros)
    with pytest.raises(RuntimeError, match=r"Expected cell size \(1, 2, 5\).*got \[1, 2, 4\]"):
        net(sequence(3, 2, 4), (zeros, zeros[..., :4]))
    with pytest.raises(RuntimeError, match="batched 3-D input"):
        net(sequence(3, 2, 4), (zeros[0], zeros[0]))
    with pytest.raises(ValueError, match=r"model\.to\(float64\)"):
        net(sequence(3, 2, 4).double())
    with pytest.raises(TypeError, match="must be a Tensor or a PackedSequence, not tuple"):
        net(([1, 2], [3]))


def test_options_that_do_not_fit():
    for options, error, message in [
        ({"num_layers": 0}, ValueError, "num_layers must be greater than zero"),
        ({"dropout": 1.5}, ValueError, "between 0 and 1"),
        ({"bias": 1}, TypeError, "bias should be of type bool, got: int"),
        ({"proj_size": 5}, ValueError, "proj_size has to be smaller than hidden_size"),
        ({"proj_size": -1}, ValueError, "positive integer or zero"),
    ]:
        with pytest.raises(error, match=message):
            nn.LSTM(4, 5, **options)
    with pytest.raises(ValueError, match="only supported for LSTM"):
        nn.GRU(4, 5, proj_size=2)
    with pytest.raises(ValueError, match="Unknown nonlinearity 'selu'"):
        nn.RNN(4, 5, nonlinearity="selu")


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_an_empty_batch(kind):
    net, x = (
        kind(3, 4, bidirectional=True),
        tensor(np.zeros((5, 0, 3), np.float32), requires_grad=True),
    )
    output, _ = net(x)
    assert output.shape == (5, 0, 8)
    output.sum().backward()
    assert x.grad.shape == x.shape
    assert not any(p.grad.array.any() for p in net.parameters())
