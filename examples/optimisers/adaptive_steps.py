"""RMSprop and Adam on a parabola: python -m examples.optimisers.adaptive_steps"""

from __future__ import annotations

from functools import partial

import numpy as np

import minigrad as mg
from examples.descent._common import descend
from examples.experiment import Run, experiment
from minigrad.optim import SGD, Adam, RMSprop

START, LR, STEPS, STEEPER = 10.0, 0.1, 20, 100.0
RULES = {
    "plain": partial(SGD, lr=LR),
    "RMSprop": partial(RMSprop, lr=LR, alpha=0.9),
    "Adam": partial(Adam, lr=LR),
}
EXPECTED = {
    "plain": (8, 0.115292),
    "RMSprop": (9.68377, 7.28163),
    "Adam": (9.9, 8.02666),
}  # x1, x20


def parabola(x: mg.Tensor) -> mg.Tensor:
    return x**2


def steep(x: mg.Tensor) -> mg.Tensor:
    return STEEPER * x**2


@experiment(
    "On x² plain descent is far ahead of RMSprop and Adam, whose steps are about lr however steep it is.",
    source="001: RMSProp and Adam on x^2 from 10, and the comparison of the methods",
)
def main(run: Run) -> None:
    """From 10 with learning rate 0.1. The source ranks the methods from plain descent up to Adam: on its own example,
    after its 20 steps, the order is the reverse. What adaptive steps are good for is seen on 100 x², where plain
    descent with the same learning rate is lost and the other two go just as before."""
    paths = {name: descend(parabola, START, rule, STEPS) for name, rule in RULES.items()}
    steeper = {name: descend(steep, START, rule, STEPS) for name, rule in RULES.items()}
    for step in range(STEPS + 1):
        also = {f"{name}, 100 x^2": path[step] for name, path in steeper.items()}
        run.row(step=step, **{name: path[step] for name, path in paths.items()}, **also)

    axes = run.axes(1, 2)
    for axis, title, found in zip(axes, ("x²", "100 x²"), (paths, steeper), strict=True):
        for name, path in found.items():
            axis.plot(path, marker="o", markersize=3, label=name)
        axis.set(title=title, xlabel="step", ylabel="x", ylim=(-12, 12))
    axes[0].legend()

    for name, (first, last) in EXPECTED.items():
        run.check(f"{name}: x after 1 step", paths[name][1], near=first, tolerance=1e-5)
        run.check(f"{name}: x after 20 steps", paths[name][-1], near=last, tolerance=1e-5)
    nearest = min(paths, key=lambda name: abs(paths[name][-1]))
    run.check(
        f"rank of plain descent by |x|, nearest: {nearest}", list(paths).index(nearest), near=0
    )
    run.check("100 x²: plain, |x| after 20 steps", abs(steeper["plain"][-1]), at_least=1e20)
    for name in ("RMSprop", "Adam"):
        apart = np.abs(steeper[name] - paths[name]).max()
        run.check(f"100 x²: {name}, from its path on x²", apart, at_most=1e-6)


if __name__ == "__main__":
    main()
