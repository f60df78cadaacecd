"""The functions behind the modules, with PyTorch's names and signatures: `F.relu(x)`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ..ops import activation, piecewise
from ..ops.activation import gelu, glu, logsigmoid, sigmoid, softplus, softsign, tanhshrink
from ..ops.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
    vanilla_dropout,
)
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
from ..ops.piecewise import hardshrink, prelu, softshrink
from ..ops.softmax import log_softmax, softmax, softmin
from ..ops.trigonometry import tanh
from ..tensor import Tensor, inplace_form

__all__ = [
    "alpha_dropout",
    "batch_norm",
    "binary_cross_entropy_with_logits",
    "celu",
    "cross_entropy",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "feature_alpha_dropout",
    "gelu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "l1_loss",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "mish",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "pad",
    "prelu",
    "relu",
    "relu6",
    "rrelu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "vanilla_dropout",
]

Function = Callable[..., Tensor]


def _with_inplace(function: Function) -> Function:
    """Return `function` with a last parameter `inplace`, an option of nn alone: elsewhere the
    in-place form of an operation is its `name_`."""
    signature = inspect.signature(function)
    changed, place = inplace_form(function), len(signature.parameters)

    @functools.wraps(function)
    def either(*args: Any, inplace: bool = False, **options: Any) -> Tensor:
        if len(args) > place:
            *args, inplace = args  # type: ignore[assignment]
        return (changed if inplace else function)(*args, **options)

    last = inspect.Parameter(
        "inplace", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False, annotation=bool
    )
    either.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), last]
    )
    return either


celu = _with_inplace(activation.celu)
elu = _with_inplace(activation.elu)
hardsigmoid = _with_inplace(piecewise.hardsigmoid)
hardswish = _with_inplace(piecewise.hardswish)
hardtanh = _with_inplace(piecewise.hardtanh)
leaky_relu = _with_inplace(activation.leaky_relu)
mish = _with_inplace(activation.mish)
relu = _with_inplace(activation.relu)
relu6 = _with_inplace(piecewise.relu6)
rrelu = _with_inplace(piecewise.rrelu)
selu = _with_inplace(activation.selu)
silu = _with_inplace(activation.silu)
threshold = _with_inplace(piecewise.threshold)
