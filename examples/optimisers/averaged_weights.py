"""A moving average of the weights: python -m examples.optimisers.averaged_weights"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn
from minigrad.data import DataLoader, RandomSampler, TensorDataset
from minigrad.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from minigrad.train import accuracy, evaluate

HIDDEN, CLASSES, BATCH, LR = 128, 10, 32, 0.3
DECAY = 0.995  # a mean over the last two hundred steps or so
STEPS, EVERY = 10_000, 250


@experiment(
    "At a constant rate the weights go on trembling; their moving average hardly does, and errs less.",
    source="000: exponential moving averages; Polyak and Juditsky 1992: the mean of the iterates",
)
def main(run: Run) -> None:
    """784-128-10 on MNIST by SGD with a large learning rate that stays. After each step the average moves towards the
    weights by a part of 200; it takes no part in the training."""
    training, test = run.images("mnist")
    few = run.quick or run.data == "digits"
    steps, every = (1500, 50) if few else (STEPS, EVERY)
    model = nn.Sequential(
        nn.Flatten(),
        nn.Linear(training.x[0].numel(), HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, CLASSES),
    )
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(DECAY))
    networks = {"as trained": model, "averaged": average}
    optimizer = mg.optim.SGD(model.parameters(), lr=LR)
    drawn = RandomSampler(training.x, replacement=True, num_samples=steps * BATCH)
    for step, (x, y) in enumerate(DataLoader(TensorDataset(*training), BATCH, sampler=drawn), 1):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
        average.update_parameters(model)
        if step % every == 0:
            for name, network in networks.items():
                batches = DataLoader(TensorDataset(*test), 1000)
                found = evaluate(network, nn.functional.cross_entropy, batches, [accuracy])
                run.row(weights=name, step=step, **found)

    found = {
        name: {
            figure: np.array([row[figure] for row in run.table if row["weights"] == name])
            for figure in ("step", "loss", "accuracy")
        }
        for name in networks
    }
    loss, right = run.axes(1, 2)
    for name, figures in found.items():
        loss.plot(figures["step"], figures["loss"], label=name)
        right.plot(figures["step"], 100 * figures["accuracy"], label=name)
    loss.set(title="test loss", xlabel="step", ylabel="cross-entropy", yscale="log")
    loss.legend()
    right.set(title="test accuracy", xlabel="step", ylabel="% of the test images")

    # In the second half, where both have learnt most.
    late = {
        name: {figure: values[len(values) // 2 :] for figure, values in figures.items()}
        for name, figures in found.items()
    }
    as_trained, averaged = late.values()
    trembles = [np.diff(figures["loss"]).std() for figures in (averaged, as_trained)]
    run.check("change of the loss, averaged / as trained", trembles[0] / trembles[1], at_most=0.3)
    ratio = averaged["loss"].mean() / as_trained["loss"].mean()
    run.check("test loss, averaged / as trained", ratio, at_most=1 if few else 0.9)
    gain = averaged["accuracy"].mean() - as_trained["accuracy"].mean()
    run.check("test accuracy, averaged - as trained", gain, at_least=0 if few else 0.001)


if __name__ == "__main__":
    main()
