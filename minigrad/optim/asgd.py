"""ASGD."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .optimizer import Optimizer, Options, Range
from .plan import Arrays


class ASGD(Optimizer):
    """Gradient descent with steps that get shorter, and the mean of where it was; g is the gradient +
    weight_decay p, at step t:

        p = (1 - lambd eta) p - eta g
        ax += mu (p - ax)
        eta = lr / (1 + lambd lr t)^alpha, at first lr
        mu = 1 / max(1, t - t0), at first 1

    The state's `ax` is the mean of p over all steps from t0 on: put it into the parameters at the end.
    `l1_decay` see Optimizer; `maximize` ascends. `foreach` is taken for PyTorch's sake.
    Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging" (1992); the
    schedule is that of Bottou's sgd 2.0, from Xu, "Towards optimal one pass large scale learning with
    averaged stochastic gradient descent" (2011).
    """

    ranges: ClassVar = {
        "lr": Range("learning rate"),
        "weight_decay": Range("weight_decay value"),
    }
    number_names: ClassVar = ("eta", "mu")

    def __init__(
        self,
        params: Any = None,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
        *,
        l1_decay: float = 0,
    ) -> None:
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults, l1_decay)

    def state_names(self, group: Options) -> tuple[str, ...]:
        return ("ax",)

    def rule(self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Any) -> None:
        means, etas, mus = states
        lr, lambd = group["lr"], group["lambd"]
        eta, mu = float(np.float32(lr) if step == 1 else etas[0]), float(mus[0])
        for p, g, mean in zip(params, grads, means, strict=True):
            g = (-g if group["maximize"] else g) + group["weight_decay"] * p
            p *= 1 - lambd * eta
            p -= eta * g
            mean += mu * (p - mean)
        etas[:] = lr / (1 + lambd * lr * step) ** group["alpha"]
        mus[:] = 1 / max(1, step - group["t0"])
