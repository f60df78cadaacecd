"""Figures that examples share: a confusion matrix with the worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minigrad.train.history import INK, STYLE

PALE = "#999999"
ROWS, COLUMNS = 4, 5  # of the mistakes shown

mpl.rcParams.update(STYLE)


def confusion(
    path: Path,
    images: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    title: str,
) -> None:
    """Draw how often each class is taken for each other, beside the mistakes made with the greatest confidence.

    images (N, H, W), labels (N,), probabilities (N, C).
    """
    classes = [name.partition(" - ")[0] for name in classes]  # "7 - seven"
    predicted = probabilities.argmax(1)
    certainty = probabilities.max(1)
    mistakes = np.flatnonzero(predicted != labels)
    worst = mistakes[np.argsort(-certainty[mistakes], kind="stable")][: ROWS * COLUMNS]

    figure = Figure(figsize=(12, 6), layout="constrained")
    figure.suptitle(title, fontsize=11)
    left, right = figure.subfigures(1, 2)
    left.suptitle(f"{len(mistakes)} mistakes in {len(labels)} test images", fontsize=10)
    right.suptitle("the most confident mistakes: true → predicted", fontsize=10)
    _draw_matrix(left.subplots(), predicted, labels, classes)
    cells = list(right.subplots(ROWS, COLUMNS).flat)
    for axis in cells:
        axis.axis("off")
    for axis, i in zip(cells, worst, strict=False):
        axis.imshow(images[i], cmap="gray_r")
        told = f"{classes[labels[i]]}\n→ {classes[predicted[i]]}, {certainty[i]:.0%}"
        axis.set_title(told, fontsize=7.5)
    figure.savefig(path)


def _draw_matrix(
    axis: Axes, predicted: np.ndarray, labels: np.ndarray, classes: Sequence[str]
) -> None:
    count = len(classes)
    matrix = np.zeros((count, count), int)
    np.add.at(matrix, (labels, predicted), 1)
    wrong = matrix - np.diag(matrix.diagonal())
    most = max(1, wrong.max())
    axis.imshow(wrong, cmap="Reds", vmax=most)
    for i, j in zip(*matrix.nonzero(), strict=True):
        colour = PALE if i == j else "white" if wrong[i, j] > 0.6 * most else INK
        axis.text(j, i, matrix[i, j], ha="center", va="center", color=colour, fontsize=8)
    slanted = {"rotation": 45, "ha": "right"} if max(map(len, classes)) > 3 else {}
    axis.set_xticks(range(count), classes, **slanted)
    axis.set_yticks(range(count), classes)
    axis.set_xlabel("predicted")
    axis.set_ylabel("true")
