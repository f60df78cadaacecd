"""A feature that is always 0, and a weight that never moves: python -m examples.overfitting.dropped_feature"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn
from minigrad.data import DataLoader, TensorDataset
from minigrad.train import fit


def off(p: float) -> float:
    """Return how far the source's row after Dropout(p), and w's gradient, are from x mask / (1 - p)."""
    x = mg.tensor([[1.0, 2, 3, 1, 2, 3, 1, 2, 3, 1]])
    w = mg.arange(1.0, 11).requires_grad_()
    dropped = nn.Dropout(p)(x)
    (dropped * w).sum().backward()
    expected = x * (dropped != 0) / (1 - p)
    return max((values - expected).abs().max().item() for values in (dropped, w.grad))


@experiment(
    "Where a feature is 0 in all data, dropped or dark, its weights get no gradient.",
    source="000: Dropout(0.7), and Dropout(0.5) times weights, on a row of ten",
)
def main(run: Run) -> None:
    """784-50-10 on 500 MNIST images by SGD. The rims of all images are dark: there the weights stay as they were,
    to the bit. With weight decay they fade, for that is a gradient too."""
    data, _ = run.images("mnist")
    drawn = mg.tensor(run.rng.permutation(len(data.x))[:500])
    x, y = data.x[drawn].flatten(1), data.y[drawn]
    dark = (x.numpy() == 0).all(0)
    moved = {}
    for decay in (0.0, 0.01):
        mg.manual_seed(run.seed)  # the same beginning for both
        model = nn.Sequential(nn.Linear(x.shape[1], 50), nn.ReLU(), nn.Linear(50, 10))
        before = model[0].weight.detach().numpy().copy()
        optimizer = mg.optim.SGD(model.parameters(), lr=0.1, weight_decay=decay)
        loader = DataLoader(TensorDataset(x, y), 50, shuffle=True)
        epochs = 10 if run.quick else 30
        fit(model, nn.CrossEntropyLoss(), optimizer, loader, epochs=epochs, progress=False)
        moved[decay] = abs(model[0].weight.detach().numpy() - before).mean(0)
        after = model[0].weight.detach().numpy()
    # A step multiplies a weight without gradient by 1 - lr decay.
    fade = (1 - 0.1 * 0.01) ** (epochs * len(loader))
    from_fade = abs(after - before * fade)[:, dark].max() / abs(before).max()
    for i, values in enumerate(zip(x.numpy().max(0), *moved.values(), strict=True)):
        run.row(pixel=i, brightest=values[0], moved=values[1], moved_with_decay=values[2])

    side = data.x.shape[2:]
    axes = run.axes(1, 3, 10, 3.4)
    pictures = {
        "brightest value of each pixel": x.numpy().max(0),
        "how far its weights moved": np.where(moved[0.0] > 0, moved[0.0], np.nan),
        "the same, with weight decay 0.01": moved[0.01],
    }
    for axis, (title, values) in zip(axes, pictures.items(), strict=True):
        shown = axis.imshow(values.reshape(side), cmap="viridis", vmin=0)
        axis.set_facecolor("#dddddd")
        axis.set(title=title, xticks=[], yticks=[])
        axis.grid(False)
        run.figure.colorbar(shown, ax=axis, shrink=0.8)
    axes[1].set_xlabel("grey: not at all")

    for p in (0.7, 0.5):
        what = f"the source's row, Dropout({p}): values and gradient, from x mask / (1 - p)"
        run.check(what, off(p), near=0, tolerance=1e-6)
    run.check("pixels that are always dark", dark.sum(), at_least=1, at_most=len(dark) - 1)
    run.check("dark pixels: greatest movement", moved[0.0][dark].max(), near=0)
    run.check("other pixels: least movement", moved[0.0][~dark].min(), at_least=1e-9)
    run.check(
        "dark pixels, decay: distance from (1 - lr decay)^steps", from_fade, near=0, tolerance=1e-4
    )


if __name__ == "__main__":
    main()
