"""Adamax."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import kernels
from .optimizer import Optimizer, Options, Range
from .plan import Arrays


class Adamax(Optimizer):
    """Adam with the largest gradient, forgotten by and by, for the mean square; g is the gradient +
    weight_decay p, at step t:

        m = beta1 m + (1 - beta1) g,   u = max(beta2 u, |g| + eps)
        p -= lr (m / (1 - beta1^t)) / u

    `l1_decay` see Optimizer; `maximize` ascends. `foreach` is taken for PyTorch's sake: it is one
    kernel in any case.
    Source: Kingma and Ba, "Adam" (2014), section 7.1.
    """

    ranges: ClassVar = {
        "lr": Range("learning rate"),
        "eps": Range("epsilon value"),
        "betas": Range("beta parameter", high=1),
        "weight_decay": Range("weight_decay value"),
    }

    def __init__(
        self,
        params: Any = None,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
        l1_decay: float = 0,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults, l1_decay)

    def state_names(self, group: Options) -> tuple[str, ...]:
        return ("exp_avg", "exp_inf")

    def rule(
        self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Arrays
    ) -> None:
        beta1, beta2 = group["betas"]
        kernels.adamax(
            params,
            grads,
            *states,
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            eps=group["eps"],
            step=step,
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )
