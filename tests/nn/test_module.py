"""Module: what is registered, how it is found, saved, loaded, converted and shown."""

import copy
import pickle
from collections import OrderedDict

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
        self.register_buffer("calls", tensor(0), persistent=False)

    def forward(self, x):
        return self.out(self.norm(x)) * self.scale


NAMES = ["scale", "norm.weight", "norm.bias", "out.weight", "out.bias"]


def test_names():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert [name for name, _ in net.named_parameters("net", recurse=False)] == ["net.scale"]
    assert next(net.parameters()) is net.scale
    assert [name for name, _ in net.named_children()] == ["norm", "out"]
    assert [name for name, _ in net.named_modules()] == ["", "norm", "out"]
    statistics = ["norm.running_mean", "norm.running_var", "norm.num_batches_tracked"]
    assert [name for name, _ in net.named_buffers()] == ["calls", *statistics]
    assert list(net.state_dict()) == ["scale", *NAMES[1:3], *statistics, *NAMES[3:]]
    assert next(iter(net.state_dict(prefix="a."))) == "a.scale"


def test_shared_ones_are_named_once_but_saved_twice():
    net = nn.Module()
    net.a = nn.Linear(2, 2)
    net.b = net.a
    net.weight = net.a.weight
    assert len(list(net.parameters())) == 2
    assert len(list(net.modules())) == 2
    assert len(list(net.named_modules(remove_duplicate=False))) == 3
    assert list(net.state_dict()) == ["weight", "a.weight", "a.bias", "b.weight", "b.bias"]


def test_forgetting_to_call_init():
    class Forgetful(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(2, 2)

    assert len(list(Forgetful().parameters())) == 2


def test_registries_can_be_written_to():
    net = nn.Module()
    net._modules["0"] = nn.Linear(2, 2)
    assert [name for name, _ in net.named_parameters()] == ["0.weight", "0.bias"]
    net._parameters["w"] = nn.Parameter(tensor([1.0]))
    assert net.w is net._parameters["w"]
    with pytest.raises(KeyError):
        net._modules["w"]
    del net._parameters["w"]
    assert not hasattr(net, "w")


def test_setting_attributes():
    net = nn.Linear(2, 2)
    replacement = nn.Parameter(tensor(np.zeros((2, 2))))
    net.weight = replacement
    assert next(net.parameters()) is replacement
    net.bias = None
    assert len(list(net.parameters())) == 1
    with pytest.raises(TypeError, match=r"cannot assign 'Tensor' as parameter 'weight'"):
        net.weight = tensor([1.0])
    del net.weight
    assert not hasattr(net, "weight") and not list(net.parameters())
    net.plain = 1
    net.plain = nn.ReLU()
    assert list(net.children()) == [net.plain]
    with pytest.raises(TypeError, match="as child module 'plain'"):
        net.plain = 3
    norm = nn.BatchNorm1d(2)
    norm.running_mean = tensor(np.ones(2))
    assert norm.get_buffer("running_mean").tolist() == [1, 1]
    with pytest.raises(TypeError, match="as buffer 'running_mean'"):
        norm.running_mean = [1, 1]


def test_registering_what_cannot_be():
    net = nn.Module()
    with pytest.raises(KeyError, match=r'name can.*t contain "\."'):
        net.register_buffer("a.b", None)
    with pytest.raises(KeyError, match="'training' already exists"):
        net.register_buffer("training", None)
    with pytest.raises(TypeError, match="'int' object to buffer 'b'"):
        net.register_buffer("b", 3)
    with pytest.raises(TypeError, match="'Tensor' object to parameter 'b'"):
        net.register_parameter("b", tensor([1.0]))
    with pytest.raises(TypeError, match="int is not a Module"):
        net.add_module("b", 3)


def test_get():
    net = Net()
    assert net.get_submodule("") is net
    assert net.get_submodule("norm") is net.norm
    assert net.get_parameter("out.weight") is net.out.weight
    with pytest.raises(AttributeError, match=r'no sub-module `nrom`.*did you mean "norm"'):
        net.get_parameter("nrom.weight")
    with pytest.raises(AttributeError, match=r'no parameter `wieght`.*did you mean "weight"'):
        net.get_parameter("out.wieght")
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'missing'"):
        _ = net.missing


def test_train_and_eval():
    net = Net()
    assert net.training and net.eval() is net
    assert not net.training and not net.norm.training
    net.train()
    assert net.norm.training
    with pytest.raises(ValueError, match="boolean"):
        net.train("yes")


def test_apply_meets_children_first():
    met = []
    net = Net()
    assert net.apply(lambda module: met.append(type(module).__name__)) is net
    assert met == ["BatchNorm1d", "Linear", "Net"]


def test_gradients():
    net = Net()
    net(tensor(np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32))).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.scale.grad.tolist() == [0]
    net.zero_grad()
    assert net.scale.grad is None
    net.requires_grad_(False)
    assert not any(parameter.requires_grad for parameter in net.parameters())


def test_conversion_keeps_the_parameters():
    net = Net()
    weight = net.out.weight
    net(tensor(np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32))).sum().backward()
    assert net.double() is net
    assert net.out.weight is weight and weight.requires_grad
    assert weight.dtype == weight.grad.dtype == net.norm.running_mean.dtype == np.float64
    assert net.norm.num_batches_tracked.dtype == np.int64
    net(tensor(np.ones((4, 3)))).sum().backward()
    assert net.to("cpu").out.weight.dtype == np.float64
    assert net.float().out.weight.dtype == np.float32
    with pytest.raises(TypeError, match="floating-point"):
        net.to(np.dtype(np.int64))


def test_state_dict_is_detached_and_shares_memory():
    net = Net()
    state = net.state_dict()
    assert isinstance(state, OrderedDict) and not state["scale"].requires_grad
    assert np.shares_memory(state["scale"].array, net.scale.array)
    assert net.state_dict(keep_vars=True)["scale"] is net.scale


def test_deepcopy_is_independent():
    net = Net()
    other = copy.deepcopy(net)
    assert other.scale is not net.scale and isinstance(other.scale, nn.Parameter)
    assert [name for name, _ in other.named_parameters()] == NAMES
    x = tensor(np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32))
    other(x).sum().backward()
    assert other.scale.grad is not None and net.scale.grad is None
    other.scale = nn.Parameter(tensor([3.0]))
    assert net.scale.item() == 2


def test_pickle():
    net = Net()
    other = pickle.loads(pickle.dumps(net))
    assert isinstance(other.scale, nn.Parameter) and other.scale.requires_grad
    for name, value in net.state_dict().items():
        assert_close(other.state_dict()[name], value)


def test_repr():
    assert repr(Net()) == (
        "Net(\n"
        "  (norm): BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, "
        "track_running_stats=True)\n"
        "  (out): Linear(in_features=3, out_features=2, bias=True)\n"
        ")"
    )
    assert repr(nn.Module()) == "Module()"


def test_forward_is_missing():
    with pytest.raises(NotImplementedError, match=r'Module.* missing the required "forward"'):
        nn.Module()(1)


def test_set_submodule():
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU()))
    net.set_submodule("1.0", nn.Tanh())
    net.set_submodule("2", nn.Identity())
    assert type(net[1][0]) is nn.Tanh and type(net[2]) is nn.Identity
    for name, module, error, message in (
        ("", nn.Tanh(), ValueError, "without a name"),
        ("1.0", 3, ValueError, "not an nn.Module, found"),
        ("0.weight", nn.Tanh(), AttributeError, "`weight`: it is not an nn.Module"),
        ("4.0", nn.Tanh(), AttributeError, "no sub-module `4`"),
    ):
        with pytest.raises(error, match=message):
            net.set_submodule(name, module)
    with pytest.raises(AttributeError, match="no sub-module `5`"):
        net.set_submodule("5", nn.Tanh(), strict=True)


def test_devices_and_dtypes_by_name():
    net = nn.Linear(2, 2)
    assert net.cpu() is net and net.half().weight.dtype == np.float16
    assert net.type(np.float64).weight.dtype == np.float64
    with pytest.raises(RuntimeError, match="no device 'cuda'"):
        net.cuda()
