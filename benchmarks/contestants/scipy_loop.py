"""Image by image: SciPy's affine transform, and what else augmentation needs, in NumPy."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from . import Timed
from .batches import rng


class Contestant:
    def augmentation(self, what: str, shape: tuple[int, int, int, int]) -> Timed:
        images = rng.random(shape, np.float32)
        change = getattr(self, what)

        def batch() -> None:
            out = np.empty_like(images)
            for image, to in zip(images, out, strict=True):
                change(image, to)

        return batch

    def affine(self, image: np.ndarray, to: np.ndarray) -> None:
        """Rotation, scale, shear and a shift about the centre, bilinear."""
        angle, shear, scale = rng.uniform((-0.35, -0.17, 0.9), (0.35, 0.17, 1.1))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = turn @ np.array([[1, np.tan(shear)], [0, 1]]) / scale
        centre = (np.array(image.shape[1:]) - 1) / 2
        offset = centre - matrix @ (centre + rng.uniform(-2, 2, 2))
        for channel, result in zip(image, to, strict=True):
            ndimage.affine_transform(
                channel, matrix, offset, output=result, order=1, mode="grid-constant"
            )

    def crop(self, image: np.ndarray, to: np.ndarray) -> None:
        top, left = rng.integers(0, 9, 2)
        height, width = image.shape[1:]
        padded = np.pad(image, ((0, 0), (4, 4), (4, 4)))
        to[...] = padded[:, top : top + height, left : left + width]

    def flip(self, image: np.ndarray, to: np.ndarray) -> None:
        to[...] = image[:, :, ::-1] if rng.random() < 0.5 else image

    def noise(self, image: np.ndarray, to: np.ndarray) -> None:
        to[...] = image + rng.normal(0.0, 0.1, image.shape)

    def cutout(self, image: np.ndarray, to: np.ndarray) -> None:
        to[...] = image
        row, column = rng.integers(0, image.shape[1:])
        to[:, max(row - 4, 0) : row + 4, max(column - 4, 0) : column + 4] = 0
