"""Activation modules: that each is its function, with its options, and shows them as PyTorch."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close

X = np.linspace(-3, 3, 12).reshape(3, 4)
SIGMOID = 1 / (1 + np.exp(-X))

CASES = [
    (nn.ReLU(), "ReLU()", np.maximum(X, 0)),
    (nn.Sigmoid(), "Sigmoid()", SIGMOID),
    (nn.Tanh(), "Tanh()", np.tanh(X)),
    (nn.LeakyReLU(0.2), "LeakyReLU(negative_slope=0.2)", np.where(X > 0, X, 0.2 * X)),
    (nn.ELU(2.0), "ELU(alpha=2.0)", np.where(X > 0, X, 2 * np.expm1(X))),
    (
        nn.SELU(),
        "SELU()",
        1.0507009873554805 * np.where(X > 0, X, 1.6732632423543772 * np.expm1(X)),
    ),
    (
        nn.GELU("tanh"),
        "GELU(approximate='tanh')",
        0.5 * X * (1 + np.tanh(np.sqrt(2 / np.pi) * (X + 0.044715 * X**3))),
    ),
    (nn.SiLU(), "SiLU()", X * SIGMOID),
    (nn.Softplus(2.0), "Softplus(beta=2.0, threshold=20.0)", np.log1p(np.exp(2 * X)) / 2),
    (nn.Hardtanh(-1, 2), "Hardtanh(min_val=-1, max_val=2)", np.clip(X, -1, 2)),
    (nn.LogSigmoid(), "LogSigmoid()", np.log(SIGMOID)),
    (nn.CELU(2.0), "CELU(alpha=2.0)", np.where(X > 0, X, 2 * np.expm1(X / 2))),
    (nn.Mish(), "Mish()", X * np.tanh(np.log1p(np.exp(X)))),
    (nn.ReLU6(), "ReLU6()", np.clip(X, 0, 6)),
    (nn.Hardsigmoid(), "Hardsigmoid()", np.clip(X / 6 + 0.5, 0, 1)),
    (nn.Hardswish(), "Hardswish()", X * np.clip(X / 6 + 0.5, 0, 1)),
    (nn.Hardshrink(1), "Hardshrink(1)", np.where(np.abs(X) > 1, X, 0)),
    (nn.Softshrink(), "Softshrink(0.5)", np.sign(X) * np.maximum(np.abs(X) - 0.5, 0)),
    (nn.Tanhshrink(), "Tanhshrink()", X - np.tanh(X)),
    (nn.Softsign(), "Softsign()", X / (1 + np.abs(X))),
    (nn.Threshold(1, 2), "Threshold(threshold=1, value=2)", np.where(X > 1, X, 2)),
    (nn.GLU(), "GLU(dim=-1)", X[:, :2] * SIGMOID[:, 2:]),
    (nn.PReLU(dtype=np.float64), "PReLU(num_parameters=1)", np.where(X > 0, X, 0.25 * X)),
    (nn.RReLU(0.1, 0.3).eval(), "RReLU(lower=0.1, upper=0.3)", np.where(X > 0, X, 0.2 * X)),
    (nn.Softmin(0), "Softmin(dim=0)", np.exp(-X) / np.exp(-X).sum(0)),
    (nn.Softmax(1), "Softmax(dim=1)", np.exp(X) / np.exp(X).sum(1, keepdims=True)),
    (
        nn.LogSoftmax(dim=0),
        "LogSoftmax(dim=0)",
        X - np.log(np.exp(X).sum(0, keepdims=True)),
    ),
]


@pytest.mark.parametrize(("module", "shown", "expected"), CASES, ids=lambda case: str(case)[:12])
def test_module(module, shown, expected):
    assert repr(module) == shown
    assert_close(module(tensor(X)), expected)


@pytest.mark.parametrize(
    "kind",
    [nn.ReLU, nn.LeakyReLU, nn.ELU, nn.CELU, nn.SELU, nn.SiLU, nn.Mish, nn.Hardtanh, nn.ReLU6],
)
def test_inplace(kind):
    expected = kind()(tensor(X))
    leaf = tensor(X.copy()).requires_grad_()
    x = leaf * 1.0
    module = kind(inplace=True)
    assert repr(module).endswith("inplace=True)")
    assert module(x) is x
    assert_close(x.detach(), expected)
    x.sum().backward()
    other = tensor(X).requires_grad_()
    kind()(other).sum().backward()
    assert_close(leaf.grad, other.grad)


def test_softmax2d():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    e = np.exp(x)
    expected = e / e.sum(1, keepdims=True)
    assert_close(nn.Softmax2d()(tensor(x)), expected)
    assert_close(nn.Softmax2d()(tensor(x[0])), expected[0])
    with pytest.raises(ValueError, match=r"expected input to be 3D .* or 4D, .* got 2D"):
        nn.Softmax2d()(tensor(x[0, 0]))


def test_prelu_learns_a_weight_a_channel():
    module = nn.PReLU(3, init=0.1)
    assert list(module.state_dict()) == ["weight"]
    assert_close(module.weight.detach(), np.full(3, 0.1, np.float32))
    x = tensor(-np.ones((2, 3, 4), np.float32))
    module(x).sum().backward()
    assert_close(module.weight.grad, np.full(3, -8, np.float32))


def test_options_are_checked():
    with pytest.raises(ValueError, match=r"max_val \(1\) must be greater than min_val \(2\)"):
        nn.Hardtanh(2, 1)


def test_functions_take_inplace_last():
    x = tensor(X.copy())
    assert nn.functional.celu(x, 2.0, True) is x
    assert_close(x, nn.CELU(2.0)(tensor(X)))


@pytest.mark.parametrize(
    "name", ["celu", "elu", "hardtanh", "leaky_relu", "relu", "rrelu", "selu", "threshold"]
)
def test_in_place_functions(name):
    options = {"threshold": (0.5, 1.0), "rrelu": (0.2, 0.2)}.get(name, ())
    x = tensor(X)
    expected = getattr(nn.functional, name)(x, *options)
    assert getattr(nn.functional, f"{name}_")(x, *options) is x
    assert_close(x, expected)
