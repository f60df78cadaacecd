"""Random numbers by counting: csrc/philox.h."""

from __future__ import annotations

import numpy as np

__all__ = ["philox", "philox4x32"]

Array = np.ndarray


def philox4x32(counter: Array, key: Array) -> Array:
    """Philox4x32-10: counter (..., 4) and key (..., 2) to random words (..., 4), all uint32.

    Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011."""
    c0, c1, c2, c3 = np.moveaxis(counter.astype(np.uint64), -1, 0)
    k0, k1 = np.moveaxis(key.astype(np.uint64), -1, 0)
    mask, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    for _ in range(10):
        p0, p1 = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (p1 >> half) ^ c1 ^ k0, p1 & mask, (p0 >> half) ^ c3 ^ k1, p0 & mask
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & mask, (k1 + np.uint64(0xBB67AE85)) & mask
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


def philox(seed: int, stream: int, n: int, block: int = 0) -> Array:
    """The n uint32 numbers of a stream from number 64 * block on, in the order of csrc/philox.h:
    number i is word (i % 64) / 16 of the output for the counter 16 * (i / 64) + i % 16."""
    blocks = -(-n // 64)
    lanes = np.arange(16 * block, 16 * (block + blocks), dtype=np.uint64)
    counter = np.empty((16 * blocks, 4), np.uint64)
    counter[:, 0], counter[:, 1] = lanes & np.uint64(0xFFFFFFFF), lanes >> np.uint64(32)
    counter[:, 2], counter[:, 3] = stream & 0xFFFFFFFF, stream >> 32
    key = np.array([seed & 0xFFFFFFFF, seed >> 32], np.uint64)
    words = philox4x32(counter, key)  # (16 blocks, 4)
    return words.reshape(blocks, 16, 4).transpose(0, 2, 1).reshape(-1)[:n]
