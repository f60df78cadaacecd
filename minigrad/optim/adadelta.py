"""Adadelta."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import kernels
from .optimizer import Optimizer, Options, Range
from .plan import Arrays


class Adadelta(Optimizer):
    """Steps as large as those before them, measured by running mean squares; g is the gradient +
    weight_decay p:

        sq = rho sq + (1 - rho) g^2
        move = g sqrt(acc + eps) / sqrt(sq + eps)
        acc = rho acc + (1 - rho) move^2
        p -= lr move

    `l1_decay` see Optimizer; `maximize` ascends. `foreach` is taken for PyTorch's sake: it is one
    kernel in any case.
    Source: Zeiler, "ADADELTA: an adaptive learning rate method" (2012).
    """

    ranges: ClassVar = {
        "lr": Range("learning rate"),
        "rho": Range("rho value", high=1, closed=True),
        "eps": Range("epsilon value"),
        "weight_decay": Range("weight_decay value"),
    }

    def __init__(
        self,
        params: Any = None,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
        l1_decay: float = 0,
    ) -> None:
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults, l1_decay)

    def state_names(self, group: Options) -> tuple[str, ...]:
        return ("square_avg", "acc_delta")

    def rule(
        self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Arrays
    ) -> None:
        kernels.adadelta(
            params,
            grads,
            *states,
            lr=group["lr"],
            rho=group["rho"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )
