"""Activations of five sigmoid layers: python -m examples.initialisation.activation_spread"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from examples.initialisation._common import deep, outputs
from minigrad import nn

SAMPLES, WIDTH, DEPTH = 1000, 100, 5
STDS = {"1": 1.0, "0.01": 0.01, "1/√100": WIDTH**-0.5}
LAYER_STDS = [0.208, 0.122, 0.133, 0.118, 0.116]  # as the source has them, of one network
NETWORKS = 30


def activations(std: float, x: mg.Tensor) -> list[np.ndarray]:
    """Return what each layer of a new network makes of x."""
    network = deep(WIDTH, DEPTH, nn.Sigmoid, lambda w: nn.init.normal_(w, std=std))
    return [layer.numpy() for layer in outputs(network, x)]


@experiment(
    "Sigmoid layers saturate at weights of deviation 1, collapse at 0.01, and spread at 1/√n.",
    source="002: the distribution of the activations, Xavier's initial values",
)
def main(run: Run) -> None:
    """A thousand inputs from N(0, 1) through five layers of 100 sigmoids; histograms of what each passes on."""
    x = mg.randn(SAMPLES, WIDTH)
    values = {name: activations(std, x) for name, std in STDS.items()}
    again = [activations(STDS["1/√100"], x) for _ in range(NETWORKS)]
    deviations = np.array([[layer.std() for layer in layers] for layers in again])

    axes = run.axes(len(STDS), DEPTH, 10, 6)
    for row, (name, layers) in zip(axes, values.items(), strict=True):
        for number, (axis, layer) in enumerate(zip(row, layers, strict=True), 1):
            axis.hist(layer.ravel(), bins=30, range=(0, 1))
            axis.set_title(f"layer {number}: deviation {layer.std():.3f}", fontsize=8)
            axis.set_yticks([])
            axis.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
            run.row(weights=name, layer=number, mean=layer.mean(), std=layer.std())
        row[0].set_ylabel(f"weights' deviation {name}", fontsize=8)
    run.figure.supxlabel("activation")

    for number, (measured, std) in enumerate(zip(deviations.T, LAYER_STDS, strict=True), 1):
        distance = (std - measured.mean()) / measured.std()
        run.check(
            f"1/√100, layer {number}: the source's {std} among {NETWORKS} networks, in their deviations",
            distance,
            near=0,
            tolerance=3.5,
        )
        run.check(f"1/√100, layer {number}: mean deviation", measured.mean(), at_least=0.1)
    for number, layer in enumerate(values["1"], 1):
        ends = np.mean((layer < 0.05) | (layer > 0.95))
        run.check(f"1, layer {number}: share within 0.05 of 0 or 1", ends, at_least=0.4)
    for number, layer in enumerate(values["0.01"][1:], 2):
        far = np.mean(abs(layer - 0.5) > 0.05)
        run.check(f"0.01, layer {number}: share further than 0.05 from 0.5", far, at_most=0.01)


if __name__ == "__main__":
    main()
