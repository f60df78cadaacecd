"""What a transform is, and transforms one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...autograd.op import wrap
from ...tensor import Tensor
from ..sampler import keeps_up


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


def split_per_pixel(transform: Any) -> tuple[Compose, Compose]:
    """Return the part of `transform` before the first that is not per pixel, and what follows."""
    steps = transform.transforms if isinstance(transform, Compose) else (transform,)
    first = next((i for i, step in enumerate(steps) if not is_per_pixel(step)), len(steps))
    return Compose(steps[:first]), Compose(steps[first:])


def is_per_pixel(transform: Any) -> bool:
    """Return whether `transform` is per pixel, and not only descends from a class that is."""
    return (
        takes_batches(transform)
        and keeps_up(transform, "per_pixel", "batch")
        and transform.per_pixel
    )
