"""What experiments share: a training in one cycle, and images of one size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

import minigrad as mg
from examples.experiment import Images
from minigrad import nn
from minigrad.data import DataLoader, TensorDataset
from minigrad.optim.lr_scheduler import OneCycleLR
from minigrad.train import History, accuracy, fit

SIDE, BATCH, LR = 28, 64, 4e-3


def enlarged(images: Images) -> Images:
    """Return images of 28 x 28; scikit-learn's digits, of 8 x 8, grow by a factor of three and get a margin of two."""
    if images.x.shape[-1] == SIDE:
        return images
    thrice = np.kron(images.x.numpy(), np.ones((3, 3), np.float32))
    return Images(mg.tensor(np.pad(thrice, ((0, 0), (0, 0), (2, 2), (2, 2)))), images.y)


def train(
    model: nn.Module,
    training: Sequence[mg.Tensor],
    test: Sequence[mg.Tensor],
    epochs: int,
    *,
    loss: Callable[..., mg.Tensor] = nn.functional.cross_entropy,
    metrics: Sequence[Callable[..., float]] = (accuracy,),
    batch: int = BATCH,
    lr: float = LR,
) -> History:
    """Train with Adam on inputs and targets; in one cycle the learning rate rises to lr and falls to almost nothing."""
    loader = DataLoader(TensorDataset(*training), batch, shuffle=True)
    optimizer = mg.optim.Adam(model.parameters(), lr=lr)
    return fit(
        model,
        loss,
        optimizer,
        loader,
        DataLoader(TensorDataset(*test), 1000),
        epochs=epochs,
        metrics=metrics,
        scheduler=OneCycleLR(optimizer, lr, epochs=epochs, steps_per_epoch=len(loader)),
        scheduler_interval="batch",
        progress=False,
    )


def weights(model: nn.Module) -> int:
    """Return how many numbers the model learns."""
    return sum(p.numel() for p in model.parameters())
