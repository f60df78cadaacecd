"""Losses over classes: cross-entropy of logits, negative log-likelihood of log-probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import kernels
from ...autograd.op import Op, Variable, unwrap
from ...errors import named_shape
from ...tensor import Tensor
from ..arithmetic import mul, neg, sub
from ..division import div
from ..reduction import sum
from ..selection import where
from ..softmax import Softmax, log_softmax, softmax
from .common import check_floating, check_reduction, reduce, warn_of_activation

__all__ = ["cross_entropy", "nll_loss"]


class CrossEntropy(Op):
    """-log softmax(logits)[label] of each row: logits (N, C), labels (N,); and its mean or sum.

    d logits = grad (softmax(logits) - one_hot(label)), with zeros in the rows that are ignored.
    """

    __slots__ = ("ignore_index", "reduction")

    def __init__(self, reduction: str = "mean", ignore_index: int = -100) -> None:
        self.reduction = reduction
        self.ignore_index = ignore_index

    def forward(self, logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
        average, losses, probs, count = kernels.cross_entropy(logits, labels, self.ignore_index)
        self.inputs = (logits, labels)
        self.saved = (probs, count if self.reduction == "mean" else None)
        if self.reduction == "mean":
            return average
        return losses if self.reduction == "none" else sum(losses)

    def backward(self, grad: Any) -> tuple[Any, None]:
        logits, labels = self.inputs
        probs, count = self.saved
        if not isinstance(grad, Variable):
            ignored = self.ignore_index
            return kernels.cross_entropy_backward(grad, probs, labels, ignored, count), None
        if count is not None:
            grad = grad / max(count.item(), 1)
        labels = labels.array.reshape(-1, 1)
        one_hot = (labels == np.arange(probs.shape[1])).astype(probs.dtype)
        kept = (labels != self.ignore_index).astype(probs.dtype)
        rows = grad.reshape((-1, 1))  # one gradient a row, or one for all
        return mul(sub(softmax(logits, 1), one_hot), mul(rows, kept)), None


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the mean of -weight[label] log softmax(input)[label].

    input   logits: (N, C), (C,) or (N, C, d1, ...)
    target  labels of any integer dtype: (N,), () or (N, d1, ...);
            or probabilities, of input's shape
    weight  (C,); the mean is then a weighted one

    Rows labelled `ignore_index` do not count. `label_smoothing` s mixes the target with the uniform
    one: (1-s) target + s/C. `reduction` "sum" gives the sum, "none" every row's loss.
    Warns if the input comes from a softmax. ValueError if the shapes do not fit, IndexError for a
    label that is no class, RuntimeError for labels that are not integers.
    """
    check_reduction(reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(
            f"cross_entropy: label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}"
        )
    warn_of_activation(
        "cross_entropy",
        input,
        Softmax,
        "It expects logits, and applies log_softmax itself: leave the softmax out.",
    )
    rows, labels = input, unwrap(target)
    if not kernels.are_rows_and_labels(unwrap(input), labels):
        check_floating("cross_entropy", input)
        shape, labels = np.shape(unwrap(input)), np.asarray(labels)
        if labels.dtype.kind == "f" and labels.shape == shape:
            if ignore_index >= 0:
                raise RuntimeError(
                    "cross_entropy: ignore_index is not supported for floating point target: what "
                    "does not count has the probability 0 for every class"
                )
            losses = soft_losses(input, target, weight, label_smoothing)
            return reduce(losses, reduction)
        rows, labels = as_rows(input), as_labels("cross_entropy", shape, labels)
    if weight is None and label_smoothing == 0.0:
        result = CrossEntropy(reduction, ignore_index)(rows, labels.reshape(-1))
        return result.reshape(labels.shape) if reduction == "none" else result
    log_probs = log_softmax(rows, 1)
    return class_loss(
        "cross_entropy", log_probs, labels, weight, ignore_index, reduction, label_smoothing
    )


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean of -weight[label] input[label], for log-probabilities `input`.

    Shapes, options and errors are those of `cross_entropy` with labels.
    """
    check_reduction(reduction)
    check_floating("nll_loss", input)
    warn_of_activation(
        "nll_loss",
        input,
        Softmax,
        "It expects log-probabilities: use log_softmax instead, or cross_entropy of the logits.",
    )
    labels = as_labels("nll_loss", np.shape(unwrap(input)), np.asarray(unwrap(target)))
    return class_loss("nll_loss", as_rows(input), labels, weight, ignore_index, reduction)


def class_loss(
    name: str,
    log_probs: Any,
    labels: np.ndarray,
    weight: Any,
    ignore_index: int,
    reduction: str,
    label_smoothing: float = 0.0,
) -> Any:
    """The loss of log-probabilities (N, C) for labels of N elements, composed of operations."""
    shape, labels = labels.shape, labels.reshape(-1)
    count, classes = log_probs.shape
    dtype = unwrap(log_probs).dtype
    weights = class_weights(name, weight, classes, dtype)
    kept = labels != ignore_index
    labels = np.where(kept, labels, 0)
    kernels.check_index(labels, classes, f"{name}: label", "classes")
    counted = np.where(kept, weights[labels], dtype.type(0))
    losses = neg(log_probs[np.arange(count), labels])
    if label_smoothing:
        spread = neg(sum(mul(log_probs, weights), 1))
        # The label's own term carries its class weight, the spread ones carry theirs already.
        losses = mul(losses, weights[labels] * (1 - label_smoothing))
        losses = losses + mul(spread, label_smoothing / classes)
        losses = where(kept, losses, 0.0)
    else:
        losses = mul(where(kept, losses, 0.0), counted)
    if reduction == "mean":
        # 0/0 is nan, as in PyTorch, where no row counts.
        return div(sum(losses), np.asarray(counted.sum()))
    return sum(losses) if reduction == "sum" else losses.reshape(shape)


def soft_losses(input: Any, target: Any, weight: Any, label_smoothing: float) -> Any:
    """The loss of each row for probabilities `target`, over dimension 1 of (N, C, ...) or (C,)."""
    dim = 1 if input.ndim > 1 else 0
    classes = input.shape[dim]
    if label_smoothing:
        target = mul(target, 1 - label_smoothing) + label_smoothing / classes
    terms = mul(log_softmax(input, dim), target)
    if weight is not None:
        weights = class_weights("cross_entropy", weight, classes, unwrap(input).dtype)
        terms = mul(terms, weights.reshape((-1,) + (1,) * (input.ndim - dim - 1)))
    return neg(sum(terms, dim))


def as_rows(input: Any) -> Any:
    """Logits (N, C, d1, ...) or (C,) as rows (N*d1*..., C)."""
    if input.ndim == 2:
        return input
    if input.ndim == 1:
        return input.reshape((1, -1))
    last = (0, *range(2, input.ndim), 1)
    moved = input.transpose(last) if isinstance(input, np.ndarray) else input.permute(last)
    return moved.reshape((-1, input.shape[1]))


def as_labels(name: str, shape: tuple[int, ...], target: np.ndarray) -> np.ndarray:
    """`target` as int64, or an error that says what does not fit logits of `shape`."""
    if not shape:
        raise ValueError(f"{name}: the input is 0-d, it needs a dimension of classes")
    wanted = (*shape[:1], *shape[2:]) if len(shape) > 1 else ()
    if target.dtype.kind not in "iu":
        raise RuntimeError(
            f"{name}: the target is {target.dtype}, of shape {list(target.shape)}; expected labels "
            f"of an integer dtype and shape {list(wanted)} (convert them with .long())"
            + (
                f", or floating-point probabilities of the input's shape {list(shape)}"
                if name == "cross_entropy"
                else ""
            )
        )
    if target.shape != wanted:
        raise ValueError(
            f"{name}: the input has shape {named_shape(shape, ('batch', 'classes')[-len(shape) :])}, so "
            f"the target must have shape {list(wanted)}, one label a row, but it has "
            f"{list(target.shape)}"
        )
    return target.astype(np.int64, copy=False)


def class_weights(name: str, weight: Any, classes: int, dtype: np.dtype) -> np.ndarray:
    if weight is None:
        return np.ones(classes, dtype)
    weights = np.asarray(unwrap(weight), dtype)
    if weights.shape != (classes,):
        raise RuntimeError(
            f"{name}: weight must have one value for each of the {classes} classes, but it has "
            f"shape {list(weights.shape)}"
        )
    return weights
