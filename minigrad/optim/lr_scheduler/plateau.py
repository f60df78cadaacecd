"""A rate that is reduced whenever a figure has stopped to improve."""

from __future__ import annotations

import math
import warnings
from typing import SupportsFloat

from ..optimizer import Optimizer
from .base import LRScheduler, checked, current


class ReduceLROnPlateau(LRScheduler):
    """lr = max(lr factor, min_lr) once more than `patience` steps in a row brought no figure that is
    better than the best so far by `threshold`.

    mode            "min" or "max": what is better
    threshold_mode  better than best (1 - threshold) is "rel", than best - threshold "abs" (+ for "max")
    cooldown        steps after a reduction in which bad figures are not counted
    min_lr          for all groups, or a list, one for each
    eps             changes not larger than it are left undone
    verbose         prints a line for each reduction
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
        verbose: bool = False,
    ) -> None:
        if factor >= 1:
            raise ValueError(f"Factor should be < 1.0, got {factor}.")
        if mode not in ("min", "max"):
            raise ValueError(f"mode {mode} is unknown!")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold mode {threshold_mode} is unknown!")
        self.optimizer = checked(optimizer)
        several = isinstance(min_lr, (list, tuple))
        if several and len(min_lr) != len(optimizer.param_groups):
            raise ValueError(f"expected {len(optimizer.param_groups)} min_lrs, got {len(min_lr)}")
        self.default_min_lr = None if several else min_lr
        self.min_lrs = list(min_lr) if several else [min_lr] * len(optimizer.param_groups)
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.eps = eps
        self.verbose = verbose
        self.last_epoch = 0
        self.best = self.mode_worse = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = 0
        self.num_bad_epochs = 0
        self._last_lr = current(optimizer)

    def step(self, metrics: SupportsFloat, epoch: int | None = None) -> None:
        """Take the figure of an epoch, and reduce the rates if it is time to."""
        if epoch is not None:
            warnings.warn(
                "The epoch parameter in `scheduler.step()` is deprecated: the scheduler counts its steps "
                "by itself.",
                UserWarning,
                stacklevel=2,
            )
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        figure = float(metrics)
        if self._is_better(figure):
            self.best = figure
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = current(self.optimizer)

    @property
    def in_cooldown(self) -> bool:
        """Whether bad figures are not counted now."""
        return self.cooldown_counter > 0

    def _is_better(self, figure: float) -> bool:
        sign = -1 if self.mode == "min" else 1
        if self.threshold_mode == "rel":
            bound = self.best * (1 + sign * self.threshold)
        else:
            bound = self.best + sign * self.threshold
        return figure < bound if self.mode == "min" else figure > bound

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise RuntimeError(
                    f"The number of param groups in the `optimizer` ({len(groups)}) differs from when "
                    f"`ReduceLROnPlateau` was initialized ({len(self.min_lrs)}): after adding a group, "
                    f"give its min_lr to the scheduler's `min_lrs`, too"
                )
            self.min_lrs = [self.default_min_lr] * len(groups)
        for i, (group, lowest) in enumerate(zip(groups, self.min_lrs, strict=True)):
            reduced = max(group["lr"] * self.factor, lowest)
            if group["lr"] - reduced > self.eps:
                group["lr"] = reduced
                if self.verbose:
                    print(
                        f"Epoch {self.last_epoch:5d}: reducing learning rate of group {i} "
                        f"to {reduced:.4e}."
                    )
