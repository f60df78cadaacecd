"""Dropout: a random mask that is a function of (seed, stream) and therefore never stored."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Op
from ..random import default_generator
from ..tensor import Tensor, inplace_form

__all__ = ["dropout"]


class Dropout(Op):
    """x * mask / (1 - p): the mask keeps each element with probability 1 - p.

    The gradient of a mask is the mask: backward draws it again.
    """

    __slots__ = ("p", "seed", "stream")

    def __init__(self, p: float, seed: int, stream: int) -> None:
        self.p = p
        self.seed = seed
        self.stream = stream

    def forward(self, x: np.ndarray) -> np.ndarray:
        return kernels.dropout(dtypes.floating(x), self.p, self.seed, self.stream)

    def backward(self, grad: Any) -> Any:
        return Dropout(self.p, self.seed, self.stream)(grad)


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Return `input` with each element zeroed with probability p, the others scaled by 1/(1-p).

    Not in `training`, `input` itself. ValueError for p outside [0, 1].
    Source: Srivastava et al. (2014), in its inverted form.
    """
    check_probability(p)
    if not training or p == 0:
        return input
    if inplace:
        return _dropout_(input, p)
    return Dropout(p, *default_generator.next_philox())(input)


_dropout_ = inplace_form(dropout)


def check_probability(p: float) -> None:
    """Raise ValueError unless p is one."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
