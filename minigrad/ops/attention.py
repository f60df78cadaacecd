"""Attention: for each query, a mean of values, weighted by how well their keys fit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op, unwrap
from ..tensor import Tensor
from .arithmetic import add, mul
from .dropout import dropout
from .expanding import expand
from .gathering import masked_fill
from .joining import stack
from .products import check_dtypes, matmul
from .shape import reshape, unsqueeze
from .softmax import softmax

__all__ = ["scaled_dot_product_attention"]


class Heads(Op):
    """`parts` matrices side by side, each of `heads` heads: (length, batch, parts heads features)
    -> parts of (batch, heads, length, features), each contiguous."""

    __slots__ = ("heads", "parts", "shape")

    def __init__(self, heads: int, parts: int) -> None:
        self.heads = heads
        self.parts = parts

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, ...]:
        self.shape = length, batch, _ = x.shape
        apart = x.reshape(length, batch, self.parts, self.heads, -1).transpose(2, 1, 3, 0, 4)
        return tuple(kernels.expand(part, part.shape) for part in apart)

    def backward(self, *grads: Any) -> Any:
        length, batch, width = self.shape
        dtype = next(grad.dtype for grad in grads if grad is not None)
        features = width // (self.parts * self.heads)
        none = np.zeros((batch, self.heads, length, features), dtype)
        grads = tuple(none if grad is None else grad for grad in grads)
        if any(isinstance(grad, Tensor) for grad in grads):
            return reshape(stack(grads).permute(3, 1, 0, 2, 4), self.shape)
        result = kernels.empty(self.shape, dtype)
        apart = result.reshape(length, batch, self.parts, self.heads, -1).transpose(2, 1, 3, 0, 4)
        for part, grad in zip(apart, grads, strict=True):
            part[...] = grad
        return result


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """Return softmax(query key^T scale + mask) value, scale = 1 / sqrt(features).

    query (..., L, features), key (..., S, features), value (..., S, n) -> (..., L, n). `attn_mask`,
    which broadcasts to (..., L, S), is added, or, if boolean, is true where a key takes part; a
    query for which none does gives 0. `is_causal`: query i sees the keys up to i. The weights pass
    through dropout. `enable_gqa`: key and value have fewer heads (dimension -3), each for a group
    of those of the query. RuntimeError for what does not fit.
    Source: Vaswani et al., "Attention is all you need" (2017).
    """
    _check(query, key, value)
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError(
                "scaled_dot_product_attention: attn_mask should not be set when is_causal=True"
            )
        attn_mask = np.tri(query.shape[-2], key.shape[-2], dtype=bool)
    if enable_gqa:
        key, value = (_for_each_query(x, query.shape[-3]) for x in (key, value))
    weights = attention_weights(query, key, attn_mask, scale)
    return matmul(dropout(weights, dropout_p), value)


def attention_weights(query: Any, key: Any, mask: Any, scale: float | None = None) -> Any:
    """Return softmax(query key^T scale + mask): (..., L, S); 0 for a query that may see no key."""
    if scale is None:
        scale = 1 / math.sqrt(query.shape[-1]) if query.shape[-1] else 1.0
    scores = matmul(mul(query, scale), key.mT)
    if mask is None:
        return softmax(scores, -1)
    allowed = unwrap(mask)
    if allowed.dtype.kind == "b":
        nothing = ~allowed.any(-1, keepdims=True)
        scores = masked_fill(scores, ~(allowed | nothing), -math.inf)
    elif allowed.dtype.kind == "f":
        nothing = (allowed == -math.inf).all(-1, keepdims=True)
        if nothing.any():  # so that no NaN arises, in the gradient neither
            mask = masked_fill(mask, nothing, 0.0)
        scores = add(scores, mask)
    else:
        raise RuntimeError(
            f"scaled_dot_product_attention: attn_mask has to be boolean or floating-point, not "
            f"{allowed.dtype}"
        )
    weights = softmax(scores, -1)
    return masked_fill(weights, nothing, 0.0) if nothing.any() else weights


def _for_each_query(x: Any, heads: int) -> Any:
    *batch, own, length, features = x.shape
    if not own or heads % own:
        raise RuntimeError(
            f"scaled_dot_product_attention: {heads} heads of the query are no multiple of the {own} "
            f"of key and value"
        )
    shared = expand(unsqueeze(x, -3), (*batch, own, heads // own, length, features))
    return reshape(shared, (*batch, heads, length, features))


def _check(query: Any, key: Any, value: Any) -> None:
    shapes = [list(x.shape) for x in (query, key, value)]
    if any(x.ndim < 2 for x in (query, key, value)):
        raise RuntimeError(
            f"scaled_dot_product_attention: query, key and value need at least 2 dimensions "
            f"(length, features), their shapes are {shapes}"
        )
    check_dtypes("scaled_dot_product_attention", query, key, value)
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise RuntimeError(
            f"scaled_dot_product_attention: query (..., L, E), key (..., S, E) and value "
            f"(..., S, n) do not have shapes {shapes}"
        )
