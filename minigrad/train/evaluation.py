"""What a model makes of data: its outputs, its loss, its metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import nn
from ..autograd import no_grad
from ..ops import cat
from ..tensor import Tensor

# Called with the outputs of the model and whatever follows the inputs in a batch.
Metric = Callable[..., Any]


def accuracy(outputs: Tensor, targets: Tensor) -> float:
    """Return the fraction of rows whose largest output is that of their class.

    outputs (rows, classes), or (rows) logits of which the positive ones say class 1; targets (rows)
    """
    predicted = outputs.argmax(1) if outputs.ndim > 1 else (outputs > 0)
    return (predicted == targets).numpy().mean().item()


def named(metrics: Mapping[str, Metric] | Sequence[Metric]) -> dict[str, Metric]:
    """Return metrics by name: a function's own, where no other is given."""
    if isinstance(metrics, Mapping):
        return dict(metrics)
    if callable(metrics) or not all(hasattr(metric, "__name__") for metric in metrics):
        raise TypeError(
            f"metrics are named functions (outputs, *targets), as [train.accuracy], or a dict of such "
            f"by name, not {metrics!r}"
        )
    return {metric.__name__: metric for metric in metrics}


class Means:
    """Running means of a batch's figures, each batch weighing as much as it has samples."""

    def __init__(self) -> None:
        self.samples = 0
        self.sums: dict[str, float] = {}

    def add(
        self, metrics: Mapping[str, Metric], loss: Tensor, outputs: Any, targets: Sequence[Any]
    ) -> None:
        """Take in a batch: its loss, and what each metric makes of it."""
        if targets and not np.ndim(targets[0]):
            raise ValueError(
                "a batch is (inputs, *targets), each with the samples along its first dimension, but "
                "these targets are a single number: pass DataLoader(dataset, batch_size) for a dataset"
            )
        count = len(targets[0]) if targets else len(outputs)
        figures = {"loss": loss.item()}
        with no_grad():
            for name, metric in metrics.items():
                figures[name] = float(metric(outputs, *targets))
        self.samples += count
        for name, value in figures.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * count

    def figures(self, prefix: str = "") -> dict[str, float]:
        """Return the means so far, each name preceded by `prefix`."""
        return {prefix + name: total / self.samples for name, total in self.sums.items()}


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Within it, the model is in eval mode and nothing is recorded; each module's mode comes back."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def evaluate(
    model: nn.Module,
    loss: Metric,
    loader: Iterable[Any],
    metrics: Mapping[str, Metric] | Sequence[Metric] = (),
) -> dict[str, float]:
    """Return the mean loss and metrics of the model, in eval mode, over the batches of `loader`.

    A batch is (inputs, *targets); `loss` and each metric are called with (outputs, *targets) and
    return a mean over the batch. ValueError if there is no batch.
    """
    metrics, means = named(metrics), Means()
    with evaluating(model):
        for inputs, *targets in loader:
            outputs = model(inputs)
            means.add(metrics, loss(outputs, *targets), outputs, targets)
    if not means.samples:
        raise ValueError("evaluate: the loader yielded no batch, so there is no mean")
    return means.figures()


def predict(model: nn.Module, loader: Iterable[Any]) -> Tensor:
    """Return the outputs of the model, in eval mode, for all batches of `loader`, one after another.

    A batch is the inputs, or a tuple or list that begins with them.
    """
    with evaluating(model):
        outputs = [
            model(batch[0] if isinstance(batch, (tuple, list)) else batch) for batch in loader
        ]
    if not outputs:
        raise ValueError("predict: the loader yielded no batch")
    return cat(outputs)
