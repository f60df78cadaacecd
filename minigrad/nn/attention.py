"""MultiheadAttention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.op import unwrap
from ..ops.attention import Heads, attention_weights
from ..ops.creation import zeros
from ..ops.dropout import dropout
from ..ops.expanding import expand
from ..ops.gathering import masked_fill
from ..ops.joining import cat
from ..ops.products import linear, matmul
from ..ops.shape import permute, reshape
from ..tensor import Tensor
from . import init
from .linear import Linear
from .module import Module
from .parameter import Parameter, empty_parameter


class MultiheadAttention(Module):
    """Attention of num_heads heads, each on its own projections of query, key and value.

    query (L, batch, embed_dim), key (S, batch, kdim), value (S, batch, vdim) -> (L, batch, embed_dim)
    and, if need_weights, the weights (batch, L, S), or with average_attn_weights=False (batch, heads,
    L, S); without a batch, 2-D; with batch_first the batch comes first. key_padding_mask (batch, S)
    and attn_mask (L, S) or (batch heads, L, S) are true where a key is *not* seen, or are added. Where
    no key is seen, weights and result (before the last projection) are 0.
    ValueError, AssertionError or RuntimeError for what does not fit.
    Source: Vaswani et al., "Attention is all you need" (2017).
    """

    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                f"num_heads={num_heads} instead"
            )
        if embed_dim % num_heads:
            raise AssertionError(
                f"embed_dim must be divisible by num_heads, but {embed_dim} / {num_heads} is not whole"
            )
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.add_zero_attn = add_zero_attn
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        together = self.kdim == self.vdim == embed_dim
        widths = {
            "in_proj_weight": (3 * embed_dim, embed_dim) if together else None,
            "q_proj_weight": None if together else (embed_dim, embed_dim),
            "k_proj_weight": None if together else (embed_dim, self.kdim),
            "v_proj_weight": None if together else (embed_dim, self.vdim),
            "in_proj_bias": (3 * embed_dim,) if bias else None,
            "bias_k": (1, 1, embed_dim) if add_bias_kv else None,
            "bias_v": (1, 1, embed_dim) if add_bias_kv else None,
        }
        for name, shape in widths.items():
            parameter = None if shape is None else empty_parameter(shape, device, dtype)
            self.register_parameter(name, parameter)
        self.out_proj = Linear(embed_dim, embed_dim, bias, device, dtype)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for name, parameter in self.named_parameters(recurse=False):
            if name.endswith("weight"):
                init.xavier_uniform_(parameter)
            elif name == "in_proj_bias":
                init.zeros_(parameter)
                init.zeros_(self.out_proj.bias)
            else:
                init.xavier_normal_(parameter)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        self._check(query, key, value)
        if is_causal and attn_mask is None:
            raise RuntimeError(
                "MultiheadAttention: is_causal says what attn_mask is, and needs it: "
                "Transformer.generate_square_subsequent_mask(length) makes one"
            )
        batched = query.ndim == 3
        same_key, same_value = key is query, value is key
        query, key, value = (self._by_length(x) for x in (query, key, value))
        q, k, v = self._projected(query, query if same_key else key, value, same_value)
        mask = self._mask(query, key, key_padding_mask, attn_mask)
        k, v, mask = self._extended(k, v, mask)
        weights = attention_weights(q, k, mask)
        y = matmul(dropout(weights, self.dropout, self.training), v)  # (batch, heads, L, head_dim)
        y = reshape(permute(y, 2, 0, 1, 3), query.shape)
        y = self.out_proj(y)
        y = y.squeeze(1) if not batched else y.transpose(0, 1) if self.batch_first else y
        if not need_weights:
            return y, None
        if average_attn_weights:
            weights = weights.mean(1)
        return y, weights if batched else weights.squeeze(0)

    def _by_length(self, x: Tensor) -> Tensor:
        """Return (length, batch, features)."""
        if x.ndim == 2:
            return x.unsqueeze(1)
        return x.transpose(0, 1) if self.batch_first else x

    def _projected(self, query: Tensor, key: Tensor, value: Tensor, same_value: bool) -> Any:
        """Return the heads of query, key and value: (batch, heads, length, head_dim)."""
        size = self.embed_dim
        weight, bias = self.in_proj_weight, self.in_proj_bias
        if weight is None:
            of = self.__dict__
            weights = [of["q_proj_weight"], of["k_proj_weight"], of["v_proj_weight"]]
        elif same_value and key is query:
            return Heads(self.num_heads, 3)(linear(query, weight, bias))
        elif same_value:
            of_key = None if bias is None else bias[size:]
            (q,) = Heads(self.num_heads, 1)(
                linear(query, weight[:size], None if bias is None else bias[:size])
            )
            return (q, *Heads(self.num_heads, 2)(linear(key, weight[size:], of_key)))
        else:
            weights = [weight[:size], weight[size : 2 * size], weight[2 * size :]]
        heads = []
        for i, (x, w) in enumerate(zip((query, key, value), weights, strict=True)):
            b = None if bias is None else bias[i * size : (i + 1) * size]
            heads += Heads(self.num_heads, 1)(linear(x, w, b))
        return heads

    def _mask(self, query: Tensor, key: Tensor, padding: Any, attention: Any) -> Any:
        """Return what is added to the scores (batch, heads, L, S), or None."""
        length, batch = query.shape[:2]
        total = None
        if padding is not None:
            added = _additive("key_padding_mask", padding, query.dtype)
            if added.ndim == 1:
                added = added.reshape((1, -1))
            if tuple(added.shape) != (batch, key.shape[0]):
                raise AssertionError(
                    f"MultiheadAttention: expected key_padding_mask of shape (batch={batch}, "
                    f"S={key.shape[0]}), got {list(added.shape)}"
                )
            total = added.reshape((batch, 1, 1, -1))
        if attention is not None:
            added = _additive("attn_mask", attention, query.dtype)
            expected = (length, key.shape[0])
            if added.ndim == 3:
                expected = (batch * self.num_heads, *expected)
            if tuple(added.shape) != expected:
                raise RuntimeError(
                    f"MultiheadAttention: The shape of the {added.ndim}D attn_mask is "
                    f"{list(added.shape)}, but should be {list(expected)}"
                )
            if added.ndim == 3:
                added = added.reshape((batch, self.num_heads, *expected[1:]))
            total = added if total is None else total + added
        return total

    def _extended(self, k: Any, v: Any, mask: Any) -> Any:
        """Add the learned and the zero key and value, which every query sees."""
        batch = k.shape[0]
        more = []
        if self.bias_k is not None and self.bias_v is not None:
            shape = (1, self.num_heads, 1, self.head_dim)
            more.append(
                [expand(reshape(b, shape), (batch, -1, -1, -1)) for b in (self.bias_k, self.bias_v)]
            )
        if self.add_zero_attn:
            zeros = k.detach()[:, :, :1] * 0
            more.append([zeros, zeros])
        if not more:
            return k, v, mask
        if mask is not None:
            seen = np.zeros((*mask.shape[:-1], len(more)), k.dtype)
            mask = cat([mask, Tensor(seen)], -1)
        return cat([k, *(x for x, _ in more)], 2), cat([v, *(x for _, x in more)], 2), mask

    def _check(self, query: Tensor, key: Tensor, value: Tensor) -> None:
        shapes = f"query {list(query.shape)}, key {list(key.shape)}, value {list(value.shape)}"
        if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
            raise AssertionError(
                f"MultiheadAttention: query, key and value should all be unbatched 2D (length, "
                f"features) or all batched 3D tensors, got {shapes}"
            )
        widths = (query.shape[-1], key.shape[-1], value.shape[-1])
        if widths != (self.embed_dim, self.kdim, self.vdim):
            raise AssertionError(
                f"MultiheadAttention: was expecting embedding dimensions of "
                f"{(self.embed_dim, self.kdim, self.vdim)} of query, key and value, but got {widths}"
            )
        batch = 0 if self.batch_first else 1
        if key.shape[:-1] != value.shape[:-1] or (
            query.ndim == 3 and query.shape[batch] != key.shape[batch]
        ):
            raise AssertionError(
                f"MultiheadAttention: lengths of key and value, or the batch sizes, differ: {shapes}"
            )


def _additive(name: str, mask: Any, dtype: np.dtype) -> Any:
    """Return a mask that is true where nothing is to be seen as one that is added."""
    array = unwrap(mask)
    if array.dtype.kind == "f":
        return mask
    if array.dtype.kind != "b":
        raise AssertionError(
            f"MultiheadAttention: only bool and floating types of {name} are supported, not "
            f"{array.dtype}"
        )
    return masked_fill(zeros(array.shape, dtype=dtype), mask, -math.inf)
