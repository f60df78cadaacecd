"""One step of a recurrent network: RNNCell, LSTMCell, GRUCell."""

from __future__ import annotations

from typing import Any

from ..ops.creation import zeros
from ..tensor import Tensor
from .recurrent import GRUKind, LSTMKind, PlainKind, Recurrent


class RNNCellBase(Recurrent):
    """The weights and biases of a cell of `num_chunks` gates, uniform in +-1/sqrt(hidden_size): a subclass says what
    it does with them."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.gates = num_chunks
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        self._add_weights("", input_size, device, dtype)
        if not bias:
            self.register_parameter("bias_ih", None)
            self.register_parameter("bias_hh", None)
        self.reset_parameters()

    def extra_repr(self) -> str:
        shown = f"{self.input_size}, {self.hidden_size}"
        return shown if self.bias else f"{shown}, bias={self.bias}"


class Cell(RNNCellBase):
    """One step: x (batch, input_size) or (input_size), with states (batch, hidden_size)."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, self.gates, device, dtype)

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        name = type(self).__name__
        if input.ndim not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        x = input if input.ndim == 2 else input.unsqueeze(0)
        if x.shape[1] != self.input_size:
            raise RuntimeError(
                f"{name}: input has inconsistent input_size: got {x.shape[1]} expected "
                f"{self.input_size}"
            )
        if hx is None:
            states = [zeros(x.shape[0], self.hidden_size, dtype=x.dtype)] * len(self.states)
        else:
            states = self._states(hx)
            for state in states:
                if state.ndim not in (1, 2):
                    raise ValueError(
                        f"{name}: Expected hidden to be 1D or 2D, got {state.ndim}D instead"
                    )
            states = [state if input.ndim == 2 else state.unsqueeze(0) for state in states]
            for what, state in zip(self.states, states, strict=True):
                if tuple(state.shape) != (x.shape[0], self.hidden_size):
                    raise RuntimeError(
                        f"{name}: the {what} state has shape {list(state.shape)}, expected "
                        f"(batch={x.shape[0]}, hidden_size={self.hidden_size})"
                    )
        _, *last = self._run(x.unsqueeze(0), self._weights(""), states, False)
        return self._as_given(last if input.ndim == 2 else [state.squeeze(0) for state in last])


class RNNCell(PlainKind, Cell):
    """h' = f(x W_ih^T + b_ih + h W_hh^T + b_hh), f = tanh or relu (`nonlinearity`)."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {nonlinearity}")
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def extra_repr(self) -> str:
        shown = super().extra_repr()
        return shown if self.nonlinearity == "tanh" else f"{shown}, nonlinearity=relu"


class LSTMCell(LSTMKind, Cell):
    """One step of an LSTM: x, (h, c) -> (h', c')."""


class GRUCell(GRUKind, Cell):
    """One step of a GRU: x, h -> h'."""
