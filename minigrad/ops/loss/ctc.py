"""Connectionist temporal classification: labels of a sequence, without saying when each one is."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import kernels
from ...autograd.op import Op, unwrap
from ...tensor import Tensor
from ..division import div
from ..softmax import Softmax
from .common import check_floating, check_reduction, reduce, warn_of_activation

__all__ = ["ctc_loss"]


class CTC(Op):
    """-ln of the probability of all alignments of each sequence: x (T, N, C) -> (N,).

    With l = (blank, label 1, blank, label 2, ..., blank), an alignment starts at place 0 or 1 of l, ends
    at one of the last two, and goes each step on by 0, 1, or 2 places, by 2 only to another label:

        alpha_t(s) = x_t(l_s) + ln(e^alpha_t-1(s) + e^alpha_t-1(s - 1) + [e^alpha_t-1(s - 2)])

    beta_t(s) likewise from the end, without x_t. dx_t(k) = grad (e^x_t(k) - the probability of being at
    a place of label k at t), which is the gradient of what went into a log_softmax: one that x comes
    from leaves it as it is. Zero beyond a sequence's end, and where the loss is infinite not a number,
    or zero with zero_infinity.

    labels (N, S) and the lengths (N,) of the inputs and of the labels: int64.
    """

    __slots__ = ("blank", "input_lengths", "labels", "target_lengths", "zero_infinity")

    def __init__(
        self,
        labels: np.ndarray,
        input_lengths: np.ndarray,
        target_lengths: np.ndarray,
        blank: int = 0,
        zero_infinity: bool = False,
    ) -> None:
        self.labels = labels
        self.input_lengths = input_lengths
        self.target_lengths = target_lengths
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(self, x: np.ndarray) -> np.ndarray:
        steps, batch, _ = x.shape
        places = np.full((batch, 2 * self.labels.shape[1] + 1), self.blank)
        there = np.arange(self.labels.shape[1]) < self.target_lengths[:, None]
        places[:, 1::2] = np.where(there, self.labels, self.blank)
        skip = places[:, 2:] != places[:, :-2]
        at_places = np.take_along_axis(x, places[None], 2)
        alpha = np.full((steps, batch, places.shape[1]), -np.inf, x.dtype)
        alpha[:1, :, :2] = at_places[:1, :, :2]
        for t in range(1, steps):
            alpha[t] = at_places[t] + log_of_ways(alpha[t - 1], skip)
        # Of no steps nothing but no labels can come.
        last = np.where(np.arange(places.shape[1]) == 0, x.dtype.type(0), -np.inf)
        last = np.tile(last, (batch, 1)).astype(x.dtype)
        some = np.flatnonzero(self.input_lengths)
        last[some] = alpha[self.input_lengths[some] - 1, some]
        losses = -log_sum(np.where(self.ends(places), last, -np.inf), 1)
        self.inputs = (x,)
        self.saved = (places, skip, at_places, alpha, losses)
        return np.where(np.isinf(losses), 0, losses) if self.zero_infinity else losses

    def ends(self, places: np.ndarray) -> np.ndarray:
        """Where in `places` (N, L) an alignment may end: at the last label, or the blank behind it."""
        place, end = np.arange(places.shape[1]), 2 * self.target_lengths[:, None]
        return (place == end) | (place == end - 1)

    def backward(self, grad: Any) -> Any:
        return CTCGradient(self.slopes())(grad, self.inputs[0])

    def slopes(self) -> np.ndarray:
        x = unwrap(self.inputs[0])
        places, skip, at_places, alpha, losses = self.saved
        steps, batch, classes = x.shape
        hopeless = np.isinf(losses)
        start = np.where(self.ends(places), x.dtype.type(0), -np.inf).astype(x.dtype)
        back = skip[:, ::-1]
        at = np.empty_like(alpha)  # the probability of being at a place
        beta = start
        for t in reversed(range(steps)):
            if t + 1 < steps:
                ahead = beta + at_places[t + 1]
                beta = log_of_ways(ahead[:, ::-1], back)[:, ::-1]
            beta = np.where((self.input_lengths == t + 1)[:, None], start, beta)
            at[t] = np.exp(alpha[t] + beta + np.where(hopeless, 0, losses)[:, None])
        rows = np.arange(steps * batch).reshape(steps, batch, 1)
        index = (rows * classes + places).reshape(-1)
        of_labels = np.bincount(index, at.reshape(-1), x.size).reshape(x.shape)
        slopes = np.exp(x) - of_labels.astype(x.dtype)
        slopes[:, hopeless] = 0 if self.zero_infinity else np.nan
        slopes[np.arange(steps)[:, None] >= self.input_lengths] = 0
        return slopes


class CTCGradient(Op):
    """The gradient of each loss, (N,), times its `slopes` (T, N, C)."""

    __slots__ = ("slopes",)

    def __init__(self, slopes: np.ndarray) -> None:
        self.slopes = slopes

    def forward(self, grad: np.ndarray, x: np.ndarray) -> np.ndarray:
        return grad[:, None] * self.slopes

    def backward(self, grad: Any) -> Any:
        raise RuntimeError("ctc_loss: the derivative of its gradient is not implemented")


def log_of_ways(before: np.ndarray, skip: np.ndarray) -> np.ndarray:
    """Return ln(e^before(s) + e^before(s - 1) + e^before(s - 2)) at each place s of (N, L), the last
    term where `skip` (N, L - 2) is true."""
    ways = np.full((3, *before.shape), -np.inf, before.dtype)
    ways[0] = before
    ways[1, :, 1:] = before[:, :-1]
    np.copyto(ways[2, :, 2:], before[:, :-2], where=skip)
    return log_sum(ways, 0)


def log_sum(x: np.ndarray, axis: int) -> np.ndarray:
    """Return ln(sum e^x) along `axis`, also of nothing but -inf."""
    top = np.maximum(x.max(axis, keepdims=True), np.finfo(x.dtype).min)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(x - top).sum(axis)) + top.squeeze(axis)


def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Return -ln p(targets | log_probs): over all alignments of labels with the steps of a sequence, in
    which labels repeat and blanks stand between them.

    log_probs       (T, N, C), or (T, C) for one sequence, as log_softmax over the classes gives them
    targets         labels of any integer dtype: (N, S), padded; or all of them one after the other,
                    (sum of target_lengths,)
    input_lengths   how many of the T steps each sequence has: (N,), or a number
    target_lengths  how many labels: likewise

    "mean" divides each loss by its number of labels (at least 1) and takes the mean over the batch;
    `reduction` "sum" gives the sum, "none" every loss. The loss is infinite where labels do not fit
    into the steps; `zero_infinity` makes it, and its gradient, zero. The gradient is right for
    normalised log_probs, through the log_softmax that they come from. Warns if they come from a
    softmax. RuntimeError for shapes or lengths that do not fit, IndexError for a label that is no
    class. Source: Graves et al., "Connectionist temporal classification" (2006).
    """
    check_reduction(reduction)
    check_floating("ctc_loss", log_probs)
    warn_of_activation(
        "ctc_loss", log_probs, Softmax, "It expects log-probabilities: use log_softmax instead."
    )
    shape = tuple(log_probs.shape)
    if len(shape) not in (2, 3):
        raise RuntimeError(
            f"ctc_loss: expected log_probs of shape (steps, batch, classes) or (steps, classes), got "
            f"{list(shape)}"
        )
    rows = log_probs if len(shape) == 3 else log_probs.reshape((shape[0], 1, shape[1]))
    steps, batch, classes = rows.shape
    inputs = checked_lengths("input_lengths", input_lengths, batch, steps)
    lengths = checked_lengths("target_lengths", target_lengths, batch, None)
    if not 0 <= blank < classes:
        raise RuntimeError(
            f"ctc_loss: blank must be in label range, from 0 to {classes - 1}, got {blank}"
        )
    labels = as_table(np.asarray(unwrap(targets)), lengths, classes)
    losses = CTC(labels, inputs, lengths, blank, zero_infinity)(rows)
    if reduction == "mean":
        losses = div(losses, np.maximum(lengths, 1).astype(rows.dtype))
    elif reduction == "none" and len(shape) == 2:
        return losses.reshape(())
    return reduce(losses, reduction)


def checked_lengths(what: str, lengths: Any, batch: int, most: int | None) -> np.ndarray:
    """Return a length for each sequence; RuntimeError unless they are integers from 0 to `most`."""
    lengths = np.atleast_1d(np.asarray(unwrap(lengths)))
    if lengths.dtype.kind not in "iu" or lengths.shape != (batch,):
        raise RuntimeError(
            f"ctc_loss: {what} must be integral and of size batch_size, {batch}, got "
            f"{lengths.dtype} of shape {list(lengths.shape)}"
        )
    if batch and (lengths.min() < 0 or (most is not None and lengths.max() > most)):
        limit = "" if most is None else f" and at most the {most} steps of log_probs"
        raise RuntimeError(
            f"ctc_loss: expected {what} to be at least 0{limit}, got {lengths.tolist()}"
        )
    return lengths.astype(np.int64)


def as_table(targets: np.ndarray, lengths: np.ndarray, classes: int) -> np.ndarray:
    """Return `targets` as a table (N, longest); RuntimeError or IndexError for what is no label."""
    batch, longest = len(lengths), int(lengths.max(initial=0))
    there = np.arange(longest) < lengths[:, None]
    table = np.zeros(there.shape, np.int64)
    if targets.dtype.kind not in "iu" and targets.size:
        raise RuntimeError(
            f"ctc_loss: the targets are {targets.dtype}; expected labels of an integer dtype "
            f"(convert them with .long())"
        )
    if targets.ndim == 2 and len(targets) == batch and targets.shape[1] >= longest:
        table[...] = targets[:, :longest]
    elif targets.shape == (lengths.sum(),):
        table[there] = targets
    else:
        raise RuntimeError(
            f"ctc_loss: expected targets of shape ({batch}, {longest}) or longer, one row a sequence, "
            f"or ({lengths.sum()},), all one after the other, for target_lengths "
            f"{lengths.tolist()}; got {list(targets.shape)}"
        )
    kernels.check_index(table[there], classes, "ctc_loss: label", "classes")
    return table
