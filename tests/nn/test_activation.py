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


@pytest.mark.parametrize("kind", [nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SELU, nn.SiLU, nn.Hardtanh])
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
