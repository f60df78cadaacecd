"""How far vectors are from each other: p-norm distances and the cosine of their angle."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor, method
from .arithmetic import add, mul, sub
from .comparison import gt
from .dims import wrap_dim
from .division import div
from .expanding import broadcast_tensors
from .gathering import index_select
from .norms import norm
from .reduction import sum
from .selection import clamp_min, where
from .shape import unsqueeze

__all__ = [
    "cdist",
    "cosine_similarity",
    "dist",
    "normalize",
    "pairwise_distance",
    "pdist",
    "renorm",
]


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


@method()
def dist(input: Any, other: Any, p: float = 2.0) -> Tensor:
    """Return the p-norm of all of input - other, broadcast."""
    return norm(sub(input, other), p)


def cdist(
    x1: Any, x2: Any, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary"
) -> Tensor:
    """Return the p-norm of the difference of each row of x1 and each of x2: (..., m, d) (..., n, d)
    -> (..., m, n), the leading dimensions broadcast; its gradient where they are equal is 0.

    All differences are made: `compute_mode` is there because PyTorch has it. RuntimeError for
    rows of two lengths and for p < 0.
    """
    for x in (x1, x2):
        if x.ndim < 2:
            raise RuntimeError(f"cdist: expected rows (..., n, d), got shape {list(x.shape)}")
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(
            f"cdist: x1 and x2 must have the same number of columns, not {x1.shape[-1]} and "
            f"{x2.shape[-1]}"
        )
    if p < 0:
        raise RuntimeError(f"cdist only supports non-negative p values, not {p}")
    difference = sub(unsqueeze(x1, -2), unsqueeze(x2, -3))
    return norm(difference, p, -1) if x1.shape[-1] else sum(difference, -1)


def pdist(input: Any, p: float = 2.0) -> Tensor:
    """Return the p-norm of the difference of each pair of rows: (n, d) -> (n (n - 1) / 2).

    In the order of the pairs (0, 1), (0, 2), ..., (1, 2), ...; the gradient where they are equal is 0.
    """
    if input.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    first, second = np.triu_indices(input.shape[0], 1)
    return norm(sub(index_select(input, 0, first), index_select(input, 0, second)), p, -1)


@method(inplace=True)
def renorm(input: Any, p: float, dim: int, maxnorm: float) -> Tensor:
    """Return `input` with each slice along `dim` whose p-norm exceeds `maxnorm` scaled down to it."""
    if input.ndim < 2:
        raise RuntimeError(
            f"renorm: input needs at least 2 dimensions, got shape {list(input.shape)}"
        )
    if p <= 0 or maxnorm < 0:
        raise RuntimeError(f"renorm: expected p > 0 and maxnorm >= 0, got p={p}, maxnorm={maxnorm}")
    dim = wrap_dim(dim, input.ndim)
    norms = norm(input, p, tuple(d for d in range(input.ndim) if d != dim), True)
    return mul(input, where(gt(norms, maxnorm), div(maxnorm, add(norms, 1e-7)), 1))
