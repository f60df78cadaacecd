"""L1 by a proximal step, L1 by a penalty, and L2: python -m examples.optimisers.l1_zeros"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import Lasso

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn, train
from minigrad.optim import SGD

SAMPLES, FEATURES, RELEVANT, NOISE = 200, 100, 10, 0.5
STRENGTH, LR = 0.1, 0.1
WAYS = ("none", "L2", "L1, penalty", "L1, proximal")


def fit(way: str, x: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Return the weights of least squares, loss |y - x w|² / 2n, regularised one way."""
    model = nn.Linear(FEATURES, 1, bias=False)
    options = {"L2": {"weight_decay": STRENGTH}, "L1, proximal": {"l1_decay": STRENGTH}}
    train.fit(
        model,
        lambda output, target: 0.5 * nn.functional.mse_loss(output, target),
        SGD(model.parameters(), lr=LR, **options.get(way, {})),
        [(mg.tensor(x), mg.tensor(y))],
        epochs=epochs,
        penalty=(lambda m: STRENGTH * m.weight.abs().sum()) if way == "L1, penalty" else None,
        progress=False,
    )
    return model.weight.detach().numpy()[0]


@experiment(
    "L1 makes exact zeros by a proximal step; as a penalty it only comes near 0, and L2 shrinks all.",
    source="000: L1 drives weights to 0, L2 shrinks them",
)
def main(run: Run) -> None:
    """Least squares with 100 features, of which 10 matter, and 200 samples. A step by the penalty's gradient, lr λ
    sign(w), as the source has it, jumps over 0 and back; the proximal step stops there, at the lasso's solution."""
    truth = np.zeros(FEATURES, np.float32)
    truth[:RELEVANT] = run.rng.choice([-1, 1], RELEVANT) * run.rng.uniform(1, 2, RELEVANT)
    x = run.rng.standard_normal((SAMPLES, FEATURES)).astype(np.float32)
    y = (x @ truth + NOISE * run.rng.standard_normal(SAMPLES)).astype(np.float32)[:, None]
    weights = {way: fit(way, x, y, 300 if run.quick else 3000) for way in WAYS}
    lasso = Lasso(STRENGTH, fit_intercept=False, tol=1e-8).fit(x.astype(np.float64), y[:, 0]).coef_
    for k in range(FEATURES):
        run.row(
            feature=k, truth=truth[k], lasso=lasso[k], **{way: w[k] for way, w in weights.items()}
        )

    axes = run.axes(1, 4, 10, 3)
    for axis, (way, w) in zip(axes, weights.items(), strict=True):
        axis.stem(w, linefmt="#1f6f8b", markerfmt=" ", basefmt="#999999")
        axis.plot(truth[:RELEVANT], "_", color="#d1495b", markersize=5, label="truth, others 0")
        axis.set(
            title=f"{way}\n{(w == 0).sum()} zeros, |w|₁ = {abs(w).sum():.1f}",
            xlabel="feature",
            ylim=(-2.3, 2.3),
        )
        axis.label_outer()
    axes[0].set(ylabel="weight")
    axes[0].legend(loc="lower right", fontsize=7)

    zeros = {way: int((w == 0).sum()) for way, w in weights.items()}
    for way in WAYS[:3]:
        run.check(f"{way}: zeros", zeros[way], near=0)
    run.check("L1, proximal: zeros", zeros["L1, proximal"], at_least=60)
    run.check(
        "  zeros of the lasso in scikit-learn",
        (lasso == 0).sum(),
        near=zeros["L1, proximal"],
        tolerance=2,
    )
    run.check(
        "  weights from the lasso's", abs(weights["L1, proximal"] - lasso).max(), at_most=1e-3
    )
    run.check(
        "  relevant features kept",
        np.count_nonzero(weights["L1, proximal"][:RELEVANT]),
        near=RELEVANT,
    )
    near = abs(weights["L1, penalty"][RELEVANT:]).max()
    run.check("L1, penalty: largest weight that should be 0", near, at_most=0.05)
    norm = {way: np.linalg.norm(w) for way, w in weights.items()}
    run.check("L2: norm of the weights, of none", norm["L2"] / norm["none"], at_most=0.95)


if __name__ == "__main__":
    main()
