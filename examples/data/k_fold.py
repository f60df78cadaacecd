"""Five folds against a single split: python -m examples.data.k_fold"""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import cross_val_score

from examples.data._common import vectors
from examples.experiment import Run, experiment
from minigrad.sklearn import NetClassifier

SAMPLES, FOLDS = 200, 5


@experiment(
    "Where data are scarce, the mean over K folds estimates the accuracy better than a single split.",
    source="004: K-fold cross-validation",
)
def main(run: Run) -> None:
    """Many sets of 200 MNIST images; each estimates how well a network trained on it will do.

    The single split is the first of the five folds: 160 images to learn from and 40 to judge by. What is
    estimated is the accuracy of a network trained on all 200, on 5,000 other images."""
    repeats = 20 if run.quick else 80
    (x, y), _ = vectors(run, 60000, 0)
    net = NetClassifier([32], epochs=10, batch_size=20, random_state=run.seed)
    folds, truth = np.empty((repeats, FOLDS)), np.empty(repeats)
    for i in range(repeats):
        order = run.rng.permutation(len(x))[: SAMPLES + 5000]
        part, others = order[:SAMPLES], order[SAMPLES:]
        folds[i] = cross_val_score(net, x[part], y[part], cv=FOLDS)
        truth[i] = net.fit(x[part], y[part]).score(x[others], y[others])
        run.row(true=truth[i], **{f"fold_{k + 1}": value for k, value in enumerate(folds[i])})

    single, mean = folds[:, 0], folds.mean(1)
    left, right = run.axes(1, 2, 10, 3.8)
    some = np.arange(12)
    left.plot(some, single[:12], "o", color="C1", label="single split")
    left.plot(some, mean[:12], "o", color="C0", label="mean of five folds")
    left.plot(some, truth[:12], "_", color="#333333", markersize=14, label="true")
    left.set(xlabel="set of 200 images", ylabel="accuracy", xticks=some, ylim=(0.55, 1.05))
    left.set_yticks(np.linspace(0.6, 1, 5))
    left.set_title("twelve of the sets")
    left.legend(ncols=3, loc="upper center")
    bins = np.linspace(-0.2, 0.2, 21)
    errors = {"single split": single - truth, "mean of five folds": mean - truth}
    for (name, error), colour in zip(errors.items(), ("C1", "C0"), strict=True):
        label = f"{name}: {error.mean():+.3f} ± {error.std():.3f}"
        right.hist(error, bins, alpha=0.7, color=colour, label=label)
    right.set(xlabel="estimated - true accuracy", ylabel="sets")
    right.set_ylim(top=right.get_ylim()[1] * 1.3)
    right.set_title(f"all {repeats} sets")
    right.yaxis.get_major_locator().set_params(integer=True)
    right.legend(loc="upper center")

    p = truth.mean()
    binomial = np.sqrt(p * (1 - p) / (SAMPLES / FOLDS))
    # That of 40 coins; the sets, and not only the images to judge by, differ too.
    run.check(
        "spread of the single split / binomial", single.std() / binomial, at_least=0.6, at_most=1.6
    )
    # Networks of the folds have seen a fifth less: they do a little worse than what is estimated.
    run.check("mean error of the folds", (mean - truth).mean(), at_least=-0.06, at_most=0.01)
    if run.data == "mnist":
        # Were the folds independent, the ratio would be 1 / sqrt(5) = 0.45; were they all alike, 1.
        ratio = errors["mean of five folds"].std() / errors["single split"].std()
        run.check("spread of the error, folds / single split", ratio, at_most=0.75)


if __name__ == "__main__":
    main()
