"""Descent on functions that one can draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg

Loss = Callable[[mg.Tensor], mg.Tensor]


def descend(loss: Loss, start: Any, optimizer: Callable[[Any], Any], steps: int) -> np.ndarray:
    """Return x at the start and after each step: (steps + 1, *x.shape).

    optimizer   called with [x]: functools.partial(SGD, lr=0.1)
    """
    x = mg.tensor(start, dtype=mg.float64, requires_grad=True)
    rule = optimizer([x])
    path = [x.detach().numpy().copy()]
    for _ in range(steps):
        rule.zero_grad()
        loss(x).backward()
        rule.step()
        path.append(x.detach().numpy().copy())
    return np.array(path)
