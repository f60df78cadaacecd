"""Stopping when validation stops improving: python -m examples.overfitting.early_stopping"""

from __future__ import annotations

import minigrad as mg
from examples.experiment import Run, experiment
from examples.overfitting._common import draw, fashion, train, wide
from minigrad import nn
from minigrad.train import EarlyStopping

PATIENCE = 4


@experiment(
    "Early stopping ends near the best epoch and keeps its weights; training on makes it worse.",
    source="000: early stopping",
)
def main(run: Run) -> None:
    """One training to the end, and one that stops after 4 epochs without a better validation loss."""
    data = fashion(run, 1000 if run.quick else 5000, 2000 if run.quick else 10000)
    inputs, epochs = data[0].x.shape[1], 30 if run.quick else 40
    full = train(wide(inputs), data, epochs)
    mg.manual_seed(run.seed)  # the same beginning
    model = wide(inputs)
    stopped = train(model, data, epochs, early_stopping=EarlyStopping(PATIENCE))
    with mg.no_grad():
        kept = nn.functional.cross_entropy(model(data[1].x), data[1].y).item()
    for epoch, figures in enumerate(full, 1):
        run.row(epoch=epoch, **figures)

    axis = run.axes(width=6.5)
    draw(axis, full, "loss", "loss by epoch")
    best = stopped.best()
    axis.axvline(len(stopped), color="#999999", linestyle="--", linewidth=1, label="stopped")
    axis.plot(best + 1, kept, "o", color="#333333", label="weights that are kept")
    axis.legend()

    run.check("epochs until it stops", len(stopped), at_most=epochs - 1)
    run.check("epochs after the best", len(stopped) - 1 - best, near=PATIENCE)
    run.check(
        "kept loss - best of its epochs", kept - stopped["val_loss"][best], near=0, tolerance=1e-4
    )
    if run.data == "fashion-mnist":  # the digits are too easy to overfit
        run.check("last loss without stopping / kept", full["val_loss"][-1] / kept, at_least=1.05)


if __name__ == "__main__":
    main()
