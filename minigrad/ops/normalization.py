"""Normalisation over a batch: each channel to mean 0 and variance 1."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op, unwrap
from ..errors import named_shape
from ..tensor import Tensor
from .arithmetic import mul, sub

__all__ = ["batch_norm"]


class BatchNorm(Op):
    """weight (x - mean) / sqrt(var + eps) + bias, with the mean and variance of the batch.

    x (N, C, ...), weight and bias (C,) or None; var is the biased one. With n = x.size / C and
    z the normalised x:  dx = weight/sqrt(var + eps) (grad - sum(grad)/n - z sum(grad z)/n).
    """

    __slots__ = ("eps", "momentum", "running_mean", "running_var")

    def __init__(
        self,
        running_mean: np.ndarray | None = None,
        running_var: np.ndarray | None = None,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> None:
        self.running_mean = running_mean
        self.running_var = running_var
        self.momentum = momentum
        self.eps = eps

    def forward(
        self, x: np.ndarray, weight: np.ndarray | None = None, bias: np.ndarray | None = None
    ) -> np.ndarray:
        y, mean, rstd = kernels.batch_norm(
            x, weight, bias, self.running_mean, self.running_var, self.momentum, self.eps
        )
        self.inputs = (x, weight, None)
        self.saved = (mean, rstd)
        return y

    def backward(self, grad: Any) -> tuple[Any, Any, Any]:
        x, weight, _ = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.batch_norm_backward(grad, x, *self.saved, weight)
        dims, channels = over_channels(x)
        centred = sub(x, x.mean(dims, keepdim=True))
        rstd = (centred.square().mean(dims, keepdim=True) + self.eps).rsqrt()
        z = mul(centred, rstd)
        dz = grad if weight is None else mul(grad, weight.reshape(channels))
        spread = dz.mean(dims, keepdim=True) + mul(z, mul(dz, z).mean(dims, keepdim=True))
        dx = mul(rstd, sub(dz, spread))
        return dx, mul(grad, z).sum(dims), grad.sum(dims)


class BatchNormEval(Op):
    """weight (x - running_mean) / sqrt(running_var + eps) + bias: affine in x."""

    __slots__ = ("eps", "running_mean", "running_var")

    def __init__(
        self, running_mean: np.ndarray, running_var: np.ndarray, eps: float = 1e-5
    ) -> None:
        self.running_mean = running_mean
        self.running_var = running_var
        self.eps = eps

    def forward(
        self, x: np.ndarray, weight: np.ndarray | None = None, bias: np.ndarray | None = None
    ) -> np.ndarray:
        self.inputs = (x, weight, None)
        return kernels.batch_norm_eval(
            x, weight, bias, self.running_mean, self.running_var, self.eps
        )

    def backward(self, grad: Any) -> tuple[Any, Any, Any]:
        x, weight, _ = self.inputs
        if isinstance(grad, np.ndarray):
            return kernels.batch_norm_eval_backward(
                grad, x, self.running_mean, self.running_var, weight, self.eps
            )
        dims, channels = over_channels(x)
        rstd = (1 / np.sqrt(self.running_var + self.eps)).reshape(channels)
        z = mul(sub(x, self.running_mean.reshape(channels)), rstd)
        dz = grad if weight is None else mul(grad, weight.reshape(channels))
        return mul(dz, rstd), mul(grad, z).sum(dims), grad.sum(dims)


def over_channels(x: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the dimensions of x (N, C, ...) that are not channels, and the shape (C, 1, ...)
    in which values a channel broadcast to it."""
    return (0, *range(2, x.ndim)), (-1,) + (1,) * (x.ndim - 2)


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Return weight (input - mean) / sqrt(var + eps) + bias, per channel: input (N, C, ...).

    In training, mean and biased variance are the batch's, and the running ones, unless None, are
    changed in place: running = (1 - momentum) running + momentum batch's (unbiased variance).
    Otherwise the running ones are used. Source: Ioffe and Szegedy (2015).
    ValueError for one value a channel in training, RuntimeError for shapes or dtypes that differ.
    """
    check_channels(input, running_mean, running_var, weight, bias)
    mean, var = unwrap(running_mean), unwrap(running_var)
    if not training:
        if mean is None or var is None:
            raise RuntimeError("batch_norm: running_mean and running_var are needed in evaluation")
        return BatchNormEval(mean, var, eps)(input, weight, bias)
    if input.shape[0] == 1 and math.prod(input.shape[2:]) == 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size "
            f"{list(input.shape)}: one value has no variance. Use a larger batch (the last one of "
            f"an epoch may be short: DataLoader(drop_last=True)), or call eval()."
        )
    return BatchNorm(mean, var, momentum, eps)(input, weight, bias)


def check_channels(input: Any, *values: Any) -> None:
    """Raise RuntimeError unless running_mean, running_var, weight and bias, where they are not
    None, have one value a channel of `input`, in its dtype."""
    x, *values = map(unwrap, (input, *values))
    if kernels.are_channels(x, *values):
        return
    if x.ndim < 2:
        raise RuntimeError(
            f"batch_norm: expected input of shape (batch, channels, ...), got {list(x.shape)}"
        )
    for i, array in enumerate(values):
        if array is None:
            continue
        if array.shape == x.shape[1:2] and array.dtype == x.dtype:
            continue
        name = ("running_mean", "running_var", "weight", "bias")[i]
        if array.shape != x.shape[1:2]:
            raise RuntimeError(
                f"batch_norm: {name} should contain {x.shape[1]} elements, one a channel of the "
                f"input {named_shape(x.shape, ('batch', 'channels'))}, but it has shape "
                f"{list(array.shape)}"
            )
        raise RuntimeError(
            f"batch_norm: the input is {x.dtype} and {name} is {array.dtype}; convert one "
            f"(module.double(), or input.to({array.dtype}))"
        )
