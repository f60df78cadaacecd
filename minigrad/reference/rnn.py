"""Recurrent layers: all steps of one layer in one direction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

__all__ = ["gru", "gru_backward", "lstm", "lstm_backward", "rnn", "rnn_backward"]

Array = np.ndarray


def sigmoid(x: Array) -> Array:
    return np.tanh(x / 2) / 2 + 0.5


def order(steps: int, reverse: int) -> range:
    """The steps as time passes."""
    return range(steps)[:: -1 if reverse else 1]


def backwards(states: Array, first: Array, reverse: int) -> Iterator[tuple[int, Array]]:
    """The steps as time passes backwards, each with the state before it."""
    earlier = 1 if reverse else -1
    *others, last = order(len(states), reverse)[::-1]
    for t in others:
        yield t, states[t + earlier]
    yield last, first


def rnn(h: Array, h0: Array, w_hh: Array, transpose_w: int, relu: int, reverse: int) -> None:
    state, w = h0, w_hh.T if transpose_w else w_hh
    for t in order(len(h), reverse):
        a = h[t] + state @ w
        h[t] = np.maximum(a, 0) if relu else np.tanh(a)
        state = h[t]


def rnn_backward(
    da: Array, dstate: Array, dh: Array, h: Array, w_hh: Array, relu: int, reverse: int
) -> None:
    for t in order(len(h), reverse)[::-1]:
        slope = h[t] > 0 if relu else 1 - h[t] ** 2
        da[t] = (dstate + dh[t]) * slope
        dstate[...] = da[t] @ w_hh


def lstm(
    h: Array, c: Array, gates: Array, h0: Array, c0: Array, w_hh: Array, transpose_w: int,
    reverse: int,
) -> None:  # fmt: skip
    state, cell, w = h0, c0, w_hh.T if transpose_w else w_hh
    for t in order(len(h), reverse):
        i, f, g, o = np.split(gates[t] + state @ w, 4, axis=-1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        gates[t] = np.concatenate([i, f, g, o], axis=-1)
        c[t] = cell = f * cell + i * g
        h[t] = state = o * np.tanh(cell)


def lstm_backward(
    da: Array, dstate: Array, dc: Array, dh: Array, gates: Array, c: Array, c0: Array, w_hh: Array,
    reverse: int,
) -> None:  # fmt: skip
    for t, c_before in backwards(c, c0, reverse):
        i, f, g, o = np.split(gates[t], 4, axis=-1)
        out, tanh_c = dstate + dh[t], np.tanh(c[t])
        cell = dc + out * o * (1 - tanh_c**2)
        da[t] = np.concatenate(
            [
                cell * g * i * (1 - i),
                cell * c_before * f * (1 - f),
                cell * i * (1 - g**2),
                out * tanh_c * o * (1 - o),
            ],
            axis=-1,
        )
        dc[...] = cell * f
        dstate[...] = da[t] @ w_hh


def gru(
    h: Array, b: Array, gates: Array, h0: Array, w_hh: Array, b_hh: Array | None,
    transpose_w: int, reverse: int,
) -> None:  # fmt: skip
    state, w = h0, w_hh.T if transpose_w else w_hh
    for t in order(len(h), reverse):
        b[t] = state @ w + (0 if b_hh is None else b_hh)
        ar, az, an = np.split(gates[t], 3, axis=-1)
        br, bz, bn = np.split(b[t], 3, axis=-1)
        r, z = sigmoid(ar + br), sigmoid(az + bz)
        n = np.tanh(an + r * bn)
        gates[t] = np.concatenate([r, z, n], axis=-1)
        h[t] = state = n + z * (state - n)


def gru_backward(
    da: Array, db: Array, dstate: Array, dh: Array, gates: Array, b: Array, h: Array, h0: Array,
    w_hh: Array, reverse: int,
) -> None:  # fmt: skip
    for t, h_before in backwards(h, h0, reverse):
        r, z, n = np.split(gates[t], 3, axis=-1)
        bn = b[t][..., -n.shape[-1] :]
        out = dstate + dh[t]
        dn = out * (1 - z) * (1 - n**2)
        dr, dz = dn * bn * r * (1 - r), out * (h_before - n) * z * (1 - z)
        da[t] = np.concatenate([dr, dz, dn], axis=-1)
        db[t] = np.concatenate([dr, dz, dn * r], axis=-1)
        dstate[...] = out * z + db[t] @ w_hh
