"""Losses: numbers that say how far a prediction is from its target."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Op, Variable, unwrap
from ..tensor import Tensor
from .activation import logsigmoid
from .arithmetic import Broadcasting, div, mul, neg, sub
from .pointwise import abs
from .reduction import mean, sum
from .selection import where
from .softmax import log_softmax, softmax

__all__ = [
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "l1_loss",
    "mse_loss",
    "nll_loss",
]


class SquaredError(Broadcasting):
    """(a - b)^2, and its mean or sum."""

    __slots__ = ("reduction",)

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if not kernels.alike(a, b):
            a, b = map(dtypes.floating, self.align(a, b))
        self.inputs = (a, b)
        squares = kernels.square(kernels.sub(a, b))
        if self.reduction == "none":
            return squares
        total = np.add.reduce(squares, axis=None)
        # The mean of nothing is nan, as in PyTorch.
        return np.asarray(total / (squares.size or np.nan) if self.reduction == "mean" else total)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        need_a, need_b = self.needs_input_grad[:2]
        factor = 2 / max(unwrap(a).size, 1) if self.reduction == "mean" else 2.0
        if isinstance(grad, np.ndarray):
            da = kernels.sub(a, b)
            da *= grad * factor
        else:
            da = mul(sub(a, b), mul(grad, factor))
        return self.undo(da if need_a else None, neg(da) if need_b else None)


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
        self.saved = (probs, max(count, 1))
        if self.reduction == "mean":
            return average
        return losses if self.reduction == "none" else sum(losses)

    def backward(self, grad: Any) -> tuple[Any, None]:
        logits, labels = self.inputs
        probs, count = self.saved
        if self.reduction == "mean":
            grad = grad / count
        if not isinstance(grad, Variable):
            return kernels.cross_entropy_backward(grad, probs, labels, self.ignore_index), None
        labels = labels.array.reshape(-1, 1)
        one_hot = (labels == np.arange(probs.shape[1])).astype(probs.dtype)
        kept = (labels != self.ignore_index).astype(probs.dtype)
        rows = grad.reshape((-1, 1))  # one gradient a row, or one for all
        return mul(sub(softmax(logits, 1), one_hot), mul(rows, kept)), None


def mse_loss(input: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """Return mean((input - target)^2), for input and target of one shape.

    `reduction` "sum" gives the sum, "none" every square. ValueError if the shapes differ.
    """
    check_reduction(reduction)
    check_same_shape("mse_loss", input, target)
    return SquaredError(reduction)(input, target)


def l1_loss(input: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """Return mean(|input - target|), for input and target of one shape.

    `reduction` "sum" gives the sum, "none" every difference. ValueError if the shapes differ.
    """
    check_reduction(reduction)
    check_same_shape("l1_loss", input, target)
    return reduce(abs(sub(input, target)), reduction)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Tensor:
    """Return -mean(weight (pos_weight t log s(x) + (1 - t) log(1 - s(x)))), s the sigmoid.

    `input` (x) and `target` (t, probabilities) have one shape; the weights broadcast to it.
    ValueError if the shapes differ.
    """
    name = "binary_cross_entropy_with_logits"
    check_reduction(reduction)
    check_same_shape(name, input, target)
    # log(1 - s(x)) = log s(x) - x: one stable logarithm serves both terms.
    no = sub(1.0, target)
    yes = target if pos_weight is None else mul(target, pos_weight)
    losses = sub(mul(no, input), mul(yes + no, logsigmoid(input)))
    return reduce(losses if weight is None else mul(losses, weight), reduction)


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
    ValueError if the shapes do not fit, IndexError for a label that is no class.
    """
    check_reduction(reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(
            f"cross_entropy: label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}"
        )
    shape, values = np.shape(unwrap(input)), np.asarray(unwrap(target))
    if values.dtype.kind == "f" and values.shape == shape:
        losses = _soft_losses(input, target, weight, label_smoothing)
        return reduce(losses, reduction)
    labels = _labels("cross_entropy", shape, values)
    rows = _as_rows(input)
    if weight is None and label_smoothing == 0.0:
        result = CrossEntropy(reduction, ignore_index)(rows, labels.reshape(-1))
        return result.reshape(labels.shape) if reduction == "none" else result
    log_probs = log_softmax(rows, 1)
    return _class_loss(
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
    labels = _labels("nll_loss", np.shape(unwrap(input)), np.asarray(unwrap(target)))
    return _class_loss("nll_loss", _as_rows(input), labels, weight, ignore_index, reduction)


def _class_loss(
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
    weights = _weights(name, weight, classes, dtype)
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


def _soft_losses(input: Any, target: Any, weight: Any, label_smoothing: float) -> Any:
    """The loss of each row for probabilities `target`, over dimension 1 of (N, C, ...) or (C,)."""
    dim = 1 if input.ndim > 1 else 0
    classes = input.shape[dim]
    if label_smoothing:
        target = mul(target, 1 - label_smoothing) + label_smoothing / classes
    terms = mul(log_softmax(input, dim), target)
    if weight is not None:
        weights = _weights("cross_entropy", weight, classes, unwrap(input).dtype)
        terms = mul(terms, weights.reshape((-1,) + (1,) * (input.ndim - dim - 1)))
    return neg(sum(terms, dim))


def reduce(losses: Any, reduction: str) -> Any:
    """Return the mean, the sum, or all of them ("none")."""
    if reduction == "none":
        return losses
    return (mean if reduction == "mean" else sum)(losses)


def check_reduction(reduction: str) -> None:
    """Raise ValueError unless `reduction` is one of the three that exist."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(
            f"{reduction} is not a valid value for reduction: use 'mean', 'sum' or 'none'"
        )


def check_same_shape(name: str, input: Any, target: Any) -> None:
    """Raise ValueError if prediction and target differ in shape: broadcast, they would be compared
    each with each, and the loss would look right."""
    shape, wanted = np.shape(unwrap(input)), np.shape(unwrap(target))
    if shape != wanted:
        raise ValueError(
            f"{name}: the prediction has shape {list(shape)} and the target {list(wanted)}; they "
            f"must be equal, they are not broadcast. Reshape one, e.g. target.view_as(prediction) "
            f"or prediction.squeeze(-1)."
        )


def _as_rows(input: Any) -> Any:
    """Logits (N, C, d1, ...) or (C,) as rows (N*d1*..., C)."""
    if input.ndim == 2:
        return input
    if input.ndim == 1:
        return input.reshape((1, -1))
    last = (0, *range(2, input.ndim), 1)
    moved = input.transpose(last) if isinstance(input, np.ndarray) else input.permute(last)
    return moved.reshape((-1, input.shape[1]))


def _labels(name: str, shape: tuple[int, ...], target: np.ndarray) -> np.ndarray:
    """`target` as int64, or an error that says what does not fit logits of `shape`."""
    if not shape:
        raise ValueError(f"{name}: the input is 0-d, it needs a dimension of classes")
    wanted = (*shape[:1], *shape[2:]) if len(shape) > 1 else ()
    if target.dtype.kind not in "iu":
        raise TypeError(
            f"{name}: the target is {target.dtype}, of shape {list(target.shape)}; expected labels "
            f"of an integer dtype and shape {list(wanted)} (convert with .long()), or floating-"
            f"point probabilities of the input's shape {list(shape)}"
        )
    if target.shape != wanted:
        raise ValueError(
            f"{name}: the input has shape {list(shape)} (batch, classes, ...), so the target must "
            f"have shape {list(wanted)}, one label a row, but it has {list(target.shape)}"
        )
    return target.astype(np.int64, copy=False)


def _weights(name: str, weight: Any, classes: int, dtype: np.dtype) -> np.ndarray:
    if weight is None:
        return np.ones(classes, dtype)
    weights = np.asarray(unwrap(weight), dtype)
    if weights.shape != (classes,):
        raise RuntimeError(
            f"{name}: weight must have one value for each of the {classes} classes, but it has "
            f"shape {list(weights.shape)}"
        )
    return weights
