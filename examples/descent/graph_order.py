"""The order of forward and of backward in a graph: python -m examples.descent.graph_order"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn

INPUTS, HIDDEN, CLASSES, DECAY = 4, 5, 3, 0.1
# Where each value is drawn, and what it is made of.
PLACES = {
    "W1": (1, 0.7),
    "W2": (3, 1.2),
    "x": (0, 2),
    "z": (1, 2),
    "h": (2, 2),
    "o": (3, 2),
    "L": (4, 2),
    "s": (4, 0.95),
    "J": (5, 1.5),
}
MADE_OF = {
    "z": ["x", "W1"],
    "h": ["z"],
    "o": ["h", "W2"],
    "L": ["o"],
    "s": ["W1", "W2"],
    "J": ["L", "s"],
}
NAMES = {
    "z": "z = x W1ᵀ",
    "h": "h = relu(z)",
    "o": "o = h W2ᵀ",
    "L": "L = cross-entropy(o, y)",
    "s": "s = λ/2 (|W1|² + |W2|²)",
    "J": "J = L + s",
}


def forward(values: dict[str, mg.Tensor], y: mg.Tensor) -> dict[str, mg.Tensor]:
    """Add to x, W1, W2 all that is computed of them, in this order."""
    v = dict(values)
    v["z"] = v["x"] @ v["W1"].T
    v["h"] = v["z"].relu()
    v["o"] = v["h"] @ v["W2"].T
    v["L"] = nn.functional.cross_entropy(v["o"], y)
    v["s"] = DECAY / 2 * ((v["W1"] ** 2).sum() + (v["W2"] ** 2).sum())
    v["J"] = v["L"] + v["s"]
    return v


def by_hand(values: dict[str, np.ndarray], y: np.ndarray) -> dict[str, np.ndarray]:
    """Return the gradients of J by the chain rule, written out from the end to the beginning."""
    probabilities = np.exp(values["o"]) / np.exp(values["o"]).sum(1, keepdims=True)
    do = (probabilities - np.eye(CLASSES)[y]) / len(y)
    dh = do @ values["W2"]
    dz = dh * (values["z"] > 0)
    return {
        "W2": do.T @ values["h"] + DECAY * values["W2"],
        "W1": dz.T @ values["x"] + DECAY * values["W1"],
    }


@experiment(
    "Forward goes along the graph and backward against it: a gradient is passed on when all of it is there.",
    source="004: forward and back-propagation; a network with one hidden layer and weight decay",
)
def main(run: Run) -> None:
    """The number in each box: when its value was computed, and when its gradient was complete.

    W1 and W2 are used twice, in the network and in the penalty: their gradients are sums of two."""
    leaves = {
        "x": mg.tensor(run.rng.normal(size=(6, INPUTS))),
        "W1": mg.tensor(run.rng.normal(size=(HIDDEN, INPUTS)), requires_grad=True),
        "W2": mg.tensor(run.rng.normal(size=(CLASSES, HIDDEN)), requires_grad=True),
    }
    y = mg.tensor(run.rng.integers(CLASSES, size=6))
    values = forward(leaves, y)
    order: list[str] = []
    for name, value in values.items():
        if value.requires_grad:
            value.register_hook(lambda grad, name=name: order.append(name))
    values["J"].backward()
    for name in values:
        when = order.index(name) + 1 if name in order else ""
        run.row(value=name, forward=list(values).index(name) + 1, backward=when)

    axes = run.axes(2, 1, 8.5, 5.4)
    computed = [name for name in values if name in MADE_OF]
    for axis, title, numbers, colour in (
        (axes[0], "forward", computed, "#1f6f8b"),
        (axes[1], "backward", order, "#d1495b"),
    ):
        for name, parts in MADE_OF.items():
            for part in parts:
                ends = (PLACES[part], PLACES[name])
                if title == "backward":
                    if part == "x":
                        continue  # data needs no gradient
                    ends = ends[::-1]
                arrow = {"arrowstyle": "-|>", "color": colour, "shrinkA": 17, "shrinkB": 17}
                axis.annotate("", ends[1], ends[0], arrowprops=arrow)
        for name, place in PLACES.items():
            number = f"{numbers.index(name) + 1}" if name in numbers else ""
            box = {
                "boxstyle": "circle,pad=0.45",
                "fc": "white",
                "ec": colour if number else "#aaaaaa",
            }
            axis.text(*place, name, ha="center", va="center", bbox=box)
            above = (place[0] - 0.17, place[1] + 0.17)
            axis.text(*above, number, ha="center", color=colour, weight="bold")
        axis.set(xlim=(-0.4, 8.2), ylim=(0.45, 2.4), title=title, xticks=[], yticks=[])
        axis.grid(False)
        axis.spines[:].set_visible(False)
    for i, text in enumerate(NAMES.values()):
        axes[0].text(5.7, 2.3 - 0.27 * i, text, va="center", fontsize=9)

    edges = [(part, name) for name, parts in MADE_OF.items() for part in parts if part != "x"]
    early = sum(order.index(part) < order.index(name) for part, name in edges)
    run.check("gradients of values", len(order), near=len(values) - 1)
    run.check("gradients that did not wait for all they are made of", early, near=0)
    expected = by_hand({name: value.detach().numpy() for name, value in values.items()}, y.numpy())
    for name, gradient in expected.items():
        off = abs(values[name].grad.numpy() - gradient).max()
        run.check(f"{name}: gradient - chain rule by hand", off, near=0, tolerance=1e-12)


if __name__ == "__main__":
    main()
