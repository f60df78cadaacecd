"""Augmentation: random changes to images, a whole batch in one pass of a kernel.

Every image of a batch draws numbers of its own. Images are (H, W) or (C, H, W), batches of them
(N, H, W) or (N, C, H, W); bytes are rounded to bytes again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import kernels
from ...autograd.op import wrap
from ...random import default_generator
from ...tensor import Tensor
from .base import Transform

Array = np.ndarray
Range = float | Sequence[float]


class RandomTransform(Transform):
    """A transform of images whose subclass says what `change` makes of (N, C, H, W) floats."""

    def change(self, images: Array) -> Array:
        raise NotImplementedError(f"{type(self).__name__} has no change(images)")

    def batch(self, images: Tensor) -> Tensor:
        array = images.array
        name = type(self).__name__
        if array.ndim not in (3, 4):
            raise ValueError(
                f"{name}: expected an image of shape (H, W) or (C, H, W), got {array.shape[1:]}; "
                "a batch of them goes through .batch(images)"
            )
        if array.dtype.kind != "f" and array.dtype != np.uint8:
            raise TypeError(f"{name}: expected floating-point values or bytes, got {array.dtype}")
        floats = array if array.dtype.kind == "f" else array.astype(np.float32)
        result = self.change(floats[:, None] if array.ndim == 3 else floats)
        if array.dtype == np.uint8:
            result = np.rint(result).astype(np.uint8)
        return wrap(result[:, 0] if array.ndim == 3 else result)


@dataclass(frozen=True)
class RandomAffine(RandomTransform):
    """A random rotation, translation, scaling and shear, bilinear, about the middle of the image.

    degrees    range of the angle, clockwise; a number d stands for (-d, d)
    translate  (a, b): by up to a width and b height in either direction, in whole pixels
    scale      range of the factor
    shear      range of the angle parallel to the x axis, in degrees; a number s stands for (-s, s);
               four numbers are two ranges, the second parallel to the y axis
    fill       the value of all places outside the image
    """

    degrees: Range
    translate: Sequence[float] | None = None
    scale: Sequence[float] | None = None
    shear: Range | None = None
    fill: float = 0.0

    def __post_init__(self) -> None:
        _range("degrees", self.degrees)
        if self.translate is not None and not all(0 <= part <= 1 for part in self.translate):
            raise ValueError(f"translation values should be between 0 and 1, got {self.translate}")
        if self.scale is not None and not all(factor > 0 for factor in self.scale):
            raise ValueError(f"scale values should be positive, got {self.scale}")
        self._shears()

    def _shears(self) -> tuple[tuple[float, float], tuple[float, float]]:
        shear = (0.0, 0.0) if self.shear is None else self.shear
        if isinstance(shear, (int, float)) or len(shear) == 2:
            return _range("shear", shear), (0.0, 0.0)
        return _range("shear", shear[:2]), _range("shear", shear[2:])

    def change(self, images: Array) -> Array:
        u = _draw(len(images), 6).T
        x_part, y_part = self.translate or (0, 0)
        x_most, y_most = x_part * images.shape[3], y_part * images.shape[2]
        return _warp(
            images,
            np.radians(_between(_range("degrees", self.degrees), u[0])),
            (
                np.rint(_between((-x_most, x_most), u[1])),
                np.rint(_between((-y_most, y_most), u[2])),
            ),
            _between(self.scale or (1, 1), u[3]),
            [np.radians(_between(s, v)) for s, v in zip(self._shears(), u[4:], strict=True)],
            self.fill,
        )


@dataclass(frozen=True)
class RandomRotation(RandomTransform):
    """A random rotation about the middle of the image, bilinear.

    degrees  range of the angle, counter-clockwise; a number d stands for (-d, d)
    fill     the value of all places outside the image
    """

    degrees: Range
    fill: float = 0.0

    def __post_init__(self) -> None:
        _range("degrees", self.degrees)

    def change(self, images: Array) -> Array:
        u = _draw(len(images))
        angle = -np.radians(_between(_range("degrees", self.degrees), u))
        still = np.zeros_like(angle)
        return _warp(images, angle, (still, still), still + 1, (still, still), self.fill)


def _warp(
    images: Array,
    angle: Array,
    shift: Sequence[Array],
    scale: Array,
    shear: Sequence[Array],
    fill: float,
) -> Array:
    """The images turned by R(angle) Y(shear) X(shear) scale about their middle, and shifted; all (N).

    With R = (cos, -sin; sin, cos), X = (1, -tan; 0, 1), Y = (1, 0; -tan, 1) on (x, y), y downward.
    What the kernel wants is the inverse, from the result to the image, on (row, column)."""
    cos, sin = np.cos(angle), np.sin(angle)
    tan_x, tan_y = np.tan(shear[0]), np.tan(shear[1])
    a, c = cos + sin * tan_y, sin - cos * tan_y
    b, d = -a * tan_x - sin, -c * tan_x + cos
    # The determinant of (a, b; c, d) is 1.
    turn = np.stack([a, -c, -b, d], axis=1).reshape(-1, 2, 2) / scale[:, None, None]
    middle = (np.array(images.shape[2:]) - 1) / 2
    moved = middle + np.stack([shift[1], shift[0]], axis=1)
    offset = middle - (turn @ moved[:, :, None])[:, :, 0]
    matrices = np.concatenate([turn, offset[:, :, None]], axis=2)
    return kernels.warp_affine(images, matrices, fill)


@dataclass(frozen=True)
class RandomCrop(RandomTransform):
    """A part of the image, `size` (height, width) or both, at a random place.

    padding  pixels added first on all sides; (left and right, top and bottom); or (left, top,
             right, bottom)
    fill     the value of those pixels
    """

    size: int | Sequence[int]
    padding: int | Sequence[int] | None = None
    fill: float = 0.0

    def change(self, images: Array) -> Array:
        height, width = (self.size, self.size) if isinstance(self.size, int) else self.size
        padding = self.padding or 0
        sides = [padding] * 4 if isinstance(padding, int) else list(padding) * (4 // len(padding))
        left, top, right, bottom = sides
        full = (images.shape[2] + top + bottom, images.shape[3] + left + right)
        room = np.array([full[0] - height, full[1] - width])
        if room.min() < 0:
            raise ValueError(
                f"RandomCrop: required crop size {(height, width)} is larger than the input image "
                f"size {full}, padding included"
            )
        corners = np.ones((len(images), 4), np.int64)
        corners[:, :2] = np.floor(_draw(len(images), 2) * (room + 1)) - (top, left)
        return kernels.crop(images, corners, self.fill, (height, width))


@dataclass(frozen=True)
class RandomHorizontalFlip(RandomTransform):
    """Left and right exchanged, with probability p."""

    p: float = 0.5

    def change(self, images: Array) -> Array:
        return _flip(images, self.p, 1)


@dataclass(frozen=True)
class RandomVerticalFlip(RandomTransform):
    """Top and bottom exchanged, with probability p."""

    p: float = 0.5

    def change(self, images: Array) -> Array:
        return _flip(images, self.p, 0)


def _flip(images: Array, p: float, side: int) -> Array:
    """The images, each with probability p read from the end of its rows (side 0) or columns (1)."""
    flipped = _draw(len(images)) < p
    corners = np.tile([0, 0, 1, 1], (len(images), 1))
    corners[flipped, side] = images.shape[2 + side] - 1
    corners[flipped, 2 + side] = -1
    return kernels.crop(images, corners)


@dataclass(frozen=True)
class RandomErasing(RandomTransform):
    """With probability p, a random rectangle is set to `value`.

    scale  range of its area, as a part of the image's
    ratio  range of height / width, whose logarithm is uniform

    A rectangle that would not fit is drawn again, up to ten times.

    Source: Zhong et al., "Random erasing data augmentation", arXiv:1708.04896, 2017.
    """

    p: float = 0.5
    scale: Sequence[float] = (0.02, 0.33)
    ratio: Sequence[float] = (0.3, 3.3)
    value: float = 0.0

    def change(self, images: Array) -> Array:
        n, _, height, width = images.shape
        u = _draw(n, 10, 2)
        area = _between(self.scale, u[..., 0]) * (height * width)
        ratio = np.exp(_between(np.log(self.ratio), u[..., 1]))
        size = np.rint(np.sqrt(np.stack([area * ratio, area / ratio], axis=-1)))
        fits = (size < (height, width)).all(-1)  # (n, 10)
        chosen, place = _draw(n), _draw(n, 2)
        size = size[np.arange(n), fits.argmax(1)] * (fits.any(1) & (chosen < self.p))[:, None]
        corner = np.floor(place * (np.array([height, width]) - size + 1))
        return kernels.erase(images, np.concatenate([corner, size], axis=1), self.value)


@dataclass(frozen=True)
class Cutout(RandomTransform):
    """A square of `size` pixels a side, its centre anywhere in the image, is set to `value`.

    Source: DeVries, Taylor, "Improved regularization of convolutional neural networks with cutout",
    arXiv:1708.04552, 2017.
    """

    size: int
    value: float = 0.0

    def change(self, images: Array) -> Array:
        centre = np.floor(_draw(len(images), 2) * images.shape[2:])
        boxes = np.full((len(images), 4), self.size, np.int64)
        boxes[:, :2] = centre - self.size // 2
        return kernels.erase(images, boxes, self.value)


@dataclass(frozen=True)
class GaussianNoise(RandomTransform):
    """x + mean + sigma z with z from the standard normal distribution, clamped to [0, 1] if `clip`."""

    mean: float = 0.0
    sigma: float = 0.1
    clip: bool = True

    def __post_init__(self) -> None:
        if self.sigma < 0:
            raise ValueError(f"sigma shouldn't be negative. Got {self.sigma}")

    def batch(self, images: Tensor) -> Tensor:
        array = images.array
        if array.dtype.kind != "f":
            raise ValueError(
                f"GaussianNoise: expected floating-point values, got {array.dtype}; put ToTensor() "
                "before it"
            )
        limits = (0.0, 1.0) if self.clip else (-math.inf, math.inf)
        seed, stream = default_generator.next_philox()
        return wrap(kernels.gaussian_noise(array, self.mean, self.sigma, seed, stream, *limits))


def _draw(*shape: int) -> Array:
    """Uniform numbers in [0, 1)."""
    return kernels.uniform(shape, *default_generator.next_philox())


def _between(bounds: Any, u: Array) -> Array:
    low, high = bounds
    return low + (high - low) * u


def _range(name: str, value: Range) -> tuple[float, float]:
    """A number v as (-v, v), two numbers as they are."""
    if isinstance(value, (int, float)):
        if value < 0:
            raise ValueError(f"If {name} is a single number, it must be positive, got {value}")
        return (-value, value)
    if len(value) != 2:
        raise ValueError(f"{name} should be a number or a sequence of length 2, got {value}")
    return (value[0], value[1])
