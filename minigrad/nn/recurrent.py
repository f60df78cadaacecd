"""What recurrent networks and their cells have in common, and what tells the kinds apart."""

from __future__ import annotations

import math
from typing import Any

from ..ops import recurrent
from ..tensor import Tensor
from . import init
from .module import Module
from .parameter import empty_parameter

Weights = tuple[Any, ...]


class Recurrent(Module):
    """What networks and cells have in common: how many `gates` a cell has, its weights, its states.

    `states` names what a cell hands on: its hidden state, and for an LSTM its cell state.
    """

    gates: int = 1
    states: tuple[str, ...] = ("hidden",)
    input_size: int
    hidden_size: int
    proj_size = 0
    bias: bool

    @property
    def _state_sizes(self) -> list[int]:
        return [self.proj_size or self.hidden_size, self.hidden_size][: len(self.states)]

    def _add_weights(self, suffix: str, input_size: int, device: Any, dtype: Any) -> None:
        rows = self.gates * self.hidden_size
        shapes = {"weight_ih": (rows, input_size), "weight_hh": (rows, self._state_sizes[0])}
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        for name, shape in shapes.items():
            self.register_parameter(name + suffix, empty_parameter(shape, device, dtype))

    def _weights(self, suffix: str) -> Weights:
        of = self.__dict__
        biases = (of["bias_ih" + suffix], of["bias_hh" + suffix]) if self.bias else (None, None)
        projection = (of["weight_hr" + suffix],) if self.proj_size else ()
        return (of["weight_ih" + suffix], of["weight_hh" + suffix], *biases, *projection)

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
        return recurrent.lstm(x, *weights[:4], *states, reverse, *weights[4:])

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
