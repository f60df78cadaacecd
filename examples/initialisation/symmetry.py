"""Equal first weights stay equal: python -m examples.initialisation.symmetry"""

from __future__ import annotations

import numpy as np

from examples.experiment import Run, experiment
from examples.initialisation._common import few_images, train
from minigrad import nn

HIDDEN, LR = 16, 0.5
INITS = {
    "zero": nn.init.zeros_,
    "constant 0.01": lambda w: nn.init.constant_(w, 0.01),
    "Xavier": nn.init.xavier_normal_,
}


@experiment(
    "Hidden units that start equal stay equal, so sixteen of them are worth one.",
    source="002: why not start at 0; 004: symmetry",
)
def main(run: Run) -> None:
    """A network of 16 tanh units on 2000 images, its weights starting at zero, at a constant, at random."""
    pixels, loader = few_images(run)
    left, right = run.axes(1, 2)
    spread, learnt = {}, {}
    for name, init in INITS.items():
        hidden = nn.Linear(pixels, HIDDEN)
        model = nn.Sequential(hidden, nn.Tanh(), nn.Linear(HIDDEN, 10))
        for parameter in model.parameters():
            (init if parameter.ndim > 1 else nn.init.zeros_)(parameter)
        history = train(run, model, loader, LR)
        weight = hidden.weight.detach().numpy()
        spread[name] = np.ptp(weight, axis=0).max()
        learnt[name] = history["train_accuracy"][-1]
        left.plot(range(1, len(history) + 1), history["train_accuracy"], label=name)
        style = "--" if name.startswith("constant") else "-"  # over that of zero
        right.plot(np.sort(np.ptp(weight, axis=0)), style, label=name)
        run.row(init=name, spread=spread[name], accuracy=learnt[name])
    left.set(title="training", xlabel="epoch", ylabel="accuracy", ylim=(0, 1))
    left.legend(loc="center right")
    right.set(title="how far the units' weights differ", xlabel="input, sorted")
    right.set_ylabel("largest - smallest weight")
    right.legend()

    for name in ("zero", "constant 0.01"):
        run.check(f"{name}: units differ by", spread[name], at_most=1e-4)
    run.check("Xavier: units differ by", spread["Xavier"], at_least=0.1)
    run.check("zero: accuracy", learnt["zero"], at_most=0.2)
    run.check("constant: accuracy", learnt["constant 0.01"], at_most=0.6)
    run.check("Xavier: accuracy", learnt["Xavier"], at_least=0.9)


if __name__ == "__main__":
    main()
