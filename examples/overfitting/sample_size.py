"""More images to learn from: python -m examples.overfitting.sample_size"""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import ShuffleSplit, learning_curve

from examples.experiment import Run, experiment
from examples.overfitting._common import fashion
from minigrad.sklearn import NetClassifier


@experiment(
    "The more data, the smaller the gap between training and validation.",
    source="000, 003: too few data as a cause of overfitting; 004: the number of training samples",
)
def main(run: Run) -> None:
    """scikit-learn's learning curve of a 784-100-10 network on Fashion-MNIST: as many epochs for every size."""
    pool, _ = fashion(run, 60000, 0)
    sizes = [50, 150, 500, 1500] if run.quick else [50, 150, 500, 1500, 5000, 15000]
    sizes = [size for size in sizes if 2 * size <= len(pool.x)]
    rows = run.rng.permutation(len(pool.x))[: sizes[-1] + 2000]
    sizes, training, validation = learning_curve(
        NetClassifier([100], epochs=20, batch_size=50, random_state=run.seed),
        pool.x.numpy()[rows],
        pool.y.numpy()[rows],
        train_sizes=sizes,
        cv=ShuffleSplit(
            3, train_size=sizes[-1], test_size=len(rows) - sizes[-1], random_state=run.seed
        ),
    )
    for i, size in enumerate(sizes):
        run.row(images=size, training=training[i].mean(), validation=validation[i].mean())

    axis = run.axes(width=6.5, height=3.8)
    for name, values in (("training", training), ("validation", validation)):
        axis.plot(sizes, values.mean(1), "o-", label=name)
        axis.fill_between(sizes, values.min(1), values.max(1), alpha=0.2)
    axis.set(xscale="log", xlabel="training images", ylabel="accuracy, least to greatest of three")
    axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axis.minorticks_off()
    axis.set_title("accuracy by number of images")
    axis.legend(loc="lower right")

    gaps = (training - validation).mean(1)
    steps = np.diff(validation.mean(1))
    run.check("gap, most / fewest images", gaps[-1] / gaps[0], at_most=0.75)
    # 3 x 2,000 images tell 0.7 apart by 0.006.
    run.check("least gain in validation accuracy, size to size", steps.min(), at_least=-0.01)
    run.check(
        "validation accuracy, most - fewest images", np.ptp(validation.mean(1)), at_least=0.05
    )


if __name__ == "__main__":
    main()
