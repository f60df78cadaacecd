"""Softmax and cross-entropy over the last dimension."""

from __future__ import annotations

import numpy as np

__all__ = [
    "cross_entropy",
    "cross_entropy_backward",
    "log_softmax",
    "log_softmax_backward",
    "softmax",
    "softmax_backward",
]

Array = np.ndarray


def softmax(y: Array, x: Array) -> None:
    e = np.exp(x - x.max(-1, keepdims=True, initial=-np.inf))
    y[...] = e / e.sum(-1, keepdims=True)


def softmax_backward(dx: Array, grad: Array, y: Array) -> None:
    dx[...] = y * (grad - (grad * y).sum(-1, keepdims=True))


def log_softmax(y: Array, x: Array) -> None:
    z = x - x.max(-1, keepdims=True, initial=-np.inf)
    y[...] = z - np.log(np.exp(z).sum(-1, keepdims=True))


def log_softmax_backward(dx: Array, grad: Array, y: Array) -> None:
    dx[...] = grad - np.exp(y) * grad.sum(-1, keepdims=True)


def cross_entropy(
    total: Array, loss: Array, p: Array, x: Array, labels: Array, ignore: int
) -> None:
    kept = labels != ignore
    log_p = np.empty_like(x)
    log_softmax(log_p, x)
    p[...] = np.exp(log_p)
    loss[...] = np.where(kept, -log_p[np.arange(len(x)), np.where(kept, labels, 0)], 0)
    total[...] = np.divide(loss.sum(), kept.sum()), kept.sum()  # no row kept: nan


def cross_entropy_backward(dx: Array, grad: Array, p: Array, labels: Array, ignore: int) -> None:
    kept = labels != ignore
    onehot = np.eye(p.shape[1])[np.where(kept, labels, 0)]
    dx[...] = np.where(kept, grad, 0)[:, None] * (p - onehot)
