"""Transposed convolutions: that they are what convolutions are the other way; what is refused."""

import re

import numpy as np
import pytest

from minigrad import autograd, tensor
from minigrad.nn import functional as F
from minigrad.testing import assert_close, check_op

COVERED = ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": (2, 3), "padding": 1, "output_padding": (1, 2)},
        {"stride": 2, "dilation": 2, "groups": 2, "padding": (0, 3)},
    ],
)
def test_conv_transpose2d(options):
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 4, 3, 4)), rng.normal(size=(4, 3, 2, 3)), rng.normal(size=3)
    b = np.tile(b, options.get("groups", 1))
    check_op(lambda x, w, b: F.conv_transpose2d(x, w, b, **options), x, w, b)
    check_op(lambda x, w: F.conv_transpose2d(x, w, **options), x[0], w)


def test_conv_transpose_is_what_convolutions_gradient_is():
    rng = np.random.default_rng(0)
    x, w = (
        tensor(rng.normal(size=(2, 3, 9)), requires_grad=True),
        tensor(rng.normal(size=(4, 3, 3))),
    )
    y = F.conv1d(x, w, stride=2, padding=1)
    grad = tensor(rng.normal(size=y.shape))
    (dx,) = autograd.grad(y, x, grad)
    assert_close(F.conv_transpose1d(grad, w, stride=2, padding=1), dx)
    check_op(lambda x, w: F.conv_transpose1d(x, w, stride=2, output_padding=1), grad.array, w.array)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": (2, 1, 2), "padding": (1, 0, 1), "output_padding": (1, 0, 1)},
        # More is added behind than the stride: the gradient of no convolution of this size.
        {"dilation": (3, 2, 1), "groups": 2, "output_padding": (2, 1, 0)},
    ],
)
def test_conv_transpose3d(options):
    rng = np.random.default_rng(0)
    y, w = rng.normal(size=(1, 4, 2, 2, 2)), rng.normal(size=(4, 1, 2, 2, 2))
    groups = options.get("groups", 1)
    check_op(lambda y, w, b: F.conv_transpose3d(y, w, b, **options), y, w, rng.normal(size=groups))
    # <transposed(y), x> = <y, conv(x)> for every x, but for what is added behind.
    behind = options.pop("output_padding", (0, 0, 0))
    result = F.conv_transpose3d(tensor(y), tensor(w), **options)
    x = rng.normal(size=result.shape)
    there = F.conv3d(tensor(x), tensor(w), **options)
    assert_close((result * tensor(x)).sum(), (there * tensor(y)).sum())
    longer = F.conv_transpose3d(tensor(y), tensor(w), **options, output_padding=behind)
    assert longer.shape[2:] == tuple(n + e for n, e in zip(x.shape[2:], behind, strict=True))
    assert_close(longer[tuple(map(slice, x.shape))], result)


def test_what_does_not_fit():
    images, weight = tensor(np.ones((2, 3, 8, 8))), tensor(np.ones((4, 3, 3, 3)))
    with pytest.raises(RuntimeError, match="to have 4 channels, but got 3"):
        F.conv_transpose2d(images, weight)
    with pytest.raises(RuntimeError, match="must be smaller than either stride or dilation"):
        F.conv_transpose2d(images, weight[:3], output_padding=1)
    with pytest.raises(RuntimeError, match=re.escape("size would be (0, 0)")):
        F.conv_transpose2d(images, weight[:3], padding=5)
