"""Test inputs that are not where the training inputs were: python -m examples.shift.covariate_shift"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn
from minigrad.train import fit, predict
from minigrad.train.evaluation import Metric

NOISE = 0.25


@dataclass
class Normal:
    """Inputs from N(mean, deviation^2), and y = sin(pi x) / (pi x) with noise."""

    mean: float
    deviation: float

    def draw(self, count: int, rng: np.random.Generator) -> tuple[mg.Tensor, mg.Tensor]:
        x = rng.normal(self.mean, self.deviation, (count, 1))
        return mg.from_numpy(x), mg.from_numpy(np.sinc(x) + rng.normal(0, NOISE, x.shape))


TRAIN, TEST = Normal(1.0, 0.5), Normal(2.0, 0.25)


def powers(x: mg.Tensor) -> mg.Tensor:
    """What the logarithm of the ratio of two normal densities is linear in, about in their middle."""
    z = x - 1.5
    return mg.cat([z, z * z], 1)


def train(model: nn.Module, loss: Metric, *batch: mg.Tensor) -> nn.Module:
    steps = 600
    optimizer = mg.optim.Adam(model.parameters(), lr=1.0)
    scheduler = mg.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    fit(model, loss, optimizer, [batch], epochs=steps, scheduler=scheduler, progress=False)
    return model


def line(x: mg.Tensor, y: mg.Tensor, weight: mg.Tensor) -> nn.Module:
    """Return the line of the least weighted squared errors: the model, too simple for what is to be learnt."""
    model = nn.Linear(1, 1, dtype=mg.float64)
    return train(model, lambda outputs, y, w: (w * (outputs - y) ** 2).mean(), x, y, weight)


@experiment(
    "Where the inputs shift, training samples weighted by the ratio of densities teach what the test asks.",
    source="004: covariate shift, weighted empirical risk; Shimodaira 2000; Sugiyama et al. 2007, their example",
)
def main(run: Run) -> None:
    """A line learns sin(pi x) / (pi x) from inputs around 1, to be used around 2; no test label is seen.

    The weights are those of a logistic regression that tells test inputs from training inputs: exp of its
    output. Both inputs are normal, so the true ratio is known."""
    count = 2000 if run.quick else 10000
    (x, y), (x_test, y_test) = (part.draw(count, run.rng) for part in (TRAIN, TEST))
    where = mg.cat([mg.zeros(count, 1), mg.ones(count, 1)]).double()
    teller = nn.Linear(2, 1, dtype=mg.float64)
    train(teller, nn.BCEWithLogitsLoss(), mg.cat([powers(x), powers(x_test)]), where)
    ratio = predict(teller, [powers(x)]).exp()

    models = {
        "all alike": line(x, y, mg.ones_like(x)),
        "weighted": line(x, y, ratio),
        "trained on test data": line(x_test, y_test, mg.ones_like(x)),
    }
    risk = {
        name: ((predict(m, [x_test]) - y_test) ** 2).mean().item() for name, m in models.items()
    }
    for name, value in risk.items():
        run.row(line=name, test_error=value)

    at = np.linspace(-0.5, 3, 300)[:, None]
    left, right = run.axes(1, 2, 10, 3.8)
    some = slice(0, 300)
    left.plot(
        x.numpy()[some], y.numpy()[some], ".", color="#bbbbbb", markersize=4, label="training"
    )
    left.plot(
        x_test.numpy()[some], y_test.numpy()[some], "x", color="#e3b5bb", markersize=4, label="test"
    )
    left.plot(at, np.sinc(at), "k:", label="true")
    for name, model in models.items():
        left.plot(at, predict(model, [mg.from_numpy(at)]).numpy(), label=name)
    left.set(xlabel="x", ylabel="y", ylim=(-1.2, 2.3), title="three lines")
    left.legend(ncols=2, loc="upper right", fontsize=8)
    bins = np.linspace(-0.5, 3, 50)
    for values, weights, style, name in (
        (x, None, {"color": "#999999", "alpha": 0.4}, "training inputs"),
        (x_test, None, {"color": "C1", "alpha": 0.4}, "test inputs"),
        (
            x,
            ratio.numpy().ravel(),
            {"color": "C0", "histtype": "step", "linewidth": 1.5},
            "training inputs, weighted",
        ),
    ):
        right.hist(values.numpy().ravel(), bins, weights=weights, density=True, label=name, **style)
    right.set(
        xlabel="x", ylabel="density", ylim=(0, 2.4), title="what the weights make of the inputs"
    )
    right.legend(loc="upper left")

    # log p_test - log p_train = -6 z^2 + 10 z - 0.8, z = x - 1.5; 2,000 samples tell so to three deviations.
    slope, curvature = teller.weight.detach().numpy()[0]
    run.check("log ratio: coefficient of z", slope, near=10, tolerance=1.5)
    run.check("log ratio: coefficient of z²", curvature, near=-6, tolerance=1.9)
    plain, weighted, best = risk.values()
    run.check("test error, weighted / all alike", weighted / plain, at_most=0.5)
    # Of 10,000 samples those near 2 count: some hundred. A tenth more than the best line is allowed.
    run.check(
        "test error, weighted / trained on test data", weighted / best, at_least=0.9999, at_most=1.1
    )


if __name__ == "__main__":
    main()
