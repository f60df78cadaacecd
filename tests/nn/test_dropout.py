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


def test_no_probability():
    with pytest.raises(ValueError, match=r"between 0 and 1, but got 1\.5"):
        nn.Dropout(1.5)
