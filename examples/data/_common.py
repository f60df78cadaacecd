"""Images as vectors, in arrays, as scikit-learn takes them."""

from __future__ import annotations

import numpy as np

from examples.experiment import Run

Data = tuple[np.ndarray, np.ndarray]


def vectors(run: Run, train: int, test: int, name: str = "mnist") -> tuple[Data, Data]:
    """Return that many training images, drawn by the run's seed, and the first test images: (x, y) each."""
    (x, y), (x_test, y_test) = (
        (part.x.flatten(1).numpy(), part.y.numpy()) for part in run.images(name)
    )
    drawn = run.rng.permutation(len(x))[:train]
    return (x[drawn], y[drawn]), (x_test[:test], y_test[:test])
