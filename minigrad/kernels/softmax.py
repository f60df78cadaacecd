"""Softmax and cross-entropy over the last dimension: csrc/softmax.c."""

from __future__ import annotations

import numpy as np

from .._native import are_rows_and_labels, empty, empty_like
from .base import Array, backward, contiguous, doors, unary
from .elementwise import div
from .gather import check_index

__all__ = [
    "are_rows_and_labels",
    "cross_entropy",
    "cross_entropy_backward",
    "log_softmax",
    "log_softmax_backward",
    "softmax",
    "softmax_backward",
]


softmax = unary(doors.softmax)
softmax_backward = backward(doors.softmax_backward)  # y
log_softmax = unary(doors.log_softmax)
log_softmax_backward = backward(doors.log_softmax_backward)  # y


def cross_entropy(
    logits: Array, labels: Array, ignore_index: int = -100
) -> tuple[Array, Array, Array, Array]:
    """(mean, losses, p, count): losses_i = -log p_(i, labels_i) with p = softmax(logits), 0 where
    labels_i is ignore_index; mean is that of the `count` others, nan if none, both 0-d arrays.

    logits and p (rows, classes), labels and losses (rows). IndexError for a label that is no class.
    """
    if not are_rows_and_labels(logits, labels):
        if logits.ndim != 2 or labels.shape != logits.shape[:1]:
            raise ValueError(
                "cross_entropy: expected logits of shape (rows, classes) and labels of shape "
                f"(rows,), got {logits.shape} and {labels.shape}"
            )
        (logits,) = contiguous("cross_entropy", logits)
    p = empty_like(logits)
    labels = check_index(labels, logits.shape[1], "cross_entropy: label", "classes", ignore_index)
    losses, total = empty(labels.shape, p.dtype), empty(2, p.dtype)
    doors.cross_entropy(total, losses, p, logits, labels, ignore_index)
    return total[0, ...], losses, p, total[1, ...]


def cross_entropy_backward(
    grad: Array, p: Array, labels: Array, ignore_index: int = -100, count: Array | None = None
) -> Array:
    """dlogits = grad (p - onehot(labels)), 0 where labels_i is ignore_index.

    grad (rows), or one number for all rows, which is divided by `count`; p, labels and count as
    cross_entropy has them."""
    if count is not None:
        grad = div(grad, count)  # where that is 0, every row is ignored
    grad = np.asarray(grad, p.dtype, order="C")
    labels = check_index(labels, p.shape[1], "cross_entropy: label", "classes", ignore_index)
    if grad.ndim and grad.shape != labels.shape:
        raise ValueError(
            f"cross_entropy_backward: grad has shape {grad.shape}, but the labels {labels.shape}"
        )
    dlogits = empty_like(p)
    doors.cross_entropy_backward(dlogits, grad, p, labels, ignore_index)
    return dlogits
