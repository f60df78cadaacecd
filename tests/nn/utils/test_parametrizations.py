"""weight_norm and spectral_norm, in both forms: values, gradients, names, and what remains of them."""

import numpy as np
import pytest

from minigrad import manual_seed, nn, ones, tensor
from minigrad.nn import utils
from minigrad.nn.utils import parametrizations as newer
from minigrad.nn.utils.parametrize import remove_parametrizations
from minigrad.testing import assert_close, check_op, gradcheck

AXES = {0: (1, 2), 1: (0, 2), 2: (0, 1), None: (0, 1, 2)}


@pytest.mark.parametrize("dim", AXES)
def test_length_and_direction(dim):
    manual_seed(0)
    for norm, g, v in (
        (
            newer.weight_norm,
            "parametrizations.weight.original0",
            "parametrizations.weight.original1",
        ),
        (utils.weight_norm, "weight_g", "weight_v"),
    ):
        net = nn.Conv1d(3, 2, 2).double()
        before = net.weight.array.copy()
        assert norm(net, dim=dim) is net
        assert list(net.state_dict()) == ["bias", g, v]
        length = net.get_parameter(g)
        expected = np.sqrt((before**2).sum(AXES[dim], keepdims=dim is not None))
        assert_close(length, expected)
        assert_close(net.weight, before)
        length.data = 2 * length.detach()
        assert_close(net.eval()(ones(1, 3, 4).double()), net(ones(1, 3, 4).double()))
        assert_close(net.weight, 2 * before)


@pytest.mark.parametrize("dim", AXES)
def test_gradient_of_length_and_direction(dim):
    rng = np.random.default_rng(0)
    v = rng.normal(size=(2, 3, 2))
    g = rng.normal(size=np.sum(v, AXES[dim], keepdims=dim is not None).shape)

    def expected(g, v):
        return g * v / np.sqrt((v**2).sum(AXES[dim], keepdims=dim is not None))

    check_op(newer._WeightNorm(dim), g, v, reference=expected)


def test_gradient_of_norm_1():
    w = np.random.default_rng(0).normal(size=(3, 2, 2))
    assert gradcheck(newer._SpectralNorm(tensor(w), dim=1).eval(), tensor(w, requires_grad=True))


def test_removed():
    manual_seed(0)
    net, older = newer.weight_norm(nn.Linear(3, 2)), utils.weight_norm(nn.Linear(3, 2))
    for layer in (net, older):
        weight = layer.weight.array.copy()
        if layer is net:
            remove_parametrizations(layer, "weight")
        else:
            utils.remove_weight_norm(layer)
        assert set(layer.state_dict()) == {"weight", "bias"} and type(layer.weight) is nn.Parameter
        assert_close(layer.weight, weight)
        assert layer(ones(1, 3)).shape == (1, 2)


@pytest.mark.parametrize("make", [lambda: nn.Conv1d(3, 4, 2), lambda: nn.ConvTranspose1d(4, 3, 2)])
@pytest.mark.parametrize("norm", [newer.spectral_norm, utils.spectral_norm])
def test_norm_1(norm, make):
    manual_seed(0)
    net = make().double()
    dim = int(isinstance(net, nn.ConvTranspose1d))
    before = np.moveaxis(net.weight.array, dim, 0).reshape(net.weight.shape[dim], -1).copy()
    largest = np.linalg.svd(before)[1][0]
    norm(net, n_power_iterations=60)
    net(ones(1, net.in_channels, 3).double()).sum().backward()
    matrix = np.moveaxis(net.weight.array, dim, 0).reshape(before.shape)
    assert_close(matrix, before / largest)
    original = (
        net.weight_orig if hasattr(net, "weight_orig") else net.parametrizations.weight.original
    )
    # d(w / sigma): what is along w itself makes no difference.
    assert abs((original.grad * original).sum().item()) < 1e-9
    net.eval()
    buffers = [b.array.copy() for b in net.buffers()]
    net(ones(1, net.in_channels, 3).double())
    assert all(np.array_equal(a, b.array) for a, b in zip(buffers, net.buffers(), strict=True))


def test_names_and_vectors():
    net = newer.spectral_norm(nn.Linear(3, 2))
    assert list(net.state_dict()) == [
        "bias",
        *(f"parametrizations.weight.{name}" for name in ("original", "0._u", "0._v")),
    ]
    net = newer.spectral_norm(nn.Linear(3, 2), "bias")
    assert_close((net.bias**2).sum().item(), 1.0, atol=1e-6)
    net = utils.spectral_norm(nn.Linear(3, 2))
    assert set(net.state_dict()) == {"bias", "weight_orig", "weight_u", "weight_v"}
    weight = net.eval()(ones(1, 3)) is not None and net.weight.array.copy()
    utils.remove_spectral_norm(net)
    assert set(net.state_dict()) == {"bias", "weight"}
    assert_close(net.weight, weight)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: newer.spectral_norm(nn.Linear(2, 2), "w"), ValueError, "with name 'w'"),
        (lambda: newer.spectral_norm(nn.Linear(2, 2), dim=2), IndexError, r"\[-2, 1\] but got 2"),
        (
            lambda: newer.spectral_norm(nn.Linear(2, 2), n_power_iterations=0),
            ValueError,
            "positive",
        ),
        (
            lambda: utils.spectral_norm(nn.Linear(2, 2), n_power_iterations=0),
            ValueError,
            "positive",
        ),
        (
            lambda: utils.weight_norm(nn.LazyLinear(2)),
            ValueError,
            "no parameter 'weight' with values",
        ),
        (
            lambda: utils.weight_norm(utils.weight_norm(nn.Linear(2, 2))),
            RuntimeError,
            "two WeightNorm",
        ),
        (lambda: utils.remove_weight_norm(nn.Linear(2, 2)), ValueError, "of 'weight' not found"),
    ],
)
def test_what_does_not_fit(call, error, message):
    with pytest.raises(error, match=message):
        call()
