"""Gradient descent, with momentum in the three forms that are found."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import kernels
from .optimizer import Optimizer, Options, Range
from .plan import Arrays

FORMS = ("pytorch", "ema", "velocity")


class SGD(Optimizer):
    """Stochastic gradient descent: p -= lr g, with g the gradient + weight_decay p.

    momentum m > 0 replaces g by a buffer of past gradients, `momentum_form` says by which:

        "pytorch"   buf = m buf + (1 - dampening) g, the first buf = g;  p -= lr buf
        "ema"       buf = m buf + (1 - m) g, from 0;                     p -= lr buf
        "velocity"  buf = m buf - lr g, from 0;                          p += buf

    `nesterov` looks ahead: p -= lr (g + m buf), in PyTorch's form without dampening. `l1_decay` see
    Optimizer; `maximize` ascends. `foreach` and `fused` are taken for PyTorch's sake: it is one
    kernel in any case.
    Source: Sutskever et al., "On the importance of initialization and momentum" (2013).
    """

    ranges: ClassVar = {
        "lr": Range("learning rate"),
        "momentum": Range("momentum value"),
        "weight_decay": Range("weight_decay value"),
    }
    counts_steps = False

    def __init__(
        self,
        params: Any = None,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
        momentum_form: str = "pytorch",
        l1_decay: float = 0,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        if momentum_form != "pytorch":  # so that PyTorch's form has PyTorch's state and repr
            defaults["momentum_form"] = momentum_form
        super().__init__(params, defaults, l1_decay)

    def check(self, group: Options) -> None:
        form = group.get("momentum_form", "pytorch")
        if form not in FORMS:
            raise ValueError(f"Invalid momentum_form: {form!r}, it must be one of {FORMS}")
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        if form != "pytorch" and (group["nesterov"] or group["dampening"] != 0):
            raise ValueError(f"nesterov and dampening are for PyTorch's momentum, not for {form!r}")

    def state_names(self, group: Options) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] else ()

    def rule(
        self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Arrays
    ) -> None:
        lr, momentum = group["lr"], group["momentum"]
        decay, maximize = group["weight_decay"], group["maximize"]
        if not momentum:
            kernels.sgd(params, grads, lr=lr, weight_decay=decay, maximize=maximize)
            return
        form = group.get("momentum_form", "pytorch")
        if form == "pytorch":
            gain, scale = (1.0 if step == 1 else 1 - group["dampening"]), -lr
        else:
            gain, scale = (1 - momentum, -lr) if form == "ema" else (-lr, 1.0)
        kernels.sgd_momentum(
            params,
            grads,
            *states,
            momentum=momentum,
            gain=gain,
            step=scale,
            nesterov=group["nesterov"],
            weight_decay=decay,
            maximize=maximize,
        )
