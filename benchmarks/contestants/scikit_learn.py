"""scikit-learn's MLPClassifier, a pass over the data at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.neural_network import MLPClassifier

from . import Timed


class Contestant:
    def program(self, folder: str) -> Timed:
        images, labels = (np.load(Path(folder, f"{name}.npy")) for name in ("images", "labels"))
        x = ((images / 255 - 0.5) / 0.5).astype(np.float32).reshape(len(images), -1)
        model = MLPClassifier((128,), solver="adam", alpha=0, batch_size=32, random_state=0)
        classes = np.unique(labels)
        return lambda: model.partial_fit(x, labels, classes=classes)
