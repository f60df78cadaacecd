"""Softmax, cross-entropy and negative log-likelihood over the last dimension: csrc/softmax.c."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._native import are_rows_and_labels, empty, empty_like, plain
from .base import Array, backward, contiguous, doors, unary
from .gather import check_index

__all__ = [
    "are_rows_and_labels",
    "cross_entropy",
    "cross_entropy_backward",
    "log_softmax",
    "log_softmax_backward",
    "nll",
    "nll_backward",
    "softmax",
    "softmax_backward",
]


softmax = unary(doors.softmax)
softmax_backward = backward(doors.softmax_backward)  # y
log_softmax = unary(doors.log_softmax)
log_softmax_backward = backward(doors.log_softmax_backward)  # y


def cross_entropy(
    logits: Array,
    labels: Array,
    ignore_index: int = -100,
    weight: Array | None = None,
    smoothing: float = 0.0,
) -> tuple[Array, Array, Array, Array]:
    """(mean, losses, p, divisor), with p = softmax(logits), weight 1 if None:
    losses_i = -(1 - smoothing) weight_(labels_i) log p_(i, labels_i)
               - smoothing / classes sum_j weight_j log p_ij
    and 0 where labels_i is ignore_index; divisor is the sum of weight_(labels_i) over the other rows,
    mean the sum of losses / divisor, nan if there is none. Both are 0-d arrays.

    logits and p (rows, classes), labels and losses (rows), weight (classes). IndexError for a label
    that is no class.
    """
    logits, labels, weight = _rows("cross_entropy", logits, labels, weight, ignore_index)
    dtype = logits.dtype
    mean, divisor, losses = empty((), dtype), empty((), dtype), empty(labels.shape, dtype)
    p = empty_like(logits)
    doors.cross_entropy(mean, divisor, losses, p, logits, labels, weight, smoothing, ignore_index)
    return mean, losses, p, divisor


def cross_entropy_backward(
    grad: Array,
    p: Array,
    labels: Array,
    ignore_index: int = -100,
    divisor: Array | None = None,
    weight: Array | None = None,
    smoothing: float = 0.0,
) -> Array:
    """dlogits of cross_entropy, which returned p: without weights and smoothing
    grad (p - onehot(labels)), 0 where labels_i is ignore_index.

    grad (rows), or one number for all rows; it is divided by `divisor`, if that is given. Everything
    else as cross_entropy has it."""
    p, labels, weight = _rows("cross_entropy_backward", p, labels, weight, ignore_index)
    grad = _per_row("cross_entropy_backward", grad, p, labels)
    dlogits = empty_like(p)
    doors.cross_entropy_backward(dlogits, grad, divisor, p, labels, weight, smoothing, ignore_index)
    return dlogits


def nll(
    log_p: Array, labels: Array, ignore_index: int = -100, weight: Array | None = None
) -> tuple[Array, Array, Array]:
    """(mean, losses, divisor), with losses_i = -weight_(labels_i) log_p_(i, labels_i); otherwise as
    cross_entropy.  log_p (rows, classes), labels and losses (rows), weight (classes)"""
    log_p, labels, weight = _rows("nll_loss", log_p, labels, weight, ignore_index)
    dtype = log_p.dtype
    mean, divisor, losses = empty((), dtype), empty((), dtype), empty(labels.shape, dtype)
    doors.nll(mean, divisor, losses, log_p, labels, weight, ignore_index)
    return mean, losses, divisor


def nll_backward(
    grad: Array,
    log_p: Array,
    labels: Array,
    ignore_index: int = -100,
    divisor: Array | None = None,
    weight: Array | None = None,
) -> Array:
    """dlog_p of nll: -grad weight_(labels_i) at labels_i, 0 elsewhere. grad and divisor as in
    cross_entropy_backward; of log_p only shape and dtype matter."""
    log_p, labels, weight = _rows("nll_backward", log_p, labels, weight, ignore_index)
    dlog_p = empty_like(log_p)
    grad = _per_row("nll_backward", grad, log_p, labels)
    doors.nll_backward(dlog_p, grad, divisor, labels, weight, ignore_index)
    return dlog_p


def _rows(
    name: str, x: Array, labels: Array, weight: Array | None, ignore_index: int
) -> tuple[Array, Array, Array | None]:
    """x (rows, classes), labels (rows) and weight (classes) as a kernel can read them."""
    if not are_rows_and_labels(x, labels, weight):
        if x.ndim != 2 or labels.shape != x.shape[:1]:
            raise ValueError(
                f"{name}: expected rows of shape (rows, classes) and labels of shape (rows,), got "
                f"{x.shape} and {labels.shape}"
            )
        (x,) = contiguous(name, x)
        if weight is not None:
            if weight.shape != x.shape[1:]:
                raise ValueError(
                    f"{name}: weight has shape {weight.shape}, but there are {x.shape[1]} classes"
                )
            weight = np.asarray(weight, x.dtype, order="C")
    labels = check_index(labels, x.shape[1], f"{name}: label", "classes", ignore_index)
    return x, labels, weight


def _per_row(name: str, grad: Any, like: Array, labels: Array) -> Array:
    """grad as numbers of like's dtype, one for all rows or one each."""
    if not plain(grad, like):
        grad = np.asarray(grad, like.dtype, order="C")
    if grad.ndim and grad.shape != labels.shape:
        raise ValueError(f"{name}: grad has shape {grad.shape}, but the labels {labels.shape}")
    return grad
