"""Accuracy of layer and group normalisation against float64, far from zero too."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import kernels

SHAPES = [(100, 1, 20, 1), (40, 1, 3000, 1), (3, 4, 5, 49), (2, 2, 8, 1000)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mean", [0, 1e4])
def test_float32_against_float64(shape: tuple[int, int, int, int], mean: float) -> None:
    rng = np.random.default_rng(0)
    x = (rng.standard_normal(shape) + mean).astype(np.float32)
    grad = rng.standard_normal(shape).astype(np.float32)
    weight = rng.uniform(0.5, 2, shape[1:3]).astype(np.float32)
    y, mean_, rstd = kernels.layer_norm(x, shape, weight, None, 1e-5, True)
    wide = x.astype(np.float64)
    slope = 1 / np.sqrt(wide.var((2, 3), keepdims=True) + 1e-5)
    h = (wide - wide.mean((2, 3), keepdims=True)) * slope
    w = weight[:, :, None]
    np.testing.assert_allclose(y, h * w, rtol=1e-5, atol=1e-5)
    dx, dweight, dbias = kernels.layer_norm_backward(grad, x, shape, mean_, rstd, weight)
    u = grad * w
    inner = u - u.mean((2, 3), keepdims=True) - h * (u * h).mean((2, 3), keepdims=True)
    np.testing.assert_allclose(dx, slope * inner, rtol=1e-5, atol=1e-5 * slope.max())
    scale = np.sqrt(shape[0] * shape[3])
    np.testing.assert_allclose(dweight, (grad * h).sum((0, 3)).ravel(), atol=2e-6 * scale)
    np.testing.assert_allclose(dbias, grad.sum((0, 3)).ravel(), atol=2e-6 * scale)


def test_constant_rows_have_no_variance() -> None:
    x = np.full((3, 100), 1234.5, np.float32)
    y, _, rstd = kernels.layer_norm(x, (3, 1, 100, 1), None, None, 1e-5, True)
    np.testing.assert_array_equal(y, 0)
    np.testing.assert_allclose(rstd, 1 / np.sqrt(1e-5), rtol=1e-6)


def test_nan_stays_in_its_row() -> None:
    x = np.random.default_rng(0).standard_normal((40, 70)).astype(np.float32)
    x[7, 35] = np.nan
    y, *_ = kernels.layer_norm(x, (40, 1, 70, 1), None, None, 1e-5, True)
    assert np.isnan(y[7]).all() and np.isfinite(np.delete(y, 7, 0)).all()
