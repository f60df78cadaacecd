"""Rprop."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .optimizer import Optimizer, Options, Range
from .plan import Arrays


class Rprop(Optimizer):
    """Steps whose lengths the signs of the gradient alone decide, each coordinate for itself; with g
    the gradient, from step_size = lr and prev = 0:

        step_size *= etas[1] where g prev > 0, etas[0] where g prev < 0; kept within `step_sizes`
        g = 0 where g prev < 0
        p -= sign(g) step_size
        prev = g

    For whole batches: the noise of small ones turns signs over. `l1_decay` see Optimizer; `maximize`
    ascends. `foreach` is taken for PyTorch's sake.
    Source: Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning: the
    RPROP algorithm" (1993), without its step back.
    """

    ranges: ClassVar = {"lr": Range("learning rate")}

    def __init__(
        self,
        params: Any = None,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        l1_decay: float = 0,
    ) -> None:
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults, l1_decay)

    def check(self, group: Options) -> None:
        shrink, grow = group["etas"]
        if not 0 < shrink < 1 < grow:
            raise ValueError(
                f"Invalid eta values: {shrink}, {grow}, it must be 0 < etas[0] < 1 < etas[1]"
            )

    def state_names(self, group: Options) -> tuple[str, ...]:
        return ("prev", "step_size")

    def initial_state(self, name: str, group: Options, array: np.ndarray) -> np.ndarray:
        return np.full(array.shape, group["lr"] if name == "step_size" else 0, array.dtype)

    def rule(
        self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Arrays
    ) -> None:
        shrink, grow = group["etas"]
        for p, g, prev, size in zip(params, grads, *states, strict=True):
            turn = np.sign(g * prev) * (-1 if group["maximize"] else 1)
            size *= np.where(turn > 0, grow, np.where(turn < 0, shrink, 1)).astype(size.dtype)
            np.clip(size, *group["step_sizes"], out=size)
            prev[...] = np.where(turn < 0, 0, -g if group["maximize"] else g)
            p -= np.sign(prev) * size
