"""Getting out of a shallow minimum: python -m examples.descent.local_minimum"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import minigrad as mg
from examples.descent._common import descend
from examples.experiment import COLOURS, Run, experiment

START, LR, STEPS, TILT = -2.0, 0.02, 800, 0.2
PASS = -0.209  # beyond it lies the deep valley
MOMENTA = [0, 0.8, 0.9]
NOISES = [0, 1, 2, 3, 4, 6, 8]
SGD = partial(mg.optim.SGD, lr=LR)


def curve(x: Any) -> Any:
    """Two valleys: a shallow one at -0.88, a deep one at 1.09."""
    return x**4 / 4 - x**2 / 2 - TILT * x


@experiment(
    "Plain descent stays in the first minimum it meets; enough momentum or noise gets out of a shallow one.",
    source="000: local minima, and stochastic descent jumps out of them",
)
def main(run: Run) -> None:
    """Descent on x⁴/4 - x²/2 - x/5 from -2: the shallow valley comes first. Strong noise throws a descent
    out of the deep valley as well."""
    repeats = 50 if run.quick else 300

    def wander(noise: float) -> np.ndarray:
        """Return the paths of `repeats` descents whose gradients have normal noise."""

        def loss(x: mg.Tensor) -> mg.Tensor:
            return curve(x).sum() + noise * (mg.tensor(run.rng.standard_normal(repeats)) * x).sum()

        return descend(loss, [START] * repeats, SGD, STEPS)

    rolling = {m: descend(curve, START, partial(SGD, momentum=m), STEPS) for m in MOMENTA}
    noisy = {noise: wander(noise) for noise in NOISES}
    share = {noise: (path[-1] > PASS).mean() for noise, path in noisy.items()}
    for noise in NOISES:
        run.row(noise=noise, share_in_the_deep_valley=share[noise])
    for m in MOMENTA:
        run.row(momentum=m, last_x=rolling[m][-1])

    left, right = run.axes(1, 2)
    out = noisy[4][:, (noisy[4][-1] > PASS).argmax()]
    paths = {"plain": rolling[0], "momentum 0.9": rolling[0.9], "noise 4, one that gets out": out}
    for way, path in reversed(paths.items()):
        left.plot(path, color=COLOURS[list(paths).index(way)], label=way)
    for x, what in ((-0.879, "shallow minimum"), (PASS, "pass"), (1.088, "deep minimum")):
        left.axhline(x, color="#999999", linewidth=1, linestyle=":")
        left.text(STEPS + 20, x, what, va="bottom", color="#555555", fontsize=8)
    left.set(title="one descent each", xlabel="step", ylabel="x", ylim=(-2.1, 2.9))
    left.set(xlim=(-20, 1.4 * STEPS), xticks=range(0, STEPS + 1, 200))
    left.legend(loc="upper left", ncols=2, fontsize=8)
    right.plot(NOISES, list(share.values()), marker="o", color=COLOURS[2])
    right.axhline(0.5, color="#999999", linewidth=1, linestyle=":")
    right.set(
        title=f"in the deep valley after {STEPS} steps",
        xlabel="standard deviation of the gradient's noise",
        ylabel=f"share of {repeats} descents",
        ylim=(-0.03, 1.03),
    )

    run.check("plain: last x", rolling[0][-1], near=-0.8789, tolerance=1e-4)
    run.check("momentum 0.8: last x", rolling[0.8][-1], near=-0.8789, tolerance=1e-4)
    run.check("momentum 0.9: last x", rolling[0.9][-1], near=1.0880, tolerance=1e-4)
    run.check("noise 1: share that gets out", share[1], at_most=0.05)
    run.check("noise 4: share that gets out", share[4], at_least=0.6)
    run.check("noise 8: share that gets out", share[8], at_most=share[4])


if __name__ == "__main__":
    main()
