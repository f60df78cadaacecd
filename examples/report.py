"""Figures that examples share: training curves, and a confusion matrix with the worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

TRAIN, VALIDATION, INK = "#1f6f8b", "#d1495b", "#333333"
WORST = 18  # mistakes shown: three rows of six

plt.rcParams.update(
    {
        "figure.dpi": 130,
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": INK,
        "axes.titlesize": 10,
        "legend.frameon": False,
    }
)


def curves(path: Path, history: Sequence[dict[str, float]], title: str) -> None:
    """Draw loss and accuracy by epoch, training and validation, labelled at the end of each line."""
    epochs = np.arange(1, len(history) + 1)
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for axis, quantity in zip(axes, ("loss", "accuracy"), strict=True):
        for kind, name, colour in (("train", "training", TRAIN), ("val", "validation", VALIDATION)):
            values = [figures[f"{kind}_{quantity}"] for figures in history]
            axis.plot(epochs, values, color=colour, marker="o", markersize=3, label=name)
        axis.set_xlabel("epoch")
        axis.set_title(quantity, loc="left")
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.grid(alpha=0.25)
        axis.legend()
    axes[0].set_ylim(bottom=0)
    figure.suptitle(title, fontsize=11)
    figure.savefig(path)
    plt.close(figure)


def confusion(
    path: Path, images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]
) -> None:
    """Draw how often each class is taken for each other, beside the mistakes made with the greatest confidence.

    images (N, H, W), labels (N,), probabilities (N, C).
    """
    classes = [name.partition(" - ")[0] for name in classes]  # "7 - seven"
    predicted = probabilities.argmax(1)
    count = len(classes)
    matrix = np.zeros((count, count), int)
    np.add.at(matrix, (labels, predicted), 1)
    mistakes = np.flatnonzero(predicted != labels)
    worst = mistakes[np.argsort(-probabilities[mistakes, predicted[mistakes]], kind="stable")][:WORST]

    figure = plt.figure(figsize=(12, 5.4), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1])
    axis = left.subplots()
    off_diagonal = matrix - np.diag(matrix.diagonal())
    axis.imshow(off_diagonal, cmap="Reds", vmin=0, vmax=max(1, off_diagonal.max()))
    for i, j in np.ndindex(matrix.shape):
        if matrix[i, j]:
            dark = i != j and off_diagonal[i, j] > 0.6 * off_diagonal.max()
            colour = "white" if dark else "#999999" if i == j else INK
            axis.text(j, i, matrix[i, j], ha="center", va="center", color=colour, fontsize=8)
    slanted = {"rotation": 45, "ha": "right"} if max(map(len, classes)) > 3 else {}
    axis.set_xticks(range(count), classes, **slanted)
    axis.set_yticks(range(count), classes)
    axis.set_xlabel("predicted")
    axis.set_ylabel("true")
    axis.set_title(f"{len(mistakes)} mistakes in {len(labels)} test images", loc="left")

    right.suptitle("the most confident mistakes: true → predicted, probability", fontsize=10)
    for axis, i in zip(right.subplots(3, 6).flat, worst.tolist() + [None] * (WORST - len(worst)), strict=True):
        axis.axis("off")
        if i is not None:
            axis.imshow(images[i], cmap="gray_r")
            certainty = f"{probabilities[i, predicted[i]]:.0%}"
            axis.set_title(f"{classes[labels[i]]}\n→ {classes[predicted[i]]}, {certainty}", fontsize=7)
    figure.savefig(path)
    plt.close(figure)
