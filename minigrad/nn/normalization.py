"""Normalisation: over a batch, over a sample, by neighbouring channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .. import kernels
from ..autograd.op import wrap
from ..dtypes import get_default_dtype
from ..ops.normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    rms_norm,
)
from ..tensor import Tensor
from .module import Module
from .parameter import Parameter


class _Scaled(Module):
    """What all of them share: after normalising, a weight, initially 1, and a bias, initially 0."""

    weight: Parameter | None
    bias: Parameter | None

    def add_parameter(self, name: str, value: float, shape: Any, wanted: bool, dtype: Any) -> None:
        array = np.full(shape, value, dtype or get_default_dtype()) if wanted else None
        self.register_parameter(name, None if array is None else Parameter(wrap(array)))

    def reset_parameters(self) -> None:
        """Set weight to 1 and bias to 0."""
        for name, parameter in self.named_parameters(recurse=False):
            parameter.array[...] = name == "weight"


class _BatchNorm(_Scaled):
    """What the batch normalisations share; each names the shapes it takes, by their `ndim`."""

    shapes: ClassVar[dict[int, str]]
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
        self.add_parameter("weight", 1, num_features, affine, dtype)
        self.add_parameter("bias", 0, num_features, affine and bias, dtype)
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
        super().reset_parameters()

    def check_ndim(self, input: Tensor) -> None:
        """Raise ValueError unless `input` has one of the numbers of dimensions of `shapes`."""
        if input.ndim not in self.shapes:
            expected = " or ".join(f"{ndim}D {shape}" for ndim, shape in self.shapes.items())
            raise ValueError(
                f"{type(self).__name__}: expected {expected} input, got {input.ndim}D of shape "
                f"{list(input.shape)}"
            )

    def forward(self, input: Tensor) -> Tensor:
        self.check_ndim(input)
        training, momentum = self.training, self.momentum
        if training and self.num_batches_tracked is not None:
            kernels.accumulate(self.num_batches_tracked.array, 1)
            if momentum is None:
                momentum = 1 / self.num_batches_tracked.item()
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


class _InstanceNorm(_BatchNorm):
    """What the instance normalisations share; an input without a batch is one sample."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, bias=bias, dtype=dtype
        )

    def forward(self, input: Tensor) -> Tensor:
        self.check_ndim(input)
        ndim = max(self.shapes)
        if input.shape[input.ndim - ndim + 1] != self.num_features:
            raise ValueError(
                f"{type(self).__name__}: expected {self.shapes[input.ndim]} input with "
                f"{self.num_features} channels, got shape {list(input.shape)}"
            )
        x = input if input.ndim == ndim else input.unsqueeze(0)
        y = instance_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum or 0.0,
            self.eps,
        )
        return y if input.ndim == ndim else y.squeeze(0)


class InstanceNorm1d(_InstanceNorm):
    """BatchNorm1d with mean and variance of each sample's channel: x (N, C, L) or (C, L).

    Without weight and bias unless `affine`. With `track_running_stats` there are running means of
    them, which are used in evaluation. Source: Ulyanov, Vedaldi and Lempitsky, "Instance
    normalization" (2016).
    """

    shapes: ClassVar = {3: "(batch, channels, length)", 2: "(channels, length)"}


class InstanceNorm2d(_InstanceNorm):
    """InstanceNorm1d for images: x (N, C, H, W) or (C, H, W)."""

    shapes: ClassVar = {4: "(batch, channels, height, width)", 3: "(channels, height, width)"}


class InstanceNorm3d(_InstanceNorm):
    """InstanceNorm1d for volumes: x (N, C, D, H, W) or (C, D, H, W)."""

    shapes: ClassVar = {
        5: "(batch, channels, depth, height, width)",
        4: "(channels, depth, height, width)",
    }


class LayerNorm(_Scaled):
    """y = weight (x - mean) / sqrt(var + eps) + bias, with the mean and variance of each sample.

    They are taken over the last dimensions of x, of shape `normalized_shape`, which is that of weight
    and bias too. Source: Ba, Kiros and Hinton, "Layer normalization" (2016).
    RuntimeError for an x that does not end in `normalized_shape`.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        shape = self.normalized_shape
        self.add_parameter("weight", 1, shape, elementwise_affine, dtype)
        self.add_parameter("bias", 0, shape, elementwise_affine and bias, dtype)

    def forward(self, input: Tensor) -> Tensor:
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(_Scaled):
    """y = weight x / sqrt(mean(x^2) + eps), with the mean over the last dimensions of each sample.

    These have the shape `normalized_shape`, as has weight; eps None is the epsilon of x's dtype.
    Source: Zhang and Sennrich, "Root mean square layer normalization" (2019).
    RuntimeError for an x that does not end in `normalized_shape`.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.add_parameter("weight", 1, self.normalized_shape, elementwise_affine, dtype)

    def forward(self, input: Tensor) -> Tensor:
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(_Scaled):
    """y = weight (x - mean) / sqrt(var + eps) + bias: x (N, C, ...), weight and bias (C,).

    Mean and variance are those of each sample and group of num_channels / num_groups channels.
    Source: Wu and He, "Group normalization" (2018).
    ValueError for channels that cannot be divided into the groups.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(
                f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self.add_parameter("weight", 1, num_channels, affine, dtype)
        self.add_parameter("bias", 0, num_channels, affine and bias, dtype)

    def forward(self, input: Tensor) -> Tensor:
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """y = x / (k + alpha m)^beta, m the mean of x^2 over `size` neighbouring channels: x (N, C, ...).

    Source: Krizhevsky, Sutskever and Hinton (2012); see `functional.local_response_norm`.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        return local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


def as_shape(shape: int | Sequence[int]) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)
