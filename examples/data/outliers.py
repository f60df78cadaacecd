"""Values that are wrong by far: python -m examples.data.outliers"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn
from minigrad.train import fit, predict

NOISE, SHARE, OFF = 0.1, 0.1, 3.0
DELTA = 1.345 * NOISE  # Huber's choice: hardly worse than squares where there are no outliers


def curve(x: mg.Tensor) -> mg.Tensor:
    return (2 * x).sin()


def fitted(x: mg.Tensor, y: mg.Tensor, loss: nn.Module, steps: int) -> nn.Module:
    mg.manual_seed(0)  # the same beginning for all
    model = nn.Sequential(
        nn.Linear(1, 30), nn.Tanh(), nn.Linear(30, 30), nn.Tanh(), nn.Linear(30, 1)
    )
    optimizer = mg.optim.Adam(model.parameters(), lr=0.01)
    scheduler = mg.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    fit(model, loss, optimizer, [(x, y)], epochs=steps, scheduler=scheduler, progress=False)
    return model


@experiment(
    "A few outliers bend a fit by squared errors; Huber's loss, or leaving them out, keeps it straight.",
    source="003: handle outliers before training; Huber, Robust estimation of a location parameter, 1964",
)
def main(run: Run) -> None:
    """A 1-30-30-1 network learns sin 2x from points of which one in ten is too great by 3.

    The least of the squared errors is at the mean of what is seen: too great by 0.3. Those left out are further
    than three deviations from the fit by Huber's loss."""
    count, steps = (200, 500) if run.quick else (400, 1500)
    x = mg.tensor(run.rng.uniform(-2, 2, (count, 1))).float()
    clean = curve(x) + mg.tensor(run.rng.normal(0, NOISE, (count, 1))).float()
    wrong = np.arange(count)[:, None] < SHARE * count
    y = clean + OFF * mg.tensor(wrong).float()

    models = {
        "no outliers, squared": fitted(x, clean, nn.MSELoss(), steps),
        "squared": fitted(x, y, nn.MSELoss(), steps),
        "Huber": fitted(x, y, nn.HuberLoss(delta=DELTA), steps),
    }
    off = (y - predict(models["Huber"], [x])).abs().numpy()
    # 1.4826 times the median of the distances is the deviation of normal ones.
    left_out = (off > 3 * 1.4826 * np.median(off)).ravel()
    kept = mg.tensor(np.flatnonzero(~left_out))
    models["left out, squared"] = fitted(x[kept], y[kept], nn.MSELoss(), steps)

    at = mg.linspace(-2, 2, 401).unsqueeze(1)
    errors = {name: (predict(model, [at]) - curve(at)).numpy() for name, model in models.items()}
    wide = {name: np.sqrt((error**2).mean()) for name, error in errors.items()}
    for name, error in errors.items():
        run.row(fit=name, mean_error=error.mean(), root_mean_square=wide[name])

    left, right = run.axes(1, 2, 10, 3.8)
    left.plot(x.numpy(), y.numpy(), ".", color="#bbbbbb", markersize=4, label="seen")
    left.plot(at.numpy(), curve(at).numpy(), "k:", label="true")
    for name in ("squared", "Huber"):
        left.plot(at.numpy(), errors[name] + curve(at).numpy(), label=name)
    left.set(xlabel="x", ylabel="y", ylim=(-1.5, 6), title="one in ten is too great by 3")
    left.legend(ncols=2, loc="upper left")
    right.barh(list(wide), list(wide.values()), color=["C2", "C0", "C1", "C3"])
    right.invert_yaxis()
    right.set(xlabel="root mean square error of the fit", title="distance from the truth")

    # Exactly what the outliers add to the mean; 0.05 is three deviations of a mean of noise, and the fit's.
    run.check("squared: mean error", errors["squared"].mean(), near=SHARE * OFF, tolerance=0.06)
    # Where the slopes of the loss balance: share * delta = (1 - share) P(noise < delta) * bias.
    bias = SHARE * DELTA / ((1 - SHARE) * 0.82)
    run.check("Huber: mean error", errors["Huber"].mean(), near=bias, tolerance=0.03)
    run.check("error, Huber / squared", wide["Huber"] / wide["squared"], at_most=0.5)
    run.check("error, left out / squared", wide["left out, squared"] / wide["squared"], at_most=0.5)
    run.check("outliers found", left_out[wrong.ravel()].mean(), at_least=0.99)


if __name__ == "__main__":
    main()
