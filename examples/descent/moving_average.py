"""Exponential moving averages: python -m examples.descent.moving_average"""

from __future__ import annotations

import numpy as np

from examples.experiment import Run, experiment
from minigrad.optim import ema

BETAS = [0.5, 0.9, 0.98]


@experiment(
    "The larger beta, the smoother the moving average, and the later it follows.",
    source="000: exponentially weighted means of 30 whole numbers",
)
def main(run: Run) -> None:
    """S_0 = Y_0, then S_t = beta S_(t-1) + (1 - beta) Y_t. Of white noise it leaves (1 - beta) / (1 + beta) of the
    variance; a jump it has followed by half after ln(1/2) / ln(beta) steps.

    The source's text has S_0 = Y_1, and its program S_0 = 0: neither is right."""
    series = np.random.RandomState(0).randint(5, 40, 30)  # the source's own, whatever the seed
    smooth = {beta: ema(series, beta) for beta in BETAS}
    for t, value in enumerate(series):
        run.row(t=t, value=value, **{f"beta {beta}": smooth[beta][t] for beta in BETAS})

    left, right = run.axes(1, 2)
    left.plot(series, "o", color="#999999", markersize=4, label="the numbers")
    right.plot(np.arange(60) >= 10, color="#999999", linewidth=1, label="a jump")
    for beta in BETAS:
        left.plot(smooth[beta], label=f"beta {beta}")
        right.plot(ema(np.arange(60) >= 10, beta), label=f"beta {beta}")
    left.set(title="30 numbers from 5 to 39", xlabel="t", ylabel="value", ylim=(0, 51))
    left.legend(ncols=2, fontsize=8, loc="upper left")
    right.set(title="how late it follows", xlabel="t", ylabel="value")
    right.legend(loc="lower right", fontsize=8)

    for t, expected in ((0, 5), (1, 5.3), (29, 20.6292)):
        run.check(f"beta 0.9: S_{t}", smooth[0.9][t], near=expected, tolerance=1e-4)
    run.check("variance of the numbers", series.var(), near=70.65, tolerance=0.005)
    run.check("  of S, beta 0.9", smooth[0.9].var(), near=23.04, tolerance=0.005)
    noise = run.rng.standard_normal(20_000 if run.quick else 500_000)
    for beta in BETAS:
        expected = (1 - beta) / (1 + beta)
        left_over = ema(noise, beta)[1000:].var()
        run.check(
            f"beta {beta}: variance left of noise",
            left_over,
            near=expected,
            tolerance=0.2 * expected,
        )
        followed = int((ema(np.arange(200) > 0, beta) >= 0.5).argmax())
        run.check(
            f"beta {beta}: half of a jump after", followed, near=np.ceil(np.log(0.5) / np.log(beta))
        )


if __name__ == "__main__":
    main()
