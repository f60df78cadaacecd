"""An autoencoder beside PCA: python -m examples.beyond.autoencoder"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.beyond._common import train
from examples.experiment import Run, experiment
from minigrad import nn
from minigrad.train import History

CODE, HIDDEN, BATCH, EPOCHS, LR = 16, 256, 100, 6, 1e-2
Array = np.ndarray


def pca(training: Array, test: Array) -> tuple[Array, Array]:
    """Return both as the mean image and CODE directions tell them: those along which the training images vary most."""
    mean = training.mean(0)
    # Eigenvectors of the covariance, by rising variance.
    directions = np.linalg.eigh((training - mean).T @ (training - mean))[1][:, -CODE:]
    told = [(part - mean) @ directions @ directions.T + mean for part in (training, test)]
    return told[0], told[1]


def autoencoder(pixels: int) -> nn.Sequential:
    return nn.Sequential(
        *(nn.Linear(pixels, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CODE)),
        *(nn.Linear(CODE, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, pixels), nn.Sigmoid()),
    )


def linear(pixels: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(pixels, CODE), nn.Linear(CODE, pixels))


def learn(model: nn.Module, training: Array, test: Array, epochs: int) -> History:
    """Train the model to give back the image that it is given, through CODE numbers."""
    pairs = [(images, images) for images in map(mg.tensor, (training, test))]
    loss = nn.functional.mse_loss
    return train(model, *pairs, epochs, loss=loss, metrics=(), batch=BATCH, lr=LR)


@experiment(
    "Sixteen numbers tell a digit with half of PCA's error, through a network; through a linear one, with all of it.",
    source="Hinton and Salakhutdinov 2006; Baldi and Hornik 1989: linear networks and PCA",
)
def main(run: Run) -> None:
    """Images through a code of 16 numbers and back. Of linear codes, PCA's is the best that there is, so a linear
    network can only come near to it; one with hidden layers follows the bends of the data."""
    parts = run.images("mnist")
    training, test = (part.x.flatten(1).numpy() for part in parts)
    labels, epochs = parts[1].y.numpy(), EPOCHS
    if run.quick:
        training, test, epochs = training[:10_000], test[:2000], 10
    if run.data == "digits":  # they are few
        epochs *= 10
    told = dict(zip(("training", "PCA"), pca(training, test), strict=True))
    bound = np.mean((told.pop("training") - training) ** 2)  # the least that a linear code leaves
    models = {"linear": linear(training.shape[1]), "autoencoder": autoencoder(training.shape[1])}
    left, right = run.axes(1, 2, 10, 3.6)
    for name, model in models.items():
        history = learn(model, training, test, epochs)
        left.plot(range(1, epochs + 1), history["val_loss"], marker="o", markersize=3, label=name)
        with mg.no_grad():
            told[name] = model(mg.tensor(test)).numpy()
            if name == "linear":
                above = np.mean((model(mg.tensor(training)).numpy() - training) ** 2) / bound
        for epoch, row in enumerate(history, 1):
            run.row(model=name, epoch=epoch, **row)
    error = {name: np.mean((image - test) ** 2) for name, image in told.items()}
    left.axhline(error["PCA"], color="#333333", linestyle=":", label="PCA")
    left.set(title="test images told by 16 numbers", xlabel="epoch", ylabel="mean squared error")
    left.set_ylim(0, 1.6 * error["PCA"])
    left.legend()

    side = round(training.shape[1] ** 0.5)
    chosen = [int(np.flatnonzero(labels == digit)[0]) for digit in (2, 3, 4, 5, 8, 9)]
    rows = {"the image": test, **{name: told[name] for name in ("PCA", "autoencoder")}}
    picture = [[np.pad(part[i].reshape(side, side), 1) for i in chosen] for part in rows.values()]
    right.imshow(np.block(picture), cmap="gray_r", vmin=0, vmax=1)
    right.set_yticks([(side + 2) * (k + 0.5) for k in range(len(rows))], list(rows))
    right.set_xticks([])
    right.tick_params(length=0)
    right.grid(visible=False)
    right.spines[:].set_visible(False)

    run.check("linear / PCA, error on the training images", above, at_least=1 - 1e-5, at_most=1.1)
    run.check(
        "autoencoder / PCA, error on the test images",
        error["autoencoder"] / error["PCA"],
        at_most=1 if run.quick or run.data == "digits" else 0.5,
    )


if __name__ == "__main__":
    main()
