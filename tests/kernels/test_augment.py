"""Augmentation kernels: known results, uncommon sizes, the distribution of the noise."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import kernels

SEED = {"seed": 3, "stream": 5}


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def matrix(rows: list[list[float]], n: int) -> np.ndarray:
    return np.tile(np.array(rows, np.float32), (n, 1, 1))


IDENTITY = [[1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1), (2, 2), (7, 100)])
def test_identity_whole_pixels_and_quarter_turns_are_exact(size: tuple[int, int]) -> None:
    x = images(3, 2, *size)
    np.testing.assert_array_equal(kernels.warp_affine(x, matrix(IDENTITY, 3)), x)
    shifted = kernels.warp_affine(x, matrix([[1, 0, -1], [0, 1, 0]], 3), fill=9)
    np.testing.assert_array_equal(shifted[:, :, 1:], x[:, :, :-1])
    assert (shifted[:, :, 0] == 9).all()
    turn = matrix([[0, 1, 0], [-1, 0, size[1] - 1]], 3)  # row = j, column = width - 1 - i
    turned = kernels.warp_affine(x, turn, size=size[::-1])
    np.testing.assert_array_equal(turned, np.rot90(x, axes=(2, 3)))


def test_between_pixels_the_warp_is_bilinear_and_meets_the_fill_outside() -> None:
    x = np.array([[[[1, 2], [3, 5]]]], np.float32)
    half = kernels.warp_affine(x, matrix([[1, 0, 0.5], [0, 1, 0.25]], 1), fill=-1)
    middle = 0.5 * (0.75 * 1 + 0.25 * 2) + 0.5 * (0.75 * 3 + 0.25 * 5)
    below = 0.5 * (0.75 * 3 + 0.25 * 5) - 0.5
    right = 0.75 * (0.5 * 2 + 0.5 * 5) - 0.25
    corner = 0.375 * 5 - 0.625
    np.testing.assert_allclose(half, [[[[middle, right], [below, corner]]]], rtol=1e-6)


def test_crops_and_flips() -> None:
    x = images(2, 3, 4, 6)
    corners = np.array([[0, 5, 1, -1], [3, 0, -1, 1]])
    np.testing.assert_array_equal(
        kernels.crop(x, corners), np.stack([x[0, :, :, ::-1], x[1, :, ::-1]])
    )
    padded = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)), constant_values=7)
    y = kernels.crop(x, np.array([[-2, 3, 1, 1], [1, -1, 1, 1]]), 7, size=(5, 4))
    np.testing.assert_array_equal(y[0], padded[0, :, 0:5, 5:9])
    np.testing.assert_array_equal(y[1], padded[1, :, 3:8, 1:5])


def test_boxes_are_cut_off_at_the_border() -> None:
    x = images(3, 2, 5, 6)
    boxes = np.array([[-2, 4, 3, 9], [1, 1, 2, 2], [9, 9, 1, 1]])
    want = x.copy()
    want[0, :, :1, 4:] = want[1, :, 1:3, 1:3] = 0.5
    np.testing.assert_array_equal(kernels.erase(x, boxes, 0.5), want)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_noise_is_normal_and_independent(dtype: type) -> None:
    n = 1_000_000
    z = kernels.gaussian_noise(np.zeros(n, dtype), 0, 1, **SEED).astype(float)
    # Standard deviations of the moments of n normal numbers: those of z, z^2, z^3, z^4.
    for power, mean, deviation in [(1, 0, 1), (2, 1, 2**0.5), (3, 0, 15**0.5), (4, 3, 96**0.5)]:
        assert abs((z**power).mean() - mean) < 5 * deviation / n**0.5
    for lag in (1, 32, 64):
        assert abs((z[lag:] * z[:-lag]).mean()) < 5 / n**0.5
    assert 4.5 < abs(z).max() < 5.9


def test_uniform_numbers_are_uniform_and_below_1() -> None:
    u = kernels.uniform((1000, 1000), **SEED)
    assert u.shape == (1000, 1000) and u.min() >= 0 and u.max() < 1
    counts = np.histogram(u, 100, (0, 1))[0]
    assert abs(counts - 10_000).max() < 5 * 100
    assert not np.array_equal(u, kernels.uniform((1000, 1000), seed=3, stream=6))


def test_refused() -> None:
    x = images(2, 3, 4, 5)
    with pytest.raises(ValueError, match=r"warp_affine: expected images .* got \(3, 4, 5\)"):
        kernels.warp_affine(x[0], matrix(IDENTITY, 3))
    shapes = r"expected matrices of shape \(2, 2, 3\) .* got \(3, 2, 3\)"
    with pytest.raises(ValueError, match=shapes):
        kernels.warp_affine(x, matrix(IDENTITY, 3))
    with pytest.raises(ValueError, match="must be 1 or -1"):
        kernels.crop(x, np.array([[0, 0, 1, 2]] * 2))
    with pytest.raises(TypeError, match="crop: expected float32 or float64"):
        kernels.crop(x.astype(np.float16), np.array([[0, 0, 1, 1]] * 2))
