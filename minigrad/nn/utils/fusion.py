"""A layer and the BatchNorm behind it as one layer, for evaluation."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

import numpy as np

from ...autograd.op import unwrap, wrap
from ...tensor import Tensor
from ..linear import Linear
from ..module import Module
from ..parameter import Parameter

__all__ = [
    "fuse_conv_bn_eval",
    "fuse_conv_bn_weights",
    "fuse_linear_bn_eval",
    "fuse_linear_bn_weights",
]

M = TypeVar("M", bound=Module)
Pair = tuple[Parameter, Parameter]


def fuse_conv_bn_eval(conv: M, bn: Module, transpose: bool = False) -> M:
    """Return a copy of the convolution `conv` that does what `bn` after it does, in evaluation.

    weight' = weight s, bias' = (bias - running_mean) s + bn.bias, for each channel, with s = bn.weight /
    sqrt(running_var + eps). `transpose` says that it is a transposed convolution. RuntimeError in
    training, without running statistics, or for another number of channels.
    """
    return _fused(conv, bn, 1 if transpose else 0)


def fuse_linear_bn_eval(linear: M, bn: Module) -> M:
    """Return a copy of the Linear layer that does what `bn` after it does: see `fuse_conv_bn_eval`."""
    return _fused(linear, bn, 0)


def _fused(layer: Any, bn: Any, dim: int) -> Any:
    name, norm = type(layer).__name__, type(bn).__name__
    if layer.training or bn.training:
        raise RuntimeError(f"{name} and {norm} are one layer only in evaluation: call eval() first")
    if bn.running_mean is None or bn.running_var is None:
        raise RuntimeError(f"{norm} has no running statistics that {name} could take over")
    outputs = layer.out_features if isinstance(layer, Linear) else layer.out_channels
    if outputs != bn.num_features:
        raise RuntimeError(f"{name} has {outputs} outputs, and {norm} is for {bn.num_features}")
    fused = copy.deepcopy(layer)
    state = (bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias)
    fused.weight, fused.bias = fuse_conv_bn_weights(layer.weight, layer.bias, *state, dim == 1)
    return fused


def fuse_conv_bn_weights(
    conv_w: Tensor,
    conv_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
    transpose: bool = False,
) -> Pair:
    """Return the weight and the bias of a convolution with BatchNorm behind it: see
    `fuse_conv_bn_eval`."""
    w, b, mean, var, scale, shift = map(unwrap, (conv_w, conv_b, bn_rm, bn_rv, bn_w, bn_b))
    scale = (1 if scale is None else scale) / np.sqrt(var + bn_eps)
    bias = ((0 if b is None else b) - mean) * scale + (0 if shift is None else shift)
    along = (1, -1) if transpose else (-1, 1)
    weight = w * scale.reshape(*along, *(1,) * (w.ndim - 2))
    trained = conv_w.requires_grad
    return (
        Parameter(wrap(weight.astype(w.dtype)), trained),
        Parameter(wrap(bias.astype(w.dtype)), trained if conv_b is None else conv_b.requires_grad),
    )


def fuse_linear_bn_weights(
    linear_w: Tensor,
    linear_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
) -> Pair:
    """Return the weight and the bias of a Linear layer with BatchNorm behind it: see
    `fuse_conv_bn_eval`."""
    return fuse_conv_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)
