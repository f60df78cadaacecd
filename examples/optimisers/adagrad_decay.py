"""AdaGrad's steps shrink, RMSprop's do not: python -m examples.optimisers.adagrad_decay"""

from __future__ import annotations

from functools import partial

import numpy as np

import minigrad as mg
from examples.descent._common import descend
from examples.experiment import Run, experiment
from minigrad.optim import Adagrad, RMSprop

LR, STEPS, COPIES = 0.1, 1000, 100
RULES = {"AdaGrad": partial(Adagrad, lr=LR), "RMSprop": partial(RMSprop, lr=LR, alpha=0.9)}


@experiment(
    "AdaGrad's steps shrink like 1/√t: it gives up on a long slope, and settles where RMSprop only trembles.",
    source="000: AdaGrad's rate decays too far, RMSProp's remedy",
)
def main(run: Run) -> None:
    """On a slope of gradient 1 AdaGrad's step t is lr/√t, RMSprop's soon lr. The source has this as AdaGrad's flaw
    alone; near a minimum with noisy gradients it is what is wanted, and what RMSprop needs a schedule for."""

    def slope(x: mg.Tensor) -> mg.Tensor:
        return -x

    def noisy(x: mg.Tensor) -> mg.Tensor:
        noise = mg.tensor(run.rng.standard_normal(COPIES))
        return (x**2 + noise * x).sum()

    on_slope = {name: descend(slope, 0.0, rule, STEPS) for name, rule in RULES.items()}
    at_minimum = {name: descend(noisy, [1.0] * COPIES, rule, STEPS) for name, rule in RULES.items()}
    distance = {name: np.sqrt((path**2).mean(1)) for name, path in at_minimum.items()}

    left, right = run.axes(1, 2)
    for name in RULES:
        left.loglog(range(1, STEPS + 1), np.diff(on_slope[name]), label=name)
        right.loglog(range(1, STEPS + 1), distance[name][1:], label=name)
        for step in range(1, STEPS + 1):
            x, off = on_slope[name][step], distance[name][step]
            run.row(rule=name, step=step, x_on_slope=x, distance_with_noise=off)
    left.set(title="on a slope", xlabel="step", ylabel="length of the step", ylim=(1e-3, 1))
    left.legend()
    right.set(
        title=f"on x², noisy gradients, {COPIES} descents",
        xlabel="step",
        ylabel="root mean square of x",
        ylim=(1e-2, 2),
    )

    for step in (100, 1000):
        length = on_slope["AdaGrad"][step] - on_slope["AdaGrad"][step - 1]
        run.check(f"slope: AdaGrad's step {step}", length, near=LR / np.sqrt(step), tolerance=1e-6)
        length = on_slope["RMSprop"][step] - on_slope["RMSprop"][step - 1]
        run.check(f"slope: RMSprop's step {step}", length, near=LR, tolerance=1e-4)
    run.check(
        "slope: AdaGrad gets to",
        on_slope["AdaGrad"][-1],
        near=2 * LR * np.sqrt(STEPS),
        tolerance=0.2,
    )
    run.check("slope: RMSprop gets to", on_slope["RMSprop"][-1], at_least=0.99 * LR * STEPS)
    ratio = distance["RMSprop"][-1] / distance["AdaGrad"][-1]
    run.check("noise: distance from 0, RMSprop / AdaGrad", ratio, at_least=2)


if __name__ == "__main__":
    main()
