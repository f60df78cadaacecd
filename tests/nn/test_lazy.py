"""Lazy layers: what they are before and after their first input, and what needs more than they have."""

import copy
import pickle

import numpy as np
import pytest

from minigrad import manual_seed, nn, optim, tensor
from minigrad.testing import assert_close

KINDS = [
    ("Linear", (4,), (5, 3)),
    ("Conv1d", (4, 3, 2), (2, 3, 9)),
    ("Conv2d", (4, 3), (2, 3, 6, 5)),
    ("Conv3d", (4, 2), (2, 3, 3, 4, 2)),
    ("ConvTranspose3d", (4, 2), (2, 3, 3, 4, 2)),
    ("ConvTranspose1d", (4, 3, 2), (2, 3, 9)),
    ("ConvTranspose2d", (4, 3), (3, 6, 5)),
    *((f"BatchNorm{d}d", (1e-3,), (2, 3, 4, 2, 2)[: d + 2]) for d in (1, 2, 3)),
    *((f"InstanceNorm{d}d", (1e-3, 0.1, True, True), (2, 3, 4, 2, 2)[: d + 2]) for d in (1, 2, 3)),
]


def ones(*shape):
    return tensor(np.ones(shape, np.float32))


@pytest.mark.parametrize(("kind", "args", "shape"), KINDS, ids=[kind for kind, *_ in KINDS])
def test_the_first_input_makes_it_the_layer_that_it_stands_for(kind, args, shape):
    lazy, cls = getattr(nn, f"Lazy{kind}")(*args), getattr(nn, kind)
    assert isinstance(lazy, cls) and lazy.has_uninitialized_params()
    assert repr(lazy).startswith(f"Lazy{kind}(")
    parameters = list(lazy.parameters())
    assert [repr(p) for p in parameters] == ["<UninitializedParameter>"] * len(parameters)
    x = tensor(np.random.default_rng(0).normal(size=shape).astype(np.float32))
    manual_seed(1)
    y = lazy(x)
    manual_seed(1)
    whole = cls(3, *args)
    assert (
        type(lazy) is cls and repr(lazy) == repr(whole) and vars(lazy).keys() == vars(whole).keys()
    )
    assert all(type(p) is nn.Parameter for p in lazy.parameters())
    assert all(a is b for a, b in zip(lazy.parameters(), parameters, strict=True))
    assert_close(y, whole(x))


def test_an_optimizer_made_before_trains_it():
    net = nn.Sequential(nn.LazyConv2d(2, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(1))
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    optimizer.zero_grad()
    net(ones(2, 1, 4, 4)).sum().backward()
    before = net[3].bias.item()
    optimizer.step()
    assert net[3].bias.item() == pytest.approx(before - 0.2)
    assert "Lazy" not in repr(net) and net[3].in_features == 8


def test_without_bias_or_statistics():
    assert list(nn.LazyLinear(2, bias=False).state_dict()) == ["weight"]
    norm = nn.LazyBatchNorm1d(affine=False, track_running_stats=False)
    assert not norm.state_dict() and not norm.has_uninitialized_params()
    assert norm(ones(2, 3)).shape == (2, 3) and norm.num_features == 3
    assert list(nn.LazyBatchNorm1d(affine=False).state_dict()) == [
        *("running_mean", "running_var", "num_batches_tracked"),
    ]


def test_dtype_and_copies():
    lazy = nn.LazyLinear(2).double()
    for other in (lazy, copy.deepcopy(lazy), pickle.loads(pickle.dumps(lazy.weight))):
        held = getattr(other, "weight", other)
        assert repr(held) == "<UninitializedParameter>" and held.dtype == np.float64
    twin = copy.deepcopy(lazy)
    assert lazy(ones(1, 3).double()).dtype == np.float64
    assert twin.has_uninitialized_params() and not hasattr(lazy, "has_uninitialized_params")


def test_state_dict():
    whole, lazy = nn.BatchNorm1d(3), nn.LazyBatchNorm1d()
    assert repr(lazy.state_dict()["running_var"]) == "<UninitializedBuffer>"
    lazy.load_state_dict(nn.LazyBatchNorm1d().state_dict())
    assert lazy.has_uninitialized_params()
    lazy.load_state_dict(whole.state_dict())
    assert not lazy.has_uninitialized_params() and lazy.weight.shape == (3,)
    linear = nn.LazyLinear(2)
    linear.load_state_dict({"weight": ones(2, 3), "bias": ones(2)})
    with pytest.raises(
        RuntimeError, match=r"input, \[1, 4\], needs weight .*\[2, 4\], but \[2, 3\]"
    ):
        linear(ones(1, 4))
    assert_close(linear(ones(1, 3)), np.full((1, 2), 4, np.float32))
    assert type(linear) is nn.Linear and linear.in_features == 3
    with pytest.raises(RuntimeError, match=r"weight is an UninitializedParameter .*batch before"):
        linear.load_state_dict(nn.LazyLinear(2).state_dict())


@pytest.mark.parametrize(
    "use",
    [
        lambda p: p + 1,
        lambda p: p.numel(),
        nn.init.zeros_,
        lambda p: nn.functional.linear(ones(1, 2), p),
    ],
)
def test_what_needs_values_says_what_to_do(use):
    with pytest.raises(
        ValueError, match=r"UninitializedParameter.*Call the model with a batch first"
    ):
        use(nn.LazyLinear(2).weight)


def test_what_does_not_fit():
    with pytest.raises(RuntimeError, match=r"has no shape.*Call the model with a batch"):
        _ = nn.LazyLinear(2).weight.shape
    lazy = nn.Sequential(nn.LazyConv2d(4, 3, groups=2))
    with pytest.raises(RuntimeError, match=r"LazyConv2d: expected 3D .* got \[3, 8\]\nin 0: Lazy"):
        lazy(ones(3, 8))
    with pytest.raises(ValueError, match="in_channels must be divisible by groups, got 3 and 2"):
        lazy(ones(3, 8, 8))
    with pytest.raises(ValueError, match="LazyBatchNorm2d: expected 4D"):
        nn.LazyBatchNorm2d()(ones(3, 8))
    assert lazy[0].has_uninitialized_params()  # and may be tried again
    assert lazy(ones(2, 8, 8)).shape == (4, 6, 6)


def test_uninitialized():
    p, buffer = nn.UninitializedParameter(dtype=np.float64), nn.UninitializedBuffer()
    p.materialize((2, 3))
    buffer.materialize((2,))
    assert type(p) is nn.Parameter and p.shape == (2, 3) and p.dtype == np.float64 and p.is_leaf
    assert not isinstance(buffer, nn.UninitializedBuffer) and not buffer.requires_grad
