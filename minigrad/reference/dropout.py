"""Dropout."""

from __future__ import annotations

import numpy as np

from .philox import philox

__all__ = ["dropout"]

Array = np.ndarray


def _mask_bits(seed: int, stream: int, n: int) -> Array:
    """32 random bits for each of n elements. Elements e and e + 64 of a span of 128 share number e
    of a block; the lower 16 bits come from the blocks 2^56 further on."""
    spans = -(-n // 128)

    def halves(block: int) -> Array:
        numbers = philox(seed, stream, 64 * spans, block).reshape(spans, 64)
        return np.concatenate([numbers & 0xFFFF, numbers >> 16], axis=1).reshape(-1)[:n]

    return halves(0) << 16 | halves(2**56)


def dropout(y: Array, x: Array, scale: float, bound: int, seed: int, stream: int) -> None:
    kept = _mask_bits(seed, stream, x.size).reshape(x.shape) < bound
    y[...] = x * np.where(kept, x.dtype.type(scale), x.dtype.type(0))
