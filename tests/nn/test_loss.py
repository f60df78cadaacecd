"""Loss modules: that each hands its options to its function."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close

RNG = np.random.default_rng(0)
X, P = tensor(RNG.normal(size=(4, 3))), tensor(RNG.random((4, 3)))
Y, W = tensor([0, 2, 1, 1]), tensor(RNG.random(3))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_modules_are_their_functions(reduction):
    same = {"reduction": reduction}
    classes = {"ignore_index": 1, **same}
    pairs = [
        (nn.MSELoss(**same)(X, P), F.mse_loss(X, P, **same)),
        (nn.L1Loss(**same)(X, P), F.l1_loss(X, P, **same)),
        (nn.NLLLoss(W, **classes)(X, Y), F.nll_loss(X, Y, W, **classes)),
        (
            nn.CrossEntropyLoss(W, label_smoothing=0.1, **classes)(X, Y),
            F.cross_entropy(X, Y, W, label_smoothing=0.1, **classes),
        ),
        (
            nn.BCEWithLogitsLoss(W, pos_weight=W, **same)(X, P),
            F.binary_cross_entropy_with_logits(X, P, W, pos_weight=W, **same),
        ),
    ]
    for actual, expected in pairs:
        assert_close(actual, expected)


def test_weight_is_a_buffer():
    assert list(nn.CrossEntropyLoss(W).state_dict()) == ["weight"]
    assert not nn.CrossEntropyLoss().state_dict()
    assert repr(nn.CrossEntropyLoss(W)) == "CrossEntropyLoss()"


def test_reduction_is_checked_at_once():
    with pytest.raises(ValueError, match="avg is not a valid value"):
        nn.MSELoss("avg")
