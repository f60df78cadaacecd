"""Normalisation to mean 0 and variance 1: each channel over a batch, or what belongs together within a sample;
and by the strength of the neighbouring channels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op, unwrap
from ..errors import named_shape
from ..tensor import Tensor
from .arithmetic import add, mul, sub
from .division import div
from .expanding import repeat
from .pointwise import pow, square
from .pooling import AvgPool, adaptive_windows
from .shape import reshape

__all__ = [
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "local_response_norm",
    "rms_norm",
]


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
    ValueError for one value a channel or eps <= 0 in training, RuntimeError for shapes or dtypes that differ.
    """
    x, mean, var = unwrap(input), unwrap(running_mean), unwrap(running_var)
    check_channels(x, mean, var, unwrap(weight), unwrap(bias))
    if not training:
        if mean is None or var is None:
            raise RuntimeError("batch_norm: running_mean and running_var are needed in evaluation")
        return BatchNormEval(mean, var, eps)(input, weight, bias)
    if eps <= 0:
        raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    if x.size == 0:  # no statistics to take over
        mean = var = None
    elif x.size == x.shape[1]:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size "
            f"{list(x.shape)}: one value has no variance. Use a larger batch (the last one of "
            f"an epoch may be short: DataLoader(drop_last=True)), or call eval()."
        )
    return BatchNorm(mean, var, momentum, eps)(input, weight, bias)


def check_channels(x: np.ndarray, *values: np.ndarray | None) -> None:
    """Raise RuntimeError unless running_mean, running_var, weight and bias, where they are not
    None, have one value a channel of x, in its dtype."""
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


class LayerNorm(Op):
    """h weight + bias, with h = (x - mean) / sqrt(var + eps) over the last `dims` dimensions.

    weight and bias have the shape of these dimensions, or are None; var is the biased variance.
    With u = grad weight:  dx = (u - mean(u) - h mean(u h)) / sqrt(var + eps).
    """

    __slots__ = ("dims", "eps", "shape")

    centred = True

    def __init__(self, dims: int = 1, eps: float = 1e-5) -> None:
        self.dims = dims
        self.eps = eps

    def split(self, x: np.ndarray) -> tuple[int, int, int, int]:
        """Return the shape of x as (samples, groups, channels, space); mean and variance are taken
        over the last two, and weight and bias have a value for each of groups x channels."""
        at = x.ndim - self.dims
        return math.prod(x.shape[:at]), 1, math.prod(x.shape[at:]), 1

    def forward(
        self, x: np.ndarray, weight: np.ndarray | None = None, bias: np.ndarray | None = None
    ) -> np.ndarray:
        self.shape = self.split(x)
        y, *statistics = kernels.layer_norm(x, self.shape, weight, bias, self.eps, self.centred)
        self.inputs = (x, weight, None)
        self.saved = statistics
        return y

    def backward(self, grad: Any) -> tuple[Any, ...]:
        x, weight = (*self.inputs, None)[:2]
        if isinstance(grad, np.ndarray):
            dx, *others = kernels.layer_norm_backward(grad, x, self.shape, *self.saved, weight)
        else:
            dx, *others = self.composed(grad.reshape(self.shape), x.reshape(self.shape), weight)
            dx = dx.reshape(x.shape)
        if weight is not None:
            others = [d.reshape(weight.shape) for d in others]
        return dx, *others

    def composed(self, grad: Any, x: Any, weight: Any) -> tuple[Any, Any, Any]:
        within, centred = (2, 3), self.centred
        d = sub(x, x.mean(within, keepdim=True)) if centred else x
        rstd = (d.square().mean(within, keepdim=True) + self.eps).rsqrt()
        h = mul(d, rstd)
        u = grad if weight is None else mul(grad, weight.reshape((*self.shape[1:3], 1)))
        spread = mul(h, mul(u, h).mean(within, keepdim=True))
        if centred:
            spread = spread + u.mean(within, keepdim=True)
        return mul(rstd, sub(u, spread)), mul(grad, h).sum((0, 3)), grad.sum((0, 3))


class GroupNorm(LayerNorm):
    """As LayerNorm, over each of `groups` groups of channels of x (N, C, ...), with weight and bias
    (C,)."""

    __slots__ = ("groups",)

    def __init__(self, groups: int, eps: float = 1e-5) -> None:
        self.groups = groups
        self.eps = eps

    def split(self, x: np.ndarray) -> tuple[int, int, int, int]:
        n, channels, *space = x.shape
        return n, self.groups, channels // self.groups, math.prod(space)


class RMSNorm(LayerNorm):
    """h weight, with h = x / sqrt(mean(x^2) + eps) over the last `dims` dimensions."""

    __slots__ = ()

    centred = False

    def forward(self, x: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
        return super().forward(x, weight)

    def backward(self, grad: Any) -> tuple[Any, ...]:
        return super().backward(grad)[:2]


def layer_norm(
    input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Tensor:
    """Return weight (input - mean) / sqrt(var + eps) + bias, over the last dimensions.

    normalized_shape is the shape of these, and of weight and bias; var is the biased variance.
    Source: Ba, Kiros and Hinton, "Layer normalization" (2016).
    RuntimeError for shapes or dtypes that do not fit.
    """
    shape = check_normalized("layer_norm", input, normalized_shape, weight=weight, bias=bias)
    return LayerNorm(len(shape), eps)(input, weight, bias)


def rms_norm(
    input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None
) -> Tensor:
    """Return weight input / sqrt(mean(input^2) + eps), over the last dimensions.

    normalized_shape is the shape of these, and of weight; eps None is the dtype's epsilon.
    Source: Zhang and Sennrich, "Root mean square layer normalization" (2019).
    RuntimeError for shapes or dtypes that do not fit.
    """
    shape = check_normalized("rms_norm", input, normalized_shape, weight=weight)
    if eps is None:
        eps = float(np.finfo(input.dtype).eps)
    return RMSNorm(len(shape), eps)(input, weight)


def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Tensor:
    """Return weight (input - mean) / sqrt(var + eps) + bias, per sample and group of channels.

    input (N, C, ...) in `num_groups` groups of C / num_groups channels; weight and bias (C,).
    Source: Wu and He, "Group normalization" (2018).
    RuntimeError for shapes or dtypes that do not fit, ValueError for one value a group.
    """
    shape = input.shape
    if len(shape) < 2 or num_groups < 1 or shape[1] % num_groups:
        raise RuntimeError(
            f"group_norm: expected input of shape (batch, channels, ...), with a number of channels "
            f"divisible by num_groups {num_groups}, got {list(shape)}"
        )
    if shape[0] * shape[1] // num_groups * math.prod(shape[2:]) == 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {list(shape)}: "
            f"one value has no variance. Use fewer groups."
        )
    check_parameters("group_norm", input, shape[1:2], weight=weight, bias=bias)
    return GroupNorm(num_groups, eps)(input, weight, bias)


def check_normalized(name: str, input: Any, shape: Any, **parameters: Any) -> tuple[int, ...]:
    """Return normalized_shape as a tuple; RuntimeError unless `input` ends in it and the parameters
    have it."""
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    if not shape or input.shape[-len(shape) :] != shape:
        raise RuntimeError(
            f"{name}: given normalized_shape={list(shape)}, expected input of shape "
            f"[*, {', '.join(map(str, shape))}], but got {list(input.shape)}"
        )
    check_parameters(name, input, shape, **parameters)
    return shape


def check_parameters(name: str, input: Any, shape: tuple[int, ...], **parameters: Any) -> None:
    """Raise RuntimeError unless the parameters that are not None have `shape` and input's dtype."""
    if input.dtype.kind != "f":
        raise RuntimeError(f"{name}: expected a floating-point input, got {input.dtype}")
    for what, value in parameters.items():
        if value is None:
            continue
        if value.shape != shape:
            raise RuntimeError(
                f"{name}: {what} should have shape {list(shape)} for an input of shape "
                f"{list(input.shape)}, but it has {list(value.shape)}"
            )
        if value.dtype != input.dtype:
            raise RuntimeError(
                f"{name}: the input is {input.dtype} and {what} is {value.dtype}; convert one "
                f"(module.double(), or input.to({value.dtype}))"
            )


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Return weight (input - mean) / sqrt(var + eps) + bias, per sample and channel: (N, C, *places).

    With `use_input_stats`, mean and biased variance are those of each sample's channel, and the
    running ones, unless None, follow their means over the batch; otherwise the running ones are
    used. Source: Ulyanov, Vedaldi and Lempitsky, "Instance normalization" (2016). ValueError for
    one place, which has no variance.
    """
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    batch, channels, *places = input.shape
    if math.prod(places) == 1:
        raise ValueError(
            f"Expected more than 1 spatial element when training, got input size "
            f"{list(input.shape)}: one value has no variance"
        )
    # Each channel of each sample is a channel of its own.
    running = [None if r is None else unwrap(r) for r in (running_mean, running_var)]
    tiled = [None if r is None else np.tile(r, batch) for r in running]
    scales = [None if w is None else repeat(w, batch) for w in (weight, bias)]
    folded = reshape(input, (1, batch * channels, *places))
    result = reshape(batch_norm(folded, *tiled, *scales, True, momentum, eps), tuple(input.shape))
    for value, values in zip(running, tiled, strict=True):
        if value is not None and batch:
            value[...] = values.reshape(batch, channels).mean(0)
    return result


def local_response_norm(
    input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """Return input / (k + alpha m)^beta, m the mean of input^2 over `size` neighbouring channels.

    input (N, C, *places), with zeros beyond the first and the last channel; of the neighbours, size //
    2 come before. Source: Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep
    convolutional neural networks" (2012). ValueError for fewer than 3 dimensions.
    """
    if input.ndim < 3:
        raise ValueError(
            f"local_response_norm: Expected 3D or higher dimensionality input (batch, channels, "
            f"*places), got {input.ndim} dimensions"
        )
    if size < 1:
        raise RuntimeError(f"local_response_norm: size must be at least 1 channel, got {size}")
    shape = tuple(input.shape)
    batch, channels, places = shape[0], shape[1], math.prod(shape[2:])
    if 0 in shape:
        return input
    middle = np.arange(channels)
    first = np.maximum(middle - size // 2, 0)
    end = np.minimum(middle + (size - 1) // 2 + 1, channels)
    mean = AvgPool(np.stack([first, end, end - first], 1), adaptive_windows(places, places), size)
    strength = reshape(mean(reshape(square(input), (batch, channels, places))), shape)
    return div(input, pow(add(mul(strength, alpha), k), beta))
