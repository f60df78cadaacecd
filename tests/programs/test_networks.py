"""Networks as tutorials write them, trained: a sigmoid net that cannot reach its targets, and MNIST."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import minigrad as torch
from minigrad import nn, optim
from minigrad.data import DataLoader, datasets, transforms


class MyNet(nn.Module):
    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.hide1 = nn.Sequential(nn.Linear(input_size, 2), nn.Sigmoid())
        self.hide2 = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid())
        self.hide3 = nn.Sequential(nn.Linear(2, 12), nn.Sigmoid())
        self.out = nn.Sequential(nn.Linear(12, output_size), nn.Sigmoid())

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        x = self.hide1(input)
        x = self.hide2(x)
        x = self.hide3(x)
        return self.out(x)


@pytest.mark.parametrize("seed", range(5))
def test_the_loss_falls_as_far_as_a_sigmoid_reaches(seed: int) -> None:
    torch.manual_seed(seed)
    inputs = torch.tensor([[0.5, 0.10], [0.05, 0.180], [0.05, 0.310]])
    targets = torch.tensor([[1, 2], [0, 3], [1, 123]], dtype=torch.float32)
    net = MyNet(2, 2)
    loss_func = nn.MSELoss()
    optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.6)
    assert net.hide1[0].weight.grad is None
    losses = []
    for _ in range(100):
        loss = loss_func(net(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    # With outputs of 1 the squares are 0, 1, 1, 4, 0 and 122^2; the first column's best is a mean.
    assert losses[0] == pytest.approx(2500, abs=25)
    assert losses[-1] == pytest.approx(2481.7, abs=0.5)
    assert min(losses) > 2481.5
    assert np.all(np.diff(losses) < 0)


class SimpleNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.fc1(x))
        return self.fc2(x)


@pytest.mark.parametrize(
    ("epochs", "transform", "least"),
    [
        (3, transforms.ToTensor(), 0.96),
        (
            10,
            transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))]),
            0.965,
        ),
    ],
    ids=["divided by 255", "normalised, all ten epochs"],
)
def test_mnist(epochs: int, transform: object, least: float, data_dir: Path) -> None:
    train, test = (
        datasets.MNIST(root=data_dir, train=train, transform=transform) for train in (True, False)
    )
    torch.manual_seed(0)
    model = SimpleNN()
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    criterion = nn.CrossEntropyLoss()
    for _ in range(epochs):
        for x_train, y_train in DataLoader(train, batch_size=32, shuffle=True):
            x_train = x_train.view(x_train.size(0), -1)
            optimizer.zero_grad()
            outputs = model(x_train)
            loss = criterion(outputs, y_train)
            loss.backward()
            optimizer.step()

    right = 0
    model.eval()
    with torch.no_grad():
        for x, y in DataLoader(test, batch_size=1000):
            right += (model(x.flatten(1)).argmax(1) == y).sum().item()
    assert least <= right / len(test) <= 0.985
