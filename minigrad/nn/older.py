"""What `torch` itself has of `nn.functional`: the same, or under older signatures, where nothing is by name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..ops import adaptive_pooling, pooling
from ..ops import dropout as dropouts
from ..ops import embedding as embeddings
from ..ops import loss as losses
from ..ops.adaptive_pooling import adaptive_avg_pool1d
from ..ops.convolution import conv1d, conv2d, conv3d
from ..ops.pooling import avg_pool1d
from ..ops.products import bilinear
from ..ops.transposed_convolution import conv_transpose1d, conv_transpose2d, conv_transpose3d
from ..ops.upsampling import channel_shuffle, pixel_shuffle, pixel_unshuffle
from ..tensor import Tensor

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_max_pool1d",
    "alpha_dropout",
    "avg_pool1d",
    "bilinear",
    "binary_cross_entropy_with_logits",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cosine_embedding_loss",
    "ctc_loss",
    "dropout",
    "embedding",
    "feature_alpha_dropout",
    "hinge_embedding_loss",
    "kl_div",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "triplet_margin_loss",
]


def numbered(function: Callable[..., Tensor], *names: str) -> Callable[..., Tensor]:
    """Return a loss that takes `names` in this order, and a number as its reduction: 0 for "none" (the default,
    as in PyTorch), 1 for "mean", 2 for "sum"."""

    @functools.wraps(function)
    def older(*args: Any, **kwargs: Any) -> Tensor:
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        reduction = given.pop("reduction", 0)
        if len(args) > len(names) or not isinstance(reduction, int):
            raise TypeError(
                f"{function.__name__}(): expected {', '.join(names)}, with the reduction as a number; "
                f"nn.functional.{function.__name__} takes its name"
            )
        return function(**given, reduction=("none", "mean", "sum")[reduction])

    return older


binary_cross_entropy_with_logits = numbered(
    losses.binary_cross_entropy_with_logits, "input", "target", "weight", "pos_weight", "reduction"
)
cosine_embedding_loss = numbered(
    losses.cosine_embedding_loss, "input1", "input2", "target", "margin", "reduction"
)
ctc_loss = numbered(
    losses.ctc_loss,
    *("log_probs", "targets", "input_lengths", "target_lengths"),
    *("blank", "reduction", "zero_infinity"),
)
hinge_embedding_loss = numbered(
    losses.hinge_embedding_loss, "input", "target", "margin", "reduction"
)
kl_div = numbered(losses.kl_div, "input", "target", "reduction")
margin_ranking_loss = numbered(
    losses.margin_ranking_loss, "input1", "input2", "target", "margin", "reduction"
)
poisson_nll_loss = numbered(
    losses.poisson_nll_loss, "input", "target", "log_input", "full", "eps", "reduction"
)
triplet_margin_loss = numbered(
    losses.triplet_margin_loss,
    *("anchor", "positive", "negative", "margin", "p", "eps", "swap", "reduction"),
)


def dropout(input: Any, p: float, train: bool) -> Tensor:
    """Return `nn.functional.dropout(input, p, train)`."""
    return dropouts.dropout(input, p, train)


def alpha_dropout(input: Any, p: float, train: bool) -> Tensor:
    """Return `nn.functional.alpha_dropout(input, p, train)`."""
    return dropouts.alpha_dropout(input, p, train)


def feature_alpha_dropout(input: Any, p: float, train: bool) -> Tensor:
    """Return `nn.functional.feature_alpha_dropout(input, p, train)`."""
    return dropouts.feature_alpha_dropout(input, p, train)


def embedding(
    weight: Any,
    indices: Any,
    padding_idx: int = -1,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Return `nn.functional.embedding(indices, weight)`; no padding where `padding_idx` is negative."""
    padding = padding_idx if padding_idx >= 0 else None
    return embeddings.embedding(
        indices, weight, padding, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse
    )


def adaptive_max_pool1d(input: Any, output_size: Any) -> tuple[Tensor, Tensor]:
    """Return (values, indices) of `nn.functional.adaptive_max_pool1d`."""
    return adaptive_pooling.adaptive_max_pool1d(input, output_size, return_indices=True)


def largest(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a pooling without its last parameter `return_indices`."""

    @functools.wraps(function)
    def older(
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> Tensor:
        return function(input, kernel_size, stride, padding, dilation, ceil_mode)

    return older


max_pool1d = largest(pooling.max_pool1d)
max_pool2d = largest(pooling.max_pool2d)
max_pool3d = largest(pooling.max_pool3d)
