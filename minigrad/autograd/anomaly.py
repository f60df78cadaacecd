"""Anomaly detection: the first operation whose backward gives nan, by name."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import numpy as np

from .grad_mode import mode as _mode
from .op import Node, unwrap

__all__ = ["detect_anomaly", "set_detect_anomaly"]


class set_detect_anomaly:
    """Switch on or off that backward looks for nan, at once; as a context manager, only within.

    With it, a backward that gives nan is a RuntimeError that names its operation. It takes time: for debugging.
    What `compile` has recorded is not looked at.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._previous = _mode.anomaly
        _mode.anomaly = bool(mode and check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        _mode.anomaly = self._previous


class detect_anomaly(set_detect_anomaly):
    """Have backward look for nan within this context: see `set_detect_anomaly`."""

    def __init__(self, check_nan: bool = True) -> None:
        self._check_nan = check_nan

    def __enter__(self) -> None:
        super().__init__(True, self._check_nan)


def check_nan(node: Node, grads: tuple[Any, ...]) -> None:
    """Raise RuntimeError if one of the gradients that `node` gave is nan."""
    for i, grad in enumerate(grads):
        if grad is not None and np.isnan(unwrap(grad)).any():
            raise RuntimeError(
                f"Function {node.name()!r} returned nan values in its {i}th output: in the gradient of its "
                f"input {i}, of shape {list(grad.shape)}"
            )
