"""Targets that a sigmoid cannot reach: python -m examples.descent.sigmoid_targets"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn, train

INPUTS = [[0.5, 0.10], [0.05, 0.180], [0.05, 0.310]]
TARGETS = [[1.0, 2.0], [0.0, 3.0], [1.0, 123.0]]
LR, MOMENTUM, EPOCHS = 0.01, 0.6, 100


def build(last: list[nn.Module]) -> nn.Sequential:
    """The source's 2-2-2-12-2 network of sigmoids, but for what follows its last layer."""
    sigmoid = nn.Sigmoid()
    layers = [nn.Linear(2, 2), sigmoid, nn.Linear(2, 2), sigmoid, nn.Linear(2, 12), sigmoid]
    return nn.Sequential(*layers, nn.Linear(12, 2), *last)


@experiment(
    "A network that ends in a sigmoid cannot learn targets beyond 1, however long it trains.",
    source="000: the training program, loss printed by epoch",
)
def main(run: Run) -> None:
    """The source's network, data and training. Outputs lie between 0 and 1, so the mean squared error stays above
    that of the nearest outputs they could have. Without the last sigmoid it falls on."""
    inputs, targets = mg.tensor(INPUTS), mg.tensor(TARGETS)
    losses, outputs = {}, {}
    for name, last in (("sigmoid at the end", [nn.Sigmoid()]), ("linear at the end", [])):
        model = build(last)
        optimizer = mg.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM)
        history = train.fit(
            model, nn.MSELoss(), optimizer, [(inputs, targets)], epochs=EPOCHS, progress=False
        )
        losses[name] = np.array(history["train_loss"])
        outputs[name] = model(inputs).detach().numpy()
    for epoch, values in enumerate(zip(*losses.values(), strict=True), 1):
        run.row(epoch=epoch, **dict(zip(losses, values, strict=True)))
    reach = np.clip(TARGETS, 0, 1)
    bound = np.mean((reach - TARGETS) ** 2)

    left, right = run.axes(1, 2)
    for name, loss in losses.items():
        left.plot(range(1, EPOCHS + 1), loss, label=name)
    left.axhline(bound, color="#999999", linewidth=1, linestyle="--", label=f"bound {bound}")
    left.set(title="loss by epoch", xlabel="epoch", ylabel="mean squared error", ylim=(0, None))
    left.legend()
    right.plot(
        [1, 2, 3], np.array(TARGETS)[:, 1], "_", color="#333333", markersize=20, label="targets"
    )
    for name, output in outputs.items():
        right.plot([1, 2, 3], output[:, 1], "o", label=name)
    right.set(
        title="second output",
        xlabel="sample",
        ylabel="value",
        xticks=[1, 2, 3],
        xlim=(0.4, 3.6),
        yscale="log",
        ylim=(0.5, 2000),
    )
    right.legend(loc="upper left")

    run.check("bound of the loss", bound, near=2481.5)
    sigmoid, linear = losses.values()
    run.check("sigmoid: first loss", sigmoid[0], near=2500, tolerance=10)
    run.check("sigmoid: last loss", sigmoid[-1], near=2481.7, tolerance=0.1)
    run.check("sigmoid: smallest loss", sigmoid.min(), at_least=2481.5)
    run.check("linear: last loss", linear[-1], at_most=2000)


if __name__ == "__main__":
    main()
