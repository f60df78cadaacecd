"""Initialisation and numerical stability, as tutorials show them."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as torch
from minigrad import nn


def test_weights_are_initialised_by_a_function_that_is_applied() -> None:
    net = nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 256),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, 10),
    )

    def init_weights(m: nn.Module) -> None:
        if type(m) is nn.Linear:
            nn.init.normal_(m.weight, std=0.01)

    assert net.apply(init_weights) is net
    for i in (1, 4, 7):
        weight = net[i].weight.detach().numpy()
        assert weight.std() == pytest.approx(0.01, rel=0.05)
        assert abs(weight.mean()) < 5 * 0.01 / np.sqrt(weight.size)
    assert net(torch.randn(2, 1, 28, 28)).shape == (2, 10)


def test_the_gradient_of_the_sigmoid_vanishes() -> None:
    x = torch.arange(-8.0, 8.0, 0.1, requires_grad=True)
    y = torch.sigmoid(x)
    y.backward(torch.ones_like(x))
    grad = x.grad.numpy()
    assert grad.argmax() == 80
    assert grad[80] == pytest.approx(0.25, abs=1e-6)
    assert grad[0] == pytest.approx(3.35e-4, rel=2e-3)


@pytest.mark.parametrize("seed", range(20))
def test_a_product_of_random_matrices_explodes(seed: int) -> None:
    torch.manual_seed(seed)
    M = torch.normal(0, 1, size=(4, 4))
    for _ in range(100):
        M = torch.mm(M, torch.normal(0, 1, size=(4, 4)))
    assert 20.7 - 1 <= np.log10(M.abs().max().item()) <= 28.4 + 1
