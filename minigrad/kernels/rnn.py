"""Recurrent layers, all steps of one layer in one direction: csrc/rnn.c.

x (steps, batch, features); states (batch, hidden) and, of all steps, (steps, batch, hidden). The
gates, or what is added up to them, are side by side: (steps, batch, gates hidden).
"""

from __future__ import annotations

from .._native import empty
from .base import Array, contiguous, doors

__all__ = ["gru", "gru_backward", "lstm", "lstm_backward", "rnn", "rnn_backward"]


def rnn(a: Array, h0: Array, w_hh: Array, relu: bool, reverse: bool) -> Array:
    """h_t = f(a_t + h_(t-1) W_hh^T), f = tanh or relu, written over a, which must be contiguous."""
    h0, w_hh = _operands("rnn", 1, a, h0, w_hh)
    doors.rnn(a, h0, *_for_steps(w_hh, len(a)), relu, reverse)
    return a


def rnn_backward(
    dh: Array, dstate: Array | None, h: Array, w_hh: Array, relu: bool, reverse: bool
) -> tuple[Array, Array]:
    """The gradients of a and h0. dh is that of all states, dstate that of the last one beside."""
    dh, w_hh = contiguous("rnn_backward", dh, w_hh)
    da, dstate = empty(h.shape, h.dtype), _start(dstate, h)
    doors.rnn_backward(da, dstate, dh, h, w_hh, relu, reverse)
    return da, dstate


def lstm(a: Array, h0: Array, c0: Array, w_hh: Array, reverse: bool) -> tuple[Array, Array, Array]:
    """States h and c; i, f, g, o are written over a, which must be contiguous.

    c_t = f c_(t-1) + i g, h_t = o tanh c_t, from a_t + h_(t-1) W_hh^T."""
    h0, c0, w_hh = _operands("lstm", 4, a, h0, c0, w_hh)
    h, c = empty((*a.shape[:2], h0.shape[1]), a.dtype), empty((*a.shape[:2], h0.shape[1]), a.dtype)
    doors.lstm(h, c, a, h0, c0, *_for_steps(w_hh, len(a)), reverse)
    return h, c, a


def lstm_backward(
    dh: Array,
    dstate: Array | None,
    dc: Array | None,
    gates: Array,
    c: Array,
    c0: Array,
    w_hh: Array,
    reverse: bool,
) -> tuple[Array, Array, Array]:
    """The gradients of a, h0 and c0. dstate and dc are those of the last state and cell beside."""
    dh, c0, w_hh = contiguous("lstm_backward", dh, c0, w_hh)
    da, dstate, dc = empty(gates.shape, gates.dtype), _start(dstate, c), _start(dc, c)
    doors.lstm_backward(da, dstate, dc, dh, gates, c, c0, w_hh, reverse)
    return da, dstate, dc


def gru(
    a: Array, h0: Array, w_hh: Array, b_hh: Array | None, reverse: bool
) -> tuple[Array, Array, Array]:
    """States h, and b; r, z, n are written over a, which must be contiguous.

    h_t = (1 - z) n + z h_(t-1), where n is made of a_n + r b_n, b_t = h_(t-1) W_hh^T + b_hh."""
    h0, w_hh = _operands("gru", 3, a, h0, w_hh)
    if b_hh is not None:
        (b_hh,) = contiguous("gru", b_hh)
    h, b = empty((*a.shape[:2], h0.shape[1]), a.dtype), empty(a.shape, a.dtype)
    w, transpose = _for_steps(w_hh, len(a))
    doors.gru(h, b, a, h0, w, b_hh, transpose, reverse)
    return h, b, a


def gru_backward(
    dh: Array,
    dstate: Array | None,
    gates: Array,
    b: Array,
    h: Array,
    h0: Array,
    w_hh: Array,
    reverse: bool,
) -> tuple[Array, Array, Array]:
    """The gradients of a, b and h0. dstate is that of the last state beside."""
    dh, h0, w_hh = contiguous("gru_backward", dh, h0, w_hh)
    da, db = empty(gates.shape, gates.dtype), empty(gates.shape, gates.dtype)
    dstate = _start(dstate, h)
    doors.gru_backward(da, db, dstate, dh, gates, b, h, h0, w_hh, reverse)
    return da, db, dstate


def _operands(name: str, gates: int, a: Array, *others: Array) -> tuple[Array, ...]:
    """The states and the weight as contiguous arrays; ValueError if shapes do not fit."""
    others = contiguous(name, *others)
    if not a.flags.c_contiguous or others[0].dtype != a.dtype:
        raise ValueError(f"{name}: what is written over must be contiguous and of the others' type")
    *states, w_hh = others
    hidden = w_hh.shape[1]
    expected = [(a.shape[1], hidden)] * len(states) + [(gates * hidden, hidden)]
    if a.ndim != 3 or a.shape[2] != gates * hidden or [x.shape for x in others] != expected:
        raise ValueError(
            f"{name}: for gates of shape {a.shape} (steps, batch, {gates} hidden), states (batch, "
            f"hidden) and weights ({gates} hidden, hidden) do not have shapes "
            f"{[x.shape for x in others]}"
        )
    return others


# From so many steps on it pays to transpose the weights once.
_TRANSPOSE_FROM = 4


def _for_steps(w_hh: Array, steps: int) -> tuple[Array, bool]:
    """The weights as the kernels read them in all steps, and whether those are to transpose them."""
    if steps < _TRANSPOSE_FROM:
        return w_hh, True
    transposed = empty(w_hh.shape[::-1], w_hh.dtype)
    transposed[...] = w_hh.T
    return transposed, False


def _start(gradient: Array | None, states: Array) -> Array:
    """The gradient of the last state, or zeros, in memory that may be written to."""
    start = empty(states.shape[1:], states.dtype)
    start[...] = 0 if gradient is None else gradient
    return start
