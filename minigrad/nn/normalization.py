"""Normalisation: over a batch, over a sample."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..autograd.op import wrap
from ..dtypes import get_default_dtype
from ..ops.normalization import batch_norm
from ..tensor import Tensor
from .module import Module
from .parameter import Parameter


class _BatchNorm(Module):
    """What the batch normalisations share; each names the shapes it takes, by their `ndim`."""

    shapes: ClassVar[dict[int, str]]
    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        dtype = dtype or get_default_dtype()
        weight = Parameter(wrap(np.ones(num_features, dtype))) if affine else None
        self.register_parameter("weight", weight)
        self.register_parameter(
            "bias", Parameter(wrap(np.zeros(num_features, dtype))) if affine and bias else None
        )
        if track_running_stats:
            self.register_buffer("running_mean", wrap(np.zeros(num_features, dtype)))
            self.register_buffer("running_var", wrap(np.ones(num_features, dtype)))
            self.register_buffer("num_batches_tracked", wrap(np.zeros((), np.int64)))
        else:
            self.register_buffer("running_mean", None)
            self.register_buffer("running_var", None)
            self.register_buffer("num_batches_tracked", None)

    def reset_running_stats(self) -> None:
        """Forget the running statistics: mean 0, variance 1, no batches."""
        if self.track_running_stats:
            self.running_mean.array[...] = 0
            self.running_var.array[...] = 1
            self.num_batches_tracked.array[...] = 0

    def reset_parameters(self) -> None:
        """Set weight to 1, bias to 0, and forget the running statistics."""
        self.reset_running_stats()
        for parameter, value in ((self.weight, 1), (self.bias, 0)):
            if parameter is not None:
                parameter.array[...] = value

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in self.shapes:
            expected = " or ".join(f"{ndim}D {shape}" for ndim, shape in self.shapes.items())
            raise ValueError(
                f"{type(self).__name__}: expected {expected} input, got {input.ndim}D of shape "
                f"{list(input.shape)}"
            )
        training, momentum = self.training, self.momentum
        if training and self.num_batches_tracked is not None:
            count = self.num_batches_tracked.array.item() + 1
            self.num_batches_tracked.array[...] = count
            if momentum is None:
                momentum = 1 / count
        return batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training or self.running_mean is None,
            momentum or 0.0,
            self.eps,
        )

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """y = weight (x - mean) / sqrt(var + eps) + bias, per channel: x (N, C) or (N, C, L).

    In training, mean and (biased) variance are those of the batch, and the running ones follow:
    running = (1 - momentum) running + momentum (batch's, unbiased variance); with momentum None
    they are averages over all batches. In evaluation the running ones are used. Source: Ioffe and
    Szegedy, "Batch normalization" (2015). ValueError for other numbers of dimensions.
    """

    shapes: ClassVar = {2: "(batch, channels)", 3: "(batch, channels, length)"}


class BatchNorm2d(_BatchNorm):
    """BatchNorm1d for images: x (N, C, H, W), mean and variance over N, H and W."""

    shapes: ClassVar = {4: "(batch, channels, height, width)"}


class BatchNorm3d(_BatchNorm):
    """BatchNorm1d for volumes: x (N, C, D, H, W), mean and variance over all but C."""

    shapes: ClassVar = {5: "(batch, channels, depth, height, width)"}
