"""Fractional max pooling against windows written out, for given random numbers and for its own."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F
from minigrad.testing import assert_close, check_op

COVERED = ["fractional_max_pool2d", "fractional_max_pool3d"]


def shuffled(*shape):
    size = int(np.prod(shape))
    return np.random.default_rng(size).permutation(size).reshape(shape).astype(float)


def starts(n, k, out, u):
    step = (n - k) / (out - 1)
    return [int((i + u) * step) - int(u * step) for i in range(out - 1)] + [n - k]


def pooled(x, k, sizes, u):
    rows, cols = (starts(n, k, out, v) for n, out, v in zip(x.shape, sizes, u, strict=True))
    return np.array([[x[i : i + k, j : j + k].max() for j in cols] for i in rows])


def test_windows_of_images():
    x, u = shuffled(2, 3, 9, 7), np.random.default_rng(0).random((2, 3, 2))

    def reference(x):
        planes = zip(x.reshape(6, 9, 7), u.reshape(6, 2), strict=True)
        return np.array([pooled(p, 2, (4, 3), v[::-1]) for p, v in planes]).reshape(2, 3, 4, 3)

    given = mg.tensor(u)
    check_op(
        lambda x: F.fractional_max_pool2d(x, 2, (4, 3), _random_samples=given),
        x,
        reference=reference,
    )
    y, index = F.fractional_max_pool2d(
        mg.tensor(x), 2, output_ratio=(0.5, 0.5), return_indices=True, _random_samples=given
    )
    assert y.shape == (2, 3, 4, 3) and index.dtype == mg.int64
    assert_close(mg.tensor(x).flatten(2).gather(2, index.flatten(2)), y.flatten(2).numpy())


def test_windows_of_volumes():
    x, u = shuffled(2, 4, 5, 6), np.random.default_rng(1).random((2, 3))
    y = F.fractional_max_pool3d(mg.tensor(x), 2, 3, _random_samples=mg.tensor(u))
    for plane, v, found in zip(x, u, y.numpy(), strict=True):
        places = zip((4, 5, 6), v, strict=True)
        d, h, w = ([slice(i, i + 2) for i in starts(n, 2, 3, a)] for n, a in places)
        assert_close(found, [[[plane[i, j, k].max() for k in w] for j in h] for i in d])
    check_op(
        lambda x: F.fractional_max_pool3d(x, 2, 3, _random_samples=mg.tensor(u)),
        x,
    )


def test_steps_are_drawn_for_each_channel():
    x = mg.arange(100.0).reshape(1, 1, 10, 10).expand(1, 50, 10, 10)
    mg.manual_seed(0)
    y = mg.nn.FractionalMaxPool2d(2, output_ratio=0.6)(x)
    assert y.shape == (1, 50, 6, 6) and len(y[0].flatten(1).unique(dim=0)) > 10
    mg.manual_seed(0)
    assert (mg.nn.FractionalMaxPool2d(2, 6)(x) == y).all()
    assert mg.nn.FractionalMaxPool3d(1, 2)(mg.ones(3, 4, 4, 4)).shape == (3, 2, 2, 2)


def test_no_windows():
    y, index = F.fractional_max_pool2d(mg.ones(2, 3, 9, 7), 2, (0, 3), return_indices=True)
    assert y.shape == index.shape == (2, 3, 0, 3)


def test_what_does_not_fit_is_refused():
    x = mg.ones(1, 3, 5, 5)
    for options in ({}, {"output_size": 2, "output_ratio": 0.5}):
        with pytest.raises(ValueError, match="either an output_size or an output_ratio"):
            F.fractional_max_pool2d(x, 2, **options)
        with pytest.raises(ValueError, match="either an output_size or an output_ratio"):
            mg.nn.FractionalMaxPool3d(2, **options)
    with pytest.raises(ValueError, match=r"between 0 and 1 in each dimension \(got 1.5\)"):
        F.fractional_max_pool2d(x, 2, output_ratio=1.5)
    for ratio in (1, 0.0, (0.5, 2.0), (0.5, 0.5, 0.5)):
        with pytest.raises(ValueError, match="FractionalMaxPool2d: output_ratio must be between"):
            mg.nn.FractionalMaxPool2d(2, output_ratio=ratio)
    with pytest.raises(RuntimeError, match=r"\(2, 2\) are too large for \[5, 5\] of them"):
        F.fractional_max_pool2d(x, 2, 5)
