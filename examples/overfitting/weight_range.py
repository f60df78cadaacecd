"""The range of the weights, and weight decay: python -m examples.overfitting.weight_range"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn
from minigrad.data import DataLoader, TensorDataset
from minigrad.train import fit, predict

INPUTS, TRAIN, TEST = 200, 20, 100
WEIGHT, BIAS, NOISE = 0.01, 0.05, 0.01
BATCH, LR, EPOCHS = 5, 0.003, 100
DECAYS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0)


def squared(outputs: mg.Tensor, targets: mg.Tensor) -> mg.Tensor:
    return ((outputs - targets) ** 2).mean() / 2


def samples(count: int) -> tuple[mg.Tensor, mg.Tensor]:
    x = mg.randn(count, INPUTS)
    return x, WEIGHT * x.sum(1, keepdim=True) + BIAS + NOISE * mg.randn(count, 1)


def train(run: Run, data: tuple[mg.Tensor, mg.Tensor], decay: float, by_hand: bool) -> nn.Linear:
    """Train with the penalty decay / 2 |w|^2: in the loss, or as the weight's, and not the bias's, decay."""
    mg.manual_seed(run.seed)  # the same beginning for all
    model = nn.Linear(INPUTS, 1)
    nn.init.normal_(model.weight)
    nn.init.zeros_(model.bias)
    groups = [
        {"params": model.weight, "weight_decay": 0.0 if by_hand else decay},
        {"params": model.bias},
    ]
    fit(
        model,
        squared,
        mg.optim.SGD(groups, lr=LR),
        DataLoader(TensorDataset(*data), BATCH, shuffle=True),
        epochs=EPOCHS,
        penalty=(lambda m: decay * (m.weight**2).sum() / 2) if by_hand else None,
        progress=False,
    )
    return model


@experiment(
    "The wider the range of the weights, the more a model overfits; weight decay narrows it.",
    source="004: weight decay, from scratch and by parameter groups; 200 inputs and 20 samples",
)
def main(run: Run) -> None:
    """Linear regression y = 0.05 + the sum of 0.01 x_i, noise 0.01; the first weights are from N(0, 1)."""
    data, test = samples(TRAIN), samples(TEST)
    losses = {"training": [], "test": []}
    widths, apart = [], []
    for decay in DECAYS:
        model = train(run, data, decay, by_hand=False)
        other = train(run, data, decay, by_hand=True)
        apart.append((model.weight - other.weight).abs().max().item())
        widths.append(model.weight.std().item())
        for name, (x, y) in (("training", data), ("test", test)):
            losses[name].append(squared(predict(model, [x]), y).item())
        row = {name: values[-1] for name, values in losses.items()}
        run.row(decay=decay, deviation_of_weights=widths[-1], **row)

    left, right = run.axes(1, 2, 10, 3.8)
    at = np.arange(len(DECAYS))
    for name, values in losses.items():
        left.semilogy(at, values, "o-", label=name)
    left.set_xticks(at, [f"{decay:g}" for decay in DECAYS])
    left.set(xlabel="weight decay", ylabel="loss (half the squared error)", title="with 20 samples")
    left.legend(loc="best")
    right.loglog(widths, losses["test"], "o-", color="C1")
    for i, decay in enumerate(DECAYS):
        side, place = ((8, "left"), (-8, "right"))[i % 2]
        at_point = (widths[i], losses["test"][i])
        right.annotate(f"{decay:g}", at_point, (side, -2), textcoords="offset points", ha=place)
    right.set(xlabel="deviation of the weights (true: 0)", ylabel="test loss")
    right.set_title("at each weight decay (the number)")
    right.margins(0.12)

    gap = np.subtract(losses["test"], losses["training"])
    without, source = DECAYS.index(0.0), DECAYS.index(3.0)
    run.check(
        "penalty in the loss, or decay of a group: weights apart",
        max(apart),
        near=0,
        tolerance=1e-5,
    )
    # Twenty samples say nothing of 180 directions, where the first weights stay: a gap of |w|^2 / 2 = 90.
    run.check("without decay: test - training loss", gap[without], at_least=45, at_most=180)
    run.check("gap, decay 3 / without", gap[source] / gap[without], at_most=0.1)
    run.check("greatest change of the range as decay grows", np.diff(widths).max(), at_most=0)
    run.check("greatest change of the gap as decay grows", np.diff(gap).max(), at_most=0)


if __name__ == "__main__":
    main()
