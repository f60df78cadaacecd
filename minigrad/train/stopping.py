"""EarlyStopping: end a training when what matters has stopped improving, and keep the best weights."""

from __future__ import annotations

import math
from typing import Any

from .. import nn


class EarlyStopping:
    """Stop after `patience` epochs in a row without an improvement by more than `min_delta`.

    `monitor` is the figure of the History that `fit` watches, the smaller the better, or with
    mode="max" the larger. With `restore_best` the model ends with the weights of its best epoch.
    In a loop of one's own:

        if stopping.update(val_loss, model): break
        ...
        stopping.restore(model)

    Source: Prechelt, "Early stopping - but when?" (1998).
    """

    def __init__(
        self,
        patience: int = 5,
        min_delta: float = 0.0,
        *,
        monitor: str = "val_loss",
        mode: str = "min",
        restore_best: bool = True,
    ) -> None:
        if patience < 1:
            raise ValueError(f"patience must be at least 1 epoch, got {patience}")
        if min_delta < 0:
            raise ValueError(f"min_delta must not be negative, got {min_delta}")
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max', got {mode!r}")
        self.patience = patience
        self.min_delta = min_delta
        self.monitor = monitor
        self.mode = mode
        self.restore_best = restore_best
        self.reset()

    def reset(self) -> None:
        """Forget what was best: another training begins."""
        self.best = math.inf if self.mode == "min" else -math.inf
        self.waited = 0  # epochs since the best one
        self._weights: dict[str, Any] | None = None

    def update(self, value: float, model: nn.Module) -> bool:
        """Take note of an epoch's figure; return whether to stop. NaN is no improvement."""
        gain = self.best - value if self.mode == "min" else value - self.best
        if gain > self.min_delta:
            self.best, self.waited = value, 0
            if self.restore_best:
                self._weights = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.waited += 1
        return self.waited >= self.patience

    def restore(self, model: nn.Module) -> None:
        """Give the model the weights of its best epoch."""
        if self._weights is not None:
            model.load_state_dict(self._weights)

    def state_dict(self) -> dict[str, Any]:
        """Return the best figure, its weights, and the epochs waited since."""
        return {"best": self.best, "waited": self.waited, "weights": self._weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.best, self.waited, self._weights = state["best"], state["waited"], state["weights"]
