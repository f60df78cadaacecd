"""Random search in ranges that narrow, against a grid: python -m examples.data.random_search"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, PredefinedSplit, RandomizedSearchCV

from examples.data._common import vectors
from examples.experiment import Run, experiment
from minigrad.sklearn import NetClassifier

RANGES = {"lr": (1e-5, 10.0), "weight_decay": (1e-8, 1.0)}
ROUNDS, KEPT = 3, 0.25


def trials(search: Any) -> np.ndarray:
    """Return the trials of a search: learning rate, weight decay, validation accuracy (trials, 3)."""
    results = search.cv_results_
    columns = [results["param_lr"], results["param_weight_decay"], results["mean_test_score"]]
    return np.array(columns, float).T


def narrowed(tried: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return the ranges that hold the best of the trials, and twice as far: the best may lie between two."""
    best = tried[np.argsort(-tried[:, 2])][: max(3, round(KEPT * len(tried)))]
    return {name: (best[:, i].min() / 2, best[:, i].max() * 2) for i, name in enumerate(RANGES)}


@experiment(
    "Random samples from ranges that narrow, in short runs, soon are nearly all good; a grid's mostly are not.",
    source="002: ranges, random sampling, few epochs, narrowing; on validation data",
)
def main(run: Run) -> None:
    """Learning rate and weight decay of a 784-100-10 network by SGD on 500 MNIST images; 500 others validate.

    Three rounds of random trials, each in the ranges of the last round's best quarter, against one grid of as
    many trials. The best of both are then trained for longer, and judged by the test images."""
    per_round, epochs = (16, 5) if run.quick else (27, 10)
    (x, y), test = vectors(run, 1000, 10000)
    split = PredefinedSplit(np.repeat([-1, 0], [500, 500]))
    net = NetClassifier([100], optimizer="sgd", epochs=epochs, batch_size=25, random_state=run.seed)
    rounds, ranges = [], [RANGES]
    for number in range(ROUNDS):
        search = RandomizedSearchCV(
            net,
            {name: loguniform(*ends) for name, ends in ranges[-1].items()},
            n_iter=per_round,
            cv=split,
            refit=False,
            random_state=1000 * run.seed + number,
        )
        rounds.append(trials(search.fit(x, y)))
        ranges.append(narrowed(rounds[-1]))
    side = round(np.sqrt(ROUNDS * per_round))
    values = {name: np.geomspace(*ends, side).tolist() for name, ends in RANGES.items()}
    grid = trials(GridSearchCV(net, values, cv=split, refit=False).fit(x, y))
    for name, tried in {
        **{f"round {i + 1}": r for i, r in enumerate(rounds)},
        "grid": grid,
    }.items():
        for lr, weight_decay, score in tried:
            run.row(search=name, lr=lr, weight_decay=weight_decay, accuracy=score)

    left, right = run.axes(1, 2, 10, 4)
    for number, (tried, ends) in enumerate(zip(rounds, ranges, strict=False)):
        points = left.scatter(
            *tried.T[:2], c=tried[:, 2], vmin=0, vmax=1, s=30, marker="os^"[number]
        )
        (a, b), (c, d) = ends.values()
        left.plot([a, b, b, a, a], [c, c, d, d, c], color=f"C{number}", label=f"round {number + 1}")
        right.plot(
            np.sort(tried[:, 2])[::-1],
            "o-",
            markersize=3,
            color=f"C{number}",
            label=f"round {number + 1}",
        )
    left.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="weight decay")
    left.set_title("where each round draws from")
    left.set_ylim(bottom=1e-10)
    left.legend(loc="lower center", ncols=3)
    run.figure.colorbar(points, ax=left, label="validation accuracy")
    right.plot(
        np.linspace(0, per_round - 1, len(grid)),
        np.sort(grid[:, 2])[::-1],
        "k:",
        label=f"grid of {side} x {side}",
    )
    right.set(xlabel="trials, best first", ylabel="validation accuracy", ylim=(0, 1.15), xticks=[])
    right.set_yticks(np.linspace(0, 1, 6))
    right.set_title("what the trials came to")
    right.legend(loc="upper center", ncols=4, columnspacing=1, handlelength=1.4, fontsize=8)

    run.check(
        "median accuracy, last round - first",
        np.median(rounds[-1][:, 2]) - np.median(rounds[0][:, 2]),
        at_least=0.2,
    )
    good = [(tried[:, 2] > grid[:, 2].max() - 0.1).mean() for tried in (rounds[-1], grid)]
    run.check(
        "share of trials within 0.1 of the best, last round - grid", good[0] - good[1], at_least=0.3
    )
    tests = {}
    for name, tried in (("random", np.concatenate(rounds)), ("grid", grid)):
        lr, weight_decay, _ = tried[tried[:, 2].argmax()]
        best = clone(net).set_params(lr=lr, weight_decay=weight_decay, epochs=30)
        tests[name] = best.fit(x[:500], y[:500]).score(*test)
    # 500 images tell accuracies of 0.85 apart by 0.016; two of that.
    run.check(
        "test accuracy of the best, random - grid", tests["random"] - tests["grid"], at_least=-0.03
    )


if __name__ == "__main__":
    main()
