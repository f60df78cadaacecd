"""Computed parameters: read, trained, assigned to, stacked, removed."""

import copy

import numpy as np
import pytest

from minigrad import nn, optim, tensor
from minigrad.nn.utils import parametrize
from minigrad.nn.utils.parametrize import register_parametrization, remove_parametrizations
from minigrad.testing import assert_close


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).transpose(0, 1)


class Doubled(nn.Module):
    def forward(self, x):
        return 2 * x

    def right_inverse(self, x):
        return x / 2


class Sum(nn.Module):
    def forward(self, a, b):
        return a + b

    def right_inverse(self, x):
        return x - 1, x * 0 + 1


class First(nn.Module):
    def forward(self, x):
        return x[:1]


def square():
    net = nn.Linear(2, 2)
    net.weight.data = tensor([[1.0, 2.0], [3.0, 4.0]])
    return net


def test_it_is_computed_whenever_it_is_read():
    net = square()
    weight = net.weight
    assert register_parametrization(net, "weight", Symmetric()) is net
    assert isinstance(net, nn.Linear) and net.parametrizations.weight.original is weight
    assert net.weight.tolist() == [[1, 2], [2, 4]] and net.weight is not net.weight
    assert list(net.state_dict()) == ["bias", "parametrizations.weight.original"]
    assert repr(net) == (
        "ParametrizedLinear(\n  in_features=2, out_features=2, bias=True\n"
        "  (parametrizations): ModuleDict(\n    (weight): ParametrizationList(\n"
        "      (0): Symmetric()\n    )\n  )\n)"
    )


def test_what_it_is_computed_from_is_trained():
    net = register_parametrization(square(), "weight", Symmetric())
    optimizer = optim.SGD(net.parameters(), lr=1.0)
    net(tensor([[1.0, 0.0]])).sum().backward()
    optimizer.step()
    assert net.weight.tolist() == [[0, 1], [1, 4]]
    other = register_parametrization(square(), "weight", Symmetric())
    other.load_state_dict(net.state_dict())
    assert_close(other.weight, net.weight)
    assert net.double().weight.dtype == np.float64


def test_assigned_to_it_is_taken_back():
    net = register_parametrization(square(), "weight", Doubled())
    assert net.weight.tolist() == [[1, 2], [3, 4]]
    net.weight = tensor([[6.0, 8.0], [0.0, 2.0]])
    assert net.parametrizations.weight.original.tolist() == [[3, 4], [0, 1]]
    with pytest.raises(KeyError, match="'weight' already exists: it is computed"):
        net.weight = nn.Parameter(tensor([1.0]))
    register_parametrization(net, "weight", Symmetric())
    assert net.weight.tolist() == [[6, 8], [8, 2]]
    with pytest.raises(RuntimeError, match="Symmetric does not implement right_inverse"):
        net.weight = tensor([[6.0, 8.0], [0.0, 2.0]])


def test_of_several_tensors():
    net = register_parametrization(square(), "weight", Sum())
    assert list(net.state_dict())[1:] == [f"parametrizations.weight.original{i}" for i in (0, 1)]
    assert net.weight.tolist() == [[1, 2], [3, 4]]
    with pytest.raises(ValueError, match="sequence of tensors"):
        remove_parametrizations(net, "weight", leave_parametrized=False)
    remove_parametrizations(net, "weight")
    assert type(net) is nn.Linear and type(net.weight) is nn.Parameter
    assert net.weight.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("leave", [True, False])
def test_removed(leave):
    net = square()
    weight = net.weight
    register_parametrization(net, "weight", Symmetric())
    register_parametrization(net, "bias", nn.Identity())
    twin = copy.deepcopy(net)
    remove_parametrizations(net, "weight", leave)
    assert net.weight is weight and net.weight.tolist() == [[1, 2], [2 if leave else 3, 4]]
    assert parametrize.is_parametrized(net) and not parametrize.is_parametrized(net, "weight")
    remove_parametrizations(net, "bias")
    assert type(net) is nn.Linear and set(net.state_dict()) == {"weight", "bias"}
    assert parametrize.is_parametrized(twin, "weight") and twin.weight.tolist() == [[1, 2], [2, 4]]
    assert parametrize.type_before_parametrizations(twin) is nn.Linear


def test_a_buffer():
    net = register_parametrization(nn.BatchNorm1d(2), "running_mean", Doubled())
    assert "parametrizations.running_mean.original" in dict(net.named_buffers())
    remove_parametrizations(net, "running_mean")
    assert net.running_mean.tolist() == [0, 0] and "running_mean" in net.state_dict()


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="parametrized element with name 'w'"):
        register_parametrization(square(), "w", Symmetric())
    with pytest.raises(
        ValueError, match=r"\[2, 2\], and they would be float32 \[1, 2\].*unsafe=True"
    ):
        register_parametrization(square(), "weight", First())
    assert register_parametrization(square(), "weight", First(), unsafe=True).weight.shape == (1, 2)
    net = register_parametrization(square(), "weight", Symmetric())
    with pytest.raises(ValueError, match="must stay"):
        register_parametrization(net, "weight", First())
    assert len(net.parametrizations.weight) == 1
    with pytest.raises(ValueError, match="does not have a parametrization on bias"):
        remove_parametrizations(net, "bias")
