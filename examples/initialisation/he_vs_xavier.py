"""He's first weights against Xavier's under ReLU: python -m examples.initialisation.he_vs_xavier"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from examples.initialisation._common import deep, few_images, outputs, train
from minigrad import nn

WIDTH, DEPTH, LR = 100, 20, 0.02
INITS = {
    "Xavier": nn.init.xavier_normal_,
    "He": lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"),
}


@experiment(
    "Under ReLU, Xavier's weights halve the signal at every layer; He's keep it, and learn at once.",
    source="002: He's initial values for ReLU",
)
def main(run: Run) -> None:
    """The signal in twenty layers of 100 ReLUs, and the training of such a network on 2000 images."""
    pixels, loader = few_images(run)
    x = mg.randn(1000, WIDTH)
    left, right = run.axes(1, 2)
    signal, losses = {}, {}
    for name, init in INITS.items():
        body = deep(WIDTH, DEPTH, nn.ReLU, init)
        signal[name] = np.array([(layer**2).mean().item() for layer in outputs(body, x)])
        model = nn.Sequential(nn.Linear(pixels, WIDTH), body, nn.Linear(WIDTH, 10))
        losses[name] = train(run, model, loader, LR)["train_loss"]
        left.semilogy(range(1, DEPTH + 1), signal[name], marker="o", markersize=3, label=name)
        right.plot(range(1, len(losses[name]) + 1), losses[name], label=name)
    for layer in range(DEPTH):
        run.row(layer=layer + 1, **{name: values[layer] for name, values in signal.items()})
    left.set(title="mean square of what a layer passes on", xlabel="layer", ylabel="mean square")
    left.set_xticks(range(1, DEPTH + 1, 3))
    left.legend()
    right.set(title="training", xlabel="epoch", ylabel="cross-entropy")
    right.legend()

    factor = {name: (s[-1] / s[0]) ** (1 / (DEPTH - 1)) for name, s in signal.items()}
    run.check("factor a layer, Xavier", factor["Xavier"], near=0.5, tolerance=0.06)
    run.check("factor a layer, He", factor["He"], near=1, tolerance=0.12)
    run.check("loss, Xavier - He", losses["Xavier"][-1] - losses["He"][-1], at_least=0.3)


if __name__ == "__main__":
    main()
