"""Interpolation against sums over weights written out, shuffles against their definitions."""

import tracemalloc

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F
from minigrad.testing import assert_close, check_op

COVERED = [
    *("channel_shuffle", "interpolate", "pixel_shuffle", "pixel_unshuffle"),
    *("upsample", "upsample_bilinear", "upsample_nearest"),
]


def normal(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape)


def weights(new, old, align):
    """The matrix that takes `old` values to `new` ones, by linear interpolation."""
    matrix = np.zeros((new, old))
    for i in range(new):
        place = i * (old - 1) / max(new - 1, 1) if align else max((i + 0.5) * old / new - 0.5, 0)
        low = int(place)
        matrix[i, low] += 1 - (place - low)
        matrix[i, min(low + 1, old - 1)] += place - low
    return matrix


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [(5, 7), (2, 9), (1, 3)])
def test_linear_interpolation(size, align):
    def image(x):
        return weights(size[0], 3, align) @ x @ weights(size[1], 4, align).T

    check_op(
        lambda x: F.interpolate(x, size, mode="bilinear", align_corners=align),
        normal(2, 2, 3, 4),
        reference=image,
    )
    check_op(
        lambda x: F.interpolate(x, size[1], mode="linear", align_corners=align),
        normal(2, 2, 4),
        reference=lambda x: x @ weights(size[1], 4, align).T,
    )
    x = normal(1, 2, 3, 4, 2)
    volume = F.interpolate(mg.tensor(x), (*size, 2), mode="trilinear", align_corners=align)
    assert_close(volume, np.moveaxis(image(np.moveaxis(x, -1, 2)), 2, -1))


def keys(x, a):
    """Keys' cubic convolution kernel."""
    x = abs(x)
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0


def cubic_weights(new, old, align):
    matrix = np.zeros((new, old))
    for i in range(new):
        place = i * (old - 1) / max(new - 1, 1) if align else (i + 0.5) * old / new - 0.5
        for near in range(int(np.floor(place)) - 1, int(np.floor(place)) + 3):
            matrix[i, min(max(near, 0), old - 1)] += keys(place - near, -0.75)
    return matrix


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [(5, 7), (2, 4)])
def test_bicubic(size, align):
    check_op(
        lambda x: F.interpolate(x, size, mode="bicubic", align_corners=align),
        normal(1, 2, 3, 4),
        reference=lambda x: (
            cubic_weights(size[0], 3, align) @ x @ cubic_weights(size[1], 4, align).T
        ),
    )


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_antialias(mode):
    def stretched(new, old):
        place, step = (np.arange(new)[:, None] + 0.5) * old / new, max(old / new, 1)
        distance = abs(np.arange(old) + 0.5 - place) / step
        weights = np.maximum(1 - distance, 0)
        if mode == "bicubic":
            weights = np.vectorize(keys)(distance, -0.5)
        return weights / weights.sum(1, keepdims=True)

    check_op(
        lambda x: F.interpolate(x, (3, 6), mode=mode, antialias=True),
        normal(1, 1, 8, 5),
        reference=lambda x: stretched(3, 8) @ x @ stretched(6, 5).T,
    )


def test_area_is_the_mean_of_what_is_covered():
    x = normal(1, 2, 4, 6)
    check_op(
        lambda x: F.interpolate(x, (2, 3), mode="area"),
        x,
        reference=lambda x: x.reshape(1, 2, 2, 2, 3, 2).mean((3, 5)),
    )
    t = mg.tensor(x)
    assert_close(F.interpolate(t[0], scale_factor=0.7, mode="area"), F.adaptive_avg_pool1d(t[0], 4))
    assert_close(F.interpolate(t[None], 2, mode="area"), F.adaptive_avg_pool3d(t[None], 2))


@pytest.mark.parametrize("factor", [2, 0.5, (1.5, 3.0)])
def test_nearest(factor):
    x = normal(1, 2, 4, 6)
    many = factor if isinstance(factor, tuple) else (factor,) * 2
    for mode, shift in (("nearest", 0), ("nearest-exact", 0.5)):
        index = np.ix_(
            *(
                ((np.arange(int(n * f)) + shift) / f).astype(int)
                for n, f in zip((4, 6), many, strict=True)
            )
        )
        check_op(
            lambda x, mode=mode: F.interpolate(x, scale_factor=factor, mode=mode),
            x,
            reference=lambda x, index=index: x[(slice(None), slice(None), *index)],
        )


def test_a_factor_is_the_distance_of_places_unless_it_is_recomputed():
    x = mg.tensor([[[0.0, 1, 2, 3, 4]]])
    kept = F.interpolate(x, scale_factor=1.5, mode="linear")
    again = F.interpolate(x, scale_factor=1.5, mode="linear", recompute_scale_factor=True)
    assert_close(again, x.numpy() @ weights(7, 5, False).T.astype(np.float32))
    assert_close(kept[0, 0, 1], np.float32(0.5))


@pytest.mark.parametrize(
    "options, error, message",
    [
        (
            {"size": 2, "mode": "sinc"},
            NotImplementedError,
            "mode='sinc' is missing; there are near",
        ),
        ({"size": 2, "antialias": True}, ValueError, "for the modes bilinear and bicubic"),
        ({"size": 2, "recompute_scale_factor": True}, ValueError, "not meaningful"),
        ({"size": 2, "mode": "linear"}, NotImplementedError, r"got shape \[1, 1, 2, 2\]"),
        ({}, ValueError, "only one of size or scale_factor"),
        ({"size": 2, "scale_factor": 2}, ValueError, "only one of size or scale_factor"),
        ({"size": 2, "align_corners": True}, ValueError, "align_corners"),
        ({"scale_factor": (2, 2, 2)}, ValueError, "expected 2 scale factors"),
        ({"size": 0}, RuntimeError, "must be greater than 0"),
    ],
)
def test_interpolation_that_there_is_not(options, error, message):
    with pytest.raises(error, match=message):
        F.interpolate(mg.ones(1, 1, 2, 2), **options)


@pytest.mark.parametrize("lead", [(), (2,), (2, 3)])
def test_pixel_shuffle(lead):
    def shuffled(x):
        y = np.zeros((*lead, 2, 6, 8))
        for c, h, w in np.ndindex(2, 6, 8):
            y[..., c, h, w] = x[..., c * 4 + h % 2 * 2 + w % 2, h // 2, w // 2]
        return y

    x = normal(*lead, 8, 3, 4)
    check_op(lambda x: F.pixel_shuffle(x, 2), x, reference=shuffled)
    check_op(lambda x: F.pixel_unshuffle(x, 2), shuffled(x), reference=lambda _: x)
    with pytest.raises(RuntimeError, match="not divisible by 9"):
        F.pixel_shuffle(mg.tensor(x), 3)
    with pytest.raises(RuntimeError, match="3 x 4 is not divisible by 2"):
        F.pixel_unshuffle(mg.tensor(x), 2)


def test_channel_shuffle():
    x = normal(2, 6, 3)
    check_op(lambda x: F.channel_shuffle(x, 2), x, reference=lambda x: x[:, [0, 3, 1, 4, 2, 5]])
    with pytest.raises(RuntimeError, match="Got 6 channels and 4 groups"):
        F.channel_shuffle(mg.tensor(x), 4)


def test_older_names():
    x = normal(1, 2, 2, 3)
    for older, options in (
        (F.upsample_nearest, {}),
        (F.upsample_bilinear, {"mode": "bilinear", "align_corners": True}),
        (lambda x, size: F.upsample(x, size, mode="bicubic"), {"mode": "bicubic"}),
    ):
        check_op(
            lambda x, older=older: older(x, size=(3, 4)),
            x,
            reference=lambda x, o=options: F.interpolate(mg.tensor(x), (3, 4), **o).numpy(),
        )


def test_memory_of_many_long_signals():
    tracemalloc.start()
    try:
        for length in range(10_000, 10_016):  # 2 MB each
            F.interpolate(mg.zeros(1, 1, length), size=2 * length, mode="linear")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 10e6
