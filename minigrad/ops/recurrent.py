"""Recurrent layers: one operation for all steps of a layer in one direction.

x (steps, batch, features), states (batch, hidden), w_ih (gates hidden, features), w_hh (gates hidden,
hidden), biases (gates hidden) or None. Each gives the states of all steps, (steps, batch, hidden), and
the last one, (batch, hidden); in `reverse`, the last step comes first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..autograd import engine
from ..autograd.op import Op
from ..tensor import Tensor
from .activation import relu, sigmoid
from .arithmetic import add, mul, sub
from .joining import chunk, stack
from .products import as_rows, check_dtypes, check_linear, linear
from .trigonometry import tanh

__all__ = ["gru", "lstm", "rnn"]


class Alias(Op):
    """x itself, as a new node: its gradient can be asked for apart from other uses of x."""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        return x

    def backward(self, grad: Any) -> Any:
        return grad


class Recurrent(Op):
    """What the three have in common: inputs x, w_ih, w_hh, b_ih, b_hh and the first state(s).

    The kernels do all steps at once. A backward that is to be recorded goes through `composed`, the
    same in operations, step by step.
    """

    __slots__ = ("reverse",)

    def __init__(self, reverse: bool = False) -> None:
        self.reverse = reverse

    def add_inputs(self, bias: np.ndarray | None) -> np.ndarray:
        """Return x W_ih^T + bias: (steps, batch, gates hidden)."""
        x, w_ih = self.inputs[:2]
        check_dtypes(type(self).__name__, *self.inputs)
        check_linear(x, w_ih, bias)
        return kernels.matmul(as_rows(x), w_ih.T, bias).reshape(*x.shape[:2], len(w_ih))

    def results(self, h: np.ndarray, *others: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return h, and copies of the last of the states h and `others`."""
        self.output = h
        last = 0 if self.reverse else -1
        return (h, *(states[last].copy() for states in (h, *others)))

    def backward(self, *grads: Any) -> tuple[Any, ...]:
        if any(isinstance(grad, Tensor) for grad in grads):
            return self.recorded(*grads)
        h = self.output
        dh, *others = grads
        if dh is None:
            dh = np.zeros(h.shape, h.dtype)
        return self.by_kernel(dh, *others)

    def recorded(self, *grads: Any) -> tuple[Any, ...]:
        inputs = [None if x is None else Alias()(x) for x in self.inputs]
        wanted = [x for x in inputs if x is not None and x.requires_grad]
        pairs = [
            (y, grad)
            for y, grad in zip(self.composed(*inputs), grads, strict=True)
            if grad is not None
        ]
        outputs, given = zip(*pairs, strict=True)
        found = iter(engine.grad(outputs, wanted, given, create_graph=True, materialize_grads=True))
        return tuple(None if x is None or not x.requires_grad else next(found) for x in inputs)

    def by_kernel(self, dh: np.ndarray, *others: np.ndarray | None) -> tuple[Any, ...]:
        raise NotImplementedError

    def composed(self, *inputs: Any) -> tuple[Any, ...]:
        raise NotImplementedError

    def parameter_grads(self, da: np.ndarray, db: np.ndarray | None = None) -> tuple[Any, ...]:
        """Return the gradients of x, w_ih, w_hh, b_ih and b_hh from that of what the gates add up.

        db is that of the state's share, if it is another one.
        """
        x, w_ih, _, b_ih, b_hh, h0 = self.inputs[:6]
        db = da if db is None else db
        h, rows = self.output, as_rows(da)
        first, later = (-1, slice(None, -1)) if self.reverse else (0, slice(1, None))
        earlier = slice(1, None) if self.reverse else slice(None, -1)
        dw_hh = kernels.matmul(db[first].T, h0)
        if len(h) > 1:
            kernels.accumulate(dw_hh, kernels.matmul(as_rows(db[later]).T, as_rows(h[earlier])))
        return (
            kernels.matmul(rows, w_ih).reshape(x.shape) if self.edges[0] else None,
            kernels.matmul(rows.T, as_rows(x)),
            dw_hh,
            None if b_ih is None else np.add.reduce(rows),
            None if b_hh is None else np.add.reduce(as_rows(db)),
        )

    def in_time(self, steps: int) -> range:
        return range(steps)[:: -1 if self.reverse else 1]


def in_order(states: dict[int, Any]) -> Any:
    """Return states by step as one Tensor (steps, ...)."""
    return stack([states[t] for t in range(len(states))])


def bias_of(b_ih: Any, b_hh: Any) -> Any:
    return None if b_ih is None else add(b_ih, b_hh)


class RNN(Recurrent):
    """h_t = f(x_t W_ih^T + b_ih + h_(t-1) W_hh^T + b_hh), f = tanh or relu"""

    __slots__ = ("nonlinearity",)

    def __init__(self, nonlinearity: str = "tanh", reverse: bool = False) -> None:
        super().__init__(reverse)
        self.nonlinearity = nonlinearity

    def forward(self, *inputs: Any) -> tuple[np.ndarray, ...]:
        self.inputs = inputs
        _, _, w_hh, b_ih, b_hh, h0 = inputs
        a = self.add_inputs(bias_of(b_ih, b_hh))
        return self.results(kernels.rnn(a, h0, w_hh, self.nonlinearity == "relu", self.reverse))

    def by_kernel(self, dh: np.ndarray, *others: np.ndarray | None) -> tuple[Any, ...]:
        relu = self.nonlinearity == "relu"
        da, dh0 = kernels.rnn_backward(
            dh, others[0], self.output, self.inputs[2], relu, self.reverse
        )
        return (*self.parameter_grads(da), dh0)

    def composed(self, *inputs: Any) -> tuple[Any, ...]:
        x, w_ih, w_hh, b_ih, b_hh, h = inputs
        a = linear(x, w_ih, bias_of(b_ih, b_hh))
        f, states = relu if self.nonlinearity == "relu" else tanh, {}
        for t in self.in_time(len(x)):
            states[t] = h = f(add(a[t], linear(h, w_hh)))
        return in_order(states), h


class LSTM(Recurrent):
    """c_t = f c_(t-1) + i g, h_t = o tanh c_t: i, f, o sigmoids, g a tanh.

    They are of the parts, in the order i f g o, of x_t W_ih^T + b_ih + h_(t-1) W_hh^T + b_hh.
    """

    __slots__ = ()

    def forward(self, *inputs: Any) -> tuple[np.ndarray, ...]:
        self.inputs = inputs
        _, _, w_hh, b_ih, b_hh, h0, c0 = inputs
        a = self.add_inputs(bias_of(b_ih, b_hh))
        h, c, gates = kernels.lstm(a, h0, c0, w_hh, self.reverse)
        self.saved = (gates, c)
        return self.results(h, c)

    def by_kernel(self, dh: np.ndarray, *others: np.ndarray | None) -> tuple[Any, ...]:
        w_hh, c0 = self.inputs[2], self.inputs[6]
        da, dh0, dc0 = kernels.lstm_backward(dh, *others, *self.saved, c0, w_hh, self.reverse)
        return (*self.parameter_grads(da), dh0, dc0)

    def composed(self, *inputs: Any) -> tuple[Any, ...]:
        x, w_ih, w_hh, b_ih, b_hh, h, c, *projection = inputs
        a = linear(x, w_ih, bias_of(b_ih, b_hh))
        states = {}
        for t in self.in_time(len(x)):
            i, f, g, o = chunk(add(a[t], linear(h, w_hh)), 4, -1)
            c = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
            h = mul(sigmoid(o), tanh(c))
            states[t] = h = linear(h, *projection) if projection else h
        return in_order(states), h, c


class GRU(Recurrent):
    """h_t = (1 - z) n + z h_(t-1): r and z sigmoids, n = tanh(a_n + r b_n).

    They are of the parts, in the order r z n, of a = x_t W_ih^T + b_ih and b = h_(t-1) W_hh^T + b_hh,
    of r and z of the sum.
    """

    __slots__ = ()

    def forward(self, *inputs: Any) -> tuple[np.ndarray, ...]:
        self.inputs = inputs
        _, _, w_hh, b_ih, b_hh, h0 = inputs
        h, b, gates = kernels.gru(self.add_inputs(b_ih), h0, w_hh, b_hh, self.reverse)
        self.saved = (gates, b)
        return self.results(h)

    def by_kernel(self, dh: np.ndarray, *others: np.ndarray | None) -> tuple[Any, ...]:
        _, _, w_hh, _, _, h0 = self.inputs
        da, db, dh0 = kernels.gru_backward(
            dh, *others, *self.saved, self.output, h0, w_hh, self.reverse
        )
        return (*self.parameter_grads(da, db), dh0)

    def composed(self, *inputs: Any) -> tuple[Any, ...]:
        x, w_ih, w_hh, b_ih, b_hh, h = inputs
        a = linear(x, w_ih, b_ih)
        states = {}
        for t in self.in_time(len(x)):
            ar, az, an = chunk(a[t], 3, -1)
            br, bz, bn = chunk(linear(h, w_hh, b_hh), 3, -1)
            z = sigmoid(add(az, bz))
            n = tanh(add(an, mul(sigmoid(add(ar, br)), bn)))
            states[t] = h = add(n, mul(z, sub(h, n)))
        return in_order(states), h


def rnn(
    x: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any,
    b_hh: Any,
    h0: Any,
    nonlinearity: str = "tanh",
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """Return all states, and the last, of h_t = f(x_t W_ih^T + b_ih + h_(t-1) W_hh^T + b_hh)."""
    return RNN(nonlinearity, reverse)(x, w_ih, w_hh, b_ih, b_hh, h0)


def lstm(
    x: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any,
    b_hh: Any,
    h0: Any,
    c0: Any,
    reverse: bool = False,
    w_hr: Any = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return all states, and the last state and cell, of an LSTM; weights in the order i f g o.

    With w_hr (size, hidden), states are h_t = W_hr (o tanh c_t), (..., size).
    """
    if w_hr is not None:
        return LSTM(reverse).composed(x, w_ih, w_hh, b_ih, b_hh, h0, c0, w_hr)
    return LSTM(reverse)(x, w_ih, w_hh, b_ih, b_hh, h0, c0)


def gru(
    x: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, h0: Any, reverse: bool = False
) -> tuple[Tensor, Tensor]:
    """Return all states, and the last, of a GRU; weights in the order r z n."""
    return GRU(reverse)(x, w_ih, w_hh, b_ih, b_hh, h0)
