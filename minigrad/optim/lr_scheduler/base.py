"""LRScheduler: when rates are set, and what of a schedule is saved."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from ..optimizer import Optimizer


class LRScheduler:
    """The base of all schedulers. A subclass gives `get_lr`: the groups' rates at `self.last_epoch`,
    computed from the present ones (`group["lr"]`) or from those at the beginning (`self.base_lrs`).

    last_epoch  the number of the last step done; -1 to begin, another one to resume an optimizer
                whose groups have "initial_lr" from the run before
    """

    _get_lr_called_within_step = False
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = checked(optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler "
                    f"with last_epoch >= 0: load the optimizer's state dict first"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def get_last_lr(self) -> list[float]:
        """Return the groups' rates as the last step left them."""
        return self._last_lr

    def get_lr(self) -> list[float]:
        """Return the rates that the step under way sets; for users there is get_last_lr()."""
        if not self._get_lr_called_within_step:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.",
                UserWarning,
                stacklevel=2,
            )
        return self._next_lr()

    def _next_lr(self) -> list[float]:
        raise NotImplementedError(f"{type(self).__name__} has no get_lr")

    def step(self, epoch: int | None = None) -> None:
        """Set the next rates. With `epoch`, which PyTorch deprecates, those of that epoch."""
        # An optimizer with a step of its own need not say that it has stepped.
        says_so = type(self.optimizer).step is Optimizer.step
        if self._step_count == 1 and says_so and not self.optimizer.has_stepped:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`: call them in the "
                "opposite order, or the first value of the learning rate schedule is skipped.",
                UserWarning,
                stacklevel=2,
            )
        self._step_count += 1
        if epoch is not None:
            warnings.warn(
                "The epoch parameter in `scheduler.step()` is deprecated: the scheduler counts its steps "
                "by itself.",
                UserWarning,
                stacklevel=2,
            )
        self._update_lr(epoch)

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed_form = None if epoch is None else getattr(self, "_get_closed_form_lr", None)
        self._get_lr_called_within_step = True
        try:
            rates = (closed_form or self.get_lr)()
        finally:
            self._get_lr_called_within_step = False
        self._set(rates)

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = current(self.optimizer)

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer, under PyTorch's names."""
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict()` returned."""
        self.__dict__.update(state_dict)


def checked(optimizer: Any) -> Optimizer:
    """Return `optimizer`; TypeError if it is none."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
    return optimizer


def current(optimizer: Optimizer) -> list[float]:
    """Return the groups' rates."""
    return [group["lr"] for group in optimizer.param_groups]


def for_each_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """Return a list of the option's values, one a group, of one for all or a list."""
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * count
    if len(value) != count:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} values, "
            f"param_groups has {count}."
        )
    return list(value)


def state_of(function: Any) -> dict[str, Any] | None:
    """Return what of a user's function can be saved: the attributes of an object, nothing of a def."""
    return None if function is None or isinstance(function, FunctionType) else {**vars(function)}
