"""A boundary that bends: python -m examples.beyond.two_moons"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import COLOURS, Run, experiment
from minigrad import nn, train
from minigrad.optim.lr_scheduler import LinearLR

POINTS, NOISE, HIDDEN = 100, 0.1, 16
STEPS, DECAY = 150, 1e-4
AREA = (-1.7, 2.7, -1.2, 1.7)
Array = np.ndarray


def moon(which: Array, angle: Array) -> Array:
    """Return points of the upper half circle (0), or of the lower one (1), which begins inside it."""
    upper = np.stack([np.cos(angle), np.sin(angle)], -1)
    return np.where(which[..., None] == 0, upper, [1.0, 0.5] - upper)


def points(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Return points (count, 2) scattered about the moons, and which moon each is of (count)."""
    which = np.arange(count) % 2
    places = moon(which, rng.uniform(0, np.pi, count))
    return (places + NOISE * rng.standard_normal((count, 2))).astype(np.float32), which


def likelier(x: Array) -> Array:
    """Return how much likelier a point is the lower moon's, as a logarithm: the best one can know.

    A moon's density is the mean of the noise's about the places on its half circle."""
    places = [moon(np.full(200, which), np.linspace(0, np.pi, 200)) for which in (0, 1)]
    upper, lower = (
        np.logaddexp.reduce(-((x[:, None] - p) ** 2).sum(-1) / (2 * NOISE**2), axis=1)
        for p in places
    )
    return lower - upper


def best_line(x: Array, which: Array) -> float:
    """Return the largest share of points that any straight line has on their sides, of lines in 360 directions."""
    best = 0.0
    for angle in np.linspace(0, 2 * np.pi, 360, endpoint=False):
        along = which[np.argsort(x @ [np.cos(angle), np.sin(angle)])]
        below, above = np.cumsum(along == 0), np.cumsum(along[::-1] == 1)[::-1]
        best = max(best, float((below[:-1] + above[1:]).max()) / len(x))
    return best


def learn(model: nn.Module, x: Array, which: Array) -> None:
    """Widen the margin: a point on its own side by less than 1 costs what is missing."""
    side = mg.tensor(2.0 * which[:, None] - 1)
    optimizer = mg.optim.SGD(model.parameters(), lr=1.0)
    train.fit(
        model,
        lambda score, side: (1 - side * score).relu().mean(),
        optimizer,
        [(mg.tensor(x), side.float())],
        epochs=STEPS,
        penalty=lambda model: DECAY * sum((p**2).sum() for p in model.parameters()),
        scheduler=LinearLR(optimizer, 1.0, 0.1, STEPS),
        progress=False,
    )


@experiment(
    "Two hidden layers bend the boundary round two moons, close to the best one; a straight line cannot.",
    source="Karpathy, micrograd: 2-16-16-1, ReLU, max-margin loss, 100 points",
)
def main(run: Run) -> None:
    """The best boundary is known here: where a point is as likely of one moon as of the other."""
    x, which = points(run.rng, POINTS)
    new_x, new_which = points(run.rng, 4000)
    models = {
        "a straight line": nn.Linear(2, 1),
        "2-16-16-1": nn.Sequential(
            *(nn.Linear(2, HIDDEN), nn.ReLU()),
            *(nn.Linear(HIDDEN, HIDDEN), nn.ReLU()),
            nn.Linear(HIDDEN, 1),
        ),
    }
    across, up = np.meshgrid(np.linspace(*AREA[:2], 150), np.linspace(*AREA[2:], 100))
    grid = np.stack([across, up], -1).reshape(-1, 2).astype(np.float32)

    def right(score: Array, of: Array) -> float:
        return float(((score > 0) == of).mean())

    best = right(likelier(new_x), new_which)
    seen, unseen = {}, {}
    for axis, (name, model) in zip(run.axes(1, 2, height=3.6), models.items(), strict=True):
        learn(model, x, which)
        with mg.no_grad():
            scores = [model(mg.tensor(part)).numpy()[:, 0] for part in (x, new_x, grid)]
        seen[name], unseen[name] = right(scores[0], which), right(scores[1], new_which)
        run.row(model=name, seen=seen[name], unseen=unseen[name], best_possible=best)
        height = scores[2].reshape(across.shape)
        axis.contourf(across, up, height, [-1e9, 0, 1e9], colors=COLOURS[:2], alpha=0.12)
        lines = {"colors": "#333333", "linewidths": [0.6, 1.5, 0.6], "linestyles": "-"}
        axis.contour(across, up, height, [-1, 0, 1], **lines)
        axis.contour(
            across, up, likelier(grid).reshape(across.shape), [0], colors="#333333", linestyles=":"
        )
        for k in (0, 1):
            axis.plot(*x[which == k].T, "o", markersize=4, color=COLOURS[k])
        axis.set_title(f"{name}: {unseen[name]:.1%} of new points right")
        axis.set(xticks=[], yticks=[], aspect="equal")
    run.figure.supxlabel(f"solid: boundary and margins; dotted: the best boundary, {best:.1%}")

    run.check("2-16-16-1: share right of the points seen", seen["2-16-16-1"], near=1)
    run.check("  of new points, short of the best", best - unseen["2-16-16-1"], at_most=0.02)
    run.check("any straight line: of new points", best_line(new_x, new_which), at_most=0.95)


if __name__ == "__main__":
    main()
