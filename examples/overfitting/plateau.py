"""Halving the learning rate on a plateau: python -m examples.overfitting.plateau"""

from __future__ import annotations

import minigrad as mg
from examples.experiment import Run, experiment
from examples.overfitting._common import LR, draw, fashion, train, wide
from minigrad.optim.lr_scheduler import ReduceLROnPlateau

EPOCHS, LEAST = 30, 1e-5
# The learning rates that the source's scheduler tells, one after another.
TOLD = [5e-4, 2.5e-4, 1.25e-4, 6.25e-5, 3.125e-5, 1.5625e-5, LEAST]


def plateau(optimizer: mg.optim.Optimizer) -> ReduceLROnPlateau:
    """As the source has it: half the rate after any epoch that improves by less than 0.001."""
    return ReduceLROnPlateau(
        optimizer, factor=0.5, patience=0, threshold=0.001, threshold_mode="abs", min_lr=LEAST
    )


@experiment(
    "A learning rate that halves on every plateau keeps a long training from overfitting badly.",
    source="003: ReduceLROnPlateau(factor=0.5, patience=0, threshold=0.001, min_lr=1e-5), 30 epochs",
)
def main(run: Run) -> None:
    """Thirty epochs of 784-1000-ReLU-10 on few images of Fashion-MNIST, with the scheduler and without."""
    data = fashion(run, 1000 if run.quick else 5000, 2000 if run.quick else 10000)
    inputs = data[0].x.shape[1]
    fixed = train(wide(inputs), data, EPOCHS)
    scheduled = train(wide(inputs), data, EPOCHS, scheduler=plateau)
    for epoch, (one, other) in enumerate(zip(fixed, scheduled, strict=True), 1):
        run.row(epoch=epoch, **one, **{f"scheduled_{name}": v for name, v in other.items()})

    loss, accuracy, rate = run.axes(1, 3, 11)
    draw(loss, scheduled, "loss", "loss, scheduled")
    loss.plot(range(1, EPOCHS + 1), fixed["val_loss"], ":", label="validation, fixed rate")
    loss.legend()
    draw(accuracy, scheduled, "accuracy", "accuracy, scheduled")
    rate.step(range(1, EPOCHS + 1), scheduled["lr"], where="post")
    rate.set(title="learning rate", xlabel="epoch", yscale="log")

    rises = {
        name: history["val_loss"][-1] / min(history["val_loss"])
        for name, history in (("fixed", fixed), ("scheduled", scheduled))
    }
    run.check("first learning rate", scheduled["lr"][0], near=LR)
    rates = list(dict.fromkeys(scheduled["lr"]))[1:]
    run.check("times that it falls", len(rates), near=len(TOLD))
    apart = max(abs(ours - theirs) for ours, theirs in zip(rates, TOLD, strict=False))
    run.check("  learning rates, from the source's", apart, near=0, tolerance=1e-12)
    run.check("last validation loss / least, scheduled", rises["scheduled"], at_most=1.05)
    if run.data == "fashion-mnist":  # the digits are too easy to overfit
        run.check("last validation loss / least, fixed rate", rises["fixed"], at_least=1.05)


if __name__ == "__main__":
    main()
