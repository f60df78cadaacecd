"""LeNet on MNIST: python -m examples.beyond.lenet_mnist"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.beyond._common import SIDE, enlarged, train, weights
from examples.experiment import Run, experiment
from minigrad import nn

EPOCHS, CLASSES = 5, 10
ROWS, COLUMNS = 4, 7  # of the mistakes drawn


def lenet() -> nn.Sequential:
    """LeCun's network of 1998, with ReLU and the largest of four in place of its sigmoids and means."""
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),  # (6, 14, 14)
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),  # (16, 5, 5)
        *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU()),
        *(nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, CLASSES)),
    )


def dense() -> nn.Sequential:
    """The fully connected network of the source."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(SIDE * SIDE, 128), nn.ReLU(), nn.Linear(128, CLASSES)
    )


@experiment(
    "LeNet reads 99 % of MNIST: with fewer weights than the fully connected network, half of its mistakes.",
    source="LeCun et al. 1998, Gradient-based learning; 001: 784-128-10 on MNIST",
)
def main(run: Run) -> None:
    """Five epochs each, the learning rate in one cycle. A convolution uses the same few weights all over the image:
    what it has learnt of a stroke here, it knows of one there."""
    training, test = map(enlarged, run.images("mnist"))
    epochs = EPOCHS
    if run.quick:
        training, test, epochs = training.first(10_000), test.first(2000), 2
    if run.data == "digits":  # they are few
        epochs *= 10
    models = {"fully connected": dense(), "LeNet": lenet()}
    axes = run.axes(1, 2, height=3.8)
    wrong = {}
    for name, model in models.items():
        history = train(model, training, test, epochs)
        wrong[name] = 1 - history["val_accuracy"][-1]
        errors = 100 * (1 - np.array(history["val_accuracy"]))
        label = f"{name}, {weights(model):,} weights"
        axes[0].plot(range(1, epochs + 1), errors, marker="o", markersize=3, label=label)
        for epoch, row in enumerate(history, 1):
            run.row(network=name, epoch=epoch, **row)
    axes[0].set(title="mistakes", xlabel="epoch", ylabel="% of the test images", ylim=(0, None))
    axes[0].set_xticks(range(1, epochs + 1))
    axes[0].legend()

    with mg.no_grad():
        said = models["LeNet"].eval()(test.x).argmax(1).numpy()
    truth = test.y.numpy()
    mistakes = np.flatnonzero(said != truth)[: ROWS * COLUMNS]
    axes[1].set_title("what LeNet still gets wrong: true → said")
    axes[1].axis("off")
    for place, i in enumerate(mistakes):
        row, column = divmod(place, COLUMNS)
        cell = axes[1].inset_axes([column / COLUMNS, 1 - (row + 1) / ROWS, 0.9 / COLUMNS, 0.21])
        cell.imshow(test.x[i, 0], cmap="gray_r")
        cell.set_title(f"{truth[i]} → {said[i]}", fontsize=7, loc="center", pad=1)
        cell.axis("off")

    run.check(
        "weights, LeNet / fully connected",
        weights(models["LeNet"]) / weights(models["fully connected"]),
        at_most=1,
    )
    ratio = wrong["LeNet"] / wrong["fully connected"]
    run.check(
        "mistakes, LeNet / fully connected",
        ratio,
        at_most=0.5 if run.data == "mnist" and not run.quick else 1,
    )
    if run.data == "mnist" and not run.quick:
        run.check("LeNet: share read right", 1 - wrong["LeNet"], at_least=0.99)


if __name__ == "__main__":
    main()
