"""Arithmetic with an array that is repeated."""

from __future__ import annotations

import numpy as np

__all__ = ["broadcast"]

Array = np.ndarray


def broadcast(y: Array, x: Array, c: Array, operation: int) -> None:
    pair = (c, x) if operation in (2, 5) else (x, c)
    function = (np.add, np.subtract, np.subtract, np.multiply, np.divide, np.divide)[operation]
    function(*pair, out=y)
