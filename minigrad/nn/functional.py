"""The functions behind the modules, with PyTorch's names and signatures: `F.relu(x)`."""

from __future__ import annotations

from ..ops import activation as ops
from ..ops.activation import gelu, logsigmoid, sigmoid, softplus
from ..ops.dropout import dropout
from ..ops.gathering import one_hot
from ..ops.joining import pad
from ..ops.linalg import linear
from ..ops.loss import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    l1_loss,
    mse_loss,
    nll_loss,
)
from ..ops.normalization import batch_norm
from ..ops.softmax import log_softmax, softmax
from ..ops.trigonometry import tanh
from ..tensor import Tensor, inplace_form

__all__ = [
    "batch_norm",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "dropout",
    "elu",
    "gelu",
    "hardtanh",
    "l1_loss",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "pad",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]

# `inplace` is an option of nn alone; elsewhere the in-place form of an operation is its `name_`.

_relu_ = inplace_form(ops.relu)
_leaky_relu_ = inplace_form(ops.leaky_relu)
_elu_ = inplace_form(ops.elu)
_selu_ = inplace_form(ops.selu)
_silu_ = inplace_form(ops.silu)
_hardtanh_ = inplace_form(ops.hardtanh)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return max(input, 0)."""
    return _relu_(input) if inplace else ops.relu(input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Return input where it is positive, negative_slope input elsewhere."""
    return (_leaky_relu_ if inplace else ops.leaky_relu)(input, negative_slope)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Return input where it is positive, alpha (exp(input) - 1) elsewhere."""
    return (_elu_ if inplace else ops.elu)(input, alpha)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return elu(input) with the alpha and scale that keep mean 0 and variance 1."""
    return (_selu_ if inplace else ops.selu)(input)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return input sigmoid(input)."""
    return (_silu_ if inplace else ops.silu)(input)


def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """Return input limited to [min_val, max_val]."""
    return (_hardtanh_ if inplace else ops.hardtanh)(input, min_val, max_val)
