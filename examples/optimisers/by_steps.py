"""Each rule and its formula, step by step: python -m examples.optimisers.by_steps"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from examples.descent._common import descend
from examples.descent.ravine import START, STEPS, height
from examples.experiment import Run, experiment
from minigrad.optim import SGD, Adagrad, Adam, Optimizer, RMSprop

Array = np.ndarray
# What a formula makes of the array, its gradient, the number of the step, and what it remembers by name.
Formula = Callable[[Array, Array, int, dict[str, Array]], Array]


def plain(x: Array, g: Array, t: int, m: dict[str, Array], lr: float) -> Array:
    return x - lr * g


def velocity(x: Array, g: Array, t: int, m: dict[str, Array], lr: float, a: float) -> Array:
    m["v"] = a * m.get("v", 0) - lr * g
    return x + m["v"]


def momentum(x: Array, g: Array, t: int, m: dict[str, Array], lr: float, a: float) -> Array:
    m["b"] = a * m.get("b", 0) + g
    return x - lr * m["b"]


def adagrad(x: Array, g: Array, t: int, m: dict[str, Array], lr: float, eps: float) -> Array:
    m["s"] = m.get("s", 0) + g * g
    return x - lr * g / (np.sqrt(m["s"]) + eps)


def rmsprop(x: Array, g: Array, t: int, m: dict[str, Array], lr: float, a: float) -> Array:
    m["s"] = 0.99 * m.get("s", 0) + 0.01 * g * g
    m["b"] = a * m.get("b", 0) + g / (np.sqrt(m["s"]) + 1e-8)
    return x - lr * m["b"]


def adam(x: Array, g: Array, t: int, m: dict[str, Array], lr: float) -> Array:
    m["m"] = 0.9 * m.get("m", 0) + 0.1 * g
    m["v"] = 0.999 * m.get("v", 0) + 0.001 * g * g
    return x - lr * m["m"] / (1 - 0.9**t) / (np.sqrt(m["v"] / (1 - 0.999**t)) + 1e-8)


# The source's three, written for dicts, and its other's four, written for a network's parameters.
RULES: dict[str, tuple[partial[Optimizer], Formula]] = {
    "SGD 0.95": (partial(SGD, lr=0.95), partial(plain, lr=0.95)),
    "momentum, velocity 0.1": (
        partial(SGD, lr=0.1, momentum=0.9, momentum_form="velocity"),
        partial(velocity, lr=0.1, a=0.9),
    ),
    "AdaGrad 1.5": (partial(Adagrad, lr=1.5, eps=1e-7), partial(adagrad, lr=1.5, eps=1e-7)),
    "SGD(0.6, momentum=0.9)": (
        partial(SGD, lr=0.6, momentum=0.9),
        partial(momentum, lr=0.6, a=0.9),
    ),
    "Adagrad(0.9)": (partial(Adagrad, lr=0.9), partial(adagrad, lr=0.9, eps=1e-10)),
    "RMSprop(0.7, momentum=0.9)": (
        partial(RMSprop, lr=0.7, momentum=0.9),
        partial(rmsprop, lr=0.7, a=0.9),
    ),
    "Adam(0.05)": (partial(Adam, lr=0.05), partial(adam, lr=0.05)),
}


def slope(x: Array) -> Array:
    """The gradient of the ravine."""
    return np.array([x[0] / 10, 2 * x[1]])


def by_formula(formula: Formula) -> Array:
    path, memory = [np.array(START)], {}
    for t in range(1, STEPS + 1):
        path.append(formula(path[-1], slope(path[-1]), t, memory))
    return np.array(path)


def on_dict(rule: Callable[..., Any]) -> Array:
    """Return the path by `update`, on a dict of arrays, changed in place."""
    optimizer, params = rule(), {"x": np.array(START)}
    path = [params["x"].copy()]
    for _ in range(STEPS):
        optimizer.update(params, {"x": slope(params["x"])})
        path.append(params["x"].copy())
    return np.array(path)


@experiment(
    "Every optimiser does what its formula says, on a network's parameters and on dicts of arrays alike.",
    source="000: the four optimisers constructed; 002: SGD, Momentum and AdaGrad on dicts",
)
def main(run: Run) -> None:
    """Forty steps on x²/20 + y², in float64, three times: by the formula in NumPy, by `update` on a dict, by autograd
    and `step`. Three paths lie on each other in each picture. The last four have the rates of 000, which are not all
    made for this task."""
    axes = run.axes(2, 4, 11, 4.6)
    across, up = np.meshgrid(np.linspace(-9, 9, 60), np.linspace(-4, 4, 60))
    apart = {}
    for axis, (name, (rule, formula)) in zip(axes.flat, RULES.items(), strict=False):
        paths = {
            "formula": by_formula(formula),
            "on a dict": on_dict(rule),
            "on parameters": descend(height, START, rule, STEPS),
        }
        levels = np.arange(0.1, 5, 0.45) ** 2
        axis.contour(across, up, across**2 / 20 + up**2, levels, colors="#dddddd", linewidths=0.8)
        for (way, path), style in zip(paths.items(), ("o", "-", ":"), strict=True):
            axis.plot(*path.T, style, markersize=3.5, linewidth=1.5, label=way)
            for step, (x, y) in enumerate(path):
                run.row(rule=name, way=way, step=step, x=x, y=y)
        axis.set_title(name, fontsize=9)
        axis.set(xlim=(-9, 9), ylim=(-4, 4), xticks=[], yticks=[])
        axis.grid(visible=False)
        first, *others = paths.values()
        apart[name] = np.max([abs(path - first).max(1) for path in others], axis=0)
        run.check(f"{name}: from its formula", apart[name].max(), at_most=1e-12)
        run.check("  how far it has gone", abs(first - START).max(), at_least=1)
    axes.flat[7].axis("off")
    axes.flat[7].legend(*axes.flat[0].get_legend_handles_labels(), loc="center")


if __name__ == "__main__":
    main()
