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

    axes = run.axes(1, 4, 10, 3.2)
    for axis, (way, w) in zip(axes, weights.items(), strict=True):
        for part, name in ((slice(RELEVANT), "matter"), (slice(RELEVANT, None), "do not")):
            places = np.arange(FEATURES)[part]
            axis.plot(places, abs(w[part]), "o", markersize=3, label=name)
        axis.axhline(0, color="#999999", linewidth=1)
        axis.set_yscale("symlog", linthresh=1e-4)
        axis.set_yticks([0, 1e-4, 1e-3, 1e-2, 1e-1, 1])
        axis.set(title=f"{way}: {(w == 0).sum()} zeros", xlabel="feature", ylim=(-5e-5, 5))
        axis.label_outer()
    axes[0].set(ylabel="|weight|")
    axes[0].legend(loc="lower right", fontsize=8, title="features that", title_fontsize=8)

    zeros = {way: int((w == 0).sum()) for way, w in weights.items()}
    for way in WAYS[:3]:
        run.check(f"{way}: zeros", zeros[way], near=0)
    most = (FEATURES - RELEVANT) / 2
    run.check("L1, proximal: zeros", zeros["L1, proximal"], at_least=most)
    apart = abs(weights["L1, proximal"] - lasso).max()
    run.check("  weights from those of the lasso in scikit-learn", apart, at_most=1e-3)
    kept = np.count_nonzero(weights["L1, proximal"][:RELEVANT])
    run.check("  relevant features kept", kept, near=RELEVANT)
    # Where the loss pulls by less than λ, a step goes towards 0, and over it by less than 2 lr λ.
    near = abs(weights["L1, penalty"][lasso == 0]).max()
    run.check("L1, penalty: largest of those weights", near, at_most=2 * LR * STRENGTH)
    ridge = np.linalg.solve(
        x.T @ x / SAMPLES + STRENGTH * np.eye(FEATURES), x.T @ y[:, 0] / SAMPLES
    )
    run.check("L2: weights from the ridge's", abs(weights["L2"] - ridge).max(), at_most=0.01)
    norm = {way: np.linalg.norm(w) for way, w in weights.items()}
    run.check("  their norm, of none's", norm["L2"] / norm["none"], at_most=1)


if __name__ == "__main__":
    main()
