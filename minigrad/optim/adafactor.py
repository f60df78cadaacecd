"""Adafactor."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from .. import kernels
from .optimizer import Optimizer, Options, Range
from .plan import Arrays


class Adafactor(Optimizer):
    """Adam's scaling from the means of the rows and the columns of g^2, so that the state of a matrix is two
    vectors; steps grow with the parameter. At step t, with rms(x) = |x| / sqrt(number of elements):

        p = (1 - lr weight_decay) p
        row += t^beta2_decay (mean of g^2 along the last dimension - row)
        col += t^beta2_decay (mean of g^2 along the one before - col)
        v = row col / max(mean of row, eps[0])
        u = g / sqrt(max(v, eps[0]^2))
        p -= min(lr, 1 / sqrt(t)) max(eps[1], rms(p)) u / max(1, rms(u) / d)

    Of a vector or number, v is the mean of g^2 itself. eps[0] is the dtype's epsilon if it is None.
    `l1_decay` see Optimizer; `maximize` ascends. `foreach` is taken for PyTorch's sake.
    Source: Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost" (2018),
    with PyTorch's epsilons.
    """

    ranges: ClassVar = {
        "lr": Range("learning rate"),
        "weight_decay": Range("weight_decay value"),
    }

    def __init__(
        self,
        params: Any = None,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        l1_decay: float = 0,
    ) -> None:
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults, l1_decay)

    def check(self, group: Options) -> None:
        for i, eps in enumerate(group["eps"]):
            if eps is not None:
                Range(f"epsilon{i + 1} value").check(eps)
        if not group["beta2_decay"] <= 0:
            raise ValueError(f"Invalid beta2_decay: {group['beta2_decay']}, it must be <= 0")
        if not group["d"] >= 1:
            raise ValueError(f"Invalid clipping threshold d: {group['d']}, it must be >= 1")

    def state_names(self, group: Options) -> tuple[str, ...]:
        return ("row_var", "col_var", "variance")

    def state_shape(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        if (name == "variance") == (len(shape) > 1):
            return None
        return {
            "row_var": (*shape[:-1], 1),
            "col_var": (*shape[:-2], 1, *shape[-1:]),
            "variance": shape,
        }[name]

    def rule(
        self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Arrays
    ) -> None:
        lr, weight = group["lr"], step ** group["beta2_decay"]
        small, least = group["eps"]
        small = np.finfo(params[0].dtype).eps if small is None else small
        for p, g, *means in zip(params, grads, *states, strict=True):
            length = min(lr, step**-0.5) * max(least, rms(p))
            p *= 1 - lr * group["weight_decay"]
            square = np.square(g)
            if len(means) == 1:
                (v,) = means
                v += weight * (square - v)
            else:
                row, col = means
                row += weight * (square.mean(-1, keepdims=True) - row)
                col += weight * (square.mean(-2, keepdims=True) - col)
                v = row * col / np.maximum(row.mean(-2, keepdims=True), small)
            u = g / np.sqrt(np.maximum(v, small**2))
            length *= -1 if group["maximize"] else 1
            p -= length / max(1, rms(u) / group["d"]) * u


def rms(x: np.ndarray) -> float:
    """Return the root of the mean square, 0 of nothing."""
    return math.sqrt(float(kernels.sum(kernels.mul(x, x))) / max(x.size, 1))
