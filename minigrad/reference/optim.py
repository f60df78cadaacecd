"""Update rules on lists of arrays, one a parameter; all but grads are updated in place."""

from __future__ import annotations

import numpy as np

__all__ = ["adadelta", "adam", "adamax", "lion", "rmsprop", "sgd", "sgd_momentum", "soft_threshold"]

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


def rmsprop(
    params: Arrays,
    sqs: Arrays,
    avgs: Arrays | None,
    bufs: Arrays | None,
    grads: Arrays,
    keep: float,
    gain: float,
    inside: float,
    outside: float,
    momentum: float,
    step: float,
    decay: float,
    sign: float,
) -> None:
    for k, (p, sq, grad) in enumerate(zip(params, sqs, grads, strict=True)):
        g = sign * grad + decay * p
        sq[...] = keep * sq + gain * g * g
        square = sq
        if avgs is not None:
            avgs[k][...] = keep * avgs[k] + gain * g
            square = np.maximum(sq - avgs[k] * avgs[k], 0)
        move = g / (np.sqrt(square + inside) + outside)
        if bufs is not None:
            bufs[k][...] = move = momentum * bufs[k] + move
        p += step * move


def adadelta(
    params: Arrays,
    sqs: Arrays,
    accs: Arrays,
    grads: Arrays,
    rho: float,
    eps: float,
    step: float,
    decay: float,
    sign: float,
) -> None:
    for p, sq, acc, grad in zip(params, sqs, accs, grads, strict=True):
        g = sign * grad + decay * p
        sq[...] = rho * sq + (1 - rho) * g * g
        move = np.sqrt(acc + eps) / np.sqrt(sq + eps) * g
        acc[...] = rho * acc + (1 - rho) * move * move
        p += step * move


def adam(
    params: Arrays,
    avgs: Arrays,
    sqs: Arrays,
    tops: Arrays | None,
    grads: Arrays,
    beta1: float,
    beta2: float,
    step: float,
    ahead: float,
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
        p += (step * avg + ahead * g) / (unbias * np.sqrt(square) + eps)


def adamax(
    params: Arrays,
    avgs: Arrays,
    tops: Arrays,
    grads: Arrays,
    beta1: float,
    beta2: float,
    step: float,
    eps: float,
    decay: float,
    sign: float,
) -> None:
    for p, avg, top, grad in zip(params, avgs, tops, grads, strict=True):
        g = sign * grad + decay * p
        avg[...] = beta1 * avg + (1 - beta1) * g
        top[...] = np.maximum(beta2 * top, np.abs(g) + eps)
        p += step * avg / top


def lion(
    params: Arrays,
    avgs: Arrays,
    grads: Arrays,
    beta1: float,
    beta2: float,
    step: float,
    shrink: float,
    sign: float,
) -> None:
    for p, avg, grad in zip(params, avgs, grads, strict=True):
        g = sign * grad
        p[...] = shrink * p + step * np.sign(beta1 * avg + (1 - beta1) * g)
        avg[...] = beta2 * avg + (1 - beta2) * g


def soft_threshold(params: Arrays, threshold: float) -> None:
    for p in params:
        p -= np.clip(p, -threshold, threshold)
