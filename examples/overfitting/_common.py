"""Few images and a wide network, which learns them by heart; and the drawing of its histories."""

from __future__ import annotations

from typing import Any

import minigrad as mg
from examples.experiment import Images, Run
from minigrad import nn
from minigrad.train import History, accuracy, fit

BATCH, LR = 50, 1e-3


def fashion(run: Run, train: int, validation: int) -> tuple[Images, Images]:
    """Return that many Fashion-MNIST images to learn from and to judge by, as vectors."""
    parts = run.images("fashion-mnist", max(train, validation))
    return tuple(
        Images(part.x.flatten(1), part.y).first(count)
        for part, count in zip(parts, (train, validation), strict=True)
    )


def wide(inputs: int, p: float = 0.0) -> nn.Sequential:
    """Return the network of the source: Dropout-inputs-1000-ReLU-Dropout-10."""
    return nn.Sequential(
        nn.Dropout(p), nn.Linear(inputs, 1000), nn.ReLU(), nn.Dropout(p), nn.Linear(1000, 10)
    )


def train(model: nn.Module, data: tuple[Images, Images], epochs: int, **options: Any) -> History:
    """Train with Adam; `options` are those of `fit`, a scheduler made by a function of the optimizer."""
    optimizer = mg.optim.Adam(model.parameters(), lr=LR)
    loaders = [
        mg.data.DataLoader(mg.data.TensorDataset(*part), batch, shuffle=batch == BATCH)
        for part, batch in zip(data, (BATCH, 2000), strict=True)
    ]
    if "scheduler" in options:
        options["scheduler"] = options["scheduler"](optimizer)
    return fit(
        model,
        nn.CrossEntropyLoss(),
        optimizer,
        *loaders,
        epochs=epochs,
        metrics=[accuracy],
        progress=False,
        **options,
    )


def gap(history: History, epochs: int = 3) -> float:
    """Return the validation loss less the training loss, the mean of the last epochs."""
    train, validation = (history[name][-epochs:] for name in ("train_loss", "val_loss"))
    return (sum(validation) - sum(train)) / epochs


def draw(axis: Any, history: History, name: str, title: str) -> None:
    """Draw a quantity of training and of validation by epoch."""
    for part, label in (("train", "training"), ("val", "validation")):
        axis.plot(range(1, len(history) + 1), history[f"{part}_{name}"], label=label)
    axis.set(title=title, xlabel="epoch", ylabel=name)
    axis.legend()
