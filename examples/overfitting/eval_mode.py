"""Judging a network in train mode: python -m examples.overfitting.eval_mode"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import Images, Run, experiment
from examples.overfitting._common import fashion, train
from minigrad import nn

SIZES = (2, 5, 10, 50, 200)
REPEATS = 5


def judged(model: nn.Module, images: Images, size: int) -> float:
    """Return the accuracy, the images coming `size` at a time, in whatever mode the model is."""
    with mg.no_grad():
        batches = range(0, len(images.x), size)
        said = [model(images.x[i : i + size]).argmax(1).numpy() for i in batches]
    return float((np.concatenate(said) == images.y.numpy()).mean())


@experiment(
    "Judged without eval(), a network does worse: with Dropout always, with BatchNorm in small batches.",
    source="003: train() and eval(), which its own listing leaves out",
)
def main(run: Run) -> None:
    """Two 784-200-10 networks on Fashion-MNIST, judged in both modes by test images that come a few at a time.

    In train mode Dropout still drops, and BatchNorm still normalises by the batch, so that what it says of an
    image depends on the others."""
    data, test = fashion(run, 2000 if run.quick else 10000, 2000)
    test = test.first(len(test.x) // SIZES[-1] * SIZES[-1])  # whole batches
    inputs = data.x.shape[1]
    layers = {"Dropout(0.5)": nn.Dropout(0.5), "BatchNorm": nn.BatchNorm1d(200)}
    axes = run.axes(1, 2, 10, 3.6)
    for axis, (name, layer) in zip(axes, layers.items(), strict=True):
        model = nn.Sequential(nn.Linear(inputs, 200), layer, nn.ReLU(), nn.Linear(200, 10))
        train(model, (data, test), epochs=5)
        model.eval()
        eval_mode = [judged(model, test, size) for size in SIZES]
        model.train()
        statistics = {k: v.clone() for k, v in model.state_dict().items()}
        train_mode = []
        for size in SIZES:
            train_mode.append([judged(model, test, size) for _ in range(REPEATS)])
            model.load_state_dict(statistics)  # BatchNorm has gone on with its running ones
        means = np.mean(train_mode, axis=1)
        for size, values, value in zip(SIZES, train_mode, eval_mode, strict=True):
            run.row(layer=name, batch=size, eval_mode=value, train_mode=np.mean(values))
        axis.plot(SIZES, eval_mode, "o-", label="eval mode")
        axis.plot(SIZES, means, "o-", label="train mode, five times")
        axis.fill_between(
            SIZES, *(f(train_mode, axis=1) for f in (np.min, np.max)), color="C1", alpha=0.2
        )
        axis.set(xscale="log", title=name, xlabel="images at a time", ylabel="test accuracy")
        axis.set_xticks(SIZES, SIZES)
        axis.minorticks_off()
        axis.margins(y=0.3)  # room for the legend
        axis.legend(loc="lower right")

        spread = np.ptp(eval_mode)
        # One image in 2,000 may lie on the boundary of two classes.
        run.check(f"{name}: eval mode, difference between sizes", spread, at_most=1 / len(test.x))
        if name == "BatchNorm":
            # Two images tell little of all images' mean and variance, two hundred nearly all.
            lost = np.array(eval_mode) - means
            run.check("BatchNorm in train mode: accuracy lost, by twos", lost[0], at_least=0.05)
            run.check("BatchNorm in train mode: the same, by 200", abs(lost[-1]), at_most=0.02)
        else:
            # 25 times 2,000 images tell 0.85 to 0.002.
            lost = np.mean(eval_mode) - means.mean()
            run.check("Dropout in train mode: accuracy lost", lost, at_least=0.005)
            varies = np.std(train_mode[0])
            run.check("Dropout in train mode: deviation from time to time", varies, at_least=1e-4)


if __name__ == "__main__":
    main()
