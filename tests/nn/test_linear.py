"""Linear, Bilinear and Identity."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close, gradcheck


def test_linear():
    net = nn.Linear(3, 2).double()
    x = tensor(np.random.default_rng(0).normal(size=(4, 5, 3)))
    assert_close(net(x).detach(), x.array @ net.weight.array.T + net.bias.array)
    gradcheck(lambda x, w, b: nn.functional.linear(x, w, b), (x.array, *net.parameters()))


def test_without_bias():
    net = nn.Linear(3, 2, bias=False)
    assert net.bias is None and list(net.state_dict()) == ["weight"]
    assert repr(net) == "Linear(in_features=3, out_features=2, bias=False)"


def test_default_init():
    net = nn.Linear(400, 300)
    bound = 1 / 20
    for values in (net.weight.array, net.bias.array):
        assert np.abs(values).max() <= bound
        assert abs(values.std() - bound / np.sqrt(3)) < 0.05 * bound
    assert nn.Linear(2, 2, dtype=np.float64).weight.dtype == np.float64


def test_identity():
    x = tensor([1.0])
    assert nn.Identity(3, unused=True)(x) is x


def test_bilinear():
    net = nn.Bilinear(2, 3, 4)
    a, b = np.ones((5, 2), np.float32), np.ones((5, 3), np.float32)
    y = net(tensor(a), tensor(b)).detach()
    weight, bias = net.weight.detach().array, net.bias.detach().array
    assert_close(y, np.einsum("ni,oij,nj->no", a, weight, b) + bias, rtol=1e-5)
    assert max(np.abs(weight).max(), np.abs(bias).max()) <= 2**-0.5
    assert repr(net) == "Bilinear(in1_features=2, in2_features=3, out_features=4, bias=True)"
    assert list(nn.Bilinear(2, 3, 4, bias=False).state_dict()) == ["weight"]
    with pytest.raises(ValueError, match="in1_features must be > 0, but got 0"):
        nn.Bilinear(0, 3, 4)
