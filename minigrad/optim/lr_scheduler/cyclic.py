"""Rates that go up and down, and a momentum that goes the other way."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ..optimizer import Optimizer, Options
from .base import LRScheduler, checked, for_each_group, state_of


class _WithMomentum(LRScheduler):
    """What both have in common: the momentum (of Adam and its kin beta1) of each group."""

    def _begin_momentum(
        self, base: Any, highest: Any, last_epoch: int
    ) -> tuple[list[float], list[float]]:
        """Return the lowest and the highest momentum of each group."""
        defaults, groups = self.optimizer.defaults, self.optimizer.param_groups
        if not defaults.keys() & {"momentum", "betas"}:
            raise ValueError(
                "optimizer must support momentum or beta1 with `cycle_momentum` option enabled: "
                f"{type(self.optimizer).__name__} has neither, pass cycle_momentum=False"
            )
        self.use_beta1 = "betas" in defaults
        lows = for_each_group("base_momentum", self.optimizer, base)
        highs = for_each_group("max_momentum", self.optimizer, highest)
        if last_epoch == -1:
            for group, low, high in zip(groups, lows, highs, strict=True):
                group["base_momentum"], group["max_momentum"] = low, high
                self._set_momentum(group, high)
        return lows, highs

    def _set_momentum(self, group: Options, momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(_WithMomentum):
    """lr = base_lr + (max_lr - base_lr) h s: h rises from 0 to 1 in step_size_up steps and falls back
    in step_size_down; momentum = max_momentum - (max_momentum - base_momentum) h s.

    mode      s is "triangular" 1, "triangular2" 2^(1 - cycle), cycles counted from 1, "exp_range" gamma^t
    scale_fn  s as a function instead, of the cycle or, with scale_mode "iterations", of t
    Source: Smith, "Cyclical learning rates for training neural networks" (2015).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float = 0.8,
        max_momentum: float = 0.9,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = checked(optimizer)
        base_lrs = for_each_group("base_lr", optimizer, base_lr)
        self.max_lrs = for_each_group("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs, strict=True):
                group["lr"] = lr
        down = step_size_up if step_size_down is None else step_size_down
        self.total_size = float(step_size_up + down)
        self.step_ratio = step_size_up / self.total_size
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError(f"mode is invalid and scale_fn is None: {mode!r}")
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        if scale_fn is None:
            scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.scale_mode = scale_mode
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._begin_momentum(
                base_momentum, max_momentum, last_epoch
            )
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """Return s in cycle x, or at step x, as the mode has it."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "exp_range":
            return self.gamma**x
        return 2.0 ** (1 - x) if self.mode == "triangular2" else 1.0

    def _next_lr(self) -> list[float]:
        cycles = self.last_epoch / self.total_size
        cycle = math.floor(1 + cycles)
        x = 1 + cycles - cycle
        up = x <= self.step_ratio
        h = x / self.step_ratio if up else (1 - x) / (1 - self.step_ratio)
        h *= self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            groups = self.optimizer.param_groups
            pairs = zip(self.base_momentums, self.max_momentums, strict=True)
            for group, (low, high) in zip(groups, pairs, strict=True):
                self._set_momentum(group, high - (high - low) * h)
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * h for low, high in pairs]

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer and scale_fn; of one that is an object, what it holds."""
        return {**super().state_dict(), "_scale_fn_custom": state_of(self._scale_fn_custom)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict()` returned; scale_fn stays this scheduler's own."""
        super().load_state_dict({**state_dict, "_scale_fn_custom": self._scale_fn_custom})
        if state_dict["_scale_fn_custom"] is not None:
            vars(self._scale_fn_custom).update(state_dict["_scale_fn_custom"])


class OneCycleLR(_WithMomentum):
    """lr from max_lr / div_factor up to max_lr in the first pct_start of total_steps (or epochs
    steps_per_epoch), then down to max_lr / (div_factor final_div_factor); with three_phase it is back at
    the first rate after twice pct_start. The momentum falls from max_momentum to base_momentum while
    the rate rises, and rises while it falls. To be stepped after every batch.

    anneal_strategy  "cos" or "linear"
    Source: Smith and Topin, "Super-convergence" (2017).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 10000.0,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = checked(optimizer)
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        counts = {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
        counts = counts if total_steps is None else {"total_steps": total_steps}
        for name, count in counts.items():
            if not isinstance(count, int) or count <= 0:
                raise ValueError(f"Expected positive integer {name}, but got {count}")
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self.total_steps = math.prod(counts.values())
        self._anneal_func_type = anneal_strategy
        # last step of each phase, and what rate and momentum end it
        rise = pct_start * self.total_steps - 1
        fall = [(self.total_steps - 1, "min_lr", "max_momentum")]
        if three_phase:
            fall.insert(0, (2 * rise, "initial_lr", "max_momentum"))
        self._phases = [(rise, "max_lr", "base_momentum"), *fall]
        if last_epoch == -1:
            rates = for_each_group("max_lr", optimizer, max_lr)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["initial_lr"], group["max_lr"] = rate / div_factor, rate
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._begin_momentum(base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    def _next_lr(self) -> list[float]:
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(
                f"Tried to step {t} times. The specified number of total steps is {self.total_steps}"
            )
        began, low, low_momentum = 0.0, "initial_lr", "max_momentum"
        for end, lr, momentum in self._phases[:-1]:
            if t <= end:
                break
            began, low, low_momentum = end, lr, momentum
        else:
            end, lr, momentum = self._phases[-1]
        done = (t - began) / (end - began) if end != began else 1.0
        if self._anneal_func_type == "cos":
            done = (1 - math.cos(math.pi * done)) / 2
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(group[low] + (group[lr] - group[low]) * done)
            if self.cycle_momentum:
                rise = (group[momentum] - group[low_momentum]) * done
                self._set_momentum(group, group[low_momentum] + rise)
        return rates
