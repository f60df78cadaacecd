"""Dropout on Fashion-MNIST: python -m examples.overfitting.dropout_fashion"""

from __future__ import annotations

from examples.experiment import Run, experiment
from examples.overfitting._common import draw, fashion, gap, train, wide


@experiment(
    "With Dropout the gap between training and validation is smaller.",
    source="003: Dropout(0.5)-784-1000-ReLU-Dropout(0.5)-10 on Fashion-MNIST",
)
def main(run: Run) -> None:
    """The network with and without Dropout(0.5), Adam 0.001, on few images, so that it learns them by heart."""
    data = fashion(run, 1000 if run.quick else 5000, 2000 if run.quick else 10000)
    axes = run.axes(1, 2)
    gaps, best = {}, {}
    for axis, p in zip(axes, (0.0, 0.5), strict=True):
        history = train(wide(data[0].x.shape[1], p), data, epochs=15 if run.quick else 25)
        name = f"Dropout({p})" if p else "without Dropout"
        draw(axis, history, "loss", name)
        gaps[p], best[p] = gap(history), max(history["val_accuracy"])
        for epoch, figures in enumerate(history, 1):
            run.row(dropout=p, epoch=epoch, **figures)
    top = max(axis.get_ylim()[1] for axis in axes)
    for axis in axes:
        axis.set_ylim(0, top)

    run.check("gap with / without Dropout", gaps[0.5] / gaps[0.0], at_most=0.6)
    if run.data == "fashion-mnist":  # on the few digits it slows the learning down
        run.check("best validation accuracy, with - without", best[0.5] - best[0.0], at_least=-0.02)


if __name__ == "__main__":
    main()
