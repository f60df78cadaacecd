"""Dropout and weight decay, from the library and from scratch, as tutorials write them."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as torch
from minigrad import nn

# ---- dropout -------------------------------------------------------------------------------------


def test_dropout_keeps_some_and_scales_them() -> None:
    x = torch.tensor([[1, 2, 3, 1, 2, 3, 1, 2, 3, 1]], dtype=torch.float32)
    kept = 0
    for _ in range(200):
        y = nn.Dropout(0.7)(x)
        assert y.shape == (1, 10)
        ratio = (y / x).numpy()
        assert np.all((ratio == 0) | np.isclose(ratio, 1 / 0.3))
        kept += int(sum(sum(y != 0)))
    assert kept / 2000 == pytest.approx(0.3, abs=0.05)


def test_the_gradient_of_a_dropped_feature_is_zero() -> None:
    x = torch.tensor([[1, 2, 3, 1, 2, 3, 1, 2, 3, 1]], dtype=torch.float32)
    w = torch.tensor([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]], dtype=torch.float32, requires_grad=True)
    dropped = nn.Dropout(0.5)(x)
    out = dropped * w
    out.sum().backward()
    mask = (dropped != 0).numpy()
    assert 0 < mask.sum() < 10
    np.testing.assert_array_equal(w.grad.numpy(), x.numpy() * mask / 0.5)


def test_dropout_by_hand() -> None:
    layer = torch.ops.dropout.Dropout(0.5, seed=1, stream=0)
    x = np.arange(1, 13, dtype=np.float32).reshape(3, 4)
    y = layer.forward(x)
    mask = y != 0
    np.testing.assert_array_equal(y, np.where(mask, x / 0.5, 0))
    dout = np.full_like(x, 3)
    np.testing.assert_array_equal(layer.backward(dout), np.where(mask, 6, 0))


def dropout_layer(X: torch.Tensor, dropout: float) -> torch.Tensor:
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros_like(X)
    if dropout == 0:
        return X
    mask = (torch.rand(X.shape) > dropout).float()
    return mask * X / (1.0 - dropout)


def test_dropout_from_scratch() -> None:
    X = torch.arange(16, dtype=torch.float32).reshape((2, 8))
    assert dropout_layer(X, 0.0) is X
    assert not dropout_layer(X, 1.0).any()
    half = dropout_layer(X, 0.5)
    assert ((half == 0) | (half == 2 * X)).all()
    with pytest.raises(AssertionError):
        dropout_layer(X, 1.5)
    X = torch.ones(100_000)
    assert dropout_layer(X, 0.5).mean().item() == pytest.approx(1, abs=0.02)


class Net(nn.Module):
    def __init__(self, num_inputs: int, num_outputs: int, hidden1: int, hidden2: int) -> None:
        super().__init__()
        self.num_inputs = num_inputs
        self.lin1 = nn.Linear(num_inputs, hidden1)
        self.lin2 = nn.Linear(hidden1, hidden2)
        self.lin3 = nn.Linear(hidden2, num_outputs)
        self.relu = nn.ReLU()

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        H1 = self.relu(self.lin1(X.reshape((-1, self.num_inputs))))
        if self.training is True:
            H1 = dropout_layer(H1, 0.2)
        H2 = self.relu(self.lin2(H1))
        if self.training is True:
            H2 = dropout_layer(H2, 0.5)
        return self.lin3(H2)


def test_a_network_drops_in_training_only() -> None:
    net = Net(784, 10, 256, 256)
    X = torch.randn(4, 1, 28, 28)
    assert not torch.equal(net(X), net(X))
    net.eval()
    assert torch.equal(net(X), net(X))
    assert net(X).shape == (4, 10)


# ---- weight decay --------------------------------------------------------------------------------


def l2_penalty(w: torch.Tensor) -> torch.Tensor:
    return torch.sum(w.pow(2)) / 2


def test_the_penalty_in_the_loss_is_the_weight_decay_of_the_optimiser() -> None:
    lambd, lr = 3.0, 0.003
    X, y = torch.randn(20, 200), torch.randn(20, 1)

    def train(penalty: float, decay: float) -> tuple[np.ndarray, np.ndarray]:
        torch.manual_seed(1)
        net = nn.Sequential(nn.Linear(200, 1))
        trainer = torch.optim.SGD(
            [{"params": net[0].weight, "weight_decay": decay}, {"params": net[0].bias}], lr=lr
        )
        for _ in range(50):
            # A loss a sample: the penalty is broadcast to each of them.
            loss = nn.MSELoss(reduction="none")(net(X), y) + penalty * l2_penalty(net[0].weight)
            trainer.zero_grad()
            loss.mean().backward()
            trainer.step()
        return net[0].weight.detach().numpy(), net[0].bias.detach().numpy()

    (w1, b1), (w2, b2), (w3, _) = train(lambd, 0), train(0, lambd), train(0, 0)
    np.testing.assert_allclose(w1, w2, atol=1e-6)
    np.testing.assert_allclose(b1, b2, atol=1e-6)
    assert np.linalg.norm(w1) < np.linalg.norm(w3)


def test_groups_decay_the_weight_and_leave_the_bias() -> None:
    net = nn.Sequential(nn.Linear(3, 2))
    nn.init.ones_(net[0].weight)
    nn.init.ones_(net[0].bias)
    trainer = torch.optim.SGD(
        [{"params": net[0].weight, "weight_decay": 0.5}, {"params": net[0].bias}], lr=0.1
    )
    for p in net.parameters():
        p.grad = torch.zeros_like(p)
    trainer.step()
    np.testing.assert_allclose(net[0].weight.detach().numpy(), 0.95, rtol=1e-6)
    np.testing.assert_array_equal(net[0].bias.detach().numpy(), 1)
