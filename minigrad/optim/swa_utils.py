"""Averages of a model's weights over training: exponential (EMA) or equal (SWA)."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.grad_mode import no_grad
from ..autograd.versions import change_of, record_changes
from ..nn.module import Module
from ..nn.normalization import _BatchNorm
from ..ops.creation import tensor
from ..tensor import Tensor
from .lr_scheduler.base import LRScheduler, for_each_group
from .optimizer import Optimizer

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

AvgFn = Callable[[Tensor, Tensor, Any], Tensor]
MultiAvgFn = Callable[[list[Tensor], list[Tensor], Any], None]


def _checked_decay(decay: float) -> float:
    if not 0 <= decay <= 1:
        raise ValueError(
            f"Invalid decay value {decay} provided. Please provide a value in [0,1] range."
        )
    return decay


def _approach(averages: list[Tensor], currents: list[Tensor], weight: float) -> None:
    """average += weight (current - average), in place, for tensors of one dtype."""
    targets, sources = ([t.array for t in tensors] for tensors in (averages, currents))
    if averages[0].is_floating_point():
        # a step of SGD with g = average - current: one launch for all of them
        kernels.sgd(targets, sources, lr=weight, weight_decay=1.0, maximize=True)
    else:
        for target, source in zip(targets, sources, strict=True):
            target[...] = target + weight * (source - target)
    record_changes(map(change_of, targets), "update_parameters")


def get_ema_multi_avg_fn(decay: float = 0.999) -> MultiAvgFn:
    """Return the in-place average = decay average + (1 - decay) current of lists of tensors."""
    weight = 1 - _checked_decay(decay)
    return lambda averages, currents, _: _approach(averages, currents, weight)


def get_swa_multi_avg_fn() -> MultiAvgFn:
    """Return the in-place average += (current - average) / (num_averaged + 1) of lists of tensors."""
    return lambda averages, currents, count: _approach(averages, currents, 1 / (int(count) + 1))


def get_ema_avg_fn(decay: float = 0.999) -> AvgFn:
    """Return the function decay average + (1 - decay) current of two tensors."""
    decay = _checked_decay(decay)
    return lambda average, current, _: decay * average + (1 - decay) * current


def get_swa_avg_fn() -> AvgFn:
    """Return the function average + (current - average) / (num_averaged + 1) of two tensors."""
    return lambda average, current, count: average + (current - average) / (count + 1)


class AveragedModel(Module):
    """A copy of `model`, in `module`, whose parameters are averages of those that it had at each
    `update_parameters(model)`; the first call copies them.

    avg_fn        (average, current, n_averaged) -> average, of one parameter; without it and
                  multi_avg_fn the average is an equal one (SWA)
    multi_avg_fn  the same in place, of lists of parameters of one dtype
    use_buffers   average buffers as well; else they are copied
    Sources: Polyak and Juditsky (1992); Izmailov et al., "Averaging weights leads to wider optima and
    better generalization" (2018).
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: AvgFn | None = None,
        multi_avg_fn: MultiAvgFn | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = copy.deepcopy(model)
        if device is not None:
            self.module.to(device)
        self.register_buffer("n_averaged", tensor(0))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def _averaged(self, model: Module) -> Iterator[Tensor]:
        return itertools.chain(model.parameters(), model.buffers() if self.use_buffers else ())

    @no_grad()
    def update_parameters(self, model: Module) -> None:
        """Take `model`'s present parameters into the average."""
        pairs = list(zip(self._averaged(self.module), self._averaged(model), strict=True))
        if self.n_averaged.item() == 0:
            for average, current in pairs:
                average.copy_(current)
        elif self.avg_fn is not None:
            for average, current in pairs:
                average.copy_(self.avg_fn(average.detach(), current.detach(), self.n_averaged))
        else:
            by_dtype: dict[np.dtype, tuple[list[Tensor], list[Tensor]]] = {}
            for average, current in pairs:
                averages, currents = by_dtype.setdefault(average.dtype, ([], []))
                averages.append(average.detach())
                currents.append(current.detach())
            multi_avg_fn = self.multi_avg_fn or get_swa_multi_avg_fn()
            for averages, currents in by_dtype.values():
                multi_avg_fn(averages, currents, self.n_averaged)
        if not self.use_buffers:
            for average, current in zip(self.module.buffers(), model.buffers(), strict=True):
                average.copy_(current)
        self.n_averaged += 1


@no_grad()
def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Replace the running statistics of the model's BatchNorm layers by those of one pass over the
    loader's batches: tensors, or tuples and lists whose first element is what the model takes."""
    layers = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    if not layers:
        return
    training, momenta = model.training, [layer.momentum for layer in layers]
    model.train()
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
    for batch in loader:
        input = batch[0] if isinstance(batch, (list, tuple)) else batch
        model(input if device is None else input.to(device))
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    model.train(training)


class SWALR(LRScheduler):
    """lr from what it is to swa_lr in anneal_epochs steps, along half a cosine or ("linear") a line; it
    stays there.

    swa_lr is one for all groups, or a list. Source: Izmailov et al., "Averaging weights leads to wider
    optima and better generalization" (2018).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float,
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        rates = for_each_group("swa_lr", optimizer, swa_lr)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self._anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _left(self, step: int) -> float:
        """What is left of the way to swa_lr, from 1 to 0."""
        done = min(max(step / max(1, self.anneal_epochs), 0), 1)
        return 1 - done if self._anneal_strategy == "linear" else (1 + math.cos(math.pi * done)) / 2

    def _next_lr(self) -> list[float]:
        step = self._step_count - 1 if self.anneal_epochs else max(1, self._step_count - 1)
        before = self._left(step - 1)
        ratio = self._left(step) / before if before else 0.0
        return [
            group["swa_lr"] + (group["lr"] - group["swa_lr"]) * ratio
            for group in self.optimizer.param_groups
        ]
