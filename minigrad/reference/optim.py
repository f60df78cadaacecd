"""Update rules on lists of arrays, one a parameter; all but grads are updated in place."""

from __future__ import annotations

import numpy as np

__all__ = [
    "adam",
    "sgd",
    "sgd_momentum",
]

Array = np.ndarray


Arrays = list[np.ndarray]


def sgd(params: Arrays, grads: Arrays, step: float, decay: float, sign: float) -> None:
    for p, grad in zip(params, grads, strict=True):
        p += step * (sign * grad + decay * p)


def sgd_momentum(
    params: Arrays,
    bufs: Arrays,
    grads: Arrays,
    momentum: float,
    gain: float,
    step: float,
    ahead: float,
    look: float,
    decay: float,
    sign: float,
) -> None:
    for p, buf, grad in zip(params, bufs, grads, strict=True):
        g = sign * grad + decay * p
        buf[...] = momentum * buf + gain * g
        p += step * (ahead * g + look * buf)


def adam(
    params: Arrays,
    avgs: Arrays,
    sqs: Arrays,
    tops: Arrays | None,
    grads: Arrays,
    beta1: float,
    beta2: float,
    step: float,
    unbias: float,
    eps: float,
    decay: float,
    shrink: float,
    sign: float,
) -> None:
    for k, (p, avg, sq, grad) in enumerate(zip(params, avgs, sqs, grads, strict=True)):
        p *= shrink
        g = sign * grad + decay * p
        avg[...] = beta1 * avg + (1 - beta1) * g
        sq[...] = beta2 * sq + (1 - beta2) * g * g
        square = sq
        if tops is not None:
            square = np.maximum(tops[k], sq, out=tops[k])
        p += step * avg / (unbias * np.sqrt(square) + eps)
