"""The Embedding modules: their table, their options, their reprs."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close


def test_table():
    net = nn.Embedding(1000, 20, padding_idx=-1)
    table = net.weight.array
    assert net.padding_idx == 999 and not table[999].any()
    assert abs(table[:999].mean()) < 0.03 and abs(table[:999].std() - 1) < 0.03
    index = tensor([[3, 999]])
    assert_close(net(index).detach(), table[[[3, 999]]])
    net(index).sum().backward()
    assert net.weight.grad.array[3].all() and not net.weight.grad.array[999].any()


def test_from_pretrained():
    table = tensor(np.eye(3, dtype=np.float32))
    frozen = nn.Embedding.from_pretrained(table)
    assert not frozen.weight.requires_grad and frozen.weight.shape == (3, 3)
    assert nn.Embedding.from_pretrained(table, freeze=False, padding_idx=1).weight.requires_grad
    bag = nn.EmbeddingBag.from_pretrained(table, mode="sum")
    assert bag(tensor([[0, 2]])).tolist() == [[1, 0, 1]]
    with pytest.raises(AssertionError, match="2-dimensional"):
        nn.Embedding.from_pretrained(table[0])
    with pytest.raises(AssertionError, match="does not match"):
        nn.Embedding(2, 3, _weight=table)


def test_bag_takes_offsets():
    net = nn.EmbeddingBag(5, 2, mode="mean")
    y = net(tensor([1, 2, 4]), tensor([0, 2]))
    table = net.weight.detach().array
    assert_close(y.detach(), np.stack([table[1:3].mean(0), table[4]]))


def test_reprs():
    assert repr(nn.Embedding(3, 2)) == "Embedding(3, 2)"
    assert repr(nn.Embedding(3, 2, 2, 1.0, 1.0, True)) == (
        "Embedding(3, 2, padding_idx=2, max_norm=1.0, norm_type=1.0, scale_grad_by_freq=True)"
    )
    assert repr(nn.EmbeddingBag(3, 2)) == "EmbeddingBag(3, 2, mode='mean')"
    assert repr(nn.EmbeddingBag(3, 2, max_norm=1, mode="sum", padding_idx=1)) == (
        "EmbeddingBag(3, 2, max_norm=1, mode='sum', padding_idx=1)"
    )


def test_no_such_padding():
    with pytest.raises(AssertionError, match="padding_idx must be within the 3 rows, not 3"):
        nn.Embedding(3, 2, padding_idx=3)
