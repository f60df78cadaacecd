"""AdaptiveLogSoftmaxWithLoss: classes of which few are frequent."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..autograd.op import unwrap
from ..ops.arithmetic import add
from ..ops.gathering import gather, index_add
from ..ops.joining import cat
from ..ops.softmax import log_softmax
from ..tensor import Tensor
from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module


class ASMoutput(NamedTuple):
    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """log softmax over classes in the order of their frequency, and the mean loss -log p(target).

    The classes below the first of `cutoffs` have scores of their own; the others are clusters, from one cutoff to
    the next, each with one score, and within cluster i = 1, 2, ... with scores of a projection of the input to
    in_features / div_value^i: only where the target is in it. input (batch, in_features) and target (batch), or
    (in_features) and (), -> (output, loss): the log-probabilities of the targets, and their mean, negated.
    `log_prob(input)` has those of all classes. ValueError or RuntimeError for what does not fit.

    Source: Grave, Joulin, Cisse, Grangier and Jegou, "Efficient softmax approximation for GPUs" (2017).
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        bounds = [0, *cutoffs, n_classes]
        rising = all(a < b and a == int(a) for a, b in pairwise(bounds))
        if len(bounds) < 3 or not rising:
            raise ValueError(
                f"AdaptiveLogSoftmaxWithLoss: cutoffs should be a sequence of at least one whole number, rising, "
                f"each from 1 to n_classes-1={n_classes - 1}, not {list(cutoffs)}"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*map(int, cutoffs), n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, head_bias, device, dtype)
        self.tail = ModuleList()
        for i in range(self.n_clusters):
            width = int(in_features // div_value ** (i + 1))
            self.tail.append(
                Sequential(
                    Linear(in_features, width, False, device, dtype),
                    Linear(width, self.cutoffs[i + 1] - self.cutoffs[i], False, device, dtype),
                )
            )

    def reset_parameters(self) -> None:
        """Draw all weights anew, as those of Linear."""
        for module in self.modules():
            if isinstance(module, Linear):
                module.reset_parameters()

    def forward(self, input: Tensor, target: Tensor) -> ASMoutput:
        if target.ndim > 1 or input.ndim != target.ndim + 1 or input.shape[:-1] != target.shape:
            raise RuntimeError(
                f"AdaptiveLogSoftmaxWithLoss: expected input (batch, in_features) and target (batch), or "
                f"(in_features) and (), not {list(input.shape)} and {list(target.shape)}"
            )
        labels = unwrap(target).reshape(-1)
        if labels.size and not 0 <= labels.min() <= labels.max() < self.n_classes:
            raise RuntimeError(
                f"AdaptiveLogSoftmaxWithLoss: Target values should be in [0, {self.n_classes - 1}], but values in "
                f"range [{labels.min()}, {labels.max()}] were found"
            )
        x = input if target.ndim else input.unsqueeze(0)
        cluster = np.searchsorted(self.cutoffs, labels, "right")  # 0: a class of the head
        place = np.where(cluster == 0, labels, self.shortlist_size + cluster - 1)
        output = gather(log_softmax(self.head(x), 1), 1, place[:, None]).squeeze(1)
        for i, tail in enumerate(self.tail, 1):
            (rows,) = np.nonzero(cluster == i)
            if rows.size:
                within = labels[rows, None] - self.cutoffs[i - 1]
                found = gather(log_softmax(tail(x[rows]), 1), 1, within)
                output = index_add(output, 0, rows, found.squeeze(1))
        return ASMoutput(output if target.ndim else output.squeeze(0), -output.mean())

    def log_prob(self, input: Tensor) -> Tensor:
        """Return the log-probabilities of all classes: (batch, in_features) -> (batch, n_classes)."""
        head = log_softmax(self.head(input), 1)
        tails = [
            add(log_softmax(tail(input), 1), head[:, self.shortlist_size + i, None])
            for i, tail in enumerate(self.tail)
        ]
        return cat([head[:, : self.shortlist_size], *tails], 1)

    def predict(self, input: Tensor) -> Tensor:
        """Return the most probable class of each row: (batch, in_features) -> (batch)."""
        return self.log_prob(input).argmax(1)
