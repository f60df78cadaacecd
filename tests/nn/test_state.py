"""A state_dict that comes back into a module."""

import copy

import numpy as np
import pytest

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.out = nn.Linear(3, 2)
        self.scale = nn.Parameter(tensor([2.0]))


@pytest.mark.parametrize("assign", [False, True])
def test_load_state_dict(assign):
    source, net = Net(), Net()
    source.norm.num_batches_tracked.array[...] = 7
    result = net.load_state_dict(source.state_dict(), assign=assign)
    assert repr(result) == "<All keys matched successfully>"
    for name, value in source.state_dict().items():
        assert_close(net.state_dict()[name], value)
        shared = np.shares_memory(net.state_dict()[name].array, value.array)
        assert shared == assign
    assert isinstance(net.scale, nn.Parameter) and net.scale.requires_grad


def test_load_arrays():
    net = nn.Linear(1, 1)
    net.load_state_dict({"weight": np.array([[3.0]]), "bias": [4.0]})
    assert net.weight.dtype == np.float32
    assert (net.weight.item(), net.bias.item()) == (3, 4)


def test_load_state_dict_says_what_is_wrong_and_changes_nothing():
    net = Net()
    before = copy.deepcopy(net.state_dict())
    state = dict(net.state_dict())
    state["out.wieght"] = state.pop("out.weight")
    state["scale"] = tensor([1.0, 2.0])
    state["norm.bias"] = tensor([9.0, 9.0, 9.0])
    with pytest.raises(RuntimeError) as error:
        net.load_state_dict(state)
    text = str(error.value)
    assert "Error(s) in loading state_dict for Net" in text
    assert 'Missing key(s) in state_dict: "out.weight"' in text
    assert '"out.wieght" (did you mean "out.weight"?)' in text
    assert "size mismatch for scale: copying a param with shape [2]" in text
    for name, value in net.state_dict().items():
        assert_close(value, before[name])
    state["scale"] = tensor([5.0])
    result = net.load_state_dict(state, strict=False)
    assert (result.missing_keys, result.unexpected_keys) == (["out.weight"], ["out.wieght"])
    assert net.scale.item() == 5
    with pytest.raises(RuntimeError, match="num_batches_tracked: float32 does not fit int64"):
        net.norm.load_state_dict({"num_batches_tracked": tensor(1.5)}, strict=False)
    with pytest.raises(TypeError, match="dict-like"):
        net.load_state_dict([1])


def test_loading_into_a_graph_is_noticed():
    net = nn.Linear(2, 2)
    hidden = net(tensor(np.ones((1, 2), np.float32)).requires_grad_())
    net.load_state_dict(net.state_dict())
    with pytest.raises(RuntimeError, match=r"load_state_dict at .*test_state\.py"):
        hidden.sum().backward()
