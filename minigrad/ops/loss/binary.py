"""Losses of yes or no: cross-entropy of a probability, or of a logit, and the logistic loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autograd.op import unwrap
from ...dtypes import floating
from ...tensor import Tensor
from ..activation import Sigmoid, logsigmoid
from ..arithmetic import add, mul, neg, sub
from ..broadcasting import Broadcasting
from ..division import div
from ..pointwise import log, log1p
from ..reduction import mean
from ..selection import clamp_min
from .common import check_floating, check_reduction, check_same_shape, reduce, warn_of_activation

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
]


class BinaryCrossEntropy(Broadcasting):
    """-t ln x - (1 - t) ln(1 - x), each logarithm at least -100, so that no loss is infinite

    d x = (x - t) / (x (1 - x)), the denominator at least 1e-12
    """

    __slots__ = ()

    def forward(self, x: np.ndarray, t: np.ndarray) -> np.ndarray:
        x, t = map(floating, self.align(x, t))
        self.inputs = (x, t)
        yes, no = log_odds(x)
        return neg(add(no, mul(t, sub(yes, no))))

    def backward(self, grad: Any) -> tuple[Any, Any]:
        x, t = self.inputs
        need_x, need_t = self.needs(2)
        dx = dt = None
        if need_x:
            dx = mul(grad, div(sub(x, t), clamp_min(mul(x, sub(1.0, x)), 1e-12)))
        if need_t:
            yes, no = log_odds(x)
            dt = mul(grad, sub(no, yes))
        return self.undo(dx, dt)


def log_odds(x: Any) -> tuple[Any, Any]:
    """Return ln x and ln(1 - x), at least -100."""
    return clamp_min(log(x), -100.0), clamp_min(log1p(neg(x)), -100.0)


def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
) -> Tensor:
    """Return -mean(weight (t ln x + (1 - t) ln(1 - x))), the logarithms at least -100.

    `input` (x) and `target` (t) are probabilities of one shape; `weight` broadcasts to it.
    `reduction` "sum" gives the sum, "none" every loss. ValueError if the shapes differ,
    RuntimeError for what lies outside [0, 1].
    """
    check_reduction(reduction)
    check_same_shape("binary_cross_entropy", input, target)
    check_floating("binary_cross_entropy", input)
    check_probabilities(
        "input", input, "of logits use binary_cross_entropy_with_logits, or take their sigmoid"
    )
    check_probabilities("target", target, "1 means yes and 0 means no")
    losses = BinaryCrossEntropy()(input, target)
    return reduce(losses if weight is None else mul(losses, weight), reduction)


def check_probabilities(what: str, values: Any, advice: str) -> None:
    """Raise RuntimeError unless all of `values` lie in [0, 1]."""
    array = np.asarray(unwrap(values))
    if not array.size:
        return
    low, high = array.min(), array.max()
    if not (low >= 0 and high <= 1):
        raise RuntimeError(
            f"binary_cross_entropy: all elements of {what} should be between 0 and 1, and they are "
            f"between {low:g} and {high:g}: {advice}"
        )


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
    Warns if the input comes from a sigmoid. ValueError if the shapes differ.
    """
    name = "binary_cross_entropy_with_logits"
    check_reduction(reduction)
    check_same_shape(name, input, target)
    check_floating(name, input)
    warn_of_activation(
        name, input, Sigmoid, "It expects logits, and applies the sigmoid itself: leave it out."
    )
    # log(1 - s(x)) = log s(x) - x: one stable logarithm serves both terms.
    no = sub(1.0, target)
    yes = target if pos_weight is None else mul(target, pos_weight)
    losses = sub(mul(no, input), mul(add(yes, no), logsigmoid(input)))
    return reduce(losses if weight is None else mul(losses, weight), reduction)


def multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
) -> Tensor:
    """Return the mean over classes (the last dimension), then over rows, of
    -weight (t log s(x) + (1 - t) log(1 - s(x))), s the sigmoid.

    input (x) and target (t)  (..., C)
    weight                    broadcasts to them

    `reduction` "sum" gives the sum over rows, "none" the loss of each. ValueError if the shapes
    differ.
    """
    check_reduction(reduction)
    check_same_shape("multilabel_soft_margin_loss", input, target)
    losses = binary_cross_entropy_with_logits(input, target, weight, reduction="none")
    return reduce(mean(losses, -1), reduction)


def soft_margin_loss(input: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """Return mean(ln(1 + e^(-target input))), the logistic loss; the target is 1 or -1.

    `reduction` "sum" gives the sum, "none" every loss. ValueError if the shapes differ.
    """
    check_reduction(reduction)
    check_same_shape("soft_margin_loss", input, target)
    check_floating("soft_margin_loss", input)
    return reduce(neg(logsigmoid(mul(input, target))), reduction)
