"""Zig-zag in a ravine: python -m examples.descent.ravine"""

from __future__ import annotations

from functools import partial

import numpy as np

import minigrad as mg
from examples.descent._common import descend
from examples.experiment import Run, experiment
from minigrad.optim import SGD, Adagrad, Adam, RMSprop

START, STEPS = (-7.0, 2.0), 40
MANY = STEPS / 5
# All but the last with the rate that brings it near the minimum in these steps.
WAYS = {
    "SGD 0.95": partial(SGD, lr=0.95),
    "momentum 0.1": partial(SGD, lr=0.1, momentum=0.9),
    "Adagrad 1.5": partial(Adagrad, lr=1.5),
    "RMSprop 0.3": partial(RMSprop, lr=0.3, alpha=0.9),
    "Adam 0.3": partial(Adam, lr=0.3),
    "SGD 0.4": partial(SGD, lr=0.4),
}


def height(x: mg.Tensor) -> mg.Tensor:
    """Twenty times as steep across, in y, as along, in x."""
    return x[0] ** 2 / 20 + x[1] ** 2


def flips(path: np.ndarray) -> int:
    """Count the steps across the ravine, of those longer than 0.01, that go back on the one before."""
    steps = np.diff(path[:, 1])
    back = (steps[1:] * steps[:-1] < 0) & (abs(steps[1:]) > 0.01)
    return int(back.sum())


@experiment(
    "In a ravine plain descent zig-zags at every step; momentum and adaptive steps hardly do.",
    source="002: the zig-zag of SGD; 000: the ravine problem",
)
def main(run: Run) -> None:
    """Forty steps on x²/20 + y² from (-7, 2). Along the ravine it is a fast descent that swings across it: with a
    learning rate that does not, SGD is left behind."""
    paths = {way: descend(height, START, rule, STEPS) for way, rule in WAYS.items()}
    flipped = {way: flips(path) for way, path in paths.items()}

    axes = run.axes(2, 3, 9, 4.6)
    x, y = np.meshgrid(np.linspace(-8, 3, 60), np.linspace(-2.6, 2.6, 60))
    for axis, (way, path) in zip(axes.flat, paths.items(), strict=True):
        axis.contour(
            x, y, x**2 / 20 + y**2, np.arange(0.1, 3, 0.35) ** 2, colors="#dddddd", linewidths=0.8
        )
        axis.plot(*path.T, marker="o", markersize=3, linewidth=1)
        axis.plot(0, 0, "+", color="#d1495b", markersize=9, markeredgewidth=2)
        axis.set(xlim=(-8, 3), ylim=(-2.6, 2.6))
        axis.set_title(f"{way}: {flipped[way]} flip{'s' * (flipped[way] != 1)}", fontsize=9)
        axis.grid(visible=False)
        axis.label_outer()
        for step, (px, py) in enumerate(path):
            run.row(way=way, step=step, x=px, y=py)
    run.figure.supxlabel("x, along the ravine")
    run.figure.supylabel("y, across")

    run.check("SGD 0.95: flips", flipped["SGD 0.95"], near=STEPS - 1)
    for way in ("momentum 0.1", "Adagrad 1.5", "RMSprop 0.3", "Adam 0.3"):
        run.check(f"{way}: flips", flipped[way], at_most=MANY)
    run.check("SGD 0.4: flips", flipped["SGD 0.4"], near=0)
    left = {way: abs(path[-1, 0]) for way, path in paths.items()}
    run.check("|x| left, SGD 0.4 / SGD 0.95", left["SGD 0.4"] / left["SGD 0.95"], at_least=10)


if __name__ == "__main__":
    main()
