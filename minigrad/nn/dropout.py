"""Dropout: of elements, of channels, and its variants."""

from __future__ import annotations

from collections.abc import Callable

from ..ops import dropout as ops
from ..tensor import Tensor
from .module import Module


class DropoutModule(Module):
    """What the variants have in common: p, inplace, and the `function` they are."""

    function: Callable[..., Tensor]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        ops.check_probability(p)
        self.p = p
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return type(self).function(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(DropoutModule):
    """In training, zero each element with probability p and scale the others by 1/(1-p).

    In evaluation the input passes unchanged. Source: Srivastava et al., "Dropout: a simple way to
    prevent neural networks from overfitting" (2014), in its inverted form.
    """

    function = ops.dropout


class Dropout1d(DropoutModule):
    """Dropout of whole channels of (N, C, L) or (C, L)."""

    function = ops.dropout1d


class Dropout2d(DropoutModule):
    """Dropout of whole channels of (N, C, H, W). Source: Tompson et al. (2014)."""

    function = ops.dropout2d


class Dropout3d(DropoutModule):
    """Dropout of whole channels of (N, C, D, H, W) or (C, D, H, W)."""

    function = ops.dropout3d


class AlphaDropout(DropoutModule):
    """Dropout after SELU, which keeps mean and variance. Source: Klambauer et al. (2017)."""

    function = ops.alpha_dropout


class FeatureAlphaDropout(DropoutModule):
    """AlphaDropout of whole channels of (N, C, ...)."""

    function = ops.feature_alpha_dropout


class VanillaDropout(Module):
    """In training, zero each element with probability p; in evaluation, scale all by 1-p.

    The expected output is the same as in training, as with Dropout, which moves the scaling to the
    training. Source: Srivastava et al. (2014).
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        ops.check_probability(p)
        self.p = p

    def forward(self, input: Tensor) -> Tensor:
        return ops.vanilla_dropout(input, self.p, self.training)

    def extra_repr(self) -> str:
        return f"p={self.p}"
