"""Transforms of single values: from bytes to floats, from floats to standardised floats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import dtypes
from ...autograd.op import unwrap, wrap
from ...tensor import Tensor
from ..dataset import fetcher
from .base import Transform


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


@dataclass(frozen=True, eq=False)
class Standardize(Transform):
    """(x - mean) / std, by the mean and standard deviation of training data: `Standardize.fit`.

    mean, std  arrays that broadcast against one example; where nothing varies std is 1, so that
               x becomes x - mean
    """

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def fit(cls, data: Any, dim: int | Sequence[int] = 0) -> Standardize:
        """Return the transform that gives this data mean 0 and variance 1.

        `data` are the training examples alone: a Tensor or array of shape (N, ...), or a dataset
        whose examples are, or begin with, one; what is fitted on test data makes their result too
        good. The statistics are over the dimensions `dim`: by default each feature's own, with
        (0, 2, 3) those of each channel of images (N, C, H, W).
        """
        dims = {dim} if isinstance(dim, int) else set(dim)
        if 0 not in dims:
            raise ValueError(f"Standardize: dim={dim} must include 0, the examples")
        count, mean, squares, low, high = 0, 0.0, 0.0, np.inf, -np.inf
        for batch in _batches(data):
            axes = tuple(sorted(d % batch.ndim for d in dims))
            own = math.prod(batch.shape[axis] for axis in axes)
            own_mean = batch.mean(axes, keepdims=True)
            own_squares = np.square(batch - own_mean).sum(axes, keepdims=True)
            # Chan, Golub, LeVeque, "Algorithms for computing the sample variance", 1983.
            off = own_mean - mean
            squares = squares + own_squares + off * off * (count * own / (count + own))
            mean = mean + off * (own / (count + own))
            count += own
            low = np.minimum(low, batch.min(axes, keepdims=True))
            high = np.maximum(high, batch.max(axes, keepdims=True))
        if not count:
            raise ValueError("Standardize: there are no examples to fit to")
        if not np.isfinite(squares).all():
            raise ValueError("Standardize: the data contain NaN or infinities")
        # Not squares == 0: where all are equal, their mean may still be rounded.
        std = np.where(low == high, 1, np.sqrt(squares / count))
        return cls(np.where(low == high, low, mean)[0], std[0])

    def batch(self, images: Tensor) -> Tensor:
        array = images.array
        if array.dtype.kind != "f":
            array = array.astype(dtypes.get_default_dtype())
        mean, std = (value.astype(array.dtype) for value in (self.mean, self.std))
        if np.broadcast_shapes(array.shape[1:], mean.shape) != array.shape[1:]:
            raise ValueError(
                f"Standardize: fitted to examples of shape {mean.shape} (1: any number), got "
                f"examples of shape {array.shape[1:]}"
            )
        return wrap((array - mean) / std)

    def inverse(self, images: Tensor) -> Tensor:
        """Return x std + mean for a batch: what `batch` was given."""
        array = images.array
        return wrap(array * self.std.astype(array.dtype) + self.mean.astype(array.dtype))

    def __repr__(self) -> str:
        return f"Standardize(mean and std of shape {self.mean.shape})"


def _batches(data: Any) -> Any:
    """The examples as float64 arrays of shape (n, ...), not too large."""
    array = unwrap(data)
    if isinstance(array, np.ndarray):
        fetch = array.__getitem__
    else:
        of_dataset = fetcher(data)

        def fetch(indices: np.ndarray) -> np.ndarray:
            batch = of_dataset(indices)
            first = batch[0] if isinstance(batch, (list, tuple)) else batch
            return first.array

    for start in range(0, len(array), 1024):
        indices = np.arange(start, min(start + 1024, len(array)))
        yield fetch(indices).astype(np.float64)
