"""A layer with BatchNorm behind it is one layer."""

import numpy as np
import pytest

from minigrad import nn, tensor
from minigrad.nn import utils
from minigrad.testing import assert_close


def trained(bn):
    rng = np.random.default_rng(0)
    for values in (*bn.parameters(), bn.running_mean, bn.running_var):
        values.array[...] = rng.random(values.shape) + 0.5
    return bn.eval()


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize(
    ("layer", "bn", "shape"),
    [
        (nn.Linear(3, 4), nn.BatchNorm1d, (5, 3)),
        (nn.Conv2d(2, 4, 3, groups=2, bias=False), nn.BatchNorm2d, (2, 2, 5, 4)),
        (nn.ConvTranspose1d(3, 4, 2), nn.BatchNorm1d, (2, 3, 5)),
    ],
)
def test_the_same_in_one(layer, bn, shape, affine):
    layer, bn = layer.eval(), trained(bn(4, affine=affine))
    x = tensor(np.random.default_rng(1).normal(size=shape).astype(np.float32))
    if isinstance(layer, nn.Linear):
        fused = utils.fuse_linear_bn_eval(layer, bn)
    else:
        fused = utils.fuse_conv_bn_eval(layer, bn, isinstance(layer, nn.ConvTranspose1d))
    assert type(fused) is type(layer) and fused.weight is not layer.weight
    assert_close(fused(x), bn(layer(x)))
    assert fused.bias.requires_grad


def test_what_does_not_fit():
    linear, bn = nn.Linear(3, 4), nn.BatchNorm1d(4)
    with pytest.raises(RuntimeError, match="only in evaluation"):
        utils.fuse_linear_bn_eval(linear, bn)
    with pytest.raises(RuntimeError, match="Linear has 4 outputs, and BatchNorm1d is for 3"):
        utils.fuse_linear_bn_eval(linear.eval(), nn.BatchNorm1d(3).eval())
    with pytest.raises(RuntimeError, match="no running statistics"):
        utils.fuse_linear_bn_eval(linear, nn.BatchNorm1d(4, track_running_stats=False).eval())
