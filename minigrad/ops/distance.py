"""How far vectors are from each other: p-norm distances and the cosine of their angle."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from .arithmetic import add, div, mul, sub
from .reduction import norm, sum
from .selection import clamp_min
from .shape import broadcast_tensors

__all__ = ["cosine_similarity", "normalize", "pairwise_distance"]


def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """Return the p-norm of x1 - x2 + eps along the last dimension: (..., D) -> (...), broadcast."""
    return norm(add(sub(x1, x2), eps), p, -1, keepdim)


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Return x1.x2 / (max(|x1|, eps) max(|x2|, eps)) along `dim`, broadcast."""
    x1, x2 = broadcast_tensors(x1, x2)
    lengths = (clamp_min(norm(x, 2, dim, True), eps) for x in (x1, x2))
    units = (div(x, length) for x, length in zip((x1, x2), lengths, strict=True))
    return sum(mul(*units), dim)


def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """Return input / max(|input|_p, eps), the norm taken along `dim`."""
    return div(input, clamp_min(norm(input, p, dim, True), eps))
