"""Inputs as they come, scaled, and standardised: python -m examples.data.scaled_inputs"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.data._common import vectors
from examples.experiment import Run, experiment
from minigrad import nn
from minigrad.data import DataLoader, TensorDataset
from minigrad.data.transforms import Standardize
from minigrad.train import accuracy, evaluate, fit

RATES = np.logspace(-8, 1, 10)


def accuracy_on(model: nn.Module, x: mg.Tensor, y: mg.Tensor) -> float:
    loader = DataLoader(TensorDataset(x, y), 5000)
    return evaluate(model, nn.CrossEntropyLoss(), loader, [accuracy])["accuracy"]


def train(x: mg.Tensor, y: mg.Tensor, lr: float, epochs: int) -> nn.Module:
    mg.manual_seed(0)  # the same beginning for all
    model = nn.Sequential(nn.Linear(x.shape[1], 100), nn.ReLU(), nn.Linear(100, 10))
    loader = DataLoader(TensorDataset(x, y), 50, shuffle=True)
    optimizer = mg.optim.SGD(model.parameters(), lr)
    fit(model, nn.CrossEntropyLoss(), optimizer, loader, epochs=epochs, progress=False)
    return model


@experiment(
    "Raw inputs want a learning rate hundreds of times smaller, and standardised ones learn best.",
    source="003: standardise the data; a high learning rate is bad with scaled and unscaled data alike",
)
def main(run: Run) -> None:
    """784-100-10 on Fashion-MNIST by SGD, at ten learning rates: pixels as bytes, in [0, 1], and standardised.

    Right: the statistics are those of the training images. Test images that come one class at a time,
    standardised by their own statistics, lose just what tells them from the other classes."""
    (x, y), (x_test, y_test) = vectors(run, 2000 if run.quick else 10000, 5000, "fashion-mnist")
    x, y, x_test, y_test = map(mg.from_numpy, (x, y, x_test, y_test))
    standardize = Standardize.fit(x)
    scalings = {
        "bytes, 0 to 255": (x * 255, x_test * 255),
        "scaled to [0, 1]": (x, x_test),
        "standardised": (standardize.batch(x), standardize.batch(x_test)),
    }
    results, models = {}, {}
    for name, (x_scaled, x_test_scaled) in scalings.items():
        models[name] = [train(x_scaled, y, lr, 3) for lr in RATES]
        results[name] = np.array([accuracy_on(m, x_test_scaled, y_test) for m in models[name]])
        for lr, value in zip(RATES, results[name], strict=True):
            run.row(inputs=name, lr=lr, accuracy=value)

    model = models["standardised"][results["standardised"].argmax()]
    groups = [x_test[y_test == c] for c in range(10)]
    by_class = {
        "the training images": [standardize.batch(group) for group in groups],
        "the group itself": [Standardize.fit(group).batch(group) for group in groups],
    }
    by_class = {
        name: [accuracy_on(model, g, mg.full((len(g),), c)) for c, g in enumerate(parts)]
        for name, parts in by_class.items()
    }

    left, right = run.axes(1, 2, 10, 3.8)
    for name, values in results.items():
        left.plot(RATES, values, marker="o", markersize=4, label=name)
    left.set(xscale="log", xlabel="learning rate", ylabel="test accuracy", ylim=(0, 1.02))
    left.set_title("three epochs at each learning rate")
    left.legend(loc="upper left")
    for shift, (name, values) in zip((-0.2, 0.2), by_class.items(), strict=True):
        right.bar(np.arange(10) + shift, values, 0.4, label=name)
    right.set(xlabel="class of the group", ylabel="test accuracy", xticks=range(10), ylim=(0, 1.25))
    right.set_title("one class at a time, standardised by the statistics of ...")
    right.set_yticks(np.linspace(0, 1, 6))
    right.legend(loc="upper center", ncols=2)

    best = {name: values.max() for name, values in results.items()}
    rate = {name: RATES[values.argmax()] for name, values in results.items()}
    raw, scaled, standard = scalings
    # The curvature in the first weights goes with the square of the inputs, 255^2 = 65,025, in the others not; here
    # a hundred at least, to half a step of the grid.
    run.check("best learning rate, scaled / bytes", rate[scaled] / rate[raw], at_least=30)
    run.check("best accuracy, standardised - bytes", best[standard] - best[raw], at_least=0)
    run.check("best accuracy, standardised - scaled", best[standard] - best[scaled], at_least=0)
    run.check(
        "bytes, at the best rate of scaled", results[raw][rate[scaled] == RATES][0], at_most=0.3
    )
    run.check("all, at the greatest rate", max(v[-1] for v in results.values()), at_most=0.5)
    theirs, own = map(np.mean, by_class.values())
    run.check("mean over classes, training's statistics - own", theirs - own, at_least=0.2)


if __name__ == "__main__":
    main()
