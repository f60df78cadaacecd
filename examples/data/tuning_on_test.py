"""Choosing hyper-parameters on the test images: python -m examples.data.tuning_on_test"""

from __future__ import annotations

import numpy as np

from examples.data._common import vectors
from examples.experiment import Run, experiment
from minigrad.sklearn import NetClassifier

SIZES = (50, 100, 200, 500, 1000, 2000)
SHOWN = 100


def candidates(rng: np.random.Generator, count: int) -> list[NetClassifier]:
    """Return networks whose size, learning rate and weight decay are drawn from sensible ranges."""
    return [
        NetClassifier(
            [int(rng.integers(30, 100))],
            lr=10 ** rng.uniform(-3, -2),
            weight_decay=10 ** rng.uniform(-6, -3),
            epochs=10,
            batch_size=50,
            random_state=int(rng.integers(2**31)),
        )
        for _ in range(count)
    ]


def choose(right: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Choose among the first 1, 2, ... candidates by `size` images; return what is said of each choice.

    right (candidates, images): whose answer to what is right. Returns (3, candidates): the accuracy on the
    images it was chosen by, on as many others, and on all others."""
    order, images = rng.permutation(len(right)), rng.permutation(right.shape[1])
    right = right[order]
    chosen_by = right[:, images[:size]].mean(1)
    third = right[:, images[size : 2 * size]].mean(1)
    true = right[:, images[size:]].mean(1)
    best = [chosen_by[: k + 1].argmax() for k in range(len(right))]
    return np.array([chosen_by[best], third[best], true[best]])


@experiment(
    "The images by which hyper-parameters are chosen say too much good of the choice; a third set does not.",
    source="002: validation data; hyper-parameters tuned on test data overfit it",
)
def main(run: Run) -> None:
    """Networks with random hyper-parameters, trained on 1,000 MNIST images; the best on some test images is chosen.

    A mean over many drawings of these images. On the images it was chosen by, the best seems better than it is:
    the more candidates and the fewer images, the more so. With many images what is truly better is chosen."""
    count, draws = (16, 300) if run.quick else (40, 1000)
    (x, y), (x_test, y_test) = vectors(run, 1000, 10000)
    right = np.array(
        [net.fit(x, y).predict(x_test) == y_test for net in candidates(run.rng, count)]
    )
    sizes = [size for size in SIZES if 3 * size <= len(y_test)]
    told = {
        size: np.mean([choose(right, size, run.rng) for _ in range(draws)], axis=0)
        for size in sizes
    }
    chosen_by, third, true = told[SHOWN]
    rosy = np.array([told[size][0, -1] - told[size][2, -1] for size in sizes])
    for k in range(count):
        run.row(candidates=k + 1, chosen_by=chosen_by[k], third=third[k], true=true[k])

    left, right_axis = run.axes(1, 2, 10, 3.8)
    for name, values, style in (
        (f"on the {SHOWN} images it was chosen by", chosen_by, "C1-"),
        (f"on {SHOWN} others: a third set", third, "C0-"),
        ("on all others: the truth", true, "k:"),
    ):
        left.plot(range(1, count + 1), values, style, label=name)
    left.set(
        xlabel="candidates", ylabel="accuracy of the chosen", title="the more are tried, the rosier"
    )
    left.legend(loc="best")
    right_axis.loglog(sizes, rosy, "C1o-", label="measured")
    right_axis.loglog(
        sizes, rosy[0] * np.sqrt(sizes[0] / np.array(sizes)), "k:", label="as 1 / √images"
    )
    right_axis.set(xlabel="images it was chosen by", ylabel="said - true accuracy")
    right_axis.set_title(f"the best of {count}")
    right_axis.legend()

    # Standard error of a mean: sqrt(0.1 / 100 / draws), at most 0.002.
    run.check("one candidate: said - true", (chosen_by - true)[0], near=0, tolerance=0.006)
    # The best of 16 or more values that deviate by 0.02 or so (pairs differ on 5 of 100 images).
    run.check(f"best of {count}: said - true", (chosen_by - true)[-1], at_least=0.01)
    run.check(f"best of {count}: third set - true", (third - true)[-1], near=0, tolerance=0.006)
    if run.data == "mnist":
        # By 1 / sqrt(images) three times less; if the number did not matter, 1.
        ratio = rosy[sizes.index(100)] / rosy[sizes.index(1000)]
        run.check("said - true by 100 / by 1,000 images", ratio, at_least=1.5)


if __name__ == "__main__":
    main()
