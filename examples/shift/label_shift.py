"""Classes that are more frequent than they were: python -m examples.shift.label_shift"""

from __future__ import annotations

import numpy as np
from sklearn.metrics import confusion_matrix

from examples.experiment import Run, experiment
from minigrad.sklearn import NetClassifier

TRAIN, VALIDATION = 500, 5000


def drawn(y: np.ndarray, shares: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the places of about `count` images, of which each class has its share."""
    return np.concatenate(
        [
            rng.choice(np.flatnonzero(y == c), round(share * count), replace=False)
            for c, share in enumerate(shares)
        ]
    )


def solved(net: NetClassifier, x: np.ndarray, y: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the shares q of the classes where only predictions are known: C q = shares of the predictions.

    C[i, j], by labelled data of any shares, is how often what is j is called i."""
    confusion = confusion_matrix(y, net.predict(x), normalize="true").T
    shares = np.linalg.solve(confusion, np.bincount(predicted, minlength=10) / len(predicted))
    shares = np.maximum(shares, 0)
    return shares / shares.sum()


@experiment(
    "Solving with the confusion matrix tells how frequent the classes have become; weighing by it helps.",
    source="004: label shift; Lipton, Wang, Smola, Detecting and Correcting for Label Shift, 2018",
)
def main(run: Run) -> None:
    """Softmax regression on 500 MNIST images; in the test, each class is 0.65 times as frequent as the last.

    No test label is used: the predictions are counted, and the confusion matrix of 5,000 labelled training images
    undoes what the network confuses. Then it is trained again, each image weighted by its class's share in
    the test over that in training."""
    (x, y), (x_test, y_test) = (
        (part.x.flatten(1).numpy(), part.y.numpy()) for part in run.images("mnist")
    )
    order = run.rng.permutation(len(x))
    train, validation = order[:TRAIN], order[TRAIN : TRAIN + VALIDATION]
    shares = run.rng.permutation(0.65 ** np.arange(10))
    shares /= shares.sum()
    most = (np.bincount(y_test, minlength=10) / shares).min()  # images that the test set can give
    rows = drawn(y_test, shares, int(most), run.rng)
    x_test, y_test = x_test[rows], y_test[rows]

    net = NetClassifier([], epochs=60, batch_size=50, random_state=run.seed).fit(x[train], y[train])
    before = net.score(x_test, y_test)
    predicted = net.predict(x_test)
    counted = np.bincount(predicted, minlength=10) / len(predicted)
    found = solved(net, x[validation], y[validation], predicted)
    was = np.bincount(y[train], minlength=10) / TRAIN
    after = net.fit(x[train], y[train], sample_weight=(found / was)[y[train]]).score(x_test, y_test)
    for c in range(10):
        run.row(digit=c, training=was[c], test=shares[c], counted=counted[c], solved=found[c])

    left, right = run.axes(1, 2, 10, 3.6)
    bars = {"in the test": shares, "counted predictions": counted, "solved": found}
    for i, ((name, values), colour) in enumerate(
        zip(bars.items(), ("#5c6b73", "C1", "C0"), strict=True)
    ):
        left.bar(np.arange(10) + 0.27 * (i - 1), values, 0.27, color=colour, label=name)
    left.plot(range(10), was, "_", color="k", markersize=20, label="in training")
    left.set(xlabel="digit", ylabel="share of the images", xticks=range(10))
    left.set_title("how frequent each class is")
    left.set_ylim(0, 1.35 * shares.max())
    left.legend(ncols=2, loc="upper center")
    right.bar(["as trained", "trained again,\nweighted"], [before, after], 0.5, color=["C1", "C0"])
    right.set(ylabel="accuracy in the test", ylim=(0, 1), title="without a label of the test")
    for i, value in enumerate((before, after)):
        right.annotate(f"{value:.3f}", (i, value), (0, 4), textcoords="offset points", ha="center")

    # Sums over the classes of |error|.
    off = {name: abs(values - shares).sum() for name, values in bars.items()}
    shift = abs(was - shares).sum()
    run.check("error of the shares, solved / those in training", off["solved"] / shift, at_most=0.3)
    if run.data == "mnist":
        # A share of 0.1 of 3,000 images is itself only known to 0.005; the solving makes that about twice as much.
        run.check("error of the shares, solved", off["solved"], at_most=0.1)
        ratio = off["solved"] / off["counted predictions"]
        run.check("error of the shares, solved / counted", ratio, at_most=0.75)
        run.check("accuracy, weighted - as trained", after - before, at_least=0)


if __name__ == "__main__":
    main()
