"""Losses of a margin: what is right shall score better than what is wrong, by so much at least."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import kernels
from ...autograd.op import unwrap
from ...tensor import Tensor
from ..activation import relu
from ..arithmetic import add, mul, neg, sub
from ..distance import pairwise_distance
from ..division import div
from ..gathering import gather
from ..pointwise import sqrt, square
from ..reduction import sum
from ..selection import clamp_min, minimum, where
from .classes import as_labels, class_weights
from .common import check_floating, check_reduction, check_same_shape, reduce

__all__ = [
    "cosine_embedding_loss",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


def hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, *, reduction: str = "mean"
) -> Tensor:
    """Return the mean of `input` where target is 1, of max(0, margin - input) where it is -1.

    `reduction` "sum" gives the sum, "none" every loss. ValueError if the shapes differ.
    """
    check_reduction(reduction)
    check_same_shape("hinge_embedding_loss", input, target)
    check_floating("hinge_embedding_loss", input)
    sides = unwrap(target)
    far = where(sides != 1, clamp_min(sub(margin, input), 0.0), 0.0)
    near = where(sides != -1, input, 0.0)
    return reduce(add(near, far), reduction)


def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, *, reduction: str = "mean"
) -> Tensor:
    """Return mean(max(0, -target (input1 - input2) + margin)): target 1 says that input1 shall be
    the larger one, -1 that input2 shall be.

    All three have one shape, RuntimeError if not. `reduction` "sum" gives the sum, "none" every loss.
    """
    check_reduction(reduction)
    check_same_shape("margin_ranking_loss", input1, input2, ("first input", "second"), RuntimeError)
    check_same_shape("margin_ranking_loss", input1, target, error=RuntimeError)
    return reduce(clamp_min(add(mul(neg(target), sub(input1, input2)), margin), 0.0), reduction)


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, *, reduction: str = "mean"
) -> Tensor:
    """Return the mean of 1 - c where target is 1, of max(0, c - margin) where it is -1; c is the
    cosine of the angle between the vectors.

    input1, input2  (N, D) or (D,)
    target          (N,) or ()

    `reduction` "sum" gives the sum, "none" every loss. RuntimeError if the shapes do not fit.
    """
    name = "cosine_embedding_loss"
    check_reduction(reduction)
    check_same_shape(name, input1, input2, ("first input", "second"), RuntimeError)
    shape, sides = np.shape(unwrap(input1)), np.asarray(unwrap(target))
    if len(shape) not in (1, 2) or sides.shape != shape[:-1]:
        raise RuntimeError(
            f"{name}: the inputs have shape {list(shape)} and the target {list(sides.shape)}; "
            f"expected (batch, features) and (batch,), or (features,) and ()"
        )
    squares = (add(sum(square(x), -1), 1e-12) for x in (input1, input2))
    cosine = div(sum(mul(input1, input2), -1), sqrt(mul(*squares)))
    near = where(sides == 1, sub(1.0, cosine), 0.0)
    far = where(sides == -1, clamp_min(sub(cosine, margin), 0.0), 0.0)
    return reduce(add(near, far), reduction)


def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    *,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean over rows of sum_(j != y) weight[y] max(0, margin - x[y] + x[j])^p / C.

    input   x: scores (N, C) or (C,)
    target  y: labels of any integer dtype, (N,), or () for (C,)
    p       1 or 2
    weight  (C,)

    `reduction` "sum" gives the sum, "none" every row's loss. ValueError if the shapes do not fit,
    IndexError for a label that is no class. Source: Crammer and Singer (2001).
    """
    name = "multi_margin_loss"
    check_reduction(reduction)
    check_floating(name, input)
    if p not in (1, 2):
        raise ValueError(f"{name}: only p == 1 and p == 2 supported, not {p}")
    if weight is not None and np.ndim(unwrap(weight)) != 1:
        raise ValueError(f"{name}: weight must be one-dimensional, (classes,)")
    shape, labels = np.shape(unwrap(input)), np.asarray(unwrap(target))
    if len(shape) < 2 and labels.size == 1:  # PyTorch takes one row with its label as () or (1,)
        shape, labels = (shape or (1,)), labels.reshape(())
    labels = as_labels(name, shape, labels)
    classes = shape[-1]
    rows, column = input.reshape((-1, classes)), labels.reshape((-1, 1))
    kernels.check_index(column.reshape(-1), classes, f"{name}: label", "classes")
    over = relu(add(sub(rows, gather(rows, 1, column)), margin))
    over = where(column == np.arange(classes), 0.0, over if p == 1 else square(over))
    losses = div(sum(over, 1), classes)
    weights = class_weights(name, weight, classes, losses.dtype)
    if weights is not None:
        losses = mul(losses, weights[column[:, 0]])
    return reduce(losses.reshape(np.shape(unwrap(target))), reduction)


def multilabel_margin_loss(input: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """Return the mean over rows of sum_(y, j) max(0, 1 - x[y] + x[j]) / C: y runs over the labels
    of the row, j over the classes that are not among them.

    input   x: scores (N, C) or (C,)
    target  of the same shape: each row its labels, ended by -1

    `reduction` "sum" gives the sum, "none" every row's loss. ValueError if the shapes differ.
    """
    name = "multilabel_margin_loss"
    check_reduction(reduction)
    check_same_shape(name, input, target)
    check_floating(name, input)
    labels = np.asarray(unwrap(target))
    classes = labels.shape[-1] if labels.ndim else 1
    rows, labels = input.reshape((-1, 1, classes)), labels.reshape((-1, classes))
    listed = np.logical_and.accumulate(labels >= 0, axis=1)
    kernels.check_index(labels[listed], classes, f"{name}: label", "classes")
    labels = np.where(listed, labels, 0)
    right = (listed[..., None] & (labels[..., None] == np.arange(classes))).any(1)
    best = gather(input.reshape((-1, classes)), 1, labels).reshape((-1, classes, 1))
    over = relu(add(sub(rows, best), 1.0))
    over = where(listed[:, :, None] & ~right[:, None, :], over, 0.0)
    losses = div(sum(over, (1, 2)), classes)
    return reduce(losses.reshape(np.shape(unwrap(input))[:-1]), reduction)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Tensor:
    """Return mean(max(0, d(anchor, positive) - d(anchor, negative) + margin)), d the p-norm of the
    difference (+ eps).

    All three have one shape, (N, D) or (D,): RuntimeError if not. With `swap`, the distance of the
    negative is that to the nearer one of anchor and positive. `reduction` "sum" gives the sum,
    "none" every loss. ValueError for margin <= 0. Source: Balntas et al., Learning shallow
    convolutional feature descriptors with triplet losses (2016).
    """

    def distance(a: Any, b: Any) -> Any:
        return pairwise_distance(a, b, p, eps)

    return triplet_margin_with_distance_loss(
        anchor,
        positive,
        negative,
        distance_function=distance,
        margin=margin,
        swap=swap,
        reduction=reduction,
    )


def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """Return `triplet_margin_loss` with a distance of your own, a function of two Tensors."""
    name = "triplet_margin_loss"
    check_reduction(reduction)
    if margin <= 0:
        raise ValueError(f"{name}: margin must be greater than 0, got {margin}")
    check_same_shape(name, anchor, positive, ("anchor", "positive"), RuntimeError)
    check_same_shape(name, anchor, negative, ("anchor", "negative"), RuntimeError)
    distance = distance_function or pairwise_distance
    wrong = distance(anchor, negative)
    if swap:
        wrong = minimum(wrong, distance(positive, negative))
    return reduce(clamp_min(add(sub(distance(anchor, positive), wrong), margin), 0.0), reduction)
