"""Normalisation: BatchNorm1d."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.op import wrap
from ..dtypes import get_default_dtype
from ..ops.normalization import batch_norm
from ..tensor import Tensor
from .module import Module
from .parameter import Parameter


class BatchNorm1d(Module):
    """y = weight (x - mean) / sqrt(var + eps) + bias, per channel: x (N, C) or (N, C, L).

    In training, mean and (biased) variance are those of the batch, and the running ones follow:
    running = (1 - momentum) running + momentum (batch's, unbiased variance); with momentum None
    they are averages over all batches. In evaluation the running ones are used. Source: Ioffe and
    Szegedy, "Batch normalization" (2015). ValueError for other numbers of dimensions.
    """

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
        if input.ndim not in (2, 3):
            raise ValueError(
                f"BatchNorm1d: expected 2D (batch, channels) or 3D (batch, channels, length) "
                f"input, got {input.ndim}D of shape {list(input.shape)}"
            )
        training, momentum = self.training, self.momentum
        if training and self.num_batches_tracked is not None:
            count = self.num_batches_tracked.array
            count += 1
            if momentum is None:
                momentum = 1 / int(count)
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
