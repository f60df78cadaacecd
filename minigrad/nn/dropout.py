"""Dropout: of elements, of channels, and its variants; and by hand, with a warning in evaluation."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from ..ops import dropout as ops
from ..tensor import Tensor
from .module import Module

F = TypeVar("F", bound=Callable[..., Any])


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


def by_hand(function: F) -> F:
    """Let `function` warn where a method of a module that is in evaluation calls it for training."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1).f_locals.get("self")
        if getattr(caller, "training", True) is False:
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            if given.arguments["training"] and given.arguments["p"]:
                warnings.warn(
                    f"dropout is applied though {type(caller).__name__} is in evaluation: its "
                    f"predictions are random. Pass training=self.training, or use nn.Dropout, which "
                    f"does. If that is wanted (Monte Carlo dropout), filter this warning.",
                    stacklevel=2,
                )
        return function(*args, **kwargs)

    return checked  # type: ignore[return-value]


dropout = by_hand(ops.dropout)
dropout1d = by_hand(ops.dropout1d)
dropout2d = by_hand(ops.dropout2d)
dropout3d = by_hand(ops.dropout3d)
alpha_dropout = by_hand(ops.alpha_dropout)
feature_alpha_dropout = by_hand(ops.feature_alpha_dropout)
vanilla_dropout = by_hand(ops.vanilla_dropout)
