"""Rare classes, and giving them weight: python -m examples.data.imbalance"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.data._common import Data, vectors
from examples.experiment import Run, experiment
from minigrad import nn
from minigrad.data import DataLoader, TensorDataset, WeightedRandomSampler
from minigrad.train import fit, predict

COMMON, RARE = 400, 10  # images a class: of 0 to 4, and of 5 to 9


def make_rare(data: Data) -> Data:
    """Return COMMON images of each of the first five classes, RARE of each of the others."""
    x, y = data
    rows = [np.flatnonzero(y == c)[: COMMON if c < 5 else RARE] for c in range(10)]
    rows = np.concatenate(rows)
    return x[rows], y[rows]


def recalls(run: Run, data: Data, test: Data, kind: str) -> np.ndarray:
    """Train, and return what part of each class is recognised."""
    mg.manual_seed(run.seed)  # the same beginning for all
    x, y = map(mg.from_numpy, data)
    counts = np.bincount(data[1], minlength=10)
    weights = mg.tensor(len(y) / (10 * np.maximum(counts, 1))).float()
    dataset = TensorDataset(x, y)
    loss, loader = nn.CrossEntropyLoss(), DataLoader(dataset, 50, shuffle=True)
    if kind == "weighted loss":
        loss = nn.CrossEntropyLoss(weight=weights)
    elif kind == "drawn more often":
        sampler = WeightedRandomSampler(weights[y].tolist(), len(y))
        loader = DataLoader(dataset, 50, sampler=sampler)
    model = nn.Linear(x.shape[1], 10)
    optimizer = mg.optim.Adam(model.parameters())
    fit(model, loss, optimizer, loader, epochs=5 if run.quick else 10, progress=False)
    right = predict(model, [mg.from_numpy(test[0])]).argmax(1).numpy() == test[1]
    return np.array([right[test[1] == c].mean() for c in range(10)])


@experiment(
    "With rare classes accuracy flatters, for they are missed; weighing or drawing them more recovers most.",
    source="003: unbalanced training data as a cause of overfitting",
)
def main(run: Run) -> None:
    """Softmax regression on MNIST with 400 images each of 0 to 4 and 10 each of 5 to 9.

    A class's weight is one over its share of the images: in the loss, or in how often it is drawn."""
    pool, test = vectors(run, 20000, 10000)
    data = make_rare(pool)
    counts = np.bincount(data[1], minlength=10)
    kinds = ("all alike", "weighted loss", "drawn more often")
    recall = {kind: recalls(run, data, test, kind) for kind in kinds}
    for c in range(10):
        run.row(digit=c, images=counts[c], **{kind: values[c] for kind, values in recall.items()})

    axis = run.axes(width=9, height=3.8)
    for i, (kind, values) in enumerate(recall.items()):
        axis.bar(np.arange(10) + 0.27 * (i - 1), values, 0.27, label=kind)
    axis.set_xticks(range(10), [f"{c}\n{count}" for c, count in enumerate(counts)])
    axis.set(
        xlabel="digit, and how many training images it has", ylabel="recognised, of the test images"
    )
    axis.set_ylim(0, 1.2)
    axis.set_yticks(np.linspace(0, 1, 6))
    axis.legend(ncols=3, loc="upper center")

    plain = recall["all alike"]
    # On test images as unequal as the training images, and on as many of each class.
    flattering = (plain * counts).sum() / counts.sum()
    run.check(
        "all alike: accuracy if tested likewise - balanced", flattering - plain.mean(), at_least=0.1
    )
    for kind in kinds[1:]:
        gain = recall[kind] - plain
        run.check(f"{kind}: rare classes recognised, gain", gain[5:].mean(), at_least=0.1)
        run.check(f"{kind}: balanced accuracy, gain", gain.mean(), at_least=0.03)


if __name__ == "__main__":
    main()
