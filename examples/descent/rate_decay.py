"""Learning rates that stay, and one that falls: python -m examples.descent.rate_decay"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad.optim.lr_scheduler import LambdaLR

START, NOISE = 10.0, 1.0
# What the learning rate of step t = 0, 1, ... is.
RATES: dict[str, Callable[[int], float]] = {
    "0.5": lambda t: 0.5,
    "0.05": lambda t: 0.05,
    "1 / step": lambda t: 1 / (t + 1),
}


def distance(
    rate: Callable[[int], float], steps: int, copies: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the root mean square of x, over copies, after each step of noisy descent on x^2 / 2."""
    x = mg.full((copies,), START, dtype=mg.float64, requires_grad=True)
    optimizer = mg.optim.SGD([x], lr=1.0)
    scheduler = LambdaLR(optimizer, rate)
    found = []
    for _ in range(steps):
        optimizer.zero_grad()
        noise = mg.tensor(rng.normal(0, NOISE, copies))
        (x**2 / 2 + noise * x).sum().backward()  # the gradient of each: x + noise
        optimizer.step()
        scheduler.step()
        found.append(np.sqrt((x.detach().numpy() ** 2).mean()))
    return np.array(found)


@experiment(
    "With noisy gradients a constant learning rate never settles; one that falls arrives.",
    source="000, 003: the learning rate must change in training; Robbins, Monro, 1951",
)
def main(run: Run) -> None:
    """Descent on x^2 / 2 from 10, each gradient with noise of deviation 1; two thousand times over.

    A constant rate a ends in a cloud of deviation sqrt(a / (2 - a)): the smaller the rate, the narrower the cloud,
    and the longer the way. The rate 1 / step takes the mean of all noise so far: 1 / sqrt(steps)."""
    steps, copies = (300, 2000) if run.quick else (3000, 2000)
    paths = {name: distance(rate, steps, copies, run.rng) for name, rate in RATES.items()}
    at = np.arange(1, steps + 1)
    for i in at:
        run.row(step=i, **{name: path[i - 1] for name, path in paths.items()})

    axis = run.axes(width=7, height=3.8)
    for name, path in paths.items():
        axis.loglog(at, path, label=f"learning rate {name}")
    clouds = {name: np.sqrt(rate(0) / (2 - rate(0))) for name, rate in list(RATES.items())[:2]}
    for height in clouds.values():
        axis.axhline(height, color="k", linestyle=":", linewidth=1)
    axis.loglog(at, 1 / np.sqrt(at), "k:", linewidth=1, label="theory")
    axis.set(
        xlabel="step",
        ylabel="distance from the minimum",
        title="root mean square of 2,000 descents",
    )
    axis.legend(loc="best")

    # The deviation of 2,000 is known to 1 / sqrt(2 * 2,000) = 1.6 %; three times that.
    for name, cloud in clouds.items():
        run.check(
            f"rate {name}: distance at the end", paths[name][-1], near=cloud, tolerance=0.05 * cloud
        )
    least = 1 / np.sqrt(steps)
    run.check(
        "rate 1 / step: distance at the end",
        paths["1 / step"][-1],
        near=least,
        tolerance=0.05 * least,
    )


if __name__ == "__main__":
    main()
