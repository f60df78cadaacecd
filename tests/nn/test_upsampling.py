"""Modules of upsampling: what they pass on, and their reprs."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import functional as F
from minigrad.testing import assert_close

X = np.random.default_rng(0).normal(size=(1, 4, 2, 4)).astype(np.float32)


NEAREST = {"scale_factor": 2.0, "mode": "nearest"}
BILINEAR = {"size": (3, 5), "mode": "bilinear"}


@pytest.mark.parametrize(
    "module, function, options",
    [
        (nn.Upsample(scale_factor=2), F.interpolate, NEAREST),
        (nn.Upsample((3, 5), mode="bilinear"), F.interpolate, BILINEAR),
        (nn.UpsamplingNearest2d(scale_factor=2), F.interpolate, NEAREST),
        (nn.PixelShuffle(2), F.pixel_shuffle, {"upscale_factor": 2}),
        (nn.PixelUnshuffle(2), F.pixel_unshuffle, {"downscale_factor": 2}),
        (nn.ChannelShuffle(2), F.channel_shuffle, {"groups": 2}),
    ],
    ids=repr,
)
def test_modules(module, function, options):
    x = mg.tensor(X)
    assert_close(module(x), function(x, **options))
    told = ", ".join(f"{name}={value!r}" for name, value in options.items())
    assert repr(module) == f"{type(module).__name__}({told})"


def test_upsampling_bilinear_aligns_the_corners():
    x = mg.tensor(X)
    y = nn.UpsamplingBilinear2d(scale_factor=3)(x)
    assert_close(y[..., ::5, ::11], x[..., ::1, ::3])
