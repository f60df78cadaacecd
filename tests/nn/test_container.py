"""Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict."""

from collections import OrderedDict

import numpy as np
import pytest

from minigrad import nn
from minigrad.ops.creation import tensor


def layers(n=3):
    return [nn.Linear(2, 2) for _ in range(n)]


def test_sequential_applies_in_order():
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    x = tensor(np.ones((4, 2), np.float32))
    assert net(x).tolist() == net[2](net[1](net[0](x))).tolist()
    assert nn.Sequential()(x) is x


def test_sequential_is_indexed_and_sliced():
    a, b, c = layers()
    net = nn.Sequential(a, b, c)
    assert net[0] is a and net[-1] is c and len(net) == 3 and list(net) == [a, b, c]
    assert isinstance(net[1:], nn.Sequential) and list(net[1:]) == [b, c]
    net[1] = nn.ReLU()
    assert isinstance(net[1], nn.ReLU)
    del net[0]
    assert list(dict(net.named_children())) == ["0", "1"] and net[1] is c
    with pytest.raises(IndexError, match="index 5 is out of range: there are 2 modules"):
        net[5]


def test_sequential_with_names():
    net = nn.Sequential(OrderedDict(hidden=nn.Linear(2, 3), act=nn.ReLU()))
    assert net.hidden is net[0]
    assert list(net.state_dict()) == ["hidden.weight", "hidden.bias"]
    assert list(dict(net[:1].named_children())) == ["hidden"]
    assert repr(net) == (
        "Sequential(\n"
        "  (hidden): Linear(in_features=2, out_features=3, bias=True)\n"
        "  (act): ReLU()\n"
        ")"
    )


@pytest.mark.parametrize("kind", [nn.Sequential, nn.ModuleList])
def test_growing(kind):
    a, b, c = layers()
    net = kind()
    assert net.append(a) is net
    net.extend([c]).insert(1, b)
    assert list(net) == [a, b, c]
    assert net.pop() is c and net.pop(0) is a and list(net) == [b]
    net += [c]
    assert list(net) == [b, c]
    assert [name for name, _ in net.named_children()] == ["0", "1"]
    with pytest.raises(TypeError, match="int is not a Module"):
        net.append(1)


def test_module_list():
    net = nn.ModuleList([*layers(), nn.ReLU()])
    assert len(list(net.parameters())) == 6 and isinstance(net[1:3], nn.ModuleList)
    assert repr(net) == (
        "ModuleList(\n"
        "  (0-2): 3 x Linear(in_features=2, out_features=2, bias=True)\n"
        "  (3): ReLU()\n"
        ")"
    )


def test_module_dict():
    a, b, c = layers()
    net = nn.ModuleDict({"a": a})
    net["b"] = b
    net.update([("c", c)])
    assert list(net) == list(net.keys()) == ["a", "b", "c"]
    assert list(net.values()) == [a, b, c] and dict(net.items())["b"] is b
    assert "a" in net and net.pop("a") is a and len(net) == 2
    del net["b"]
    assert list(net.state_dict()) == ["c.weight", "c.bias"]
    with pytest.raises(TypeError, match="iterable of key/value pairs, but got int"):
        net.update(3)
    net.clear()
    assert not len(net) and not list(net.parameters())


@pytest.mark.parametrize("kind", [nn.Sequential, nn.ModuleList])
def test_sums(kind):
    a, b, c = layers()
    net = (kind(a, b) if kind is nn.Sequential else kind([a, b])) + [c]
    assert type(net) is kind and list(net) == [a, b, c]


def test_sequential_times_a_number():
    a, b, _ = layers()
    net = nn.Sequential(a, b)
    assert list(net * 2) == list(2 * net) == [a, b, a, b] and len(net) == 2
    net *= 2
    assert list(net) == [a, b, a, b]
    with pytest.raises(ValueError, match="Non-positive multiplication factor 0"):
        net * 0


def parameter(*shape):
    return nn.Parameter(tensor(np.ones(shape, np.float32)))


def test_parameter_list():
    a, b = parameter(3), parameter(2, 2)
    net = nn.ParameterList([a, tensor([1.0]), 5])
    net += [b]
    assert net[0] is a and net[-1] is b and len(net) == 4 and net[2] == 5
    assert [name for name, _ in net.named_parameters()] == ["0", "1", "3"]
    assert isinstance(net[1], nn.Parameter) and isinstance(net[:2], nn.ParameterList)
    net[0] = b
    assert net[0] is b
    assert repr(net[1:]) == (
        "ParameterList(\n"
        "    (0): Parameter containing: [float32 of size 1]\n"
        "    (1): Object of type: int\n"
        "    (2): Parameter containing: [float32 of size 2x2]\n"
        ")"
    )
    with pytest.raises(IndexError, match="index 4 is out of range: there are 4 values"):
        net[4]
    with pytest.raises(TypeError, match="an iterable, but got int"):
        net.extend(3)


def test_parameter_dict():
    a, b = parameter(3), parameter(2)
    net = nn.ParameterDict({"a": a})
    net["b"] = tensor([1.0])
    assert list(net) == ["a", "b"] and list(reversed(net)) == ["b", "a"] and "a" in net
    assert [name for name, _ in net.named_parameters()] == ["a", "b"]
    assert net.pop("a") is a and list(net.parameters()) == [net["b"]]
    assert list(net | {"c": b}) == ["b", "c"] and list({"c": b} | net) == ["c", "b"]
    net.update(a=a)
    assert net.setdefault("a", b) is a and net.get("z") is None
    assert net.popitem() == ("a", a) and len(net.copy()) == 1
    assert list(net.fromkeys(["u", "v"], b)) == ["u", "v"]
    net.clear()
    assert not len(net) and repr(net) == "ParameterDict()"
    with pytest.raises(KeyError, match="'training' already exists"):
        net["training"] = a
    with pytest.raises(TypeError, match="not a string"):
        net[1] = a
