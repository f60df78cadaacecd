"""Transforms of images: each works on one image when called, and on a whole batch by `batch`.

The names are torchvision's. What is random here draws from the default generator, for each image
anew: `manual_seed` makes it reproducible, and so does a DataLoader's generator, with any number of
workers.
"""

from .augmentation import (
    Cutout,
    GaussianNoise,
    RandomAffine,
    RandomCrop,
    RandomErasing,
    RandomHorizontalFlip,
    RandomRotation,
    RandomVerticalFlip,
)
from .base import Compose, Lambda, Transform
from .pixels import Flatten, Normalize, Standardize, ToTensor

__all__ = [
    "Compose",
    "Cutout",
    "Flatten",
    "GaussianNoise",
    "Lambda",
    "Normalize",
    "RandomAffine",
    "RandomCrop",
    "RandomErasing",
    "RandomHorizontalFlip",
    "RandomRotation",
    "RandomVerticalFlip",
    "Standardize",
    "ToTensor",
    "Transform",
]
