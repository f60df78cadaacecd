"""BatchNorm against the scale of the first weights: python -m examples.normalisation.batch_norm_scales"""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterable
from functools import partial
from multiprocessing import Pool

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn

SCALES = np.logspace(0, -4, 16)
HIDDEN, OUTPUTS = [100] * 5, 100  # ten classes and a hundred outputs, as the source has it
LR, BATCH, STEPS, EPOCHS = 0.01, 100, 10, 20
# Least and greatest final accuracy of five independent runs: plain network, with BatchNorm. NaN networks say class 0.
RANGES = [
    ((0.097, 0.097), (0.27, 0.34)),
    ((0.097, 0.097), (0.33, 0.45)),
    ((0.96, 1.0), (0.57, 0.65)),
    ((0.84, 0.88), (0.75, 0.78)),
    ((0.14, 0.29), (0.88, 0.90)),
    ((0.08, 0.12), (0.94, 0.95)),
    ((0.116, 0.117), (0.985, 0.992)),
    ((0.116, 0.117), (0.998, 1.0)),
    ((0.116, 0.117), (0.995, 1.0)),
    ((0.116, 0.117), (0.989, 0.999)),
    ((0.116, 0.117), (0.976, 0.998)),
    ((0.117, 0.117), (0.82, 0.99)),
    ((0.116, 0.117), (0.72, 1.0)),
    ((0.116, 0.117), (0.47, 0.71)),
    ((0.116, 0.116), (0.44, 0.60)),
    ((0.116, 0.117), (0.42, 0.63)),
]
WIDER = 0.05
# From scale 11 on single runs with BatchNorm differ by 0.2, and five are too few to tell their range: at scales 14 and
# 15 every fifth of 36 seeds lies further outside than WIDER, here and in a NumPy program of the formulas alone (means
# 0.68 and 0.69, 0.58 and 0.58).
UNSTEADY, MUCH_WIDER = 0.003, 0.2


def build(inputs: int, scale: float, batch_norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for n_in, n_out in itertools.pairwise([inputs, *HIDDEN, OUTPUTS]):
        linear = nn.Linear(n_in, n_out)
        nn.init.normal_(linear.weight, std=scale)
        nn.init.zeros_(linear.bias)
        norm = nn.BatchNorm1d(n_out, eps=1e-6)
        nn.init.zeros_(norm.running_var)  # the source starts both statistics at 0
        layers += [linear, norm, nn.ReLU()] if batch_norm else [linear, nn.ReLU()]
    return nn.Sequential(*layers[: -2 if batch_norm else -1])  # the last layer is linear


def accuracy(model: nn.Module, x: mg.Tensor, y: mg.Tensor) -> float:
    """In eval mode; where a network has overflowed to NaN, it says class 0, as NumPy's argmax does."""
    model.eval()
    with mg.no_grad():
        predicted = model(x).numpy().argmax(1)
    model.train()
    return float((predicted == y.numpy()).mean())


def curve(
    model: nn.Module, x: mg.Tensor, y: mg.Tensor, batches: Iterable[mg.Tensor]
) -> list[float]:
    """Train the model on these rows of x; return its accuracy on all of x by epoch."""
    optimizer = mg.optim.SGD(model.parameters(), lr=LR)
    history = []
    for step, rows in enumerate(batches):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
        optimizer.step()
        if step % STEPS == 0:
            history.append(accuracy(model, x, y))
    return history


def train(
    images: np.ndarray, labels: np.ndarray, seed: int, i: int
) -> tuple[list[float], list[float]]:
    """Return the curves of the plain network and of the one with BatchNorm, on the same batches."""
    own_seed = int(np.random.default_rng((seed, i)).integers(2**31))
    mg.manual_seed(own_seed)
    rng = np.random.default_rng(own_seed)
    x, y = mg.tensor(images), mg.tensor(labels)
    plain, normed = (build(images.shape[1], SCALES[i], batch_norm) for batch_norm in (False, True))
    batches = mg.tensor(rng.choice(len(x), ((EPOCHS - 1) * STEPS + 1, BATCH)))
    return curve(plain, x, y, batches), curve(normed, x, y, batches)


def begin_process() -> None:
    """Leave the other cores to the other processes, and Ctrl-C to the one that began them."""
    mg.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@experiment(
    "BatchNorm learns at every scale of the first weights but those that suit the plain network.",
    source="002: the BatchNorm experiment (4 x 4 pictures, 16 scales)",
)
def main(run: Run) -> None:
    """784-[100]x5-100 on the first 1000 MNIST images, SGD 0.01, batches of 100 drawn with replacement.

    The claim of the source does not hold at scales 3 and 4, where the plain network starts near He's
    deviation (0.14 for these layers) and is ahead."""
    images, _ = run.images("mnist", 1000)
    x, y = images.x.flatten(1).numpy(), images.y.numpy()
    chosen = [0, 2, 3, 8] if run.quick else range(len(SCALES))
    side = 2 if run.quick else 4
    results = {}
    # Small networks gain little from threads, but the scales do not depend on each other: a process for each thread
    # instead. This one draws while they train.
    with Pool(mg.get_num_threads(), begin_process) as pool:
        curves = pool.imap(partial(train, x, y, run.seed), chosen)
        axes = run.axes(side, side, 9, 8)
        for axis, i, (plain, normed) in zip(axes.flat, chosen, curves, strict=True):
            results[i] = plain, normed
            axis.plot(plain, label="plain")
            axis.plot(normed, label="BatchNorm")
            axis.set_title(f"weights N(0, {SCALES[i]:.2g}²)", fontsize=9)
            axis.set(xticks=[0, 5, 10, 15], yticks=[0, 0.5, 1], ylim=(-0.02, 1.02))
            axis.label_outer()
            for epoch, values in enumerate(zip(plain, normed, strict=True)):
                run.row(scale=SCALES[i], epoch=epoch, plain=values[0], batch_norm=values[1])
    run.figure.supxlabel("epoch")
    run.figure.supylabel("accuracy")
    axes.flat[0].legend(loc="upper left")

    within = []
    for i, (plain, normed) in results.items():
        if run.data == "mnist":
            for name, history, (low, high) in zip(
                ("plain", "BatchNorm"), (plain, normed), RANGES[i], strict=True
            ):
                last = history[-1]
                within.append(low - WIDER <= last <= high + WIDER)
                unsteady = name == "BatchNorm" and SCALES[i] < UNSTEADY
                wider = MUCH_WIDER if unsteady else WIDER
                run.check(
                    f"scale {i + 1:2} ({SCALES[i]:.3g}), {name}",
                    last,
                    at_least=max(0, round(low - wider, 3)),
                    at_most=min(1, round(high + wider, 3)),
                )
        ahead = normed[-1] - plain[-1]
        if i not in (2, 3):
            run.check(f"scale {i + 1:2}: BatchNorm - plain", ahead, at_least=0)
        elif run.data == "mnist":
            run.check(f"scale {i + 1:2}: BatchNorm - plain", ahead, at_most=0)
    if within:
        share = np.mean(within)
        run.check(f"share of all within {WIDER} of the five runs' range", share, at_least=0.9)


if __name__ == "__main__":
    main()
