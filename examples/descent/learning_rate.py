"""Learning rates on a parabola: python -m examples.descent.learning_rate"""

from __future__ import annotations

from functools import partial

import numpy as np

import minigrad as mg
from examples.descent._common import descend
from examples.experiment import Run, experiment

START, STEPS = 1.0, 20
# On x^2 a step multiplies x by 1 - 2 lr.
RATES = {0.01: "too small", 0.1: "good", 0.5: "exact", 0.95: "swings", 1.05: "too large"}


def fall(lr: float) -> np.ndarray:
    """Return x after each step of descent on x^2."""
    return descend(lambda x: x**2, START, partial(mg.optim.SGD, lr=lr), STEPS)


@experiment(
    "Too small a learning rate crawls, too large a one diverges; between them there is a best one.",
    source="000, 001: choosing the learning rate",
)
def main(run: Run) -> None:
    """Twenty steps on x^2. A step multiplies x by 1 - 2 lr: nothing is left at lr 0.5, and beyond 1 it grows."""
    paths = {lr: fall(lr) for lr in RATES}
    for step in range(STEPS + 1):
        run.row(step=step, **{f"lr {lr}": path[step] for lr, path in paths.items()})

    left, right = run.axes(1, 2)
    for (lr, path), what in zip(paths.items(), RATES.values(), strict=True):
        left.plot(path, marker="o", markersize=3, label=f"{lr}, {what}")
    left.set(title="x by step", xlabel="step", ylabel="x", ylim=(-3, 6))
    left.legend(title="learning rate", fontsize=8, ncols=2, loc="upper left")
    rates = np.linspace(0.005, 1.2, 100 if run.quick else 240)
    with np.errstate(divide="ignore"):
        final = [np.log10(abs(fall(lr)[-1]) + 1e-300) for lr in rates]
    right.plot(rates, final)
    right.axhline(0, color="#999999", linewidth=1)
    right.axvline(1, color="#d1495b", linewidth=1, linestyle="--", label="beyond it, x grows")
    right.set(title="after 20 steps", xlabel="learning rate", ylabel="log10 |x|", ylim=(-35, 8))
    right.legend()

    for lr, path in paths.items():
        expected = START * (1 - 2 * lr) ** STEPS
        run.check(f"lr {lr}: x after 20 steps", path[-1], near=expected, tolerance=1e-9)
    run.check("best rate of the scan", rates[int(np.argmin(final))], near=0.5, tolerance=0.02)
    run.check(
        "smallest rate that diverges", rates[np.array(final) > 0].min(), near=1, tolerance=0.02
    )


if __name__ == "__main__":
    main()
