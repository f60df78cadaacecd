"""Dropout: how many are kept, and that the mask is a function of seed, stream and index."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import _native, kernels

ONES = np.ones(1_000_000, np.float32)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.7, 0.999])
def test_keep_rate_and_scale(p: float) -> None:
    y = kernels.dropout(ONES, p, 1, 2)
    kept = y != 0
    deviation = np.sqrt(p * (1 - p) / ONES.size)
    assert abs(kept.mean() - (1 - p)) < 5 * deviation
    np.testing.assert_array_equal(y[kept], np.float32(1 / (1 - p)))
    # no run of neighbours, and no lane of a block, is kept more often than others
    pairs = (kept[1:] & kept[:-1]).mean()
    assert abs(pairs - (1 - p) ** 2) < 5 * np.sqrt(1 / ONES.size)
    lanes = kept[: ONES.size // 128 * 128].reshape(-1, 128).mean(0)
    assert (abs(lanes - (1 - p)) < 6 * deviation * np.sqrt(128)).all()


def test_probabilities_finer_than_16_bits() -> None:
    # 16 random bits alone would keep 1 in 65,536 elements, or none.
    p = 1 - 2.5 / 65536
    x = np.ones(20_000_000, np.float32)
    kept = np.count_nonzero(kernels.dropout(x, p, 3, 4))
    mean = x.size * (1 - p)
    assert abs(kept - mean) < 5 * np.sqrt(mean)


def test_the_ends() -> None:
    x = np.arange(1, 1000, dtype=np.float64)
    np.testing.assert_array_equal(kernels.dropout(x, 0, 1, 2), x)
    np.testing.assert_array_equal(kernels.dropout(x, 1, 1, 2), 0)
    assert np.isnan(kernels.dropout(np.array([np.nan]), 1, 1, 2))  # as x * 0 in PyTorch
    for p in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match=f"between 0 and 1, but got {p}"):
            kernels.dropout(x, p, 1, 2)


def test_mask_is_a_function_of_seed_stream_and_index() -> None:
    mask = kernels.dropout(ONES, 0.3, 5, 6) != 0
    np.testing.assert_array_equal(kernels.dropout(ONES[:777], 0.3, 5, 6) != 0, mask[:777])
    wide = kernels.dropout(ONES.astype(np.float64), 0.3, 5, 6)
    np.testing.assert_array_equal(wide != 0, mask)
    for seed, stream in ((5, 7), (6, 6), (5 + 2**32, 6), (5, 6 + 2**32)):
        other = kernels.dropout(ONES, 0.3, seed, stream) != 0
        assert abs((other == mask).mean() - 0.58) < 0.01  # .7 * .7 + .3 * .3
    before = _native.simd()
    try:
        for variant in _native.simd_variants():
            _native.set_simd(variant)
            np.testing.assert_array_equal(kernels.dropout(ONES, 0.3, 5, 6) != 0, mask)
    finally:
        _native.set_simd(before)


def test_backward_has_the_mask_of_forward() -> None:
    x, grad = np.random.default_rng(0).standard_normal((2, 300, 7)).astype(np.float32)
    y, dx = kernels.dropout(x, 0.4, 8, 9), kernels.dropout(grad, 0.4, 8, 9)
    np.testing.assert_allclose(y / x, dx / grad, rtol=1e-5)
