"""The pooling modules are their functions; their reprs."""

import numpy as np
import pytest

from minigrad import nn, tensor
from minigrad.nn import functional as F
from minigrad.testing import assert_close

IMAGES = tensor(np.random.default_rng(0).normal(size=(2, 3, 9, 8)))


@pytest.mark.parametrize(
    ("net", "function", "text"),
    [
        (
            nn.MaxPool2d(2),
            lambda x: F.max_pool2d(x, 2),
            "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)",
        ),
        (
            nn.MaxPool2d((3, 2), 2, (1, 0), ceil_mode=True),
            lambda x: F.max_pool2d(x, (3, 2), 2, (1, 0), 1, True),
            "MaxPool2d(kernel_size=(3, 2), stride=2, padding=(1, 0), dilation=1, ceil_mode=True)",
        ),
        (
            nn.AvgPool2d(3, 2, 1, True, False),
            lambda x: F.avg_pool2d(x, 3, 2, 1, True, False),
            "AvgPool2d(kernel_size=3, stride=2, padding=1)",
        ),
        (
            nn.AvgPool2d(2, divisor_override=3),
            lambda x: F.avg_pool2d(x, 2, divisor_override=3),
            "AvgPool2d(kernel_size=2, stride=2, padding=0)",
        ),
        (
            nn.AdaptiveAvgPool2d((None, 3)),
            lambda x: F.adaptive_avg_pool2d(x, (None, 3)),
            "AdaptiveAvgPool2d(output_size=(None, 3))",
        ),
        (
            nn.AdaptiveMaxPool2d(3),
            lambda x: F.adaptive_max_pool2d(x, 3),
            "AdaptiveMaxPool2d(output_size=3)",
        ),
    ],
)
def test_images(net, function, text):
    assert repr(net) == text
    assert_close(net(IMAGES), function(IMAGES))
    assert not net.state_dict()


@pytest.mark.parametrize(
    ("net", "function", "text"),
    [
        (
            nn.MaxPool1d(3, 2, 1, 2),
            lambda x: F.max_pool1d(x, 3, 2, 1, 2),
            "MaxPool1d(kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=False)",
        ),
        (
            nn.LPPool1d(2, 3),
            lambda x: F.lp_pool1d(x, 2.0, 3),
            "LPPool1d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)",
        ),
        (
            nn.AvgPool1d(2),
            lambda x: F.avg_pool1d(x, 2),
            "AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))",
        ),
        (
            nn.AdaptiveAvgPool1d(3),
            lambda x: F.adaptive_avg_pool1d(x, 3),
            "AdaptiveAvgPool1d(output_size=3)",
        ),
        (
            nn.AdaptiveMaxPool1d(3),
            lambda x: F.adaptive_max_pool1d(x, 3),
            "AdaptiveMaxPool1d(output_size=3)",
        ),
    ],
)
def test_sequences(net, function, text):
    assert repr(net) == text
    assert_close(net(IMAGES[0]), function(IMAGES[0]))


@pytest.mark.parametrize(
    ("net", "function", "text"),
    [
        (
            nn.MaxPool3d(2, (1, 2, 2)),
            lambda x: F.max_pool3d(x, 2, (1, 2, 2)),
            "MaxPool3d(kernel_size=2, stride=(1, 2, 2), padding=0, dilation=1, ceil_mode=False)",
        ),
        (
            nn.AvgPool3d(2, 1, 1, count_include_pad=False),
            lambda x: F.avg_pool3d(x, 2, 1, 1, count_include_pad=False),
            "AvgPool3d(kernel_size=2, stride=1, padding=1)",
        ),
        (
            nn.LPPool3d(3, 2),
            lambda x: F.lp_pool3d(x, 3.0, 2),
            "LPPool3d(norm_type=3, kernel_size=2, stride=None, ceil_mode=False)",
        ),
        (
            nn.AdaptiveAvgPool3d((1, None, 3)),
            lambda x: F.adaptive_avg_pool3d(x, (1, None, 3)),
            "AdaptiveAvgPool3d(output_size=(1, None, 3))",
        ),
        (
            nn.AdaptiveMaxPool3d(2),
            lambda x: F.adaptive_max_pool3d(x, 2),
            "AdaptiveMaxPool3d(output_size=2)",
        ),
        (
            nn.LPPool2d(2, 3, 1, True),
            lambda x: F.lp_pool2d(x, 2.0, 3, 1, True),
            "LPPool2d(norm_type=2, kernel_size=3, stride=1, ceil_mode=True)",
        ),
    ],
)
def test_volumes_and_norms(net, function, text):
    assert repr(net) == text
    assert_close(net(IMAGES.abs()), function(IMAGES.abs()))  # the batch as channels of one volume


def test_places():
    y, index = nn.MaxPool2d(2, return_indices=True)(IMAGES)
    assert_close((y, index), F.max_pool2d(IMAGES, 2, return_indices=True))
    y, index = nn.AdaptiveMaxPool1d(2, return_indices=True)(IMAGES[0])
    assert_close((y, index), F.adaptive_max_pool1d(IMAGES[0], 2, return_indices=True))
