"""Adagrad."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .. import kernels
from .optimizer import Optimizer, Options, Range
from .plan import Arrays


class Adagrad(Optimizer):
    """Steps scaled by all gradients so far, each coordinate for itself; g is the gradient +
    weight_decay p, at step t:

        sum = sum + g^2, from initial_accumulator_value
        p -= lr / (1 + (t - 1) lr_decay) g / (sqrt(sum) + eps)

    `l1_decay` see Optimizer; `maximize` ascends. `foreach` and `fused` are taken for PyTorch's
    sake: it is one kernel in any case.
    Source: Duchi, Hazan and Singer, "Adaptive subgradient methods" (2011).
    """

    ranges: ClassVar = {
        "lr": Range("learning rate"),
        "lr_decay": Range("lr_decay value"),
        "weight_decay": Range("weight_decay value"),
        "initial_accumulator_value": Range("initial_accumulator_value value"),
        "eps": Range("epsilon value"),
    }

    def __init__(
        self,
        params: Any = None,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        l1_decay: float = 0,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults, l1_decay)

    def state_names(self, group: Options) -> tuple[str, ...]:
        return ("sum",)

    def initial_state(self, name: str, group: Options, array: np.ndarray) -> np.ndarray:
        return np.full(array.shape, group["initial_accumulator_value"], array.dtype)

    def rule(
        self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Arrays
    ) -> None:
        kernels.adagrad(
            params,
            grads,
            *states,
            lr=group["lr"] / (1 + (step - 1) * group["lr_decay"]),
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )
