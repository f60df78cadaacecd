"""L1 and L2 penalties in the loss: python -m examples.overfitting.l1_l2_penalty"""

from __future__ import annotations

import minigrad as mg
from examples.experiment import Run, experiment
from examples.overfitting._common import draw, fashion, gap, train, wide
from minigrad import nn


def l1(model: nn.Module) -> mg.Tensor:
    """The source's: 0.0001 times the sum of all absolute weights and biases."""
    return 1e-4 * sum(p.norm(1) for p in model.parameters())


def l2(model: nn.Module) -> mg.Tensor:
    """The source's: 0.01 times the norms, not their squares."""
    return 0.01 * sum(p.norm(2) for p in model.parameters())


@experiment(
    "L1 and L2 penalties make the gap smaller and the weights narrower; L1's are mostly near 0.",
    source="003: regularisation, 1e-4 times the L1 norms and 0.01 times the L2 norms",
)
def main(run: Run) -> None:
    """The network 784-1000-ReLU-10 on few images of Fashion-MNIST, Adam 0.001, with a penalty and without."""
    data = fashion(run, 1000 if run.quick else 5000, 2000 if run.quick else 10000)
    axes = run.axes(2, 3, 10, 5.6).T
    gaps, widths, small = {}, {}, {}
    for (above, below), (name, penalty) in zip(
        axes, {"no penalty": None, "L1": l1, "L2": l2}.items(), strict=True
    ):
        model = wide(data[0].x.shape[1])
        history = train(model, data, epochs=15 if run.quick else 25, penalty=penalty)
        weights = model[1].weight.detach().numpy().ravel()
        gaps[name], widths[name] = gap(history), weights.std()
        small[name] = (abs(weights) < 1e-3).mean()
        draw(above, history, "loss", name)
        below.hist(weights, bins=80, range=(-0.2, 0.2))
        below.set(xlabel="weight of the first layer", yscale="log", ylim=(1, 1e6))
        run.row(penalty=name, gap=gaps[name], deviation=widths[name], small=small[name])
    axes[0, 1].set_ylabel("weights")
    top = max(axis.get_ylim()[1] for axis in axes[:, 0])
    for axis in axes[:, 0]:
        axis.set_ylim(0, top)

    # The digits are too easy to overfit much, and few epochs too short.
    most = 0.85 if run.data == "fashion-mnist" and not run.quick else 1
    for name in ("L1", "L2"):
        run.check(f"gap, {name} / none", gaps[name] / gaps["no penalty"], at_most=most)
        ratio = widths[name] / widths["no penalty"]
        run.check(f"deviation of the weights, {name} / none", ratio, at_most=0.9)
    run.check("weights below 0.001, L1", small["L1"], at_least=0.4)
    run.check("weights below 0.001, L2", small["L2"], at_most=0.3)


if __name__ == "__main__":
    main()
