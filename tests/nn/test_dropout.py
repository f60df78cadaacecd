"""The Dropout module."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.ops.creation import tensor


def test_only_in_training():
    net, x = nn.Dropout(0.3), tensor(np.ones(1000, np.float32))
    assert 0 in net(x).array
    assert net.eval()(x) is x
    assert repr(net) == "Dropout(p=0.3, inplace=False)"


def test_inplace():
    x = tensor(np.ones(1000, np.float32))
    assert nn.Dropout(inplace=True)(x) is x and 0 in x.array


KINDS = [
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.Dropout3d,
    nn.AlphaDropout,
    nn.FeatureAlphaDropout,
    nn.VanillaDropout,
]


@pytest.mark.parametrize("kind", KINDS)
def test_no_probability(kind):
    with pytest.raises(ValueError, match=r"between 0 and 1, but got 1\.5"):
        kind(1.5)


@pytest.mark.parametrize("kind", KINDS[1:-1])
def test_variants_are_their_function_in_training_only(kind):
    x = tensor(np.ones((20, 10, 4), np.float32))
    net = kind(0.3)
    assert repr(net) == f"{kind.__name__}(p=0.3, inplace=False)"
    assert len(np.unique(net(x).array)) == 2
    assert net.eval()(x) is x


def test_vanilla_scales_in_evaluation():
    net, x = nn.VanillaDropout(0.25), tensor(np.full(1000, 2.0, np.float32))
    assert set(np.unique(net(x).array)) == {0.0, 2.0}
    assert (net.eval()(x).array == 1.5).all()
    assert repr(net) == "VanillaDropout(p=0.25)"
