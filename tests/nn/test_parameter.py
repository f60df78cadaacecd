"""Parameter: a leaf over given memory that stays a Parameter when copied."""

import copy
import pickle

import numpy as np
import pytest

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.tensor import Tensor


def test_shares_the_memory_of_a_tensor():
    data = tensor([1.0, 2.0])
    p = nn.Parameter(data)
    assert p.array is data.array and p.is_leaf and p.requires_grad and not data.requires_grad
    assert type(p * 2) is Tensor
    (p * 2).sum().backward()
    assert p.grad.tolist() == [2, 2]


def test_of_other_things():
    assert nn.Parameter().shape == (0,)
    assert nn.Parameter(np.ones(2)).dtype == np.float64
    assert nn.Parameter([1.0, 2.0]).dtype == np.float32
    assert not nn.Parameter(tensor([1]), requires_grad=False).requires_grad
    with pytest.raises(RuntimeError, match="floating point"):
        nn.Parameter(tensor([1]))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
@pytest.mark.parametrize("requires_grad", [True, False])
def test_copies(duplicate, requires_grad):
    p = nn.Parameter(tensor([1.0, 2.0]), requires_grad)
    other = duplicate(p)
    assert type(other) is nn.Parameter and other.requires_grad is requires_grad
    assert other.tolist() == [1, 2] and not np.shares_memory(other.array, p.array)
    if requires_grad:
        other.sum().backward()
        assert other.grad.tolist() == [1, 1] and p.grad is None


def test_repr():
    assert repr(nn.Parameter(tensor([1.0]))) == (
        "Parameter containing:\ntensor([1.], requires_grad=True)"
    )


def test_layers_of_negative_size_are_refused():
    for make in (lambda: nn.Embedding(-1, 3), lambda: nn.Linear(3, -1)):
        with pytest.raises(RuntimeError, match="negative length"):
            make()


def test_a_buffer_is_registered_where_it_is_assigned():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.kept = nn.Buffer(tensor([1.0, 2.0]))
            self.scratch = nn.Buffer(np.ones(3), persistent=False)

    net = Net()
    assert [name for name, _ in net.named_buffers()] == ["kept", "scratch"]
    assert list(net.state_dict()) == ["kept"] and not list(net.parameters())
    assert nn.Buffer().shape == (0,) and not net.kept.requires_grad
    assert type(net.kept + 1) is Tensor
    for twin in (copy.deepcopy(net.scratch), pickle.loads(pickle.dumps(net.scratch))):
        assert isinstance(twin, nn.Buffer) and not twin.persistent and twin.tolist() == [1, 1, 1]
