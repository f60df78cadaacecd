"""Dropout."""

from __future__ import annotations

from ..ops.dropout import check_probability, dropout
from ..tensor import Tensor
from .module import Module


class Dropout(Module):
    """In training, zero each element with probability p and scale the others by 1/(1-p).

    In evaluation the input passes unchanged. Source: Srivastava et al., "Dropout: a simple way to
    prevent neural networks from overfitting" (2014), in its inverted form.
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        check_probability(p)
        self.p = p
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"
