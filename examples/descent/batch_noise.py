"""Batch, stochastic and mini-batch descent: python -m examples.descent.batch_noise"""

from __future__ import annotations

from functools import partial

import numpy as np

import minigrad as mg
from examples.descent._common import descend
from examples.experiment import Run, experiment

START, LR, STEPS = 10.0, 0.1, 20
# A sample's gradient is the true one, times a number between these.
KINDS = {"batch": (1.0, 1.0), "stochastic": (0.5, 1.5), "mini-batch": (0.8, 1.2)}


def fall(low: float, high: float, rng: np.random.Generator) -> np.ndarray:
    """Return x after each step of noisy descent on x^2."""
    return descend(
        lambda x: rng.uniform(low, high) * x**2, START, partial(mg.optim.SGD, lr=LR), STEPS
    )


@experiment(
    "The fewer samples a gradient is the mean of, the noisier the descent; all arrive.",
    source="001: batch, stochastic and mini-batch gradient descent on x^2",
)
def main(run: Run) -> None:
    """Twenty steps on x^2 from 10 with learning rate 0.1, repeated; one x a step."""
    repeats = 50 if run.quick else 1000
    paths = {
        kind: np.array([fall(*noise, run.rng) for _ in range(1 if kind == "batch" else repeats)])
        for kind, noise in KINDS.items()
    }
    for step in range(STEPS + 1):
        run.row(step=step, **{kind: path[0, step] for kind, path in paths.items()})

    left, right = run.axes(1, 2)
    for kind, path in paths.items():
        left.plot(path[0], marker="o", markersize=3, label=kind)
        # The batch's thirty are one, and lie over the others.
        look = {"zorder": 3} if kind == "batch" else {"alpha": 0.25, "linewidth": 1}
        right.plot(np.log10(path[:30]).T, color=left.lines[-1].get_color(), **look)
    left.set(title="one descent each", xlabel="step", ylabel="x")
    left.legend()
    right.set(title="thirty descents each", xlabel="step", ylabel="log10 x")

    last = {kind: path[:, -1] for kind, path in paths.items()}
    run.check("batch: x after 20 steps", last["batch"][0], near=0.115292, tolerance=1e-6)
    for kind, low, high in (("stochastic", 0.00798, 1.2158), ("mini-batch", 0.0413, 0.3059)):
        run.check(f"{kind}: smallest last x", last[kind].min(), at_least=low)
        run.check(f"{kind}: largest last x", last[kind].max(), at_most=high)
    spread = {kind: np.log(x).std() for kind, x in last.items()}
    run.check(
        "spread of log x, stochastic / mini-batch",
        spread["stochastic"] / spread["mini-batch"],
        at_least=1.5,
    )


if __name__ == "__main__":
    main()
