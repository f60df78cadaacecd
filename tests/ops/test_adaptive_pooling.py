"""Pooling to a given size: values, places and gradients; what is refused."""

import numpy as np
import pytest

from minigrad import tensor
from minigrad.nn import functional as F
from minigrad.ops.pooling import adaptive_windows
from minigrad.testing import assert_close, check_op

COVERED = [f"adaptive_{kind}_pool{dims}d" for kind in ("avg", "max") for dims in (1, 2, 3)]


def distinct(*shape):
    """Numbers no two of which are close: finite differences must not change which is the largest."""
    return np.random.default_rng(0).permutation(np.prod(shape)).reshape(shape) / 7.0


def test_sequences_and_images():
    x = distinct(2, 2, 7, 5)
    check_op(lambda x: F.adaptive_avg_pool2d(x, (3, None)), x)
    check_op(lambda x: F.adaptive_max_pool2d(x, (3, 2)), x)
    check_op(lambda x: F.adaptive_avg_pool1d(x, 3), x[0])
    check_op(lambda x: F.adaptive_max_pool1d(x, 3), x[0])
    t = tensor(x)
    assert_close(F.adaptive_avg_pool2d(t, 1), t.mean((2, 3), keepdim=True))
    assert_close(F.adaptive_max_pool2d(t, (1, None))[:, :, 0], x.max(2))
    assert_close(F.adaptive_avg_pool2d(t, (7, 5)), x)
    y, index = F.adaptive_max_pool2d(t, 2, return_indices=True)
    assert_close(
        np.take_along_axis(x.reshape(2, 2, -1), index.array.reshape(2, 2, -1), 2), y.flatten(2)
    )
    assert [tuple(w[:2]) for w in adaptive_windows(7, 3)] == [(0, 3), (2, 5), (4, 7)]


def test_volumes():
    x = distinct(2, 3, 4, 3)
    check_op(lambda x: F.adaptive_avg_pool3d(x, (2, None, 2)), x)
    check_op(lambda x: F.adaptive_max_pool3d(x, 2), x)
    assert_close(F.adaptive_avg_pool3d(tensor(x), 1).flatten(), x.mean((1, 2, 3)))
    assert_close(F.adaptive_max_pool3d(tensor(x), 1).flatten(), x.max((1, 2, 3)))
    y, index = F.adaptive_max_pool3d(tensor(x), (3, None, 2), return_indices=True)
    found = np.take_along_axis(x.reshape(2, -1), index.array.reshape(2, -1), 1)
    assert_close(found, y.flatten(1))


def test_less_than_an_image_is_a_value_error():
    for pool in (F.adaptive_avg_pool2d, F.adaptive_max_pool2d):
        with pytest.raises(ValueError, match=r"3D \(channels, height, width\).*got .4, 4."):
            pool(tensor(np.ones((4, 4))), 2)


def test_what_does_not_fit():
    images = tensor(np.ones((2, 3, 4, 4)))
    with pytest.raises(RuntimeError, match="must be 2 numbers"):
        F.adaptive_avg_pool2d(images, (1, 2, 3))
    with pytest.raises(RuntimeError, match="greater than or equal to 0"):
        F.adaptive_avg_pool2d(images, -1)
    assert F.adaptive_avg_pool2d(images[:0], 2).shape == (0, 3, 2, 2)
