"""Softmax, cross-entropy and negative log-likelihood over the last dimension."""

from __future__ import annotations

import numpy as np

__all__ = [
    "cross_entropy",
    "cross_entropy_backward",
    "log_softmax",
    "log_softmax_backward",
    "nll",
    "nll_backward",
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


def mean_of_rows(
    mean: Array, divisor: Array, loss: Array, labels: Array, weight: Array | None, ignore: int
) -> None:
    kept = labels != ignore
    weights = kept if weight is None else weight[np.where(kept, labels, 0)] * kept
    divisor[...] = weights.sum()
    mean[...] = np.divide(loss.sum(), divisor)  # no row kept: nan


def cross_entropy(
    mean: Array,
    divisor: Array,
    loss: Array,
    p: Array,
    x: Array,
    labels: Array,
    weight: Array | None,
    smoothing: float,
    ignore: int,
) -> None:
    log_p = np.empty_like(x)
    log_softmax(log_p, x)
    p[...] = np.exp(log_p)
    target = targets(p, labels, weight, smoothing, ignore)
    loss[...] = -np.where(target, log_p * target, 0).sum(1)  # and not 0 times -infinity
    mean_of_rows(mean, divisor, loss, labels, weight, ignore)


def targets(p: Array, labels: Array, weight: Array | None, smoothing: float, ignore: int) -> Array:
    """What each log p_ij counts for in the loss."""
    kept = labels != ignore
    onehot = np.eye(p.shape[1])[np.where(kept, labels, 0)]
    target = (1 - smoothing) * onehot + smoothing / p.shape[1]
    return target * kept[:, None] * (1 if weight is None else weight)


def cross_entropy_backward(
    dx: Array,
    grad: Array,
    divisor: Array | None,
    p: Array,
    labels: Array,
    weight: Array | None,
    smoothing: float,
    ignore: int,
) -> None:
    target = targets(p, labels, weight, smoothing, ignore)
    scale = np.broadcast_to(grad if divisor is None else grad / divisor, labels.shape)
    dx[...] = np.where(labels != ignore, scale, 0)[:, None] * (
        p * target.sum(1, keepdims=True) - target
    )


def nll(
    mean: Array,
    divisor: Array,
    loss: Array,
    x: Array,
    labels: Array,
    weight: Array | None,
    ignore: int,
) -> None:
    target = targets(x, labels, weight, 0, ignore)
    loss[...] = -np.where(target, x * target, 0).sum(1)
    mean_of_rows(mean, divisor, loss, labels, weight, ignore)


def nll_backward(
    dx: Array,
    grad: Array,
    divisor: Array | None,
    labels: Array,
    weight: Array | None,
    ignore: int,
) -> None:
    scale = np.broadcast_to(grad if divisor is None else grad / divisor, labels.shape)
    scale = np.where(labels != ignore, scale, 0)[:, None]
    dx[...] = -scale * targets(dx, labels, weight, 0, ignore)
