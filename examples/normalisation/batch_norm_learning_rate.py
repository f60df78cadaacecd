"""BatchNorm and large learning rates: python -m examples.normalisation.batch_norm_learning_rate"""

from __future__ import annotations

import itertools

import numpy as np

import minigrad as mg
from examples.experiment import Images, Run, experiment
from minigrad import nn

RATES = np.logspace(-2, 1, 13)
SIZES, BATCH, IMAGES = [100] * 5, 100, 2000


def build(inputs: int, batch_norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for n_in, n_out in itertools.pairwise([inputs, *SIZES]):
        linear = nn.Linear(n_in, n_out)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        layers += [linear, nn.BatchNorm1d(n_out), nn.ReLU()] if batch_norm else [linear, nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(SIZES[-1], 10))


def loss_after(model: nn.Module, lr: float, data: Images, batches: np.ndarray) -> float:
    """Return the loss on all the data, in training mode, after a step on each of the batches."""
    optimizer = mg.optim.SGD(model.parameters(), lr=lr)
    for rows in batches:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(data.x[rows]), data.y[rows]).backward()
        optimizer.step()
    with mg.no_grad():
        return nn.functional.cross_entropy(model(data.x), data.y).item()


@experiment(
    "With BatchNorm the learning rate can be five times as large, and more, before the training fails.",
    source="002: BatchNorm permits larger learning rates; Ioffe and Szegedy 2015: five times, and thirty",
)
def main(run: Run) -> None:
    """784-[100]x5-10 from He's first weights on few MNIST images, SGD at 13 learning rates. Behind BatchNorm the
    scale of a layer's weights makes no difference to what it passes on: weights grown by a long step only get
    smaller gradients, so that the next step turns them less."""
    images, _ = run.images("mnist", IMAGES)
    data = Images(images.x.flatten(1), images.y)
    batches = [
        mg.tensor(run.rng.choice(len(data.x), BATCH)) for _ in range(60 if run.quick else 400)
    ]
    repeats = 1 if run.quick else 3
    chance = np.log(10)
    axis = run.axes(width=6.5, height=3.8)
    losses = {}
    with np.errstate(all="ignore"):  # the plain network diverges
        for name, batch_norm in (("plain", False), ("BatchNorm", True)):
            found = [
                [loss_after(build(data.x.shape[1], batch_norm), lr, data, batches) for lr in RATES]
                for _ in range(repeats)
            ]
            losses[name] = np.median(np.nan_to_num(found, nan=np.inf, posinf=np.inf), axis=0)
            shown = np.minimum(losses[name], 2 * chance)
            axis.plot(RATES, shown, marker="o", markersize=4, label=name)
            for lr, loss in zip(RATES, losses[name], strict=True):
                run.row(network=name, lr=lr, loss=loss)
    axis.axhline(chance, color="#999999", linewidth=1, linestyle=":", label="ln 10: knows nothing")
    axis.set(
        title=f"loss after {len(batches)} steps",
        xlabel="learning rate",
        ylabel="cross-entropy, on the training images",
        xscale="log",
        ylim=(0, 1.6 * chance),
    )
    axis.legend()

    # A training has failed where it ends no better than half of what one knows without it.
    largest = {name: RATES[loss < chance / 2].max() for name, loss in losses.items()}
    for name, lr in largest.items():
        run.check(f"{name}: largest rate that learns", lr, at_least=RATES[0])
    ratio = largest["BatchNorm"] / largest["plain"]
    run.check("  BatchNorm's / the plain network's", ratio, at_least=5)
    best = {name: loss.min() for name, loss in losses.items()}
    run.check("least loss, BatchNorm / plain", best["BatchNorm"] / best["plain"], at_most=1)


if __name__ == "__main__":
    main()
