"""Accuracy of batch normalisation against float64, far from zero too; running statistics."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import kernels

SHAPES = [(100, 20), (1000, 33), (2, 3), (8, 3, 49), (5, 4, 30, 41)]


def exact(x: np.ndarray, grad: np.ndarray, weight: np.ndarray, eps: float) -> tuple:
    """(y, dx, dweight, dbias) with bias 0, in float64 and the order of the formulas."""
    x, grad, weight = (a.astype(np.float64) for a in (x, grad, weight))
    axes = (0, *range(2, x.ndim))
    column = (1, -1, *[1] * (x.ndim - 2))
    rstd = 1 / np.sqrt(x.var(axes, keepdims=True) + eps)
    h = (x - x.mean(axes, keepdims=True)) * rstd
    dweight, dbias = (grad * h).sum(axes), grad.sum(axes)
    m = x.size // x.shape[1]
    inner = grad - (dbias.reshape(column) + h * dweight.reshape(column)) / m
    w = weight.reshape(column)
    return h * w, w * rstd * inner, dweight, dbias


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mean", [0, 1e4])
def test_float32_against_float64(shape: tuple[int, ...], mean: float) -> None:
    rng = np.random.default_rng(0)
    x = (rng.standard_normal(shape) + mean).astype(np.float32)
    grad = rng.standard_normal(shape).astype(np.float32)
    weight = rng.uniform(0.5, 2, shape[1]).astype(np.float32)
    y, mean_, rstd = kernels.batch_norm(x, weight, None, None, None, 0.1, 1e-5)
    want_y, want_dx, want_dweight, want_dbias = exact(x, grad, weight, 1e-5)
    np.testing.assert_allclose(y, want_y, rtol=1e-5, atol=1e-5)
    dx, dweight, dbias = kernels.batch_norm_backward(grad, x, mean_, rstd, weight)
    scale = np.sqrt(x.size / shape[1])
    np.testing.assert_allclose(dx, want_dx, rtol=1e-5, atol=1e-5 * rstd.max())
    np.testing.assert_allclose(dweight, want_dweight, atol=2e-6 * scale)
    np.testing.assert_allclose(dbias, want_dbias, atol=2e-6 * scale)


@pytest.mark.parametrize("rows", [100, 1000])
def test_one_outlier_does_not_spoil_the_variance(rows: int) -> None:
    x = np.random.default_rng(0).standard_normal((rows, 3)).astype(np.float32)
    x[0] = 1e4
    _, mean, rstd = kernels.batch_norm(x, None, None, None, None, 0.1, 0.0)
    np.testing.assert_allclose(mean, x.mean(0, dtype=np.float64), rtol=1e-6)
    np.testing.assert_allclose(rstd, 1 / x.std(0, dtype=np.float64), rtol=1e-6)


def test_constant_channels_have_no_variance() -> None:
    x = np.full((300, 2), 1234.5, np.float32)
    y, _, rstd = kernels.batch_norm(x, None, np.ones(2, np.float32), None, None, 0.1, 1e-5)
    np.testing.assert_array_equal(y, 1)
    np.testing.assert_allclose(rstd, 1 / np.sqrt(1e-5), rtol=1e-6)


def test_nan_stays_in_its_channel() -> None:
    x = np.random.default_rng(0).standard_normal((300, 40)).astype(np.float32)
    x[7, 35] = np.nan
    y, *_ = kernels.batch_norm(x, None, None, None, None, 0.1, 1e-5)
    assert np.isnan(y[:, 35]).all() and np.isfinite(np.delete(y, 35, 1)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])  # float64: buffers of another type
def test_running_statistics(dtype: type) -> None:
    x = np.random.default_rng(0).standard_normal((50, 4)).astype(np.float32)
    running_mean, running_var = np.full(4, 2, dtype), np.full(4, 3, dtype)
    kernels.batch_norm(x, None, None, running_mean, running_var, 0.25, 1e-5)
    np.testing.assert_allclose(running_mean, 0.75 * 2 + 0.25 * x.mean(0), rtol=1e-5)
    np.testing.assert_allclose(running_var, 0.75 * 3 + 0.25 * x.var(0, ddof=1), rtol=1e-5)
    y = kernels.batch_norm_eval(x, None, None, running_mean, running_var, 1e-5)
    np.testing.assert_allclose(y, (x - running_mean) / np.sqrt(running_var + 1e-5), rtol=1e-5)


def test_refused_shapes() -> None:
    x = np.zeros((5, 3), np.float32)
    with pytest.raises(ValueError, match=r"weight has shape \(4,\).*\(5, 3\)"):
        kernels.batch_norm(x, np.ones(4, np.float32), None, None, None, 0.1, 1e-5)
    with pytest.raises(ValueError, match=r"\(n, channels, ...\), got \(5,\)"):
        kernels.batch_norm(x[:, 0], None, None, None, None, 0.1, 1e-5)
    v = np.ones(3, np.float32)
    with pytest.raises(ValueError, match=r"\(4, 3\), but x has \(5, 3\)"):
        kernels.batch_norm_backward(x[:4], x, v, v, None)
