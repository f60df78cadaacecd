"""Leaving a saddle point: python -m examples.descent.saddle"""

from __future__ import annotations

from functools import partial

import numpy as np

import minigrad as mg
from examples.descent._common import descend
from examples.experiment import Run, experiment

LR, MOMENTUM, NOISE, STEPS = 0.1, 0.9, 1e-2, 250
SGD = partial(mg.optim.SGD, lr=LR)
# Beside the ridge y = 0, from which all falls away, and on it.
STARTS = {"beside the ridge": (1.5, 1e-6), "on the ridge": (1.5, 0.0)}


def height(x: mg.Tensor) -> mg.Tensor:
    """A saddle at (0, 0), of height 0; minima at (0, ±1), of height -1/4."""
    return (x[0] ** 2 - x[1] ** 2) / 2 + x[1] ** 4 / 4


def left_at(path: np.ndarray) -> int:
    """Return the step at which the descent is half-way down from the saddle; STEPS if it never is."""
    x, y = path.T
    below = (x**2 - y**2) / 2 + y**4 / 4 < -1 / 8
    return int(below.argmax()) if below.any() else STEPS


@experiment(
    "Plain descent stalls at a saddle; momentum leaves it sooner, and noise even from the ridge.",
    source="000: saddle points, and the inertia of momentum",
)
def main(run: Run) -> None:
    """Descent on (x² - y²)/2 + y⁴/4 from a point next to the ridge y = 0, and from one on it.

    Near the saddle a step multiplies y by 1 + lr, with momentum by 1.32. Where y is 0, so is its gradient: what
    the source says of momentum does not hold there. Noise is all that helps."""

    def noisy(x: mg.Tensor) -> mg.Tensor:
        return height(x) + NOISE * (mg.tensor(run.rng.standard_normal(2)) * x).sum()

    ways = {
        "plain": (height, SGD),
        "momentum": (height, partial(SGD, momentum=MOMENTUM)),
        "noise": (noisy, SGD),
    }
    axes = run.axes(1, 2)
    left = {}
    for axis, (where, start) in zip(axes, STARTS.items(), strict=True):
        for way, (loss, optimizer) in ways.items():
            path = descend(loss, start, optimizer, STEPS)
            left[where, way] = left_at(path)
            axis.plot(abs(path[:, 1]), label=way)
            for step, (x, y) in enumerate(path):
                run.row(start=where, way=way, step=step, x=x, y=y)
            if way == "plain" and start[1]:
                run.check(
                    "plain: growth of y a step", path[50, 1] / path[49, 1], near=1.1, tolerance=1e-3
                )
                run.check("plain: |x| after 100 steps", abs(path[100, 0]), at_most=1e-4)
        axis.set_yscale("symlog", linthresh=1e-7)
        axis.set(
            title=f"start {where}, y = {start[1]:g}",
            xlabel="step",
            ylabel="distance |y| from the ridge",
        )
        axis.axhline(1, color="#999999", linewidth=1, linestyle=":")
        axis.text(STEPS, 1, "minimum", ha="right", va="bottom", color="#777777", fontsize=8)
    axes[0].legend()
    axes[1].text(STEPS, 0, "plain, momentum", ha="right", va="bottom", fontsize=8)

    plain, momentum, noise = (left["beside the ridge", way] for way in ways)
    run.check("beside the ridge: plain leaves at step", plain, near=140, tolerance=15)
    run.check("  momentum, steps of plain", momentum / plain, at_most=0.5)
    run.check("  noise, steps of plain", noise / plain, at_most=0.8)
    for way in ("plain", "momentum"):
        run.check(f"on the ridge: {way} leaves at step", left["on the ridge", way], near=STEPS)
    run.check("  noise leaves at step", left["on the ridge", "noise"], at_most=120)


if __name__ == "__main__":
    main()
