"""Polynomials of low and high degree: python -m examples.overfitting.capacity"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import chebyshev

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn
from minigrad.train import fit, predict

POINTS, NOISE = 20, 1.0
TRUE = 3  # the degree of what is learnt
DEGREES = range(POINTS)


def truth(x: np.ndarray) -> np.ndarray:
    """5 + 1.2 x - 3.4 x^2 / 2! + 5.6 x^3 / 3!, on 2 x."""
    x = 2 * x
    return 5 + 1.2 * x - 3.4 * x**2 / 2 + 5.6 * x**3 / 6


def features(x: np.ndarray, degree: int) -> mg.Tensor:
    """Chebyshev's polynomials up to the degree, of mean square 1: (n, degree + 1)."""
    columns = chebyshev.chebvander(x, degree)
    columns[:, 1:] *= np.sqrt(2)
    return mg.from_numpy(columns)


def learn(x: np.ndarray, y: np.ndarray, degree: int) -> nn.Module:
    """Fit each column of y; the features are orthonormal, so that descent needs only a few steps."""
    model = nn.Linear(degree + 1, y.shape[1], bias=False, dtype=mg.float64)
    optimizer = mg.optim.SGD(
        model.parameters(), lr=0.4 * y.shape[1]
    )  # the mean is over columns too
    batch = (features(x, degree), mg.from_numpy(y))
    fit(model, nn.MSELoss(), optimizer, [batch], epochs=25, progress=False)
    return model


@experiment(
    "Too low a degree errs everywhere; too high a degree errs less on the training data and more on others.",
    source="004: model selection, underfitting and overfitting by polynomials",
)
def main(run: Run) -> None:
    """Twenty points of a cubic with noise of variance 1, learnt by polynomials of degree 0 to 19; many times over.

    At Chebyshev's points the features are orthonormal, and theory says what to expect of a polynomial that is
    able to follow the cubic and has p coefficients: 1 - p / 20 in training, 1 + p / 20 on new data."""
    repeats = 200 if run.quick else 2000
    x = np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    new = np.cos(np.pi * run.rng.uniform(size=1000))
    y = truth(x)[:, None] + run.rng.normal(0, NOISE, (POINTS, repeats))
    y_new = truth(new)[:, None] + run.rng.normal(0, NOISE, (1000, repeats))
    models = [learn(x, y, degree) for degree in DEGREES]

    def error(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        outputs = (predict(model, [features(x, k)]).numpy() for k, model in enumerate(models))
        return np.array([((o - y) ** 2).mean() for o in outputs])

    training, validation = error(x, y), error(new, y_new)
    p = np.array(DEGREES) + 1
    for k in DEGREES:
        run.row(degree=k, training=training[k], validation=validation[k])

    left, right = run.axes(1, 2, 10, 3.8)
    at = np.linspace(-1, 1, 400)
    left.plot(x, y[:, 0], "o", color="#999999", markersize=4, label="seen")
    left.plot(at, truth(at), "k:", label="true")
    for k in (1, 3, 19):
        curve = predict(models[k], [features(at, k)]).numpy()[:, 0]
        left.plot(at, curve, label=f"degree {k}", linewidth=1.3)
    left.set(xlabel="x", ylabel="y", title="one of the data sets", ylim=(-17, 17))
    left.legend(ncols=2, loc="upper left")
    right.semilogy(DEGREES, training, "o-", markersize=4, label="training")
    right.semilogy(DEGREES, validation, "o-", markersize=4, label="validation")
    right.plot(DEGREES[TRUE:-1], (1 - p / POINTS)[TRUE:-1], "k:", label="theory: 1 ± p / 20")
    right.plot(DEGREES[TRUE:], (1 + p / POINTS)[TRUE:], "k:")
    right.set(xlabel="degree", ylabel="mean squared error", ylim=(0.04, 40))
    right.set_xticks(DEGREES[::3])
    right.set_title(f"mean of {repeats}")
    right.legend()

    run.check("degree of the least validation error", validation.argmin(), near=TRUE)
    run.check("degree of the least training error", training.argmin(), near=DEGREES[-1])
    # The noise's variance is 1: an underfitting line errs by more in both.
    run.check("degree 1: training error", training[1], at_least=2)
    run.check("degree 1: validation / training error", validation[1] / training[1], at_most=1.5)
    # The mean over all repeats and points deviates by sqrt(2 / (20 repeats)), 0.02 at most.
    run.check("degree 3: training error", training[3], near=1 - 4 / POINTS, tolerance=0.08)
    run.check("degree 3: validation error", validation[3], near=1 + 4 / POINTS, tolerance=0.08)
    run.check("degree 15: training error", training[15], near=1 - 16 / POINTS, tolerance=0.08)
    run.check("degree 15: validation error", validation[15], near=1 + 16 / POINTS, tolerance=0.12)


if __name__ == "__main__":
    main()
