"""Flatten and Unflatten."""

import numpy as np

from minigrad import nn
from minigrad.ops.creation import tensor


def test_flatten():
    x = tensor(np.zeros((5, 2, 3, 4)))
    assert nn.Flatten()(x).shape == (5, 24)
    assert nn.Flatten(0, 1)(x).shape == (10, 3, 4)
    assert repr(nn.Flatten()) == "Flatten(start_dim=1, end_dim=-1)"


def test_unflatten():
    net = nn.Unflatten(1, (2, 3))
    assert net(tensor(np.zeros((5, 6)))).shape == (5, 2, 3)
    assert repr(net) == "Unflatten(dim=1, unflattened_size=(2, 3))"
