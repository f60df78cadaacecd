"""Recurrent networks: RNN, LSTM, GRU, and their cells."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ..autograd.op import wrap
from ..ops import recurrent
from ..ops.dropout import check_probability, dropout
from ..ops.joining import cat, stack
from ..ops.shape import transpose
from ..tensor import Tensor
from . import init
from .module import Module
from .parameter import empty_parameter

Weights = tuple[Any, Any, Any, Any]


class Recurrent(Module):
    """What networks and cells have in common: how many `gates` a cell has, its weights, its states.

    `states` names what a cell hands on: its hidden state, and for an LSTM its cell state.
    """

    gates = 1
    states: tuple[str, ...] = ("hidden",)
    input_size: int
    hidden_size: int
    bias: bool

    def _add_weights(self, suffix: str, input_size: int, device: Any, dtype: Any) -> None:
        rows = self.gates * self.hidden_size
        shapes = {"weight_ih": (rows, input_size), "weight_hh": (rows, self.hidden_size)}
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        for name, shape in shapes.items():
            self.register_parameter(name + suffix, empty_parameter(shape, device, dtype))

    def _weights(self, suffix: str) -> Weights:
        of = self.__dict__
        biases = (of["bias_ih" + suffix], of["bias_hh" + suffix]) if self.bias else (None, None)
        return (of["weight_ih" + suffix], of["weight_hh" + suffix], *biases)

    def reset_parameters(self) -> None:
        """Draw all weights and biases anew, uniformly from +-1/sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _run(
        self, x: Tensor, weights: Weights, states: list[Tensor], reverse: bool
    ) -> tuple[Tensor, ...]:
        """Return the states of all steps, and the last of each of `states`."""
        raise NotImplementedError

    def _states(self, given: Any) -> list[Any]:
        return [given]

    def _as_given(self, states: list[Tensor]) -> Any:
        return states[0]


class PlainKind(Recurrent):
    nonlinearity: str

    def _run(self, x: Any, weights: Weights, states: list[Tensor], reverse: bool) -> Any:
        return recurrent.rnn(x, *weights, *states, self.nonlinearity, reverse)


class LSTMKind(Recurrent):
    gates = 4
    states = ("hidden", "cell")

    def _run(self, x: Any, weights: Weights, states: list[Tensor], reverse: bool) -> Any:
        return recurrent.lstm(x, *weights, *states, reverse)

    def _states(self, given: Any) -> list[Any]:
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise TypeError(
                f"{type(self).__name__}: the initial state is a pair (h_0, c_0) of Tensors, not "
                f"{type(given).__name__}"
            )
        return list(given)

    def _as_given(self, states: list[Tensor]) -> Any:
        return tuple(states)


class GRUKind(Recurrent):
    gates = 3

    def _run(self, x: Any, weights: Weights, states: list[Tensor], reverse: bool) -> Any:
        return recurrent.gru(x, *weights, *states, reverse)


class RNNBase(Recurrent):
    """A stack of recurrent layers over sequences.

    x (steps, batch, input_size), or with batch_first (batch, steps, input_size), or without a batch
    (steps, input_size) -> states of the last layer of the same shape but for the last dimension,
    directions * hidden_size, and the last states (directions * num_layers, batch, hidden_size).
    Weights and biases start uniform in +-1/sqrt(hidden_size).
    ValueError and RuntimeError for sizes that do not fit.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        for name in ("input_size", "hidden_size", "num_layers"):
            size = locals()[name]
            if not isinstance(size, int):
                raise TypeError(f"{name} should be of type int, got: {type(size).__name__}")
            if size <= 0:
                raise ValueError(f"{name} must be greater than zero")
        for name in ("bias", "batch_first"):
            if not isinstance(locals()[name], bool):
                raise TypeError(
                    f"{name} should be of type bool, got: {type(locals()[name]).__name__}"
                )
        check_probability(dropout)
        if proj_size:
            raise NotImplementedError(f"{type(self).__name__}: proj_size is not implemented")
        if dropout and num_layers == 1:
            warnings.warn(
                f"dropout is applied after all but the last recurrent layer, so dropout={dropout} "
                f"with num_layers=1 does nothing",
                stacklevel=3,
            )
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        directions = 2 if bidirectional else 1
        for layer in range(num_layers):
            size = directions * hidden_size if layer else input_size
            for suffix in self._suffixes(layer):
                self._add_weights(suffix, size, device, dtype)
        self.reset_parameters()

    def _suffixes(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"][: 2 if self.bidirectional else 1]

    @property
    def all_weights(self) -> list[list[Tensor]]:
        """The parameters of each layer and direction."""
        layers = [suffix for i in range(self.num_layers) for suffix in self._suffixes(i)]
        return [[w for w in self._weights(suffix) if w is not None] for suffix in layers]

    def flatten_parameters(self) -> None:
        """Do nothing: the weights need not lie side by side in memory."""

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        self._check_input(input)
        batched = input.ndim == 3
        x = input if batched else input.unsqueeze(1)
        if batched and self.batch_first:
            x = transpose(x, 0, 1)
        if not x.shape[0]:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        states = self._initial_states(x, hx, batched)
        ends: list[list[Tensor]] = [[] for _ in self.states]
        for layer in range(self.num_layers):
            if layer and self.training and self.dropout:
                x = dropout(x, self.dropout)
            outputs = []
            for reverse, suffix in enumerate(self._suffixes(layer)):
                first = [state[len(ends[0])] for state in states]
                y, *last = self._run(x, self._weights(suffix), first, bool(reverse))
                outputs.append(y)
                for kept, state in zip(ends, last, strict=True):
                    kept.append(state)
            x = cat(outputs, -1) if self.bidirectional else outputs[0]
        final = [stack(kept) for kept in ends]
        if not batched:
            return x.squeeze(1), self._as_given([state.squeeze(1) for state in final])
        if self.batch_first:
            x = transpose(x, 0, 1)
        return x, self._as_given(final)

    def _check_input(self, input: Any) -> None:
        name = type(self).__name__
        if not isinstance(input, Tensor):
            raise NotImplementedError(
                f"{name}: input must be a Tensor, not {type(input).__name__}; packed sequences are "
                f"not implemented: pad them, and mask what comes after their ends"
            )
        if input.ndim not in (2, 3):
            raise ValueError(f"{name}: Expected input to be 2D or 3D, got {input.ndim}D instead")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"{name}: input.size(-1) must be equal to input_size. Expected {self.input_size}, "
                f"got {input.shape[-1]}, of an input of shape {list(input.shape)}"
            )
        dtype = self._parameters["weight_ih_l0"].dtype
        if input.dtype != dtype:
            raise ValueError(
                f"{name}: input dtype ({input.dtype}) does not match weight dtype ({dtype}). "
                f"Convert input: input.to({dtype}), or convert model: model.to({input.dtype})"
            )

    def _initial_states(self, x: Tensor, hx: Any, batched: bool) -> list[Any]:
        """Return states (directions * num_layers, batch, hidden): zeros, or the given ones."""
        count = self.num_layers * (2 if self.bidirectional else 1)
        shape = (count, x.shape[1], self.hidden_size)
        if hx is None:
            return [wrap(np.zeros(shape, x.dtype))] * len(self.states)
        states = self._states(hx)
        ndim = 3 if batched else 2
        if any(state.ndim != ndim for state in states):
            kind = "batched 3-D" if batched else "unbatched 2-D"
            given = ", ".join(f"{state.ndim}-D" for state in states)
            raise RuntimeError(
                f"{type(self).__name__}: For {kind} input, the initial state should also be "
                f"{ndim}-D but got {given}"
            )
        states = [state if batched else state.unsqueeze(1) for state in states]
        for what, state in zip(self.states, states, strict=True):
            if tuple(state.shape) != shape:
                raise RuntimeError(
                    f"{type(self).__name__}: Expected {what} size {shape} (layers * directions, "
                    f"batch, hidden_size), got {list(state.shape)}"
                )
        return states

    def extra_repr(self) -> str:
        shown = f"{self.input_size}, {self.hidden_size}"
        for name, default in _DEFAULTS.items():
            if getattr(self, name) != default:
                shown += f", {name}={getattr(self, name)}"
        return shown


_DEFAULTS = {
    "num_layers": 1,
    "bias": True,
    "batch_first": False,
    "dropout": 0.0,
    "bidirectional": False,
}


class RNN(PlainKind, RNNBase):
    """h_t = f(x_t W_ih^T + b_ih + h_(t-1) W_hh^T + b_hh), f = tanh or relu (`nonlinearity`).

    Shapes and options are those of `RNNBase`. Source: Elman, "Finding structure in time" (1990).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity {nonlinearity!r}. Select from 'tanh' or 'relu'."
            )
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device=device, dtype=dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity


class LSTM(LSTMKind, RNNBase):
    """c_t = f c_(t-1) + i g, h_t = o tanh c_t, with gates i, f, o and g = tanh(...).

    Shapes and options are those of `RNNBase`; the state is a pair (h, c). proj_size is not
    implemented. Source: Hochreiter and Schmidhuber, "Long short-term memory" (1997).
    """


class GRU(GRUKind, RNNBase):
    """h_t = (1 - z) n + z h_(t-1), n = tanh(W_in x + b_in + r (W_hn h + b_hn)), with gates r, z.

    Shapes and options are those of `RNNBase`. Source: Cho et al., "Learning phrase representations
    using RNN encoder-decoder" (2014).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("proj_size") or len(args) > 7:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__(*args, **kwargs)


class Cell(Recurrent):
    """One step: x (batch, input_size) or (input_size), with states (batch, hidden_size).

    Weights and biases start uniform in +-1/sqrt(hidden_size).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        self._add_weights("", input_size, device, dtype)
        if not bias:
            self.register_parameter("bias_ih", None)
            self.register_parameter("bias_hh", None)
        self.reset_parameters()

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
            zeros = wrap(np.zeros((x.shape[0], self.hidden_size), x.dtype))
            states = [zeros] * len(self.states)
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

    def extra_repr(self) -> str:
        shown = f"{self.input_size}, {self.hidden_size}"
        return shown if self.bias else f"{shown}, bias={self.bias}"


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
