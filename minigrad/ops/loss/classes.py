"""Losses over classes: cross-entropy of logits, negative log-likelihood of log-probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import kernels
from ...autograd.op import Op, Variable, unwrap
from ...errors import named_shape
from ...tensor import Tensor
from ..arithmetic import mul, neg, sub
from ..reduction import sum
from ..softmax import Softmax, log_softmax, softmax
from .common import check_floating, check_reduction, reduce, warn_of_activation

__all__ = ["cross_entropy", "nll_loss"]


class NegativeLogLikelihood(Op):
    """-weight[label] x[label] of each row: log-probabilities x (N, C), labels (N,), weight (C,), 1 for all
    if None; and its mean or sum.

    The mean is divided by the sum of the labels' weights. Rows labelled `ignore_index` do not count.
    dx = -grad weight[label] at the labels, 0 elsewhere.
    """

    __slots__ = ("ignore_index", "reduction")

    def __init__(self, reduction: str = "mean", ignore_index: int = -100) -> None:
        self.reduction = reduction
        self.ignore_index = ignore_index

    def forward(
        self, x: np.ndarray, labels: np.ndarray, weight: np.ndarray | None = None
    ) -> np.ndarray:
        mean, losses, divisor = kernels.nll(x, labels, self.ignore_index, weight)
        self.inputs = (x, labels, weight)
        self.saved = divisor if self.reduction == "mean" else None
        return self.reduced(mean, losses)

    def reduced(self, mean: np.ndarray, losses: np.ndarray) -> np.ndarray:
        if self.reduction == "mean":
            return mean
        return losses if self.reduction == "none" else sum(losses)

    def backward(self, grad: Any) -> tuple[Any, None, None]:
        x, labels, weight = self.inputs
        if not isinstance(grad, Variable):
            ignored, divisor = self.ignore_index, self.saved
            return kernels.nll_backward(grad, x, labels, ignored, divisor, weight), None, None
        return mul(self.per_row(grad, self.saved), -self.of_labels()), None, None

    def per_row(self, grad: Any, divisor: np.ndarray | None) -> Any:
        """Return one gradient a row, or one for all."""
        if divisor is not None:
            grad = grad / (divisor.item() or 1)  # 0: no row counts
        return grad.reshape((-1, 1))

    def of_labels(self) -> np.ndarray:
        """Return each label's weight at its place, zeros elsewhere: (N, C)."""
        x, labels, weight = map(unwrap, self.inputs)
        column = labels.reshape(-1, 1)
        at_labels = (column == np.arange(x.shape[1])) & (column != self.ignore_index)
        return at_labels.astype(x.dtype) if weight is None else at_labels * weight


class CrossEntropy(NegativeLogLikelihood):
    """-weight[label] log softmax(logits)[label] of each row: logits (N, C), labels (N,), weight (C,) or
    None; and its mean or sum. With `label_smoothing` s, every class is a label to s/C, the given one to
    1 - s more.

    Without weight and smoothing, d logits = grad (softmax(logits) - one_hot(label)).
    """

    __slots__ = ("label_smoothing",)

    def __init__(
        self, reduction: str = "mean", ignore_index: int = -100, label_smoothing: float = 0.0
    ) -> None:
        super().__init__(reduction, ignore_index)
        self.label_smoothing = label_smoothing

    def forward(
        self, logits: np.ndarray, labels: np.ndarray, weight: np.ndarray | None = None
    ) -> np.ndarray:
        mean, losses, probs, divisor = kernels.cross_entropy(
            logits, labels, self.ignore_index, weight, self.label_smoothing
        )
        self.inputs = (logits, labels, weight)
        self.saved = (probs, divisor if self.reduction == "mean" else None)
        return self.reduced(mean, losses)

    def backward(self, grad: Any) -> tuple[Any, None, None]:
        logits, labels, weight = self.inputs
        probs, divisor = self.saved
        ignored, smoothing = self.ignore_index, self.label_smoothing
        if not isinstance(grad, Variable):
            dlogits = kernels.cross_entropy_backward(
                grad, probs, labels, ignored, divisor, weight, smoothing
            )
            return dlogits, None, None
        target = (1 - smoothing) * self.of_labels()
        if smoothing:
            weights = np.ones(probs.shape[1], probs.dtype) if weight is None else unwrap(weight)
            kept = unwrap(labels).reshape(-1, 1) != ignored
            target += kept * weights * (smoothing / len(weights))
        slope = sub(mul(softmax(logits, 1), target.sum(1, keepdims=True)), target)
        return mul(self.per_row(grad, divisor), slope), None, None


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
    rows, labels, weight = input, unwrap(target), constant("cross_entropy", weight)
    if not kernels.are_rows_and_labels(unwrap(input), labels, weight):
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
        weight = class_weights("cross_entropy", weight, rows.shape[1], unwrap(rows).dtype)
    column = labels if labels.ndim == 1 else labels.reshape(-1)
    loss = CrossEntropy(reduction, ignore_index, label_smoothing)(rows, column, weight)
    return loss.reshape(labels.shape) if reduction == "none" else loss


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
    rows = as_rows(input)
    weight = class_weights("nll_loss", weight, rows.shape[1], unwrap(rows).dtype)
    loss = NegativeLogLikelihood(reduction, ignore_index)(rows, labels.reshape(-1), weight)
    return loss.reshape(labels.shape) if reduction == "none" else loss


def soft_losses(input: Any, target: Any, weight: Any, label_smoothing: float) -> Any:
    """The loss of each row for probabilities `target`, over dimension 1 of (N, C, ...) or (C,)."""
    dim = 1 if input.ndim > 1 else 0
    classes = input.shape[dim]
    if label_smoothing:
        target = mul(target, 1 - label_smoothing) + label_smoothing / classes
    terms = mul(log_softmax(input, dim), target)
    weights = class_weights("cross_entropy", weight, classes, unwrap(input).dtype)
    if weights is not None:
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


def constant(name: str, weight: Any) -> Any:
    """The class weights as an array; RuntimeError if a gradient is expected to arrive at them."""
    if getattr(weight, "requires_grad", False):
        raise RuntimeError(f"{name}: class weights have no gradient; pass weight.detach()")
    return unwrap(weight)


def class_weights(name: str, weight: Any, classes: int, dtype: np.dtype) -> np.ndarray | None:
    if weight is None:
        return None
    weights = np.asarray(constant(name, weight), dtype)
    if weights.shape != (classes,):
        raise RuntimeError(
            f"{name}: weight must have one value for each of the {classes} classes, but it has "
            f"shape {list(weights.shape)}"
        )
    return weights
