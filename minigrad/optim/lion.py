"""Lion."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import kernels
from .optimizer import Optimizer, Options, Range
from .plan import Arrays


class Lion(Optimizer):
    """Steps of lr in the direction of a momentum's sign; g is the gradient:

        p = (1 - lr weight_decay) p - lr sign(beta1 m + (1 - beta1) g)
        m = beta2 m + (1 - beta2) g

    Every step is as long as lr: take a third to a tenth of Adam's lr, and weight_decay as much
    larger. `l1_decay` see Optimizer; `maximize` ascends. PyTorch has no Lion; names and defaults are
    those of the authors' program.
    Source: Chen et al., "Symbolic discovery of optimization algorithms" (2023).
    """

    ranges: ClassVar = {
        "lr": Range("learning rate"),
        "betas": Range("beta parameter", high=1),
        "weight_decay": Range("weight_decay value"),
    }
    counts_steps = False

    def __init__(
        self,
        params: Any = None,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        l1_decay: float = 0,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, defaults, l1_decay)

    def state_names(self, group: Options) -> tuple[str, ...]:
        return ("exp_avg",)

    def rule(
        self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Arrays
    ) -> None:
        beta1, beta2 = group["betas"]
        kernels.lion(
            params,
            grads,
            *states,
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )
