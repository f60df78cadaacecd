"""The functions behind the modules, with PyTorch's names and signatures: `F.relu(x)`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ..ops import activation, piecewise
from ..ops.activation import gelu, glu, logsigmoid, sigmoid, softplus, softsign, tanhshrink
from ..ops.adaptive_pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
)
from ..ops.attention import scaled_dot_product_attention
from ..ops.convolution import conv1d, conv2d, conv3d
from ..ops.distance import cosine_similarity, normalize, pairwise_distance, pdist
from ..ops.embedding import embedding, embedding_bag
from ..ops.fractional_pooling import fractional_max_pool2d, fractional_max_pool3d
from ..ops.gathering import one_hot
from ..ops.grid import affine_grid, grid_sample
from ..ops.joining import pad
from ..ops.loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_embedding_loss,
    cross_entropy,
    ctc_loss,
    gaussian_nll_loss,
    hinge_embedding_loss,
    huber_loss,
    kl_div,
    l1_loss,
    margin_ranking_loss,
    mse_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    nll_loss,
    poisson_nll_loss,
    smooth_l1_loss,
    soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from ..ops.normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    rms_norm,
)
from ..ops.piecewise import hardshrink, prelu, softshrink
from ..ops.pooling import (
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
)
from ..ops.products import bilinear, linear
from ..ops.softmax import gumbel_softmax, log_softmax, softmax, softmin
from ..ops.transposed_convolution import conv_transpose1d, conv_transpose2d, conv_transpose3d
from ..ops.trigonometry import tanh
from ..ops.unfolding import fold, unfold
from ..ops.unpooling import max_unpool1d, max_unpool2d, max_unpool3d
from ..ops.upsampling import (
    channel_shuffle,
    interpolate,
    pixel_shuffle,
    pixel_unshuffle,
    upsample,
    upsample_bilinear,
    upsample_nearest,
)
from ..tensor import Tensor, inplace_form
from .dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
    vanilla_dropout,
)

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "affine_grid",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "celu_",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "elu_",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "fold",
    "fractional_max_pool2d",
    "fractional_max_pool3d",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "grid_sample",
    "group_norm",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "hinge_embedding_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "leaky_relu_",
    "linear",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "mish",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pdist",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rms_norm",
    "rrelu",
    "rrelu_",
    "scaled_dot_product_attention",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
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

celu_ = inplace_form(activation.celu)
elu_ = inplace_form(activation.elu)
hardtanh_ = inplace_form(piecewise.hardtanh)
leaky_relu_ = inplace_form(activation.leaky_relu)
relu_ = inplace_form(activation.relu)
rrelu_ = inplace_form(piecewise.rrelu)
selu_ = inplace_form(activation.selu)
threshold_ = inplace_form(piecewise.threshold)
