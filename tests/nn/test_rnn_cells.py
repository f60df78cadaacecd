"""Cells of recurrent networks: that a layer is one of them step by step; what is refused."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close

RNG = np.random.default_rng(0)
CELLS = {nn.RNN: nn.RNNCell, nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell}


def sequence(*shape):
    return tensor(RNG.normal(size=shape).astype(np.float32))


def hidden(state):
    return state[0] if isinstance(state, tuple) else state


@pytest.mark.parametrize(("kind", "cell"), CELLS.items())
def test_a_layer_is_its_cell_step_by_step(kind, cell):
    net, step = kind(4, 5), cell(4, 5)
    step.load_state_dict({k.removesuffix("_l0"): v for k, v in net.state_dict().items()})
    x, state, outputs = sequence(3, 2, 4), None, []
    y, last = net(x)
    for t in range(3):
        state = step(x[t], state)
        outputs.append(hidden(state))
    assert_close([y[t] for t in range(3)], outputs)
    assert last[0].shape == ((1, 2, 5) if kind is nn.LSTM else (2, 5))
    assert_close(hidden(last)[0], outputs[-1])


def test_reprs():
    assert repr(nn.RNNCell(3, 4, False, "relu")) == "RNNCell(3, 4, bias=False, nonlinearity=relu)"
    assert repr(nn.GRUCell(3, 4)) == "GRUCell(3, 4)"


def test_what_does_not_fit():
    for cell in CELLS.values():
        with pytest.raises(RuntimeError, match="inconsistent input_size: got 3 expected 4"):
            cell(4, 5)(sequence(2, 3))
        with pytest.raises(ValueError, match="1D or 2D, got 3D"):
            cell(4, 5)(sequence(1, 2, 4))
    with pytest.raises(RuntimeError, match=r"hidden state has shape \[3, 5\].*batch=2"):
        nn.GRUCell(4, 5)(sequence(2, 4), sequence(3, 5))
    with pytest.raises(RuntimeError, match="Unknown nonlinearity: selu"):
        nn.RNNCell(4, 5, nonlinearity="selu")
