"""Dropout as an ensemble of thinned networks: python -m examples.overfitting.dropout_ensemble"""

from __future__ import annotations

import itertools

import numpy as np

import minigrad as mg
from examples.experiment import Images, Run, experiment
from examples.overfitting._common import fashion, train, wide
from minigrad import nn
from minigrad.train import predict

P = 0.5


def thinned(model: nn.Module, x: mg.Tensor, count: int) -> np.ndarray:
    """Return what `count` networks say, each with units dropped at random: (count, images, classes)."""
    model.train()
    with mg.no_grad():
        return np.array([model(x).softmax(1).numpy() for _ in range(count)])


def all_subnetworks(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return what a softmax layer of ten inputs says with Dropout in eval mode, for 100 random inputs, and the
    normalised geometric mean of what it says with each of the 2^10 masks: (100, 5) each."""
    layer = nn.Sequential(nn.Dropout(P), nn.Linear(10, 5)).double()
    x = mg.tensor(rng.normal(size=(100, 10)))
    masks = mg.tensor(list(itertools.product((0.0, 1 / (1 - P)), repeat=10))).double()
    with mg.no_grad():
        each = layer[1](x.unsqueeze(0) * masks.unsqueeze(1)).log_softmax(2)
        mean = each.mean(0).softmax(1).numpy()
    return predict(layer, [x]).softmax(1).numpy(), mean


@experiment(
    "In one pass, eval mode comes close to the mean of a hundred networks thinned by Dropout.",
    source="000, 004: Dropout; Srivastava et al., Dropout, 2014; Goodfellow et al., Deep Learning, 7.12",
)
def main(run: Run) -> None:
    """A Dropout(0.5) network on few images of Fashion-MNIST; then its units stay droppable, and answers are averaged.

    Right: for one softmax layer the agreement is exact: eval mode is the geometric mean of all networks."""
    data, test = fashion(run, 1000 if run.quick else 5000, 2000)
    model = wide(data.x.shape[1], P)
    train(model, (data, Images(test.x[:100], test.y[:100])), epochs=15 if run.quick else 25)
    labels = test.y.numpy()
    whole = (predict(model, [test.x]).argmax(1).numpy() == labels).mean()
    said = thinned(model, test.x, 100)
    counts = [1, 2, 3, 5, 10, 20, 50, 100]
    # The mean of each `count` that follow one another, where there are several such.
    means = {
        n: [(said[i : i + n].mean(0).argmax(1) == labels).mean() for i in range(0, 100 - n + 1, n)]
        for n in counts
    }
    single, all_of_them = np.mean(means[1]), means[100][0]
    for n, values in means.items():
        run.row(networks=n, accuracy=np.mean(values), least=min(values), greatest=max(values))
    evaluated, geometric = all_subnetworks(run.rng)

    left, right = run.axes(1, 2, 10, 3.8)
    left.plot(counts, [np.mean(means[n]) for n in counts], "o-", label="mean of thinned networks")
    left.fill_between(counts, *([f(means[n]) for n in counts] for f in (min, max)), alpha=0.2)
    left.axhline(whole, color="C1", linestyle="--", label="the whole network, eval mode")
    left.set(xscale="log", xlabel="thinned networks", ylabel="test accuracy", title="Fashion-MNIST")
    left.set_xticks(counts, counts)
    left.minorticks_off()
    left.legend(loc="lower right")
    right.plot([0, 1], [0, 1], color="#999999", linewidth=1)
    right.plot(geometric, evaluated, ".", color="C0", markersize=4)
    right.set(xlabel="geometric mean of all 1,024 thinned networks", ylabel="eval mode")
    right.set_title("class probabilities of a softmax layer")

    # 2,000 images: the difference of two such answers deviates by about 0.005.
    run.check("one thinned network: accuracy below the whole", whole - single, at_least=0.01)
    run.check("mean of 100 - the whole", all_of_them - whole, near=0, tolerance=0.015)
    run.check("mean of 100 - one", all_of_them - single, at_least=0.01)
    run.check(
        "one layer: greatest difference", abs(evaluated - geometric).max(), near=0, tolerance=1e-12
    )


if __name__ == "__main__":
    main()
