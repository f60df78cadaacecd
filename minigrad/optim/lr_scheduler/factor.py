"""Rates multiplied by a factor at each step: given by the user, by steps, along a line or a power."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler, state_of


class _Lambdas(LRScheduler):
    """A function of t, or one for each group."""

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        groups = len(optimizer.param_groups)
        several = isinstance(lr_lambda, (list, tuple))
        self.lr_lambdas = list(lr_lambda) if several else [lr_lambda] * groups
        if len(self.lr_lambdas) != groups:
            raise ValueError(f"Expected {groups} lr_lambdas, but got {len(self.lr_lambdas)}")
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(
                    f"lr_lambda should be a function, but got {type(function).__name__}"
                )
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer and the functions; of functions that are objects, what
        they hold."""
        return {**super().state_dict(), "lr_lambdas": [state_of(f) for f in self.lr_lambdas]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict()` returned; functions stay this scheduler's own."""
        super().load_state_dict({**state_dict, "lr_lambdas": self.lr_lambdas})
        for function, state in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if state is not None:
                vars(function).update(state)


class LambdaLR(_Lambdas):
    """lr = base_lr lr_lambda(t); lr_lambda may be a list, one for each group."""

    def _next_lr(self) -> list[float]:
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [base * function(self.last_epoch) for base, function in pairs]


class MultiplicativeLR(_Lambdas):
    """lr = lr lr_lambda(t) at each step t >= 1; lr_lambda may be a list, one for each group."""

    def _next_lr(self) -> list[float]:
        pairs = zip(self.optimizer.param_groups, self.lr_lambdas, strict=True)
        if self._is_initial:
            return [group["lr"] for group, _ in pairs]
        return [group["lr"] * function(self.last_epoch) for group, function in pairs]


class _Factor(LRScheduler):
    """lr = base_lr c(t), where each step multiplies the rates that it finds by c(t) / c(t - 1)."""

    def _c(self) -> float:
        """c(t)"""
        raise NotImplementedError

    def _ratio(self) -> float:
        """c(t) / c(t - 1)"""
        raise NotImplementedError

    def _next_lr(self) -> list[float]:
        ratio = self._ratio()
        return [group["lr"] * ratio for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self) -> list[float]:
        c = self._c()
        return [base * c for base in self.base_lrs]


class StepLR(_Factor):
    """lr = base_lr gamma^floor(t / step_size)"""

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _c(self) -> float:
        return self.gamma ** (self.last_epoch // self.step_size)

    def _ratio(self) -> float:
        return self.gamma if self.last_epoch and self.last_epoch % self.step_size == 0 else 1.0


class MultiStepLR(_Factor):
    """lr = base_lr gamma^(the number of milestones <= t)"""

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _c(self) -> float:
        return self.gamma ** sum(n for t, n in self.milestones.items() if t <= self.last_epoch)

    def _ratio(self) -> float:
        return self.gamma ** self.milestones.get(self.last_epoch, 0)


class ConstantLR(_Factor):
    """lr = base_lr factor while t < total_iters, base_lr from then on."""

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(
                f"Constant multiplicative factor expected to be between 0 and 1, got {factor}"
            )
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _c(self) -> float:
        return self.factor if self.last_epoch < self.total_iters else 1.0

    def _ratio(self) -> float:
        if self.last_epoch == 0:
            return self.factor
        return 1 / self.factor if self.last_epoch == self.total_iters else 1.0


class LinearLR(_Factor):
    """lr = base_lr (start_factor + (end_factor - start_factor) min(t, total_iters) / total_iters)"""

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(
                f"Starting multiplicative factor expected to be greater than 0 and less or equal to 1, "
                f"got {start_factor}"
            )
        if not 0 <= end_factor <= 1:
            raise ValueError(
                f"Ending multiplicative factor expected to be between 0 and 1, got {end_factor}"
            )
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _at(self, t: int) -> float:
        done = min(t, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * done

    def _c(self) -> float:
        return self._at(self.last_epoch)

    def _ratio(self) -> float:
        t = self.last_epoch
        if t == 0:
            return self.start_factor
        return 1.0 if self._is_initial or t > self.total_iters else self._at(t) / self._at(t - 1)


class ExponentialLR(_Factor):
    """lr = base_lr gamma^t"""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _c(self) -> float:
        return self.gamma**self.last_epoch

    def _ratio(self) -> float:
        return 1.0 if self._is_initial else self.gamma


class PolynomialLR(_Factor):
    """lr = base_lr (1 - min(t, total_iters) / total_iters)^power"""

    def __init__(
        self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def _c(self) -> float:
        return (1 - min(self.last_epoch, self.total_iters) / self.total_iters) ** self.power

    def _ratio(self) -> float:
        left = self.total_iters - self.last_epoch
        return 1.0 if self._is_initial or left < 0 else (left / (left + 1)) ** self.power
