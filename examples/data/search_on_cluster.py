"""One search, serial, in processes, on a cluster: python -m examples.data.search_on_cluster"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV

from examples.data._common import vectors
from examples.experiment import Run, experiment
from minigrad.sklearn import NetClassifier

try:
    from dask.distributed import Client, LocalCluster
except ImportError:
    LocalCluster = None

GRID = {"net": [[16], [64]], "lr": [1e-4, 1e-3, 1e-2], "weight_decay": [0.0, 1e-3]}
FOLDS = 3


@contextmanager
def dask_cluster() -> Iterator[None]:
    """Two processes here; anywhere else, Client("tcp://scheduler:8786") takes LocalCluster's place."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        parallel_config("dask"),
    ):
        yield


def places() -> dict[str, Callable[[], Any]]:
    """Return where a search can run: what makes the context of each."""
    found: dict[str, Callable[[], Any]] = {
        "serial": partial(parallel_config, "sequential"),
        "processes": partial(parallel_config, "loky", n_jobs=2),
    }
    if LocalCluster is None:
        print(
            "dask.distributed is not installed: pip install minigrad[examples]. "
            "Going on without the cluster.",
            file=sys.stderr,
        )
    else:
        found["cluster"] = dask_cluster
    return found


def judged(net: NetClassifier, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Return a candidate's accuracy on a fold, and the process that it was trained in."""
    return {"accuracy": net.score(x, y), "process": os.getpid()}


@experiment(
    "A search over processes or a cluster gives the very scores of the serial one.",
    source="scikit-learn and joblib: parallel_config; minigrad.sklearn",
)
def main(run: Run) -> None:
    """A grid of twelve candidates, three folds each, on MNIST; every network carries its own random state.

    The one line that differs is joblib's parallel_config: its own processes (loky), or those of a dask cluster."""
    (x, y), _ = vectors(run, 600 if run.quick else 3000, 0)
    net = NetClassifier(epochs=5, batch_size=50, random_state=run.seed)
    scores, processes, seconds = {}, {}, {}
    for name, place in places().items():
        begun = time.perf_counter()
        with place():
            search = GridSearchCV(net, GRID, scoring=judged, cv=FOLDS, refit=False).fit(x, y)
        seconds[name] = time.perf_counter() - begun
        found = search.cv_results_
        scores[name] = found["mean_test_accuracy"]
        processes[name] = {p for k in range(FOLDS) for p in found[f"split{k}_test_process"]}
    for i, candidate in enumerate(found["params"]):
        run.row(**candidate, **{name: values[i] for name, values in scores.items()})

    left, right = run.axes(1, 2, 10, 3.6)
    order = np.argsort(scores["serial"])
    for (name, values), marker, size in zip(scores.items(), "osx", (10, 6, 5), strict=False):
        left.plot(values[order], marker, markersize=size, markerfacecolor="none", label=name)
    left.set(
        xlabel="candidates, the worst first", ylabel="accuracy, mean of three folds", xticks=[]
    )
    left.set_title("one lies on the other")
    left.legend(loc="lower right")
    right.barh(list(seconds), list(seconds.values()), color=["C0", "C1", "C2"][: len(seconds)])
    right.invert_yaxis()
    right.set(xlabel="seconds, with the start of the processes", title="how long it took")

    run.check("deviation of the candidates' scores", scores["serial"].std(), at_least=0.01)
    for name in list(scores)[1:]:
        off = abs(scores[name] - scores["serial"]).max()
        run.check(f"{name}: greatest difference from serial", off, near=0)
        others = len(processes[name] - processes["serial"])
        run.check(f"{name}: other processes that took part", others, at_least=1, at_most=2)


if __name__ == "__main__":
    main()
