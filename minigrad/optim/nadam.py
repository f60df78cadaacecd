"""NAdam."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .. import kernels
from .optimizer import Optimizer, Options, Range
from .plan import Arrays


class NAdam(Optimizer):
    """Adam that looks ahead as Nesterov's momentum does; g is the gradient + weight_decay p, at
    step t:

        mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2),   M = mu_1 ... mu_t
        m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
        p -= lr (mu_(t+1) m / (1 - M mu_(t+1)) + (1 - mu_t) g / (1 - M))
             / (sqrt(v / (1 - beta2^t)) + eps)

    With decoupled_weight_decay, weight_decay shrinks p by lr weight_decay instead. `l1_decay` see
    Optimizer; `maximize` ascends. `foreach` is taken for PyTorch's sake: it is one kernel in any
    case.
    Source: Dozat, "Incorporating Nesterov momentum into Adam" (2016).
    """

    ranges: ClassVar = {
        "lr": Range("learning rate"),
        "eps": Range("epsilon value"),
        "betas": Range("beta parameter", high=1),
        "weight_decay": Range("weight_decay value"),
        "momentum_decay": Range("momentum_decay value"),
    }
    number_names = ("mu_product",)

    def __init__(
        self,
        params: Any = None,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        l1_decay: float = 0,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults, l1_decay)

    def state_names(self, group: Options) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq")

    def rule(self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Any) -> None:
        exp_avgs, exp_avg_sqs, mu_products = states
        beta1, beta2 = group["betas"]
        mu, mu_next = (
            beta1 * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"])) for t in (step, step + 1)
        )
        mu_products *= np.float32(mu)
        kernels.nadam(
            params,
            grads,
            exp_avgs,
            exp_avg_sqs,
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            eps=group["eps"],
            step=step,
            mu=mu,
            mu_next=mu_next,
            mu_product=float(mu_products[0]),
            weight_decay=group["weight_decay"],
            decoupled=group["decoupled_weight_decay"],
            maximize=group["maximize"],
        )
