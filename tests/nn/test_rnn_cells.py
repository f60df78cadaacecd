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


def test_cells_of_ones_own():
    class Minimal(nn.RNNCellBase):
        def __init__(self, input_size, hidden_size):
            super().__init__(input_size, hidden_size, bias=True, num_chunks=1)

        def forward(self, x, h):
            gate = (x @ self.weight_ih.T + self.bias_ih).sigmoid()
            return gate * h

    cell = Minimal(3, 4)
    assert repr(cell) == "Minimal(3, 4)"
    assert {k: tuple(v.shape) for k, v in cell.state_dict().items()} == {
        **{"weight_ih": (4, 3), "weight_hh": (4, 4), "bias_ih": (4,), "bias_hh": (4,)}
    }
    assert cell(sequence(2, 3), sequence(2, 4)).shape == (2, 4)
    assert isinstance(nn.LSTMCell(3, 4), nn.RNNCellBase)
    assert nn.RNNCellBase(3, 4, False, 2).weight_ih.shape == (8, 3)
