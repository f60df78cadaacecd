"""Adam's bias correction: python -m examples.optimisers.bias_correction"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

import minigrad as mg
from examples.descent._common import descend
from examples.experiment import Run, experiment
from minigrad.optim import Adam

LR, BETAS, STEPS = 0.1, (0.9, 0.999), 100


class Uncorrected(Adam):
    """Adam without the bias correction: its own step times (1 - beta1^t) / sqrt(1 - beta2^t)."""

    t = 0

    def step(self, closure: Callable[[], mg.Tensor] | None = None) -> None:
        self.t += 1
        self.param_groups[0]["lr"] = LR * (1 - BETAS[0] ** self.t) / np.sqrt(1 - BETAS[1] ** self.t)
        super().step(closure)


RULES = {"corrected": partial(Adam, lr=LR), "not corrected": partial(Uncorrected, lr=LR)}


@experiment(
    "Without bias correction Adam's first steps are three to seven times too long.",
    source="001: Adam's formula; 002: bias correction",
)
def main(run: Run) -> None:
    """Both averages start at 0 and are too small at first, the squares' for longer. On a slope the corrected step is
    lr from the first; the uncorrected one is lr (1 - 0.9^t) / sqrt(1 - 0.999^t), largest at t = 12 or so."""
    slopes = {name: descend(lambda x: -x, 0.0, rule, STEPS) for name, rule in RULES.items()}
    paths = {name: descend(lambda x: x**2, 1.0, rule, STEPS) for name, rule in RULES.items()}
    left, right = run.axes(1, 2)
    for name in RULES:
        left.plot(range(1, STEPS + 1), np.diff(slopes[name]) / LR, label=name)
        right.plot(paths[name], label=name)
    for step in range(STEPS + 1):
        run.row(step=step, **{name: path[step] for name, path in paths.items()})
    left.set(title="on a slope", xlabel="step", ylabel="length of the step / lr", ylim=(0, None))
    left.legend()
    right.axhline(0, color="#999999", linewidth=1)
    right.set(title="on x² from 1", xlabel="step", ylabel="x")

    length = {name: np.diff(path) / LR for name, path in slopes.items()}
    first = (1 - BETAS[0]) / np.sqrt(1 - BETAS[1])
    run.check(
        "corrected: longest step on the slope / lr",
        length["corrected"].max(),
        near=1,
        tolerance=1e-6,
    )
    run.check(
        "not corrected: first step / lr", length["not corrected"][0], near=first, tolerance=1e-5
    )
    t = np.arange(1, STEPS + 1)
    longest = ((1 - BETAS[0] ** t) / np.sqrt(1 - BETAS[1] ** t)).max()
    run.check(
        "not corrected: longest step / lr",
        length["not corrected"].max(),
        near=round(longest, 4),
        tolerance=1e-3,
    )
    past = [-path.min() for path in (paths["not corrected"], paths["corrected"])]
    run.check("x²: how far past 0, not corrected / corrected", past[0] / past[1], at_least=1)


if __name__ == "__main__":
    main()
