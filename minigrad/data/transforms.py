"""Transforms of images: each works on one image when called, and on a whole batch by `batch`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import dtypes
from ..autograd.op import wrap
from ..tensor import Tensor
from .sampler import keeps_up


class Transform:
    """A function of one image that can also be applied to a batch at once.

    `batch(images)` is what a subclass writes, (N, *image) -> (N, *result); a call is a batch of
    one. Transforms cannot be changed once they are made, so a dataset may remember what they do.

    per_pixel  whether each value of the result depends only on the pixel at the same place (in
               row-major order) of an image with one channel. Bytes have 256 values: so a dataset
               of bytes has such a transform, or a chain of them, done by one look-up a pixel.
    """

    per_pixel = False

    def batch(self, images: Tensor) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} has no batch(images)")

    def __call__(self, image: Any) -> Tensor:
        array = getattr(image, "array", image)
        return wrap(self.batch(wrap(np.asarray(array)[None])).array[0])


@dataclass(frozen=True)
class ToTensor(Transform):
    """Bytes 0..255 as floats in [0, 1], (H, W) as (1, H, W), and (H, W, C) as (C, H, W).

    Values of other dtypes are kept, as in torchvision.
    """

    per_pixel = True

    def batch(self, images: Tensor) -> Tensor:
        array = images.array
        if array.ndim not in (3, 4):
            raise ValueError(
                f"ToTensor: expected an image of shape (H, W) or (H, W, C), got {array.shape[1:]}"
            )
        array = array[:, None] if array.ndim == 3 else array.transpose(0, 3, 1, 2)
        if array.dtype == np.uint8:
            array = np.true_divide(array, 255, dtype=dtypes.get_default_dtype())
        return wrap(array)


@dataclass(frozen=True)
class Normalize(Transform):
    """(x - mean) / std, with one number each, or one a channel of (C, H, W)."""

    mean: float | Sequence[float]
    std: float | Sequence[float]

    def __post_init__(self) -> None:
        for name in ("mean", "std"):
            value = np.asarray(getattr(self, name)).tolist()
            object.__setattr__(self, name, tuple(value) if isinstance(value, list) else value)
        if not np.all(self.std):
            raise ValueError(f"Normalize: std is {self.std}; dividing by zero")

    @property
    def per_pixel(self) -> bool:  # type: ignore[override]
        return np.size(self.mean) == np.size(self.std) == 1

    def batch(self, images: Tensor) -> Tensor:
        array = images.array
        if array.dtype.kind != "f":
            raise TypeError(
                f"Normalize: expected floating-point values, got {array.dtype}; "
                "put ToTensor() before it"
            )
        # One number serves images of any shape, also flattened ones.
        mean, std = (
            np.reshape(np.asarray(value, array.dtype), (-1, 1, 1) if np.size(value) > 1 else ())
            for value in (self.mean, self.std)
        )
        return wrap((array - mean) / std)


@dataclass(frozen=True)
class Flatten(Transform):
    """All values of an image in one dimension: (1, 28, 28) -> (784,)."""

    per_pixel = True

    def batch(self, images: Tensor) -> Tensor:
        return wrap(images.array.reshape(len(images), math.prod(images.shape[1:])))


@dataclass(frozen=True)
class Lambda:
    """Any function of one image: it is called image by image."""

    lambd: Callable[[Any], Any]

    def __call__(self, image: Any) -> Any:
        return self.lambd(image)


@dataclass(frozen=True)
class Compose(Transform):
    """One transform after the other; any function of one image may be among them."""

    transforms: Sequence[Callable[[Any], Any]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "transforms", tuple(self.transforms))

    @property
    def per_pixel(self) -> bool:  # type: ignore[override]
        return all(is_per_pixel(transform) for transform in self.transforms)

    def batch(self, images: Tensor) -> Tensor:
        for transform in self.transforms:
            images = transform.batch(images)  # type: ignore[attr-defined]
        return images

    def __call__(self, image: Any) -> Any:
        for transform in self.transforms:
            image = transform(image)
        return image


def takes_batches(transform: Any) -> bool:
    """Return whether `transform.batch(images)` does to each image what calling it would."""
    if isinstance(transform, Compose):
        return all(map(takes_batches, transform.transforms))
    return keeps_up(transform, "batch", "__call__")


def is_per_pixel(transform: Any) -> bool:
    """Return whether `transform` is per pixel, and not only descends from a class that is."""
    return (
        takes_batches(transform)
        and keeps_up(transform, "per_pixel", "batch")
        and transform.per_pixel
    )
