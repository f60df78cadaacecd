"""Dropout: random masks that are a function of (seed, stream) and therefore never stored."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Op
from ..random import default_generator
from ..tensor import Tensor, inplace_form
from .activation import SELU
from .arithmetic import mul

__all__ = [
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
    "vanilla_dropout",
]


class Dropout(Op):
    """x * factor, where the factor is `scale` (1 / (1 - p)) with probability 1 - p, else 0.

    There is one factor for each position in the first `dims` dimensions (all of them). The gradient
    of a mask is the mask: backward draws it again.
    """

    __slots__ = ("dims", "p", "scale", "seed", "stream")

    def __init__(
        self, p: float, seed: int, stream: int, scale: float | None = None, dims: int | None = None
    ) -> None:
        self.p = p
        self.seed = seed
        self.stream = stream
        self.scale = scale
        self.dims = dims

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = dtypes.floating(x)
        if self.dims is None:
            return kernels.dropout(x, self.p, self.seed, self.stream, self.scale)
        return kernels.mul(x, self.factors(x))

    def factors(self, x: np.ndarray) -> np.ndarray:
        dims = x.ndim if self.dims is None else self.dims
        ones = np.ones(x.shape[:dims] + (1,) * (x.ndim - dims), x.dtype)
        return kernels.dropout(ones, self.p, self.seed, self.stream, self.scale)

    def backward(self, grad: Any) -> Any:
        return Dropout(self.p, self.seed, self.stream, self.scale, self.dims)(grad)


class AlphaDropout(Dropout):
    """a x + b where kept; a s + b where dropped, s = -scale alpha of SELU.

    a = ((1 - p) (1 + p s^2))^-1/2 and b = -a p s keep a mean of 0 and a variance of 1.
    """

    __slots__ = ()

    def __init__(self, p: float, seed: int, stream: int, dims: int | None = None) -> None:
        super().__init__(p, seed, stream, ((1 - p) * (1 + p * SATURATED**2)) ** -0.5, dims)

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = dtypes.floating(x)
        factors = self.factors(x)  # a or 0
        return x * factors + (factors - (1 - self.p) * self.scale) * -SATURATED


SATURATED = -SELU.scale * SELU.alpha


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Return `input` with each element zeroed with probability p, the others scaled by 1/(1-p).

    Not in `training`, `input` itself. ValueError for p outside [0, 1].
    Source: Srivastava et al. (2014), in its inverted form.
    """
    check_probability(p)
    if not training or p == 0:
        return input
    op = Dropout(p, *default_generator.next_philox())
    return _masked_(input, op) if inplace else op(input)


def vanilla_dropout(input: Any, p: float = 0.5, training: bool = True) -> Tensor:
    """Return `input` with each element zeroed with probability p in `training`, else (1 - p) input.

    So the scaling is left to the time of use. ValueError for p outside [0, 1].
    Source: Srivastava et al. (2014).
    """
    check_probability(p)
    if training:
        return Dropout(p, *default_generator.next_philox(), scale=1.0)(input)
    return mul(input, 1 - p)


def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """As `dropout`, of whole channels: (N, C, L) or (C, L). RuntimeError for other shapes."""
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D (channels, length) or 3D (batch, channels, length) input, but "
            f"received a {input.ndim}D input of shape {list(input.shape)}; dropout2d is for images"
        )
    return _of_channels(Dropout, input, p, training, inplace, input.ndim - 1)


def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """As `dropout`, of whole channels: the first two dimensions of (N, C, H, W).

    Source: Tompson et al., "Efficient object localization using convolutional networks" (2014).
    """
    return _of_channels(Dropout, input, p, training, inplace, 2)


def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """As `dropout`, of whole channels: (N, C, D, H, W), or (C, D, H, W)."""
    return _of_channels(Dropout, input, p, training, inplace, 2 if input.ndim == 5 else 1)


def alpha_dropout(
    input: Any, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Return `input` with elements put to SELU's limit with probability p, mean and variance kept.

    Not in `training`, `input` itself. ValueError for p outside [0, 1].
    Source: Klambauer et al., "Self-normalizing neural networks" (2017).
    """
    return _of_channels(AlphaDropout, input, p, training, inplace, None)


def feature_alpha_dropout(
    input: Any, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """As `alpha_dropout`, of whole channels: the first two dimensions of (N, C, ...)."""
    return _of_channels(AlphaDropout, input, p, training, inplace, 2)


def _of_channels(
    kind: type[Dropout], input: Any, p: float, training: bool, inplace: bool, dims: int | None
) -> Tensor:
    check_probability(p)
    if dims is not None and training and input.ndim < dims:
        raise RuntimeError(
            f"Feature dropout requires at least 2 dimensions in the input (batch, channels), not "
            f"shape {list(input.shape)}"
        )
    if not training or p == 0:
        return input
    kind = Dropout if p == 1 else kind  # nothing is kept, and so nothing to keep a mean of
    op = kind(p, *default_generator.next_philox(), dims=dims)
    return _masked_(input, op) if inplace else op(input)


_masked_ = inplace_form(lambda input, op: op(input), "dropout_")


def check_probability(p: float) -> None:
    """Raise ValueError unless p is one."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
