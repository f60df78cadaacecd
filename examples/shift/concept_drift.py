"""A question whose answer changes: python -m examples.shift.concept_drift"""

from __future__ import annotations

import numpy as np
from sklearn.base import clone

from examples.experiment import Run, experiment
from minigrad.sklearn import NetClassifier

BATCH, REMEMBERED = 50, 200
FIRST, LAST = 2, 8  # "is the digit 2 or more?", and at last "8 or more?"


@experiment(
    "When labels change their meaning, going on with the old weights beats keeping them and starting anew.",
    source="004: concept drift, update the network with new data instead of training from scratch; online learning",
)
def main(run: Run) -> None:
    """MNIST images arrive by fifty; the question is whether the digit is at least t, and t grows from 2 to 8.

    Each network answers first, and is then told. One never learns again; one goes on, by a pass over the last 200
    images; one is trained anew on these 200 alone, twenty passes."""
    batches = 12 if run.quick else 40  # for each t
    data, _ = run.images("mnist")
    rows = run.rng.permutation(len(data.x))
    x, digit = data.x.flatten(1).numpy()[rows], data.y.numpy()[rows]
    start = 3000 if run.data == "mnist" else 200
    stages = range(FIRST, LAST + 1)
    batches = min(batches, (len(x) - start) // (BATCH * len(stages)))
    net = NetClassifier([50], batch_size=BATCH, lr=3e-3, epochs=10, random_state=run.seed)
    models = {
        name: clone(net).fit(x[:start], digit[:start] >= FIRST)
        for name in ("going on", "anew", "kept")
    }

    right: dict[str, list[float]] = {name: [] for name in models}
    threshold = np.repeat(stages, batches)
    told = np.empty(0, bool)
    for i, t in enumerate(threshold):
        now = slice(start + i * BATCH, start + (i + 1) * BATCH)
        answer = digit[now] >= t
        for name, model in models.items():
            right[name].append(model.score(x[now], answer))
        # What was told at its time: the older of the last 200 may still be of the old meaning.
        told = np.append(told, answer)[-REMEMBERED:]
        seen = slice(now.stop - len(told), now.stop)
        models["going on"].partial_fit(x[seen], told)
        models["anew"].set_params(epochs=20).fit(x[seen], told)
    accuracy = {name: np.array(values) for name, values in right.items()}
    for i, t in enumerate(threshold):
        run.row(batch=i, t=t, **{name: values[i] for name, values in accuracy.items()})

    axis = run.axes(width=9, height=3.8)
    window = np.ones(5) / 5
    for name, values in accuracy.items():
        axis.plot(np.arange(2, len(values) - 2), np.convolve(values, window, "valid"), label=name)
    for k, t in enumerate(stages):
        axis.axvline(k * batches, color="#999999", linewidth=0.8, linestyle="--")
        axis.text((k + 0.5) * batches, 1.03, f"{t} or more?", ha="center", fontsize=8)
    axis.set(
        xlabel="batch of fifty images", ylabel="right answers, mean of five batches", ylim=(0, 1.08)
    )
    axis.legend(loc="lower left")

    settled = np.arange(len(threshold)) % batches >= batches // 2
    settled &= threshold > FIRST
    mean = {name: values[settled].mean() for name, values in accuracy.items()}
    run.check("settled, going on - kept", mean["going on"] - mean["kept"], at_least=0.1)
    if run.data == "mnist":
        run.check("settled, going on - anew", mean["going on"] - mean["anew"], at_least=0.01)
        # Kept, it is wrong where the answer has changed, but for its errors: a (1 - s) + (1 - a) s.
        a = accuracy["kept"][threshold == FIRST].mean()
        last = slice(
            start + len(threshold[threshold < LAST]) * BATCH, start + len(threshold) * BATCH
        )
        s = ((digit[last] >= FIRST) & (digit[last] < LAST)).mean()
        expected = a * (1 - s) + (1 - a) * s
        run.check(
            "kept, at the end",
            accuracy["kept"][threshold == LAST].mean(),
            near=expected,
            tolerance=0.05,
        )


if __name__ == "__main__":
    main()
