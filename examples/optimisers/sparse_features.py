"""Rare features: python -m examples.optimisers.sparse_features"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn
from minigrad.optim import SGD, Adagrad

FEATURES, BATCH, STEPS = 10, 32, 400
FREQUENCY = 0.5 ** np.arange(1, FEATURES + 1)  # feature k is 1 in one sample of 2^k, else 0
RATES = [0.05, 0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5]
RARE = slice(-3, None)


def learn(rule: type, lr: float, batches: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the weights' errors after each step of least squares, (steps, features)."""
    model = nn.Linear(FEATURES, 1, bias=False)
    nn.init.zeros_(model.weight)
    optimizer = rule(model.parameters(), lr=lr)
    errors = []
    for batch in batches:
        optimizer.zero_grad()
        target = (batch @ truth)[:, None]
        nn.functional.mse_loss(model(mg.tensor(batch)), mg.tensor(target)).backward()
        optimizer.step()
        errors.append(abs(model.weight.detach().numpy()[0] - truth))
    return np.array(errors)


@experiment(
    "AdaGrad learns the weights of rare features long before SGD does, whatever SGD's learning rate.",
    source="000: AdaGrad suits sparse data",
)
def main(run: Run) -> None:
    """Least squares with ten features that are 1 in half of the samples, a quarter, ... 1/1024, and weights of ±1.
    The features that are always there limit SGD's rate; AdaGrad's step for a rare feature is long when it comes.
    Each with the best of nine learning rates."""
    truth = run.rng.choice([-1.0, 1.0], FEATURES).astype(np.float32)
    batches = (run.rng.random((STEPS, BATCH, FEATURES)) < FREQUENCY).astype(np.float32)
    rules = {"SGD": SGD, "AdaGrad": Adagrad}
    errors = {}
    with np.errstate(all="ignore"):  # SGD diverges at the largest
        for name, rule in rules.items():
            tried = {lr: learn(rule, lr, batches, truth) for lr in RATES}
            means = {lr: np.nan_to_num(error[-1].mean(), nan=np.inf) for lr, error in tried.items()}
            best = min(means, key=means.__getitem__)
            errors[name, best] = tried[best]
            for lr, mean in means.items():
                run.row(rule=name, lr=lr, mean_error=mean, rarest=tried[lr][-1, -1])

    left, right = run.axes(1, 2)
    half = {}
    for (name, lr), error in errors.items():
        left.plot(FREQUENCY, error[-1], marker="o", label=f"{name}, lr {lr:g}")
        rare = error[:, RARE].mean(1)
        right.plot(rare, label=f"{name}, lr {lr:g}")
        half[name] = int((rare < 0.25).argmax()) if rare.min() < 0.25 else STEPS
        run.check(
            f"{name}, lr {lr:g}: error of the four most frequent", error[-1, :4].max(), at_most=0.05
        )
    left.set(
        title=f"after {STEPS} steps",
        xlabel="frequency of the feature",
        ylabel="error of its weight",
        xscale="log",
    )
    left.legend()
    right.set(title="the three rarest", xlabel="step", ylabel="mean error", ylim=(0, None))

    # A step at rate lr takes 2 lr p off the error of a feature of frequency p, and lr is stable up to the inverse of
    # the largest eigenvalue of the features' second moments.
    p = FREQUENCY.astype(float)
    stable = 1 / np.linalg.eigvalsh(np.diag(p - p**2) + np.outer(p, p)).max()
    left_over = np.exp(-2 * stable * STEPS * p[RARE]).mean()
    sgd, adagrad = (error[-1, RARE].mean() for error in errors.values())
    run.check("SGD: error of the three rarest", sgd, at_least=round(left_over / 2, 4))
    run.check("AdaGrad: error of the three rarest", adagrad, at_most=round(left_over / 2, 4))
    run.check("steps until that is 1/4, AdaGrad / SGD", half["AdaGrad"] / half["SGD"], at_most=0.5)


if __name__ == "__main__":
    main()
