"""A product of a hundred random matrices: python -m examples.initialisation.exploding_product"""

from __future__ import annotations

import math

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn

SIDE, FACTORS = 4, 100
# The length of a vector grows, in each product, by the root of a chi-square of 4 degrees of freedom: the
# mean and variance of its logarithm are (log 2 + psi(2)) / 2 and psi'(2) / 4, psi the digamma function.
PSI, PSI1 = 1 - np.euler_gamma, math.pi**2 / 6 - 1
MEAN = FACTORS * (math.log(2) + PSI) / 2 / math.log(10)
STD = math.sqrt(FACTORS * PSI1 / 4) / math.log(10)


def product(orthogonal: bool) -> list[float]:
    """Return log10 of the largest element after each factor."""
    total, sizes = mg.eye(SIDE, dtype=mg.float64), []
    for _ in range(FACTORS):
        factor = mg.randn(SIDE, SIDE, dtype=mg.float64)
        total = total @ (nn.init.orthogonal_(factor) if orthogonal else factor)
        sizes.append(math.log10(total.abs().max().item()))
    return sizes


@experiment(
    "The product of a hundred random matrices explodes; that of orthogonal ones keeps its size.",
    source="004: exploding gradients, 100 Gaussian 4 x 4 matrices",
)
def main(run: Run) -> None:
    """Products of 4 x 4 matrices from N(0, 1), as the gradient of a deep linear network is one."""
    repeats = 50 if run.quick else 400
    gaussian = np.array([product(False) for _ in range(repeats)])
    orthogonal = np.array([product(True) for _ in range(20)])
    for factor in range(FACTORS):
        run.row(
            factors=factor + 1,
            gaussian=np.median(gaussian[:, factor]),
            orthogonal=np.median(orthogonal[:, factor]),
        )

    left, right = run.axes(1, 2)
    steps = range(1, FACTORS + 1)
    for name, paths in (("Gaussian", gaussian), ("orthogonal", orthogonal)):
        left.plot(steps, np.median(paths, 0), label=name, linewidth=2)
        left.plot(steps, paths[:20].T, color=left.lines[-1].get_color(), alpha=0.2, linewidth=0.7)
    left.set(title="largest element of the product", xlabel="factors", ylabel="log10 of it")
    left.legend()
    right.hist(gaussian[:, -1], bins=20)
    right.axvspan(20.7, 28.4, color="#999999", alpha=0.2, zorder=0, label="expected range")
    right.axvline(MEAN, color="#d1495b", label="expected of a vector's length")
    right.set(title=f"after {FACTORS} factors", xlabel="log10 of the largest element")
    right.set_ylabel("products")
    right.set_ylim(top=1.25 * right.get_ylim()[1])
    right.legend(loc="upper center", ncols=2, fontsize=8)

    last = gaussian[:, -1]
    run.check("mean of log10, Gaussian", last.mean(), near=round(MEAN, 2), tolerance=0.9)
    run.check("deviation of log10", last.std(), near=round(STD, 2), tolerance=0.6)
    run.check("share from 20.7 to 28.4", np.mean((last > 20.7) & (last < 28.4)), at_least=0.85)
    run.check("largest |log10|, orthogonal", abs(orthogonal).max(), at_most=0.31)


if __name__ == "__main__":
    main()
