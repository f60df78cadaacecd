"""Recurrent networks over sequences: RNN, LSTM, GRU."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops.creation import zeros
from ..ops.dropout import check_probability, dropout
from ..ops.gathering import index_select
from ..ops.joining import cat, stack
from ..ops.shape import transpose
from ..tensor import Tensor
from .recurrent import GRUKind, LSTMKind, PlainKind, Recurrent, Weights
from .utils.rnn import PackedSequence


class RNNBase(Recurrent):
    """A stack of recurrent layers over sequences.

    x (steps, batch, input_size), or with batch_first (batch, steps, input_size), or without a batch
    (steps, input_size) -> states of the last layer of the same shape but for the last dimension,
    directions * hidden_size, and the last states (directions * num_layers, batch, hidden_size).
    Of a PackedSequence x, the states are one, too, and the last ones are those of each sequence.
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
        sizes = {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}
        for name, size in sizes.items():
            if not isinstance(size, int):
                raise TypeError(f"{name} should be of type int, got: {type(size).__name__}")
            if size <= 0:
                raise ValueError(f"{name} must be greater than zero")
        for name, flag in {"bias": bias, "batch_first": batch_first}.items():
            if not isinstance(flag, bool):
                raise TypeError(f"{name} should be of type bool, got: {type(flag).__name__}")
        check_probability(dropout)
        if proj_size < 0:
            raise ValueError(
                "proj_size should be a positive integer or zero to disable projections"
            )
        if proj_size >= hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")
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
        if proj_size:
            self.proj_size = proj_size
        directions = 2 if bidirectional else 1
        for layer in range(num_layers):
            size = directions * self._state_sizes[0] if layer else input_size
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

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, hx)
        self._check_input(input)
        batched = input.ndim == 3
        x = input if batched else input.unsqueeze(1)
        if batched and self.batch_first:
            x = transpose(x, 0, 1)
        if not x.shape[0]:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        states = self._initial_states(x.shape[1], x.dtype, hx, batched)
        x, final = self._layers(x, states, self._run)
        if not batched:
            return x.squeeze(1), self._as_given([state.squeeze(1) for state in final])
        if self.batch_first:
            x = transpose(x, 0, 1)
        return x, self._as_given(final)

    def _forward_packed(self, input: PackedSequence, hx: Any) -> tuple[PackedSequence, Any]:
        data, batch_sizes, order, back = input
        self._check_input(data)
        sizes = batch_sizes.array
        states = self._initial_states(int(sizes[0]), data.dtype, hx, True)
        if order is not None and hx is not None:
            states = [index_select(state, 1, order) for state in states]
        # Runs of steps in which as many sequences go on: the first row, steps, sequences.
        starts = np.flatnonzero(np.diff(sizes, prepend=0))
        steps = np.diff(starts, append=len(sizes))
        rows = np.cumsum(sizes) - sizes
        runs = [(int(rows[t]), int(n), int(sizes[t])) for t, n in zip(starts, steps, strict=True)]

        def run(x: Any, weights: Weights, first: list[Tensor], reverse: bool) -> Any:
            return self._run_packed(runs, x, weights, first, reverse)

        data, final = self._layers(data, states, run)
        if back is not None:
            final = [index_select(state, 1, back) for state in final]
        return PackedSequence(data, batch_sizes, order, back), self._as_given(final)

    def _layers(self, x: Any, states: list[Any], run: Callable[..., Any]) -> tuple[Any, list[Any]]:
        """Return the states of the last layer, and the last ones of each layer and direction."""
        ends: list[list[Tensor]] = [[] for _ in self.states]
        for layer in range(self.num_layers):
            if layer and self.training and self.dropout:
                x = dropout(x, self.dropout)
            outputs = []
            for reverse, suffix in enumerate(self._suffixes(layer)):
                first = [state[len(ends[0])] for state in states]
                y, *last = run(x, self._weights(suffix), first, bool(reverse))
                outputs.append(y)
                for kept, state in zip(ends, last, strict=True):
                    kept.append(state)
            x = cat(outputs, -1) if self.bidirectional else outputs[0]
        return x, [stack(kept) for kept in ends]

    def _run_packed(
        self,
        runs: list[tuple[int, int, int]],
        data: Any,
        weights: Weights,
        first: list[Tensor],
        reverse: bool,
    ) -> tuple[Tensor, ...]:
        """As `_run`, on packed data: in time, sequences end from run to run; in reverse, they begin."""
        states = [state[: runs[-1][2]] if reverse else state for state in first]
        outputs, ended = [], []
        for start, steps, size in reversed(runs) if reverse else runs:
            going = len(states[0])
            if going > size:
                ended.append([state[size:] for state in states])
                states = [state[:size] for state in states]
            elif going < size:
                states = [cat([s, new[going:size]]) for s, new in zip(states, first, strict=True)]
            x = data[start : start + steps * size].reshape((steps, size, data.shape[1]))
            y, *states = self._run(x, weights, states, reverse)
            outputs.append(y.reshape((steps * size, y.shape[2])))
        last = [cat(parts) for parts in zip(states, *reversed(ended), strict=True)]
        return (cat(outputs[::-1] if reverse else outputs), *last)

    def _check_input(self, input: Any) -> None:
        name = type(self).__name__
        if not isinstance(input, Tensor):
            raise TypeError(
                f"{name}: input must be a Tensor or a PackedSequence, not {type(input).__name__}"
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

    def _initial_states(self, batch: int, dtype: np.dtype, hx: Any, batched: bool) -> list[Any]:
        """Return states (directions * num_layers, batch, hidden): zeros, or the given ones."""
        count = self.num_layers * (2 if self.bidirectional else 1)
        shapes = [(count, batch, size) for size in self._state_sizes]
        if hx is None:
            return [zeros(shape, dtype=dtype) for shape in shapes]
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
        for what, state, shape in zip(self.states, states, shapes, strict=True):
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
    "proj_size": 0,
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

    Shapes and options are those of `RNNBase`; the state is a pair (h, c). With proj_size,
    h_t = W_hr (o tanh c_t) of that size. Sources: Hochreiter and Schmidhuber, "Long short-term
    memory" (1997); Sak, Senior and Beaufays, "Long short-term memory based recurrent neural network
    architectures for large vocabulary speech recognition" (2014).
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
