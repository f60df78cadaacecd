"""RMSprop."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import kernels
from .optimizer import Optimizer, Options, Range
from .plan import Arrays


class RMSprop(Optimizer):
    """Steps scaled by a running mean square of the gradient; g is the gradient + weight_decay p:

        sq = alpha sq + (1 - alpha) g^2
        p -= lr g / (sqrt(sq) + eps)

    `centered` takes the square of the gradient's running mean off sq under the root: the variance.
    With momentum, buf = momentum buf + g / (sqrt(sq) + eps), and p -= lr buf.
    `eps_inside_root` makes it sqrt(sq + eps), as papers and Keras have it.
    `l1_decay` see Optimizer; `maximize` ascends. `foreach` is taken for PyTorch's sake: it is one
    kernel in any case.
    Sources: Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning" (2012);
    Graves, "Generating sequences with recurrent neural networks" (2013) for centered.
    """

    ranges: ClassVar = {
        "lr": Range("learning rate"),
        "eps": Range("epsilon value"),
        "momentum": Range("momentum value"),
        "weight_decay": Range("weight_decay value"),
        "alpha": Range("alpha value"),
    }

    def __init__(
        self,
        params: Any = None,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        *,
        eps_inside_root: bool = False,
        l1_decay: float = 0,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        if eps_inside_root:  # so that without it there is PyTorch's state and repr
            defaults["eps_inside_root"] = eps_inside_root
        super().__init__(params, defaults, l1_decay)

    def state_names(self, group: Options) -> tuple[str, ...]:
        names = ("square_avg",)
        if group["momentum"]:
            names += ("momentum_buffer",)
        if group["centered"]:
            names += ("grad_avg",)
        return names

    def rule(
        self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Arrays
    ) -> None:
        square_avgs, *more = states
        kernels.rmsprop(
            params,
            grads,
            square_avgs,
            more.pop(0) if group["momentum"] else None,
            more.pop(0) if group["centered"] else None,
            lr=group["lr"],
            alpha=group["alpha"],
            eps=group["eps"],
            momentum=group["momentum"],
            eps_inside_root=group.get("eps_inside_root", False),
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )
