"""A deep network of equal layers, what its layers pass on, and a training on few images."""

from __future__ import annotations

from collections.abc import Callable

import minigrad as mg
from examples.experiment import Run
from minigrad import nn
from minigrad.data import DataLoader, TensorDataset
from minigrad.train import History, accuracy, fit

SAMPLES, BATCH = 2000, 50


def deep(
    width: int, depth: int, activation: Callable[[], nn.Module], init: Callable[[mg.Tensor], object]
) -> nn.Sequential:
    """Return `depth` layers width x width without bias, each followed by the activation."""
    layers: list[nn.Module] = []
    for _ in range(depth):
        linear = nn.Linear(width, width, bias=False)
        init(linear.weight)
        layers += [linear, activation()]
    return nn.Sequential(*layers)


def outputs(model: nn.Sequential, x: mg.Tensor) -> list[mg.Tensor]:
    """Return what each activation of a deep network passes on."""
    passed = []
    with mg.no_grad():
        for number, layer in enumerate(model):
            x = layer(x)
            if number % 2:
                passed.append(x)
    return passed


def few_images(run: Run) -> tuple[int, DataLoader]:
    """Return how many pixels an image has, and batches of the first images, as vectors."""
    data, _ = run.images("mnist", SAMPLES)
    inputs = data.x.flatten(1)
    return inputs.shape[1], DataLoader(TensorDataset(inputs, data.y), BATCH, shuffle=True)


def train(run: Run, model: nn.Module, loader: DataLoader, lr: float) -> History:
    return fit(
        model,
        nn.CrossEntropyLoss(),
        mg.optim.SGD(model.parameters(), lr=lr),
        loader,
        epochs=5 if run.quick else 15,
        metrics=[accuracy],
        progress=False,
    )
