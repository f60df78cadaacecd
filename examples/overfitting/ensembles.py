"""Several networks vote, are averaged, are stacked: python -m examples.overfitting.ensembles"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from examples.experiment import Images, Run, experiment
from examples.overfitting._common import fashion
from minigrad.sklearn import NetClassifier

MEMBERS = 5


def errors(model: Any, parts: tuple[Images, Images]) -> list[float]:
    return [1 - model.score(part.x.numpy(), part.y.numpy()) for part in parts]


def losses(model: Any, parts: tuple[Images, Images]) -> list[float]:
    return [log_loss(part.y.numpy(), model.predict_proba(part.x.numpy())) for part in parts]


@experiment(
    "Several networks together err less than one of them, and their loss on new data is nearer that on old.",
    source="000: ensembles by voting, averaging, stacking against overfitting",
)
def main(run: Run) -> None:
    """Five 784-50-10 networks that differ in their first weights and order, on few images of Fashion-MNIST.

    Voting: the class that most say. Averaging: of their probabilities. Stacking: a logistic regression learns
    from what they say of images they have not seen. Bagging: each has images of its own, drawn with replacement."""
    data = fashion(run, 600 if run.quick else 2000, 5000)
    x, y = data[0].x.numpy(), data[0].y.numpy()
    nets = []
    for i in range(MEMBERS):
        net = NetClassifier(
            [50], lr=0.01, epochs=20, batch_size=20, random_state=100 * run.seed + i
        )
        nets.append((f"net {i}", net.fit(x, y)))
    trained = [(name, FrozenEstimator(net)) for name, net in nets]  # not once more
    together = {
        "voting": VotingClassifier(trained),
        "averaging": VotingClassifier(trained, voting="soft"),
        "stacking": StackingClassifier(nets, LogisticRegression(C=0.1, max_iter=1000), cv=3),
        "bagging": BaggingClassifier(nets[0][1], MEMBERS, random_state=run.seed),
    }
    error = {name: errors(model.fit(x, y), data) for name, model in together.items()}
    alone = np.array([errors(net, data) for _, net in nets])
    for name, (training, test) in {**dict(zip(dict(nets), alone, strict=True)), **error}.items():
        run.row(model=name, training_error=training, test_error=test)
    loss = {
        "one network": np.mean([losses(net, data) for _, net in nets], axis=0),
        "averaging": losses(together["averaging"], data),
    }

    mean, best = alone[:, 1].mean(), alone[:, 1].min()
    left, right = run.axes(1, 2, 10, 3.8)
    left.bar(["one\nnetwork", *error], [mean, *(test for _, test in error.values())], 0.55)
    left.plot(
        np.zeros(MEMBERS), alone[:, 1], "o", color="C1", markersize=4, label="each of the five"
    )
    left.axhline(mean, color="#999999", linestyle="--", linewidth=1, label="their mean")
    left.set(ylabel="test error", title=f"{len(x):,} training images", ylim=(0, alone.max() * 1.3))
    left.legend(loc="upper right", ncols=2)
    for i, part in enumerate(("training", "test")):
        values = [pair[i] for pair in loss.values()]
        right.bar(np.arange(2) + 0.3 * (i - 0.5), values, 0.3, label=part)
    right.set_xticks(range(2), list(loss))
    right.set(ylabel="cross-entropy", title="the gap between training and test")
    right.legend()

    # -log is convex: the loss of the mean is at most the mean of the losses.
    run.check(
        "averaging: test loss / a network's",
        loss["averaging"][1] / loss["one network"][1],
        at_most=1,
    )
    if run.data == "digits":
        return  # too few and too easy for what follows
    # 5,000 images tell a network's error of 0.2 from another's to about 0.006: 3 % of it.
    for name, (_, test) in error.items():
        run.check(f"{name}: test error / a network's", test / mean, at_most=0.97)
    # That one is known to be the best by the test images alone.
    run.check(
        "averaging: test error / the best network's", error["averaging"][1] / best, at_most=1.03
    )
    one, averaged = (np.diff(pair)[0] for pair in loss.values())
    # Not so the gap of the errors: the training error falls as well.
    run.check("averaging: gap of the losses / a network's", averaged / one, at_most=0.9)


if __name__ == "__main__":
    main()
