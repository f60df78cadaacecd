"""The normalisation modules: their modes, their running statistics, their state."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close


def batches(n, shape=(6, 3)):
    rng = np.random.default_rng(0)
    return [(rng.normal(size=shape) * 2 + 1).astype(np.float32) for _ in range(n)]


MODULES = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 2), (3, 3, 2, 4), (2, 3, 2, 1, 3)])
def test_training_normalises_and_evaluation_remembers(shape):
    net, axes = MODULES[len(shape)](3), (0, *range(2, len(shape)))
    for x in batches(2, shape):
        y = net(tensor(x)).detach().array
        assert_close(y.mean(axes), np.zeros(3, np.float32), atol=1e-6)
        assert_close(y.var(axes), np.ones(3, np.float32), atol=1e-4)
    assert net.num_batches_tracked.item() == 2
    state = {name: value.array.copy() for name, value in net.state_dict().items()}
    net.eval()
    x = tensor(batches(1, shape)[0])
    mean, var = (v.array.reshape(3, *[1] * (len(shape) - 2)) for v in net.buffers() if v.ndim)
    assert_close(net(x).detach(), (x.array - mean) / np.sqrt(var + 1e-5))
    for name, value in net.state_dict().items():
        assert_close(value, state[name])


def test_momentum_none_averages_over_all_batches():
    net, xs = nn.BatchNorm1d(3, momentum=None), batches(4)
    for x in xs:
        net(tensor(x))
    assert_close(net.running_mean, np.mean([x.mean(0) for x in xs], 0))
    assert_close(net.running_var, np.mean([x.var(0, ddof=1) for x in xs], 0))


def test_without_running_statistics_evaluation_is_as_training():
    net, x = nn.BatchNorm1d(3, affine=False, track_running_stats=False), tensor(batches(1)[0])
    assert not net.state_dict() and not list(net.parameters())
    assert_close(net(x), net.eval()(x))


def test_bias_alone_can_be_left_out():
    net = nn.BatchNorm1d(3, bias=False)
    assert [name for name, _ in net.named_parameters()] == ["weight"]


def test_reset():
    net = nn.BatchNorm1d(3)
    net(tensor(batches(1)[0]))
    net.weight.array[...] = 5
    net.reset_parameters()
    for name, value in nn.BatchNorm1d(3).state_dict().items():
        assert_close(net.state_dict()[name], value)


def test_what_does_not_fit():
    net = nn.BatchNorm1d(3)
    with pytest.raises(ValueError, match=r"expected 2D .* or 3D .*got 4D"):
        net(tensor(np.ones((2, 3, 4, 4), np.float32)))
    with pytest.raises(ValueError, match=r"BatchNorm2d: expected 4D .*got 3D of shape \[2, 3, 4\]"):
        nn.BatchNorm2d(3)(tensor(np.ones((2, 3, 4), np.float32)))
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        net(tensor(np.ones((1, 3), np.float32)))
    with pytest.raises(RuntimeError, match="should contain 4 elements"):
        net(tensor(np.ones((2, 4), np.float32)))


def test_reprs():
    options = "3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True"
    for module in set(MODULES.values()):
        assert repr(module(3)) == f"{module.__name__}({options})"


WITHIN = [
    (nn.LayerNorm(4), (3, 4), (1,)),
    (nn.LayerNorm((2, 3), eps=1e-3, bias=False), (5, 2, 3), (1, 2)),
    (nn.GroupNorm(2, 4), (3, 4, 5), None),
    (nn.GroupNorm(1, 4, affine=False), (3, 4, 2, 2), None),
    (nn.RMSNorm(4), (3, 2, 4), (2,)),
]


@pytest.mark.parametrize(("net", "shape", "axes"), WITHIN)
def test_within_a_sample(net, shape, axes):
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32) + 1
    eps = np.finfo(np.float32).eps if net.eps is None else net.eps
    if axes is None:
        parts = x.reshape(len(x), net.num_groups, -1)
        z = (parts - parts.mean(2, keepdims=True)) / np.sqrt(parts.var(2, keepdims=True) + eps)
    elif isinstance(net, nn.RMSNorm):
        z = x / np.sqrt(np.square(x).mean(axes, keepdims=True) + eps)
    else:
        z = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)
    assert_close(net(tensor(x)).detach(), z.reshape(shape))
    for parameter in net.parameters():
        parameter.array[...] = 7
    net.reset_parameters()
    assert_close(net(tensor(x)).detach(), z.reshape(shape))


def test_states_and_reprs_within_a_sample():
    reprs = [
        "LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)",
        "LayerNorm((2, 3), eps=0.001, elementwise_affine=True, bias=False)",
        "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)",
        "GroupNorm(1, 4, eps=1e-05, affine=False, bias=False)",
        "RMSNorm((4,), eps=None, elementwise_affine=True)",
    ]
    states = [["weight", "bias"], ["weight"], ["weight", "bias"], [], ["weight"]]
    for (net, *_), text, names in zip(WITHIN, reprs, states, strict=True):
        assert repr(net) == text and list(net.state_dict()) == names


def test_groups_divide_the_channels():
    with pytest.raises(
        ValueError, match=r"num_channels \(4\) must be divisible by num_groups \(3\)"
    ):
        nn.GroupNorm(3, 4)


def test_an_empty_batch_leaves_the_running_statistics():
    net = nn.BatchNorm1d(3)
    before = {name: value.array.copy() for name, value in net.state_dict().items()}
    assert net(tensor(np.ones((0, 3, 2), np.float32))).shape == (0, 3, 2)
    after = net.state_dict()
    assert after.pop("num_batches_tracked").item() == 1
    for name, value in after.items():
        assert_close(value, before[name])


@pytest.mark.parametrize("shape", [(6, 3, 4), (3, 3, 2, 4), (2, 3, 2, 2, 3)])
def test_instance_norm(shape):
    make = getattr(nn, f"InstanceNorm{len(shape) - 2}d")
    (x,) = batches(1, shape)
    places = tuple(range(2, len(shape)))
    expected = (x - x.mean(places, keepdims=True)) / np.sqrt(x.var(places, keepdims=True) + 1e-5)
    net = make(3)
    assert not net.state_dict()
    assert_close(net(tensor(x)), expected, atol=1e-5)
    assert_close(net(tensor(x[0])), expected[0], atol=1e-5)
    assert_close(net.eval()(tensor(x)), expected, atol=1e-5)
    tracking = make(3, momentum=1.0, affine=True, track_running_stats=True)
    names = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    assert list(tracking.state_dict()) == names
    tracking(tensor(x))
    assert_close(tracking.running_mean, x.mean((0, *places)), atol=1e-5)
    assert not np.allclose(tracking.eval()(tensor(x)).detach(), expected)
    with pytest.raises(ValueError, match="with 3 channels, got shape"):
        net(tensor(x[:, :2]))


def test_local_response_norm():
    net, x = nn.LocalResponseNorm(3, 0.1, k=2), tensor(batches(1, (2, 4, 3))[0])
    assert_close(net(x), F.local_response_norm(x, 3, 0.1, 0.75, 2))
    assert repr(net) == "LocalResponseNorm(3, alpha=0.1, beta=0.75, k=2)"
