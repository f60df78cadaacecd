"""RAdam."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import kernels
from .optimizer import Optimizer, Options, Range
from .plan import Arrays


class RAdam(Optimizer):
    """Adam whose first steps, when the mean square is of few gradients yet, are made small; g is
    the gradient + weight_decay p, at step t:

        m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
        m' = m / (1 - beta1^t),   v' = v / (1 - beta2^t)
        rho = inf - 2 t beta2^t / (1 - beta2^t),   inf = 2 / (1 - beta2) - 1
        r = sqrt((rho - 4) (rho - 2) inf / ((inf - 4) (inf - 2) rho))
        p -= lr r m' / sqrt(v')   where rho > 5, before that   p -= lr m'

    (as in PyTorch, eps is added to sqrt(v), before the bias of v is corrected). With
    decoupled_weight_decay, weight_decay shrinks p by lr weight_decay instead. `l1_decay` see
    Optimizer; `maximize` ascends. `foreach` is taken for PyTorch's sake: it is one kernel in any
    case.
    Source: Liu et al., "On the variance of the adaptive learning rate and beyond" (2019).
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
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
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
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults, l1_decay)

    def state_names(self, group: Options) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq")

    def rule(
        self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Arrays
    ) -> None:
        beta1, beta2 = group["betas"]
        kernels.radam(
            params,
            grads,
            *states,
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            eps=group["eps"],
            step=step,
            weight_decay=group["weight_decay"],
            decoupled=group["decoupled_weight_decay"],
            maximize=group["maximize"],
        )
