"""Six optimisers on one task: python -m examples.optimisers.six_on_mnist"""

from __future__ import annotations

from functools import partial

import numpy as np

import minigrad as mg
from examples.experiment import COLOURS, Images, Run, experiment
from minigrad import nn, train
from minigrad.data import DataLoader, TensorDataset
from minigrad.optim import SGD, Adagrad, Adam, RMSprop

HIDDEN, CLASSES, BATCH, EPOCHS = 128, 10, 32, 10
# Each with the learning rate that is usual for it.
RULES = {
    "SGD, lr 0.01": partial(SGD, lr=0.01),
    "momentum 0.9, lr 0.01": partial(SGD, lr=0.01, momentum=0.9),
    "Nesterov 0.9, lr 0.01": partial(SGD, lr=0.01, momentum=0.9, nesterov=True),
    "AdaGrad, lr 0.01": partial(Adagrad, lr=0.01),
    "RMSprop, lr 0.001": partial(RMSprop, lr=0.001),
    "Adam, lr 0.001": partial(Adam, lr=0.001),
}


def learn(rule: partial, training: Images, test: Images, epochs: int, seed: int) -> train.History:
    """Train the source's network from the same first weights, with the same batches."""
    mg.manual_seed(seed)
    model = nn.Sequential(
        nn.Flatten(),
        nn.Linear(training.x[0].numel(), HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, CLASSES),
    )
    return train.fit(
        model,
        nn.functional.cross_entropy,
        rule(model.parameters()),
        DataLoader(TensorDataset(*training), BATCH, shuffle=True),
        DataLoader(TensorDataset(*test), 1000),
        epochs=epochs,
        metrics=[train.accuracy],
        progress=False,
    )


@experiment(
    "Of six optimisers at their usual rates plain SGD is last; at the rate that momentum amounts to, it is not.",
    source="001: 784-128-10 on MNIST, Adam 0.001, batches of 32, and the table of the methods",
)
def main(run: Run) -> None:
    """One network, the same first weights and batches. Momentum 0.9 adds up ten gradients or so: 0.01 is then like
    0.1 without. Inputs are pixels / 255; once also from -1 to 1, as the source's other program has them."""
    training, test = run.images("mnist")
    epochs = EPOCHS
    if run.quick:
        training, test, epochs = training.first(6000), test.first(2000), 3
    if run.data == "digits":  # they are few
        epochs *= 10
    centred = [Images(2 * part.x - 1, part.y) for part in (training, test)]
    runs = {name: (rule, (training, test)) for name, rule in RULES.items()}
    runs["SGD, lr 0.1"] = (partial(SGD, lr=0.1), (training, test))
    runs["Adam, inputs -1 to 1"] = (RULES["Adam, lr 0.001"], centred)
    left, right = run.axes(1, 2, height=3.8)
    loss, accuracy = {}, {}
    for name, (rule, data) in runs.items():
        history = learn(rule, *data, epochs, run.seed)
        loss[name], accuracy[name] = history["train_loss"][-1], history["val_accuracy"][-1]
        like = {"SGD, lr 0.1": 0, "Adam, inputs -1 to 1": 5}.get(name)  # its colour, dotted
        look = (
            {"color": COLOURS[len(loss) - 1]}
            if like is None
            else {"color": COLOURS[like], "ls": ":"}
        )
        for axis, figure, scale in ((left, "train_loss", 1), (right, "val_accuracy", 100)):
            values = scale * np.array(history[figure])
            axis.plot(range(1, epochs + 1), values, marker="o", markersize=3, label=name, **look)
        for epoch, row in enumerate(history, 1):
            run.row(optimiser=name, epoch=epoch, **row)
    left.set(title="training loss", xlabel="epoch", ylabel="cross-entropy", yscale="log")
    right.set(title="test accuracy", xlabel="epoch", ylabel="% of the test images")
    run.figure.legend(*right.get_legend_handles_labels(), loc="outside right center", fontsize=8)
    for axis in (left, right):
        axis.set_xticks(range(1, epochs + 1))

    sgd, momentum, adam = "SGD, lr 0.01", "momentum 0.9, lr 0.01", "Adam, lr 0.001"
    others = max(loss[name] for name in RULES if name != sgd)
    run.check("training loss, SGD / the largest of the other five", loss[sgd] / others, at_least=1)
    for name in ("SGD, lr 0.1", adam):
        apart = accuracy[name] - accuracy[momentum]
        run.check(f"accuracy, {name} - momentum", apart, near=0, tolerance=0.02)
    if run.data == "mnist" and not run.quick:
        for name in (adam, "Adam, inputs -1 to 1"):
            run.check(f"{name}: accuracy", accuracy[name], at_least=0.965, at_most=0.985)


if __name__ == "__main__":
    main()
